internal import ArgumentParser
internal import FormatCSV
internal import SluiceKit
internal import SluiceYAML

struct MapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map", abstract: "Turn a plain CSV, or a folder of them, into SDMX by a mapping; or propose the mapping.",
        discussion: """
            A row whose label is not mapped is left out and reported; exit code 1 then. Config/mappings holds commented examples.

            With --suggest nothing is mapped: a mapping is proposed from the tables and the structure, each guess with its confidence and how \
            it was found. Guesses below --confidence stand as comments. OUT may be left out; the proposal goes to standard output then.
            """)

    @Argument(help: ArgumentHelp("Plain CSV, or a folder of .csv and .tsv files; - is standard input.", valueName: "in")) var input: String
    @Argument(help: ArgumentHelp("File to write; - is standard output. May be left out with --suggest.", valueName: "out")) var output: String?
    @Option(name: .long, help: ArgumentHelp("The mapping.", valueName: "mapping.yaml")) var mapping: String?
    @Flag(name: .long, help: "Propose a mapping for the input instead of using one.") var suggest = false
    @Option(name: .long, help: ArgumentHelp("With --suggest: least confidence of an active guess, 0.5 to 1.", valueName: "0.80")) var confidence: Double?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "With --suggest: a component that is the same in every row, such as REF_AREA=AM; may be given more than once.", valueName: "component=code"))
    var constant: [String] = []
    @OptionGroup var structures: StructureOptions
    @Option(name: .long, help: ArgumentHelp("Format to write; told from the file's ending when left out.", valueName: "format")) var to: String?
    @Flag(name: .long, help: "Print a JSON report on standard error.") var json = false

    func validate() throws {
        if suggest {
            guard mapping == nil, to == nil else { throw ValidationError("--suggest proposes a mapping; leave --mapping and --to out.") }
            guard confidence.map({ $0 >= 0.5 && $0 <= 1 }) ?? true else { throw ValidationError("--confidence goes from 0.5 to 1.") }
            _ = try constants()
        } else {
            guard confidence == nil, constant.isEmpty else { throw ValidationError("--confidence and --constant belong to --suggest.") }
            guard output != nil else { throw ValidationError("Name the file to write.") }
            guard mapping != nil else { throw ValidationError("Name the mapping with --mapping, or let --suggest propose one.") }
        }
    }

    func run() async throws {
        if suggest { try propose() } else { try map() }
    }

    // MARK: Proposing

    private func constants() throws -> [(component: String, value: String)] {
        try constant.map { text in
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex, text.index(after: equals) < text.endIndex else {
                throw ValidationError("A constant is written COMPONENT=CODE, not \"\(text)\".")
            }
            return (String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
    }

    private func propose() throws {
        let context = try structures.context(findings: FindingTally())
        var options = SuggestionOptions(constants: try constants())
        if let confidence { options.confidenceMin = Int((confidence * 100).rounded()) }
        let proposal: MappingProposal
        do { proposal = try MappingProposal(for: input, in: context, options: options) } catch { throw Outcome.unusable("\(input): \(error)") }
        if proposal.isUseless, let table = proposal.tables.first {
            throw Outcome.unusable("\(input): \(proposal.isFolder ? "no table can be used; \(table.file): " : "")\(table.failure ?? "")")
        }
        let yaml = proposal.yaml
        try Output.writing(to: output ?? "-") { sink in
            let writer = ByteWriter(sink)
            do {
                try writer.write(text: yaml)
                try writer.flush()
            } catch { throw Outcome.unusable("cannot write: \(error)") }
        }
        Terminal.note(json ? proposal.json.compactText : ProposalCounts(proposal).description)
        if yaml.utf8.count > YAMLLimits.bytesMax {
            Terminal.note("The proposal is larger than the \(YAMLLimits.bytesMax) bytes that a mapping may have; propose for parts of the folder.")
        }
    }

    // MARK: Mapping

    private func map() throws {
        let (output, path) = (self.output ?? "-", self.mapping ?? "")
        let writer = ByteWriter(FileByteSink(descriptor: 2, closing: false), bufferBytes: 8 << 10)
        let report = FindingReport(to: writer, json: false, showsAll: false)
        let findings: FindingTally = json ? FindingTally() : FindingTally(samplesPerCodeMax: 1, passingTo: report)
        let context = try structures.context(findings: findings)
        let target = try Inputs.outputFormat(named: to, path: output)
        let mapping: CSVMapping
        do { mapping = try Mappings.load(path) } catch let outcome as Outcome { throw outcome } catch { throw Outcome.unusable("\(error)") }
        let rows: Int
        var tables: [TableOutcome] = []
        do {
            if input != "-", TableFolder.isFolder(input) {
                let reader = try CSVPlugin.reader(of: TableFolder(input), mapping: mapping, in: context)
                rows = try Output.writing(to: output) { sink in try Pump.copy(from: reader, inputName: input, to: target, sink: sink) }
                tables = reader.tables
            } else {
                let source = try FileByteSource(path: input)
                let progress = Progress(over: source)
                let file = input == "-" ? nil : input.split(separator: "/").last.map(String.init)
                rows = try Output.writing(to: output) { sink in
                    try Pump.copy(
                        from: CSVPlugin.reader(of: source, mapping: mapping, file: file, in: context), inputName: input, to: target, sink: sink,
                        progress: progress)
                }
                progress.finish()
            }
        } catch let error as ReadError {
            throw Outcome.unusable("\(input): \(error)")
        }
        try writer.flush()
        if json {
            var members = [JSONMember("observations", .integer(Int64(rows))), JSONMember("errors", .integer(Int64(findings.errorCount)))]
            if !tables.isEmpty { members.append(JSONMember("tables", .array(tables.map(\.json)))) }
            members.append(JSONMember("findings", .array(findings.samples.map(\.json))))
            Terminal.note(JSONValue.object(members).compactText)
        } else if findings.count > 0 || !tables.isEmpty {
            let whole = tables.count { $0.failure == nil && $0.errorCount == 0 && !$0.isLeftOut }
            Terminal.note(
                "\(rows) observations written\(tables.isEmpty ? "" : ", \(whole) of \(tables.count) tables without an error"), \(findings.count) findings")
        }
        if findings.hasErrors { throw Outcome.refused() }
    }
}
