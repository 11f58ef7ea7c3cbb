public import SluiceKit

/// Reads a plain CSV table as one dataset of a data structure, row by row, as a mapping says. Not shared between tasks.
///
/// A row whose label has no mapping is left out and reported, so that nothing travels under a wrong code; it is counted all the same.
public final class MappedCSVReader: DatasetReader {
    public let header = MessageHeader()
    /// Rows of the table, without the header and blank lines.
    public private(set) var rowCountRead = 0
    /// Rows that `filter` left out.
    public private(set) var rowCountFiltered = 0
    /// Observations left out because a label has no mapping.
    public private(set) var rowCountUnmapped = 0
    /// Rows left out because they have more or fewer cells than there are columns.
    public private(set) var rowCountBroken = 0
    /// Observations given.
    public private(set) var rowCountWritten = 0

    private let mapping: CSVMapping
    private let context: ReadContext
    private let schema: DatasetSchema
    private let scanner: CSVScanner
    private var hasBegun = false
    private var columnCount = 0

    private var sources: [SourceColumn] = []
    private var targets: [TargetPlan] = []
    private var rules: [(conditions: [ConditionPlan], settings: [Int])] = []
    private var keep: [ConditionPlan] = []
    private var skip: [ConditionPlan] = []
    /// Constants, defaults and what rules set: a component and its value, with the batch's code or slice of it.
    private var settings: [(column: Int, bytes: [UInt8], code: UInt32, span: Batch.Span)] = []
    private var constants: [Int] = []
    private var defaults: [Int] = []
    private var batchSeen: Batch?

    // Wide tables: the columns that become rows, and where the current row stands.
    private var wideColumns: [Int] = []
    private var wideNames: [[UInt8]] = []
    private var wideNext = 0
    private var wideValue: SourceColumn?
    private var wideName: SourceColumn?

    init(_ source: any ByteSource, mapping: CSVMapping, in context: ReadContext) throws(ReadError) {
        self.mapping = mapping
        self.context = context
        schema = try context.schema(for: mapping.reference)
        scanner = CSVScanner(
            mapping.encoding == .utf8 ? source : TranscodingByteSource(source, encoding: mapping.encoding), separator: mapping.separator, limits: context.limits
        )
        for id in mapping.components where schema.index(of: id) == nil {
            let near =
                Nearest.text(to: id, among: schema.components.map(\.id)).map { "; did you mean \($0)?" }
                ?? "; it has \(schema.components.map(\.id).joined(separator: ", "))"
            throw ReadError(
                .unsupported, detail: "the mapping \(mapping.file) names \(id), which the structure \(schema.structure.reference) does not have\(near)")
        }
        let set = Set(mapping.components)
        if let hole = schema.components[schema.dimensions].first(where: { !set.contains($0.id) }) {
            throw ReadError(
                .unsupported,
                detail:
                    "the mapping \(mapping.file) never sets the dimension \(hole.id); map a column to it, or give it under constants\(hole.codelist?.contains("_T") == true ? " (_T where there is no breakdown)" : "")"
            )
        }
    }

    public func nextDataset() throws(ReadError) -> DatasetDescription? {
        if hasBegun { return nil }
        hasBegun = true
        for _ in 0..<mapping.linesBeforeHeader {
            guard try scanner.nextRow() else { break }
        }
        guard try scanner.nextRow() else {
            throw ReadError(
                .truncated, line: 1, detail: "the table has no line with column names; give the file that was exported, or correct linesBeforeHeader")
        }
        try plan((0..<scanner.cellCount).map { LabelTable.trimmed(String(decoding: scanner.cell($0), as: UTF8.self)) })
        return DatasetDescription(schema: schema, reference: context.flow ?? mapping.reference, action: mapping.action)
    }

    public func read(into batch: Batch) throws(ReadError) -> Int {
        guard hasBegun else { return 0 }
        try prepare(batch)
        let before = batch.rowCount
        while !batch.isFull {
            if wideNext == 0 {
                guard try nextRow() else { break }
            }
            if mapping.unpivot == nil { try add(batch) } else { try addWide(batch) }
        }
        return batch.rowCount - before
    }

    // MARK: Rows

    /// Moves to the next row of the table that has as many cells as there are columns.
    private func nextRow() throws(ReadError) -> Bool {
        while try scanner.nextRow() {
            if scanner.isBlank { continue }
            rowCountRead += 1
            if scanner.cellCount < columnCount || !extraCellsAreEmpty() {
                rowCountBroken += 1
                report(
                    scanner.cellCount < columnCount ? .rowTooFewCells : .rowTooManyCells, line: scanner.line,
                    message: "The row has \(scanner.cellCount) cells and the table \(columnCount) columns; the row is left out.",
                    advice: "Check the separators and quotes of this row.")
                continue
            }
            for source in sources where source.position >= 0 { try source.load(scanner.cell(source.position)) }
            return true
        }
        return false
    }

