internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a dataset against its data structure and constraints.",
        discussion: "Prints every fault with its place and how to mend it; Docs/Checks.md explains each code. Exit code 1 when there are errors.")

    @Argument(help: ArgumentHelp("Data file; - is standard input.", valueName: "file")) var input: String
    @OptionGroup var structures: StructureOptions
    @Option(name: .long, help: ArgumentHelp("Format of the file; told from its beginning when left out.", valueName: "format")) var format: String?
    @Flag(name: .long, help: "Print one JSON document.") var json = false
    @Flag(name: .long, help: "Print every finding, not the first of each code.") var all = false

    func run() async throws {
        let writer = ByteWriter(FileByteSink(descriptor: 1, closing: false))
        let report = FindingReport(to: writer, json: json, showsAll: all)
        let context = try structures.context(findings: report)
        let (source, format) = try Inputs.open(input, format: self.format)
        let progress = Progress(over: source)
        if json { report.put("{\"file\":\(JSONValue.string(input).compactText),\"format\":\"\(format.id)\",\"findings\":[") }
        var failure: ReadError?
        var rows = 0
        var datasets = 0
        do {
            let reader = try format.reader(of: source, in: context)
            while let description = try reader.nextDataset() {
                datasets += 1
                let batch = Batch(schema: description.schema)
                let check = Check(schema: description.schema, action: description.action, findings: report, temporaryDirectory: Inputs.temporaryDirectory)
                func checkFilling() throws {
                    try check.check(batch, dataset: datasets)
                    rows += batch.rowCount
                    progress.advance(rows: batch.rowCount)
                    batch.removeAllRows()
                }
                do {
                    while try reader.read(into: batch) > 0 { try checkFilling() }
                    try check.finish()
                } catch let error as ReadError {
                    // What was read before the input broke off is judged too: it may show why.
                    if batch.rowCount > 0 { try checkFilling() }
                    try check.finish()
                    throw error
                }
            }
        } catch let error as ReadError {
            failure = error
        } catch {
            throw Outcome.unusable("\(error)")
        }
        progress.finish()
        let tally = report.tally
        if json {
            let counts = tally.countByCode.sorted { $0.key.rawValue < $1.key.rawValue }.map { JSONMember($0.key.rawValue, .integer(Int64($0.value))) }
            report.put("],\"datasets\":\(datasets),\"observations\":\(rows),\"errors\":\(tally.errorCount),\"counts\":\(JSONValue.object(counts).compactText)")
            if let failure { report.put(",\"stopped\":\(JSONValue.string(failure.description).compactText)") }
            report.put("}\n")
        } else {
            if report.hiddenCount > 0 { report.put("… and \(report.hiddenCount) more of the same codes; --all prints every one.\n") }
            for (code, count) in tally.countByCode.sorted(by: { $0.key.rawValue < $1.key.rawValue }) { report.put("\(count) × \(code)\n") }
            let found = tally.count == 0 ? "nothing found" : "\(tally.errorCount) errors, \(tally.count - tally.errorCount) warnings and notes"
            report.put(
                failure == nil
                    ? "\(rows) observations in \(datasets) dataset\(datasets == 1 ? "" : "s"): \(found)\n"
                    : "The file could not be read to its end; \(rows) observations were checked before that\(tally.count == 0 ? "" : ": \(found)").\n")
        }
        try writer.flush()
        if let failure { throw Outcome.unusable("\(input): \(failure)") }
        if tally.hasErrors { throw Outcome.refused() }
    }
}
