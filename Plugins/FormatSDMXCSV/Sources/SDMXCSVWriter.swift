import SluiceKit

#if canImport(Glibc)
    import Glibc
#endif

/// Writes SDMX-CSV: the header once, then a line per observation or partial key. Cells are quoted only where they must be.
final class SDMXCSVWriter: DatasetWriter {
    private let out: ByteWriter
    private let body: PendingBody
    private let header: WrittenHeader
    private let version: SDMXCSVFormat.Version
    private let options: CSVOptions
    private var description: DatasetDescription?
    /// The cells before keys and components, the same for each row of a dataset, with their separators.
    private var prefix = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// The batch's column for each column of the header; nil where this structure has none.
    private var columns: [Int?] = []
    private var spellings: [ColumnSpelling?] = []
    private var batch: Batch?
    private var cells: [SpelledCells] = []

    init(_ sink: any ByteSink, version: SDMXCSVFormat.Version, options: CSVOptions) throws(WriteError) {
        if version == .v1, options.labels == .name || options.keys != .none {
            throw WriteError(.unsupported, detail: "SDMX-CSV 1.0 has no columns for names and keys; use sdmx-csv-2.0, or labels beside the codes (both)")
        }
        guard Opening.separators.contains(options.separator), options.subfieldSeparator != options.separator,
            options.subfieldSeparator.map({ $0 > 0x20 && $0 < 0x7F && !"[]\":".utf8.contains($0) }) ?? true
        else {
            throw WriteError(
                .unsupported,
                detail:
                    "cells are separated by comma, semicolon, tab or bar, and the values in a cell by another sign, which is no letter of the header; choose such"
            )
        }
        self.version = version
        self.options = options
        body = PendingBody(sink, separator: options.separator)
        out = ByteWriter(body)
        header = WrittenHeader(version, options)
        let header = header
        body.header = { header.line() }
    }

    deinit {
        prefix.deallocate()
        for cells in cells { cells.deallocate() }
    }

    func beginDataset(_ description: DatasetDescription) throws(WriteError) {
        let schema = description.schema
        if version == .v1 { try refuseWhat1CannotSay(description) }
        try out.flush()
        try header.add(schema, isOpen: body.isOpen)
        body.beginSegment(cellCount: header.cellCount)
        columns = header.columns.map { column in
            schema.components.firstIndex { WrittenHeader.term($0, version) == column.id }
        }
        let cells = try DatasetPrefix.cells(description, version, options)
        prefix.deallocate()
        prefix = .allocate(byteCount: cells.count, alignment: 1)
        prefix.copyBytes(from: cells)
        self.description = description
        spellings = []
        batch = nil
    }

    private func refuseWhat1CannotSay(_ description: DatasetDescription) throws(WriteError) {
        let schema = description.schema
        guard schema.measures.count <= 1 else {
            throw WriteError(
                .unsupported,
                detail: "SDMX-CSV 1.0 has one measure column and \(schema.structure.reference) has \(schema.measures.count) measures; use sdmx-csv-2.0")
        }
        guard description.action != .delete else {
            throw WriteError(
                .unsupported, detail: "SDMX-CSV 1.0 has no place for the action Delete, and without it the rows would be additions; use sdmx-csv-2.0")
        }
    }

    // MARK: Rows

    func write(_ batch: Batch) throws(WriteError) {
        guard !batch.isEmpty else { return }
        if spellings.isEmpty { try settleSpellings(batch) }
        if self.batch !== batch {
            self.batch = batch
            for cells in cells { cells.deallocate() }
            cells = columns.indices.map { SpelledCells(ending: $0 == columns.count - 1 ? Array(CellText.lineBreak.utf8) : [options.separator]) }
        }
        for (index, column) in columns.enumerated() {
            // Texts with languages are spelled where they stand: the header lists the languages, and none of a row that was withheld.
            if let column, batch.isCoded[column], let spelling = spellings[index], spelling.values != .languages {
                try cells[index].extend(batch.dictionary(column), spelling) { (bytes) throws(WriteError) in try spell(bytes, spelling, index) }
            }
        }
        try writeRows(batch)
    }

