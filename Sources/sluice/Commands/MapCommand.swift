internal import ArgumentParser
internal import FormatCSV
internal import SluiceKit
internal import SluiceYAML

struct MapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map", abstract: "Turn a plain CSV into SDMX by a mapping.",
        discussion: "A row whose label is not mapped is left out and reported; exit code 1 then. Config/mappings holds commented examples.")

    @Argument(help: ArgumentHelp("Plain CSV; - is standard input.", valueName: "in")) var input: String
    @Argument(help: ArgumentHelp("File to write; - is standard output.", valueName: "out")) var output: String
    @Option(name: .long, help: ArgumentHelp("The mapping.", valueName: "mapping.yaml")) var mapping: String
    @OptionGroup var structures: StructureOptions
    @Option(name: .long, help: ArgumentHelp("Format to write; told from the file's ending when left out.", valueName: "format")) var to: String?
    @Flag(name: .long, help: "Print a JSON report on standard error.") var json = false

    func run() async throws {
        let writer = ByteWriter(FileByteSink(descriptor: 2, closing: false), bufferBytes: 8 << 10)
        let report = FindingReport(to: writer, json: false, showsAll: false)
        let findings: FindingTally = json ? FindingTally() : FindingTally(samplesPerCodeMax: 1, passingTo: report)
        let context = try structures.context(findings: findings)
        let target = try Inputs.outputFormat(named: to, path: output)
        let mapping: CSVMapping
        do { mapping = try Mappings.load(self.mapping) } catch let outcome as Outcome { throw outcome } catch { throw Outcome.unusable("\(error)") }
        let source = try FileByteSource(path: input)
        let progress = Progress(over: source)
        let rows: Int
        do {
            rows = try Output.writing(to: output) { sink in
                try Pump.copy(from: CSVPlugin.reader(of: source, mapping: mapping, in: context), inputName: input, to: target, sink: sink, progress: progress)
            }
        } catch let error as ReadError {
            throw Outcome.unusable("\(input): \(error)")
        }
        progress.finish()
        try writer.flush()
        if json {
            Terminal.note(
                JSONValue.object([
                    JSONMember("observations", .integer(Int64(rows))), JSONMember("errors", .integer(Int64(findings.errorCount))),
                    JSONMember("findings", .array(findings.samples.map(\.json))),
                ]).compactText)
        } else if findings.count > 0 {
            Terminal.note("\(rows) observations written, \(findings.count) findings")
        }
        if findings.hasErrors { throw Outcome.refused() }
    }
}