    private func extraCellsAreEmpty() -> Bool {
        var index = columnCount
        while index < scanner.cellCount {
            if !scanner.cell(index).isEmpty { return false }
            index += 1
        }
        return true
    }

    private func addWide(_ batch: Batch) throws(ReadError) {
        guard let unpivot = mapping.unpivot, let value = wideValue, let name = wideName else { return }
        while wideNext < wideColumns.count, !batch.isFull {
            try value.load(scanner.cell(wideColumns[wideNext]))
            if !value.isEmpty || unpivot.keepsEmpty {
                var failure: ReadError?
                // The name's bytes are used until the row is added.
                wideNames[wideNext].withUnsafeBytes { bytes in
                    do throws(ReadError) {
                        try name.load(bytes)
                        try add(batch)
                    } catch { failure = error }
                }
                if let failure { throw failure }
            }
            wideNext += 1
        }
        if wideNext == wideColumns.count { wideNext = 0 }
    }

    /// Adds the current row as an observation, unless it is filtered out or has a label without a code.
    private func add(_ batch: Batch) throws(ReadError) {
        if keep.contains(where: { !$0.holds }) {
            rowCountFiltered += 1
            return
        }
        if skip.contains(where: \.holds) {
            rowCountFiltered += 1
            return
        }
        var isUnmapped = false
        for target in targets {
            guard case .unmapped = try target.outcome(batch) else { continue }
            isUnmapped = true
            let position = target.source.position >= 0 ? target.source.position : wideColumns[wideNext]
            let words = target.wording()
            report(
                .labelUnmapped, line: scanner.line(ofCell: position), column: position + 1, component: target.component.id, text: target.source.text,
                message: words.message,
                advice: words.advice)
        }
        if isUnmapped {
            rowCountUnmapped += 1
            return
        }
        let row = batch.appendRow(line: UInt64(scanner.line))
        for index in constants { set(index, batch, row) }
        for target in targets { try target.write(batch, row) }
        for rule in rules where rule.conditions.allSatisfy(\.holds) {
            for index in rule.settings { set(index, batch, row) }
        }
        for index in defaults where batch.isAbsent(settings[index].column, row) { set(index, batch, row) }
        rowCountWritten += 1
    }

    private func set(_ index: Int, _ batch: Batch, _ row: Int) {
        let column = settings[index].column
        if batch.isCoded[column] { batch.codes(column)[row] = settings[index].code } else { batch.spans(column)[row] = settings[index].span }
    }

    /// Puts constants into the batch: their codes once per batch, their texts once per filling.
    private func prepare(_ batch: Batch) throws(ReadError) {
        let isNew = batchSeen !== batch
        if isNew { for target in targets { target.forgetOutcomes() } }
        for index in settings.indices {
            let column = settings[index].column
            if !batch.isCoded[column] {
                settings[index].span = settings[index].bytes.withUnsafeBytes { batch.store($0) }
            } else if isNew {
                settings[index].code = try batch.dictionary(column).intern(String(decoding: settings[index].bytes, as: UTF8.self))
            }
        }
        batchSeen = batch
    }

    private func report(
        _ code: FindingCode, severity: Finding.Severity = .error, line: Int, column: Int = 0, component: String? = nil, text: String? = nil, message: String,
        advice: String
    ) {
        context.findings.add(
            Finding(
                code, severity: severity, at: Position(line: line, column: column, row: rowCountRead, dataset: 1), component: component, offendingText: text,
                message: message,
                advice: advice))
    }

    // MARK: Planning