    private func writeRows(_ batch: Batch) throws(WriteError) {
        let keys = header.hasKeys ? KeyCells(batch.schema, description?.dimensionAtObservation ?? "", options) : nil
        let plan = RowPlan(
            columns.indices.map { RowPlan.Outlet(batch, $0, columns[$0], cells[$0], spellings[$0], isPaired: options.labels == .name) },
            beginning: keys == nil ? prefix : nil,
            leading: keys == nil ? Self.leadingKeyColumns(columns, batch) : 0, rowCount: batch.rowCount, separator: options.separator)
        defer { plan.deallocate() }
        if keys == nil, plan.isPlain { return try writePlainRows(batch, plan) }
        for row in 0..<batch.rowCount {
            if let keys {
                try out.write(UnsafeRawBufferPointer(prefix))
                try keys.write(batch, row, to: out)
            }
            for outlet in plan.outlets {
                try plan.writeLiteral(outlet.before, to: out)
                if let codes = outlet.codes, codes[row] != ValueDictionary.absent {
                    try outlet.cells.write(codes[row], to: out)
                    continue
                }
                if let spans = outlet.spans, !spans[row].isAbsent {
                    try writeText(batch.bytes(spans[row]), outlet)
                } else if outlet.hasCodedLanguages, let column = columns[outlet.index], let bytes = batch.cell(column, row) {
                    try writeText(bytes, outlet)
                } else if outlet.isPaired {
                    try out.write(options.separator)
                }
                if outlet.isLast { try out.write("\r\n") } else { try out.write(options.separator) }
            }
            try plan.writeLiteral(plan.end, to: out)
        }
    }

    /// The same for rows of nothing but codes and plain texts, which most are: a line mostly begins as the line before it, so its key is copied whole. A row's bytes
    /// go through one pointer: the writer's own position, in memory, would have to be loaded and stored for each piece of a cell.
    private func writePlainRows(_ batch: Batch, _ plan: RowPlan) throws(WriteError) {
        let (separator, leading, outlets) = (options.separator, plan.leading, plan.outlets)
        let lead = UnsafeMutableRawPointer.allocate(byteCount: RowPlan.leadBytesMax, alignment: 16)
        defer { lead.deallocate() }
        // How long the key of the row before is; nil where it is not in `lead`.
        var leadCount: Int?
        for row in 0..<batch.rowCount {
            var at = try out.reserve(plan.rowBytesMax)
            var start = at
            var first = 0
            var isWhole = true
            if row > 0, let count = leadCount, Self.isSame(outlets, leading, row) {
                memcpy(at, lead, count)
                at += count
                first = leading
            }
            for index in stride(from: first, to: outlets.count, by: 1) {
                if index == leading, first < leading { leadCount = keep(start, at, isWhole, in: lead) }
                let outlet = outlets.baseAddress.unsafelyUnwrapped + index
                plan.copyLiteral(outlet.pointee.before, to: &at)
                if let codes = outlet.pointee.codes, codes[row] != ValueDictionary.absent {
                    guard let long = outlet.pointee.cells.copy(codes[row], to: &at) else { continue }
                    if RowPlan.copyShort(long, to: &at) { continue }
                    // What may be of any length goes through the writer.
                    out.advance(at - start)
                    try out.write(long)
                    (at, isWhole) = (try out.reserve(plan.rowBytesMax), false)
                    start = at
                    continue
                }
                if let spans = outlet.pointee.spans, !spans[row].isAbsent {
                    let text = batch.bytes(spans[row])
                    if !CellText.isPlain(text, separator) || !RowPlan.copyShort(text, to: &at) {
                        out.advance(at - start)
                        try writeText(text, outlet.pointee)
                        (at, isWhole) = (try out.reserve(plan.rowBytesMax), false)
                        start = at
                    }
                }
                if outlet.pointee.isLast {
                    at.storeBytes(of: UInt16(littleEndian: 0x0A0D), as: UInt16.self)
                    at += 2
                } else {
                    at.storeBytes(of: separator, as: UInt8.self)
                    at += 1
                }
            }
            // Behind the key there may be only what all rows say.
            if outlets.count == leading, first < leading { leadCount = keep(start, at, isWhole, in: lead) }
            plan.copyLiteral(plan.end, to: &at)
            out.advance(at - start)
        }
    }

    /// Keeps the key of a row for the rows that have the same; nil where it cannot be kept.
    private func keep(_ start: UnsafeMutableRawPointer, _ end: UnsafeMutableRawPointer, _ isWhole: Bool, in lead: UnsafeMutableRawPointer) -> Int? {
        guard isWhole, end - start <= RowPlan.leadBytesMax else { return nil }
        memcpy(lead, start, end - start)
        return end - start
    }

    @inline(__always)
    private func writeText(_ bytes: UnsafeRawBufferPointer, _ outlet: RowPlan.Outlet) throws(WriteError) {
        if outlet.isTrivial {
            if CellText.isPlain(bytes, options.separator) { return try out.write(bytes) }
            switch CellText.kind(bytes, options.separator) {
            case .plain: return try out.write(bytes)
            case .quoted: return try CellText.writeQuoted(bytes, to: out)
            case .marked: break
            }
        }
        guard let spelling = spellings[outlet.index] else { return }
        let text = try spell(bytes, spelling, outlet.index)
        var failure: WriteError?
        text.withUnsafeBytes { bytes in do throws(WriteError) { try out.write(bytes) } catch { failure = error } }
        if let failure { throw failure }
    }

    func finish() throws(WriteError) {
        try out.flush()
        try body.close()
    }

