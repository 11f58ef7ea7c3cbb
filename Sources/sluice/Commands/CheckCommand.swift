internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a dataset against its data structure and constraints.",
        discussion: "Prints every fault with its place and how to mend it; Docs/Checks.md explains each code. Exit code 1 when there are errors.")

    @Argument(help: ArgumentHelp("Data file; - is standard input.", valueName: "file")) var input: String
    @OptionGroup var structures: StructureOptions
    @Option(
        name: .long, help: ArgumentHelp("Content constraints as a CSV table, a row for each series; may be given more than once.", valueName: "table.csv"))
    var constraints: [String] = []
    @Option(name: .long, help: ArgumentHelp("Format of the file; told from its beginning when left out.", valueName: "format")) var format: String?
    @Option(name: .long, help: ArgumentHelp("Participant who gives the data; the header has to name it as sender.", valueName: "id")) var sender: String?
    @OptionGroup var severities: SeverityOptions
    @Option(name: .long, help: ArgumentHelp("Write a report too: .html for people, .json for programs; may be given more than once.", valueName: "file"))
    var report: [String] = []
    @Option(name: .long, help: ArgumentHelp("Findings of each code that a report shows; all are counted.", valueName: "number"))
    var rows = CheckReport.rowsPerCodeDefault
    @Flag(name: .long, help: "Print one JSON document.") var json = false
    @Flag(name: .long, help: "Print every finding, not the first of each code.") var all = false

    /// Most findings of each code that a report may show.
    static let rowsMax = 10_000

    func validate() throws {
        for path in report where !path.hasSuffix(".html") && !path.hasSuffix(".json") {
            throw ValidationError("A report is written as .html or .json, not \"\(path)\".")
        }
        guard (0...Self.rowsMax).contains(rows) else { throw ValidationError("--rows is a number from 0 to \(Self.rowsMax).") }
    }

    func run() async throws {
        let writer = ByteWriter(FileByteSink(descriptor: 1, closing: false))
        let printed = FindingReport(to: writer, json: json, showsAll: all)
        let kept = FindingTally(samplesPerCodeMax: rows, keepsCells: true, passingTo: printed)
        let severities = try severities.read()
        let findings = severities.applied(to: report.isEmpty ? printed : kept)
        var context = try structures.context(findings: findings)
        do { try ConstraintTable.add(constraints, to: &context.structures) } catch { throw Outcome.unusable("\(error)") }
        let (source, format) = try Inputs.open(input, format: self.format)
        let progress = Progress(over: source)
        if json { printed.put("{\"file\":\(JSONValue.string(input).compactText),\"format\":\"\(format.id)\",\"findings\":[") }
        let expected = sender.map { [$0] + (ParticipantID($0).map { [$0.headerID] } ?? []) } ?? []
        let message = MessageCheck(
            findings: findings, standard: SDMXStandard(formatID: format.id), expectedSenders: expected, temporaryDirectory: Inputs.temporaryDirectory)
        var summary = CheckReport(file: input, format: format.id, tally: kept)
        summary.severities = severities
        summary.checkedAt = SystemClock().now().rfc3339
        var failure: ReadError?
        do {
            failure = try check(message, of: source, as: format, in: context, progress, &summary)
        } catch {
            throw Outcome.unusable("\(error)")
        }
        summary.stopped = failure?.description
        progress.finish()
        end(printed, summary)
        try writer.flush()
        for path in report { try write(summary, to: path) }
        if let failure { throw Outcome.unusable("\(input): \(failure)") }
        if printed.tally.hasErrors { throw Outcome.refused() }
    }

    /// Returns what broke the reading off, if anything did.
    private func check(
        _ message: MessageCheck, of source: any ByteSource, as format: any DataFormat, in context: ReadContext, _ progress: Progress,
        _ summary: inout CheckReport
    ) throws -> ReadError? {
        var header: MessageHeader?
        var failure: ReadError?
        do {
            let reader = try format.reader(of: source, in: context)
            while let description = try reader.nextDataset() {
                summary.datasets += 1
                let structure = (description.schema.flow ?? description.schema.structure.reference).description
                if !summary.structures.contains(structure) { summary.structures.append(structure) }
                let batch = Batch(schema: description.schema)
                let check = message.check(for: description)
                func checkFilling() throws {
                    try check.check(batch, dataset: summary.datasets)
                    summary.observations += batch.rowCount
                    progress.advance(rows: batch.rowCount)
                    batch.removeAllRows()
                }
                do {
                    while try reader.read(into: batch) > 0 { try checkFilling() }
                    try message.finish(check)
                } catch let error as ReadError {
                    // What was read before the input broke off is judged too: it may show why.
                    if batch.rowCount > 0 { try checkFilling() }
                    try message.finish(check)
                    throw error
                }
            }
            header = reader.header
        } catch let error as ReadError {
            failure = error
        }
        try message.finish(header: header)
        return failure
    }

    /// Prints what stands behind the findings.
    private func end(_ printed: FindingReport, _ summary: CheckReport) {
        let tally = printed.tally
        let (rows, datasets) = (summary.observations, summary.datasets)
        if json {
            let counts = tally.countByCode.sorted { $0.key.rawValue < $1.key.rawValue }.map { JSONMember($0.key.rawValue, .integer(Int64($0.value))) }
            printed.put("],\"datasets\":\(datasets),\"observations\":\(rows),\"errors\":\(tally.errorCount),\"counts\":\(JSONValue.object(counts).compactText)")
            let off = summary.severities.switchedOff.map { JSONValue.string($0.rawValue) }
            if !off.isEmpty { printed.put(",\"switchedOff\":\(JSONValue.array(off).compactText)") }
            if let stopped = summary.stopped { printed.put(",\"stopped\":\(JSONValue.string(stopped).compactText)") }
            printed.put("}\n")
            return
        }
        if printed.hiddenCount > 0 { printed.put("… and \(printed.hiddenCount) more of the same codes; --all prints every one.\n") }
        for (code, count) in tally.countByCode.sorted(by: { $0.key.rawValue < $1.key.rawValue }) { printed.put("\(count) × \(code)\n") }
        let off = summary.severities.switchedOff.map(\.rawValue)
        if !off.isEmpty { printed.put("not looked for: \(off.joined(separator: ", "))\n") }
        let found = tally.count == 0 ? "nothing found" : "\(tally.errorCount) errors, \(tally.count - tally.errorCount) warnings and notes"
        printed.put(
            summary.stopped == nil
                ? "\(rows) observations in \(datasets) dataset\(datasets == 1 ? "" : "s"): \(found)\n"
                : "The file could not be read to its end; \(rows) observations were checked before that\(tally.count == 0 ? "" : ": \(found)").\n")
    }

    private func write(_ summary: CheckReport, to path: String) throws {
        do throws(WriteError) {
            let writer = ByteWriter(try FileByteSink(path: path))
            try writer.write(text: path.hasSuffix(".html") ? summary.html : summary.json.prettyText + "\n")
            try writer.flush()
        } catch {
            throw Outcome.unusable("the report \(path) cannot be written: \(error.detail)")
        }
    }
}

/// How grave findings are, from a file and from the command line; the command line counts.
struct SeverityOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("YAML file whose key checks gives findings another severity, by code.", valueName: "file"))
    var config: String?
    @Option(name: .long, help: ArgumentHelp("Severity of one code: CODE=error, warning, note or off; may be given more than once.", valueName: "code=level"))
    var severity: [String] = []

    /// Largest configuration of checks, in bytes.
    static let configBytesMax = 1 << 20

    func read() throws -> FindingSeverities {
        var severities = FindingSeverities()
        if let config {
            do {
                let bytes = try FileByteSource(path: config).readAll(bytesMax: Self.configBytesMax)
                guard let text = String(validating: bytes, as: UTF8.self) else { throw Outcome.unusable("\(config) is not UTF-8; save it as UTF-8") }
                severities = try FindingSeverities(yaml: text, file: config)
            } catch let error as ReadError {
                throw Outcome.unusable(error.detail)
            } catch let outcome as Outcome {
                throw outcome
            } catch {
                throw Outcome.unusable("\(error)")
            }
        }
        for assignment in severity {
            do { try severities.set(assignment) } catch { throw Outcome.unusable("--severity: \(error)") }
        }
        return severities
    }
}