    /// Ties the mapping to the columns that the table has.
    private func plan(_ names: [String]) throws(ReadError) {
        columnCount = names.count
        // A separator at the end of the header line names no column.
        while columnCount > 1, names[columnCount - 1].isEmpty { columnCount -= 1 }
        let names = Array(names.prefix(columnCount))
        try planWide(names)
        for target in mapping.targets { try plan(target, source: source(target.column, names)) }
        if let unpivot = mapping.unpivot, let value = wideValue, let name = wideName {
            try plan(CSVMapping.Target(column: value.name, component: unpivot.value, labels: nil, shift: unpivot.shift), source: value)
            try plan(CSVMapping.Target(column: name.name, component: unpivot.into, labels: unpivot.labels, shift: 0), source: name)
        }
        func conditions(_ list: [CSVMapping.Condition]) throws(ReadError) -> [ConditionPlan] {
            var plans: [ConditionPlan] = []
            for condition in list { plans.append(ConditionPlan(condition, source: try source(condition.column, names), ignoresCase: mapping.ignoresCase)) }
            return plans
        }
        func setting(_ component: String, _ value: String) -> Int? {
            guard let column = schema.index(of: component) else { return nil }
            settings.append((column, Array(value.utf8), ValueDictionary.absent, .absent))
            return settings.count - 1
        }
        keep = try conditions(mapping.keep)
        skip = try conditions(mapping.skip)
        constants = mapping.constants.compactMap { setting($0.component, $0.value) }
        defaults = mapping.defaults.compactMap { setting($0.component, $0.value) }
        for rule in mapping.rules { rules.append((try conditions(rule.conditions), rule.settings.compactMap { setting($0.component, $0.value) })) }
        let used = Set(sources.map(\.name) + mapping.ignored.map(LabelTable.trimmed) + wideColumns.map { names[$0] })
        for (index, name) in names.enumerated() where !used.contains(name) {
            report(
                .componentUnknown, severity: .warning, line: scanner.line, column: index + 1, component: name, text: name,
                message: "The column \"\(name)\" is neither mapped nor ignored; its values do not travel.",
                advice: "Map it under columns, or name it under ignore.")
        }
    }

    private func plan(_ target: CSVMapping.Target, source: SourceColumn) throws(ReadError) {
        guard let column = schema.index(of: target.component) else { return }
        let component = schema.components[column]
        if target.labels?.codelistLanguages != nil, component.codelist == nil {
            throw ReadError(
                .unsupported,
                detail:
                    "the mapping \(mapping.file) takes labels for \(component.id) from its code list, which is not at hand; give the structure message that holds it"
            )
        }
        targets.append(TargetPlan(target, source: source, column: column, component: component, mapping: mapping))
    }

    private func source(_ name: String, _ names: [String]) throws(ReadError) -> SourceColumn {
        let wanted = LabelTable.trimmed(name)
        if let known = sources.first(where: { $0.name == wanted }) { return known }
        let positions = names.indices.filter { names[$0] == wanted }
        guard let position = positions.first else {
            let near = Nearest.text(to: wanted, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
            throw ReadError(
                .unsupported, line: scanner.line,
                detail:
                    "the table has no column \"\(wanted)\", which the mapping \(mapping.file) uses; its columns are \(names.map { "\"\($0)\"" }.joined(separator: ", "))\(near)"
            )
        }
        guard positions.count == 1 else {
            throw ReadError(.unsupported, line: scanner.line, detail: "the table has \(positions.count) columns named \"\(wanted)\"; give each its own name")
        }
        let source = SourceColumn(wanted, position: position, missing: mapping.missing, ignoresCase: mapping.ignoresCase, limits: context.limits)
        sources.append(source)
        return source
    }

    /// Longest column name that is held against a pattern: patterns are the operator's, names come from outside.
    private static let patternNameBytesMax = 128

    private func planWide(_ names: [String]) throws(ReadError) {
        guard let unpivot = mapping.unpivot else { return }
        switch unpivot.columns {
        case .named(let wanted):
            for name in wanted.map(LabelTable.trimmed) {
                guard let position = names.firstIndex(of: name) else {
                    throw ReadError(
                        .unsupported, line: scanner.line,
                        detail:
                            "the table has no column \"\(name)\", which the mapping \(mapping.file) unpivots; its columns are \(names.map { "\"\($0)\"" }.joined(separator: ", "))"
                    )
                }
                wideColumns.append(position)
            }
        case .matching(let pattern):
            let taken = Set(mapping.targets.map(\.column) + mapping.ignored)
            guard let regex = try? Regex(pattern) else { return }
            wideColumns = names.indices.filter { index in
                !taken.contains(names[index]) && names[index].utf8.count <= Self.patternNameBytesMax && (try? regex.wholeMatch(in: names[index])) != nil
            }
            if wideColumns.isEmpty {
                throw ReadError(
                    .unsupported, line: scanner.line,
                    detail:
                        "no column of the table matches /\(pattern)/, which the mapping \(mapping.file) unpivots; its columns are \(names.map { "\"\($0)\"" }.joined(separator: ", "))"
                )
            }
        }
        wideNames = wideColumns.map { Array(names[$0].utf8) }
        let value = SourceColumn(unpivot.value, position: -1, missing: mapping.missing, ignoresCase: mapping.ignoresCase, limits: context.limits)
        let name = SourceColumn(unpivot.into, position: -1, missing: [], ignoresCase: mapping.ignoresCase, limits: context.limits)
        sources += [value, name]
        (wideValue, wideName) = (value, name)
    }
}