    /// How many columns at the beginning of a line belong to the series key. The last column of the header never counts.
    private static func leadingKeyColumns(_ columns: [Int?], _ batch: Batch) -> Int {
        columns.dropLast().prefix { column in column.map { batch.isCoded[$0] && batch.schema.seriesDimensions.contains($0) } ?? false }.count
    }

    /// Whether a row has the leading codes of the row before it.
    private static func isSame(_ outlets: UnsafeMutableBufferPointer<RowPlan.Outlet>, _ leading: Int, _ row: Int) -> Bool {
        guard leading > 0 else { return false }
        for index in 0..<leading {
            let codes = outlets[index].codes.unsafelyUnwrapped
            if codes[row] != codes[row - 1] { return false }
        }
        return true
    }

    // MARK: Spelling

    private func spell(_ bytes: UnsafeRawBufferPointer, _ spelling: ColumnSpelling, _ index: Int) throws(WriteError) -> [UInt8] {
        if spelling.values == .plain, !CellValues.isPlain(bytes) { throw tooManyValues(spelling.component.id) }
        if spelling.component.isDimension, !spelling.knowsSwitchedOff, description?.action == .delete, PartialKey.isSwitchedOff(bytes) {
            throw WriteError(
                .unsupported,
                detail:
                    "\(spelling.component.id) is switched off (~) in a Delete; SDMX-CSV \(version.rawValue) knows only the empty cell, which deletes for all its values: use sdmx-csv-2.1"
            )
        }
        let isOpen = body.isOpen
        return try spelling.text(bytes) { (language) throws(WriteError) in try header.take(language, in: index, isOpen: isOpen) }
    }

    private func tooManyValues(_ id: String) -> WriteError {
        if version == .v1 {
            return WriteError(.unsupported, detail: "\(id) holds several values or languages, and a cell of SDMX-CSV 1.0 has one; use sdmx-csv-2.0")
        }
        return WriteError(
            .unsupported,
            detail:
                "\(id) holds several values or languages only after the header had to say that it does not; declare it in the structure (maxOccurs, isMultiLingual)"
        )
    }

    /// Settles how each column is spelled, by its representation and by what the first batch holds.
    private func settleSpellings(_ batch: Batch) throws(WriteError) {
        let schema = batch.schema
        for (index, column) in columns.enumerated() {
            guard let column else {
                spellings.append(nil)
                continue
            }
            let component = schema.components[column]
            if header.columns[index].values == nil { shape(index, column, batch) }
            let settled = header.columns[index]
            spellings.append(
                ColumnSpelling(
                    component: component, values: settled.values ?? .plain, hasParents: settled.hasParents, labels: options.labels,
                    language: options.language,
                    isNormalizedTime: options.timeFormat == .normalized && component.role == .timeDimension, separator: options.separator,
                    subfieldSeparator: header.subfieldSeparator, knowsSwitchedOff: version == .v21))
        }
    }

    private func shape(_ index: Int, _ column: Int, _ batch: Batch) {
        let component = batch.schema.components[column]
        guard version != .v1 else { return header.shape(index, .plain, hasParents: false, bracketedID: component.id) }
        let marks = Marks(column, batch)
        let isMultiLingual = component.textFormat?.isMultiLingual ?? false || marks.hasLanguages
        let values: ColumnSpelling.Values = isMultiLingual ? .languages : component.isArray || marks.hasElements || marks.hasInner ? .array : .plain
        // `CONTACT[].NAME[]`: an array of the parent makes one of each value.
        var bracketed = ""
        var path = ""
        let parts = component.id.split(separator: ".", omittingEmptySubsequences: false)
        var hasParents = false
        for (number, part) in parts.enumerated() {
            path += (number > 0 ? "." : "") + part
            bracketed += (number > 0 ? "." : "") + part
            guard number + 1 < parts.count else { break }
            let isArray = batch.schema.index(of: path).map { batch.schema.components[$0].isArray } ?? false
            if isArray || (marks.hasInner && number + 2 == parts.count && !hasParents) {
                bracketed += "[]"
                hasParents = true
            }
        }
        header.shape(index, values, hasParents: hasParents && values != .plain, bracketedID: bracketed)
    }

    /// Which marks of several values the cells of a column hold.
    private struct Marks {
        var hasElements = false
        var hasLanguages = false
        var hasInner = false

        init(_ column: Int, _ batch: Batch) {
            var last = ValueDictionary.absent
            for row in 0..<batch.rowCount {
                if batch.isCoded[column] {
                    guard batch.codes(column)[row] != last else { continue }
                    last = batch.codes(column)[row]
                }
                if let bytes = batch.cell(column, row) { look(bytes) }
            }
        }

        private mutating func look(_ bytes: UnsafeRawBufferPointer) {
            for byte in bytes where CellValues.marks.contains(byte) {
                if byte == CellValues.elementSeparator {
                    hasElements = true
                } else if byte == CellValues.languageEnd {
                    hasLanguages = true
                } else {
                    hasInner = true
                }
            }
        }
    }
}
