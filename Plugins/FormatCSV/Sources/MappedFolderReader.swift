public import SluiceKit

extension FindingCode {
    /// A column that the mapping lists as unplaced says something of a row.
    public static let columnUnplaced = FindingCode(rawValue: "column.unplaced")
    /// A table of a folder that no rule is for.
    public static let tableUnmapped = FindingCode(rawValue: "table.unmapped")
    /// A table of a folder that could not be read, or not to its end.
    public static let tableUnusable = FindingCode(rawValue: "table.unusable")
    /// A column under `columns` that no table of the folder has.
    public static let columnUnused = FindingCode(rawValue: "column.unused")
}

/// What became of one table of a folder.
public struct TableOutcome: Hashable, Sendable {
    /// Path within the folder.
    public var file: String
    /// Rows of the table, without the header and blank lines.
    public var rowCountRead = 0
    /// Observations given.
    public var rowCountWritten = 0
    /// Observations left out because a label or column has no place in the mapping.
    public var rowCountUnmapped = 0
    /// Rows that `filter` left out.
    public var rowCountFiltered = 0
    /// Rows left out because they have more or fewer cells than there are columns.
    public var rowCountBroken = 0
    public var errorCount = 0
    public var warningCount = 0
    /// The mapping leaves the table out.
    public var isLeftOut = false
    /// Why the table could not be read, or not to its end.
    public var failure: String?

    /// For programs; what is zero is left out.
    public var json: JSONValue {
        var members = [JSONMember("file", .string(file))]
        let counts = [
            ("rows", rowCountRead), ("observations", rowCountWritten), ("unmapped", rowCountUnmapped), ("filtered", rowCountFiltered),
            ("broken", rowCountBroken),
            ("errors", errorCount), ("warnings", warningCount),
        ]
        for (name, count) in counts where count > 0 { members.append(JSONMember(name, .integer(Int64(count)))) }
        if isLeftOut { members.append(JSONMember("leftOut", .bool(true))) }
        if let failure { members.append(JSONMember("failure", .string(failure))) }
        return .object(members)
    }
}

/// Reads the tables of a folder as one dataset of a data structure, as one mapping says. Not shared between tasks.
///
/// A table that cannot be read, or that no rule is for, is reported under its name and the next one follows; so is every finding of a table.
public final class MappedFolderReader: DatasetReader {
    public let header = MessageHeader()
    /// What became of each table read so far, in order.
    public private(set) var tables: [TableOutcome] = []
    /// Bytes of the tables read so far.
    public private(set) var byteCountRead = 0

    private let folder: TableFolder
    private let mapping: CSVMapping
    private let context: ReadContext
    private let schema: DatasetSchema
    private var hasBegun = false
    private var next = 0
    private var current: (reader: MappedCSVReader, source: FileByteSource, findings: TableFindings)?
    private var sharedColumnsUsed = Set<String>()

    init(_ folder: TableFolder, mapping: CSVMapping, in context: ReadContext) throws(ReadError) {
        self.folder = folder
        self.mapping = mapping
        self.context = context
        schema = try context.rowSchema(for: mapping.reference)
        // Told once, before the first table: a slip in the mapping is not the fault of 200 tables.
        for id in Set(([mapping] + (mapping.tables ?? []).map(\.mapping)).flatMap(\.components)).sorted() where schema.index(of: id) == nil {
            throw MappedCSVReader.unknown(id, mapping, schema)
        }
    }

    public func nextDataset() throws(ReadError) -> DatasetDescription? {
        if hasBegun { return nil }
        hasBegun = true
        return DatasetDescription(schema: schema, reference: context.flow ?? mapping.reference, action: mapping.action)
    }

    public func read(into batch: Batch) throws(ReadError) -> Int {
        guard hasBegun else { return 0 }
        let before = batch.rowCount
        while !batch.isFull {
            guard let table = current else {
                guard next < folder.files.count else { break }
                try open(folder.files[next])
                next += 1
                if next == folder.files.count, current == nil { finish() }
                continue
            }
            do {
                _ = try table.reader.read(into: batch)
                if !batch.isFull { close(failure: nil) }
            } catch {
                // A row that stands half in the batch cannot be taken back.
                if table.reader.isWithinRow { throw error }
                report(.tableUnusable, error)
                close(failure: error.description)
            }
        }
        return batch.rowCount - before
    }

