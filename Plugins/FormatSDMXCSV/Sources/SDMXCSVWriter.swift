import SluiceKit

/// Writes SDMX-CSV: the header once, then a line per observation. Cells are quoted only where they must be.
final class SDMXCSVWriter: DatasetWriter {
    private let out: ByteWriter
    private let version: SDMXCSVFormat.Version
    /// Component ids in the order of the header; set by the first dataset.
    private var columnIDs: [String] = []
    private var hasHeader = false
    /// The cells before the components, the same for each row of a dataset, with their separators.
    private var prefix = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// The batch's column for each column of the header; nil where this structure has none.
    private var columns: [Int?] = []
    private var batch: Batch?
    private var shortCells: [ShortCells] = []

    init(_ sink: any ByteSink, version: SDMXCSVFormat.Version) {
        out = ByteWriter(sink)
        self.version = version
    }

    deinit {
        prefix.deallocate()
        for cells in shortCells { cells.deallocate() }
    }

    func beginDataset(_ description: DatasetDescription) throws(WriteError) {
        let schema = description.schema
        if version == .v1 {
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
        let ids = schema.components.map(\.id)
        if !hasHeader {
            columnIDs = ids
            try writeHeader(schema)
        } else if let other = ids.first(where: { !columnIDs.contains($0) }) {
            throw WriteError(
                .unsupported,
                detail:
                    "the header has been written for another structure and has no column \(other); write datasets of different structures into separate SDMX-CSV files"
            )
        }
        columns = columnIDs.map { schema.index(of: $0) }
        let cells = try Self.prefix(description, version)
        prefix.deallocate()
        prefix = .allocate(byteCount: cells.count, alignment: 1)
        prefix.copyBytes(from: cells)
        batch = nil
    }

    func write(_ batch: Batch) throws(WriteError) {
        if self.batch !== batch {
            self.batch = batch
            for cells in shortCells { cells.deallocate() }
            shortCells = columns.indices.map { ShortCells(isLast: $0 == columns.count - 1) }
        }
        let outlets = UnsafeMutableBufferPointer<Outlet>.allocate(capacity: columns.count)
        defer { outlets.deallocate() }
        for (index, column) in columns.enumerated() {
            if let column, batch.isCoded[column] { shortCells[index].extend(batch.dictionary(column)) }
            outlets.initializeElement(at: index, to: Outlet(batch, column, shortCells[index]))
        }
        let last = columns.count - 1
        guard last >= 0 else { return }
        // A line mostly begins as the line before it: prefix and key are then copied whole.
        let leading = Self.leadingKeyColumns(columns, batch)
        var lead = 0..<0
        for row in 0..<batch.rowCount {
            var first = 0
            if row > 0, Self.isSame(outlets, leading, row), try out.repeatBytes(from: lead.lowerBound, count: lead.count) {
                first = leading
                lead = out.position - lead.count..<out.position
            } else {
                lead = out.position..<out.position
                try out.write(UnsafeRawBufferPointer(prefix))
            }
            for index in first...last {
                if index == leading { lead = lead.lowerBound..<out.position }
                let outlet = outlets[index]
                if let codes = outlet.codes {
                    let code = codes[row]
                    if code != ValueDictionary.absent {
                        if try outlet.shortCells.write(code, to: out) { continue }
                        try CellText.write(batch.dictionary(outlet.column).bytes(code), to: out)
                    }
                } else if let spans = outlet.spans, !spans[row].isAbsent {
                    try CellText.write(batch.bytes(spans[row]), to: out)
                }
                if index == last { try out.write(text: CellText.lineBreak) } else { try out.write(UInt8(ascii: ",")) }
            }
        }
    }

    /// How many columns at the beginning of a line belong to the series key. The last column of the header never counts.
    private static func leadingKeyColumns(_ columns: [Int?], _ batch: Batch) -> Int {
        columns.dropLast().prefix { column in column.map { batch.isCoded[$0] && batch.schema.seriesDimensions.contains($0) } ?? false }.count
    }

    /// Whether a row has the leading codes of the row before it.
    private static func isSame(_ outlets: UnsafeMutableBufferPointer<Outlet>, _ leading: Int, _ row: Int) -> Bool {
        guard leading > 0 else { return false }
        for index in 0..<leading {
            let codes = outlets[index].codes.unsafelyUnwrapped
            if codes[row] != codes[row - 1] { return false }
        }
        return true
    }

    /// Where the cells of one column of the header come from, for one filling of a batch.
    private struct Outlet {
        let column: Int
        let codes: UnsafeMutablePointer<UInt32>?
        let spans: UnsafeMutablePointer<Batch.Span>?
        let shortCells: ShortCells

        init(_ batch: Batch, _ column: Int?, _ shortCells: ShortCells) {
            self.column = column ?? 0
            self.shortCells = shortCells
            codes = column.flatMap { batch.isCoded[$0] ? batch.codes($0) : nil }
            spans = column.flatMap { batch.isCoded[$0] ? nil : batch.spans($0) }
        }
    }

    func finish() throws(WriteError) { try out.flush() }

    // MARK: Header and prefix

    private func writeHeader(_ schema: DatasetSchema) throws(WriteError) {
        hasHeader = true
        var terms = version == .v1 ? ["DATAFLOW"] : ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
        // SDMX-CSV 1.0 fixes the term of the measure column.
        terms += schema.components.map { version == .v1 && $0.role == .measure ? "OBS_VALUE" : $0.id }
        try out.write(text: terms.map(CellText.quoted).joined(separator: ",") + CellText.lineBreak)
    }

    private static func prefix(_ description: DatasetDescription, _ version: SDMXCSVFormat.Version) throws(WriteError) -> [UInt8] {
        let reference = description.reference
        var cells: [String]
        switch version {
        case .v1: cells = [(reference.artefactClass == .dataflow ? reference : description.schema.flow ?? reference).description]
        case .v2:
            let type: String
            switch reference.artefactClass {
            case .dataflow: type = "dataflow"
            case .dataStructure: type = "datastructure"
            case .provisionAgreement: type = "dataprovision"
            default: throw WriteError(.unsupported, detail: "data cannot refer to a \(reference.artefactClass.rawValue) in SDMX-CSV 2.0")
            }
            cells = [type, reference.description, action(description.action)]
        }
        cells.append("")
        return Array(cells.map(CellText.quoted).joined(separator: ",").utf8)
    }

    /// SDMX-CSV 2.0 belongs to SDMX 3.0, where `Append` has the meaning that 3.1 calls `Merge`.
    private static func action(_ action: DatasetAction) -> String {
        switch action {
        case .information: "I"
        case .append, .merge: "A"
        case .replace: "R"
        case .delete: "D"
        }
    }
}
