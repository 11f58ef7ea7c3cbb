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

    /// Columns that nobody has placed yet.
    private var unplaced: [SourceColumn] = []
    private let file: String?
    /// Columns of what all tables share that this table has.
    private(set) var sharedColumnsUsed = Set<String>()
    /// A row has been begun and not ended: what stopped the reading left it behind.
    private(set) var isWithinRow = false

    /// - Parameter file: the table's path within its folder, which a mapping for several tables and `fileName` ask for.
    /// - Parameter known: the structure, where it has been found already.
    init(_ source: any ByteSource, mapping: CSVMapping, file: String? = nil, schema known: DatasetSchema? = nil, in context: ReadContext) throws(ReadError) {
        let mapping = try Self.mapping(mapping, for: file)
        self.mapping = mapping
        self.file = file
        self.context = context
        if let known { schema = known } else { schema = try context.rowSchema(for: mapping.reference) }
        scanner = CSVScanner(
            mapping.encoding == .utf8 ? source : TranscodingByteSource(source, encoding: mapping.encoding), separator: mapping.separator, limits: context.limits
        )
        if let id = mapping.components.first(where: { schema.index(of: $0) == nil }) { throw Self.unknown(id, mapping, schema) }
        try checkDimensions(Set(mapping.components))
    }

    /// Every dimension has a source.
    private func checkDimensions(_ set: Set<String>) throws(ReadError) {
        guard let hole = schema.components[schema.keys].first(where: { !set.contains($0.id) }) else { return }
        throw ReadError(
            .unsupported,
            detail:
                "the mapping \(mapping.file) never sets the dimension \(hole.id)\(file.map { " for \($0)" } ?? ""); map a column to it, or give it under constants\(hole.codelist?.contains("_T") == true ? " (_T where there is no breakdown)" : "")"
        )
    }

    /// A component that the structure does not have.
    static func unknown(_ id: String, _ mapping: CSVMapping, _ schema: DatasetSchema) -> ReadError {
        let near =
            Nearest.text(to: id, among: schema.components.map(\.id)).map { "; did you mean \($0)?" }
            ?? "; it has \(schema.components.map(\.id).joined(separator: ", "))"
        return ReadError(
            .unsupported, detail: "the mapping \(mapping.file) names \(id), which the structure \(schema.structure.reference) does not have\(near)")
    }

    /// What a mapping says of one table.
    private static func mapping(_ mapping: CSVMapping, for file: String?) throws(ReadError) -> CSVMapping {
        guard mapping.tables != nil else { return mapping }
        guard let file else {
            throw ReadError(
                .unsupported,
                detail: "the mapping \(mapping.file) tells tables by their file names, and this one has none; use sluice map with a file or folder")
        }
        guard let rule = mapping.rule(for: file) else {
            throw ReadError(.unsupported, detail: "no rule under tables of the mapping \(mapping.file) is for \(file); add one, or let a rule leave it out")
        }
        guard !rule.leavesOut else { throw ReadError(.unsupported, detail: "the mapping \(mapping.file) leaves \(file) out") }
        return rule.mapping
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
            if try isUnplaced() { continue }
            return true
        }
        return false
    }

    /// Whether a column that nobody has placed says something of this row: what the row means is then not known.
    private func isUnplaced() throws(ReadError) -> Bool {
        var isFound = false
        for source in unplaced {
            try source.load(scanner.cell(source.position))
            guard !source.isEmpty else { continue }
            isFound = true
            let text = source.bytes.count <= Finding.textBytesMax ? source.text : "…"
            report(
                .columnUnplaced, line: scanner.line(ofCell: source.position), column: source.position + 1, component: source.name, text: source.text,
                message: "The column \"\(source.name)\" says \"\(text)\", and the mapping lists that column as unplaced; the row is left out.",
                advice: "Map the column under columns and take it out of unplaced, or name it under ignore if rows mean the same without it.")
        }
        if isFound { rowCountUnmapped += 1 }
        return isFound
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
            // One label that may belong to several components is reported once.
            if isUnmapped, target.isAlternative { continue }
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
        isWithinRow = true
        for index in constants { set(index, batch, row) }
        for target in targets { try target.write(batch, row) }
        for rule in rules where rule.conditions.allSatisfy(\.holds) {
            for index in rule.settings { set(index, batch, row) }
        }
        for index in defaults where batch.isAbsent(settings[index].column, row) { set(index, batch, row) }
        isWithinRow = false
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
        let known = Set(names)
        for target in mapping.targets {
            if target.isOptional {
                guard known.contains(LabelTable.trimmed(target.column)) else { continue }
                sharedColumnsUsed.insert(target.column)
            }
            try plan(target, source: source(target.column, names))
        }
        if let fileName = mapping.fileName { try plan(fileName) }
        for name in mapping.unplaced.map(LabelTable.trimmed) {
            for position in names.indices where names[position] == name {
                unplaced.append(SourceColumn(name, position: position, missing: mapping.missing, ignoresCase: mapping.ignoresCase, limits: context.limits))
            }
        }
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
        constants += mapping.constants.compactMap { setting($0.component, $0.value) }
        defaults = mapping.defaults.compactMap { setting($0.component, $0.value) }
        for rule in mapping.rules {
            if rule.isOptional, !rule.conditions.allSatisfy({ condition in known.contains(LabelTable.trimmed(condition.column)) || isWide(condition.column) }) {
                continue
            }
            rules.append((try conditions(rule.conditions), rule.settings.compactMap { setting($0.component, $0.value) }))
        }
        // The table may lack a column that all tables share: only now it is known what has a source.
        try checkDimensions(Set(targets.map(\.component.id) + settings.map { schema.components[$0.column].id }))
        let used = Set(sources.map(\.name) + unplaced.map(\.name) + mapping.ignored.map(LabelTable.trimmed) + wideColumns.map { names[$0] })
        for (index, name) in names.enumerated() where !used.contains(name) {
            report(
                .componentUnknown, severity: .warning, line: scanner.line, column: index + 1, component: name, text: name,
                message: "The column \"\(name)\" is neither mapped nor ignored; its values do not travel.",
                advice: "Map it under columns, or name it under ignore.")
        }
    }

    private func isWide(_ name: String) -> Bool { mapping.unpivot.map { $0.value == name || $0.into == name } ?? false }

    /// A component that the file's name gives: the same in every row, so that a name without a code stops the table and not each row.
    private func plan(_ fileName: CSVMapping.FileName) throws(ReadError) {
        guard let file else {
            throw ReadError(.unsupported, detail: "the mapping \(mapping.file) takes \(fileName.into) from the file's name, and this table has none")
        }
        var text: String?
        if let pattern = fileName.pattern {
            guard file.utf8.count <= Self.patternFileBytesMax, let regex = try? Regex(pattern), let match = try? regex.wholeMatch(in: file) else {
                throw ReadError(
                    .unsupported, detail: "the file's name \(file) does not match /\(pattern)/, from which the mapping \(mapping.file) takes \(fileName.into)")
            }
            text = match.count > 1 ? match[1].substring.map(String.init) : file
        } else {
            let name = file.split(separator: "/").last ?? ""
            text = String(name.lastIndex(of: ".").map { name[..<$0] } ?? name)
        }
        let source = SourceColumn("file name", position: -1, missing: [], ignoresCase: mapping.ignoresCase, limits: context.limits)
        let target = CSVMapping.Target(column: source.name, component: fileName.into, labels: fileName.labels, shift: 0)
        guard let column = schema.index(of: target.component) else { return }
        var code = text ?? ""
        if let labels = target.labels {
            let table = LabelTable(
                mapping.resolved(labels, for: target.component), codelist: schema.components[column].codelist, ignoresCase: mapping.ignoresCase)
            guard case .code(let known) = table.answer(to: code) else {
                throw ReadError(
                    .unsupported,
                    detail: "the file's name gives \"\(code)\" for \(fileName.into), which has no code under fileName in the mapping \(mapping.file)")
            }
            code = known
        }
        guard !code.isEmpty else { throw ReadError(.unsupported, detail: "the file's name \(file) gives nothing for \(fileName.into)") }
        settings.append((column, Array(code.utf8), ValueDictionary.absent, .absent))
        constants.append(settings.count - 1)
    }

    private func plan(_ target: CSVMapping.Target, source: SourceColumn) throws(ReadError) {
        guard let column = schema.index(of: target.component) else { return }
        let component = schema.components[column]
        var target = target
        let isAlternative = (target.labels?.shared.first).map { $0 != target.component } ?? false
        target.labels = target.labels.map { mapping.resolved($0, for: target.component) }
        if target.labels?.codelistLanguages != nil, component.codelist == nil {
            throw ReadError(
                .unsupported,
                detail:
                    "the mapping \(mapping.file) takes labels for \(component.id) from its code list, which is not at hand; give the structure message that holds it"
            )
        }
        let plan = TargetPlan(target, source: source, column: column, component: component, mapping: mapping)
        plan.isAlternative = isAlternative
        targets.append(plan)
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
    /// Longest file name (path within the folder) that is held against a pattern.
    private static let patternFileBytesMax = 512

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