    private func open(_ file: String) throws(ReadError) {
        let findings = TableFindings(file: file, passingTo: context.findings)
        var outcome = TableOutcome(file: file)
        if mapping.tables != nil {
            guard let rule = mapping.rule(for: file) else {
                outcome.failure = "no rule under tables is for it"
                findings.add(
                    Finding(
                        .tableUnmapped, offendingText: file, message: "No rule under tables of the mapping \(mapping.file) is for this table; it is left out.",
                        advice: "Add a rule for it, or one with leaveOut: true."))
                outcome.errorCount = findings.errorCount
                tables.append(outcome)
                return
            }
            if rule.leavesOut {
                outcome.isLeftOut = true
                tables.append(outcome)
                return
            }
        }
        do {
            let source = try folder.source(of: file)
            let own = ReadContext(structures: context.structures, flow: context.flow, limits: context.limits, findings: findings)
            let reader = try MappedCSVReader(source, mapping: mapping, file: file, schema: schema, in: own)
            current = (reader, source, findings)
            tables.append(outcome)
            _ = try reader.nextDataset()
        } catch {
            if current == nil {
                outcome.failure = error.description
                tables.append(outcome)
                Self.report(.tableUnusable, error, to: findings)
                tables[tables.count - 1].errorCount = findings.errorCount
            } else {
                report(.tableUnusable, error)
                close(failure: error.description)
            }
        }
    }

    private func report(_ code: FindingCode, _ error: ReadError) {
        if let current { Self.report(code, error, to: current.findings) }
    }

    private static func report(_ code: FindingCode, _ error: ReadError, to findings: TableFindings) {
        findings.add(
            Finding(
                code, at: Position(line: error.line ?? 0, column: error.column ?? 0),
                message: "The table could not be read, or not to its end: \(error.detail).",
                advice: "Mend the table or its rule; rows before this place have been taken."))
    }

    private func close(failure: String?) {
        guard let (reader, source, findings) = current, !tables.isEmpty else { return }
        let last = tables.count - 1
        tables[last].rowCountRead = reader.rowCountRead
        tables[last].rowCountWritten = reader.rowCountWritten
        tables[last].rowCountUnmapped = reader.rowCountUnmapped
        tables[last].rowCountFiltered = reader.rowCountFiltered
        tables[last].rowCountBroken = reader.rowCountBroken
        tables[last].errorCount = findings.errorCount
        tables[last].warningCount = findings.warningCount
        tables[last].failure = failure
        byteCountRead += source.byteCountRead
        sharedColumnsUsed.formUnion(reader.sharedColumnsUsed)
        current = nil
        if next == folder.files.count { finish() }
    }

    /// A shared column that no table has is a slip of the pen, or a column that was renamed.
    private func finish() {
        for column in Set(mapping.targets.filter(\.isOptional).map(\.column)).subtracting(sharedColumnsUsed).sorted() {
            context.findings.add(
                Finding(
                    .columnUnused, severity: .warning, component: column, offendingText: column,
                    message: "No table of \(folder.path) has the column \"\(column)\", which the mapping \(mapping.file) maps for all of them.",
                    advice: "Correct its name under columns, or remove it."))
        }
    }
}

/// Puts a table's name before each of its findings.
private final class TableFindings: FindingSink {
    private let file: String
    private let next: any FindingSink
    private(set) var errorCount = 0
    private(set) var warningCount = 0

    init(file: String, passingTo next: any FindingSink) {
        self.file = file
        self.next = next
    }

    func add(_ finding: Finding) {
        var finding = finding
        finding.message = "\(file): \(finding.message)"
        if finding.severity == .error { errorCount += 1 } else if finding.severity == .warning { warningCount += 1 }
        next.add(finding)
    }
}
