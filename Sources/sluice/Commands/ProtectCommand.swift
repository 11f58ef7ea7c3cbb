internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

struct ProtectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protect",
        abstract: "Show exactly what an agreement would let leave of a dataset: coarsened, protected, audited.",
        discussion:
            "The agreement's own giver, receiver, dataflow and first purpose are taken for the question. Exit code 1 when it refuses or the table cannot be made safe."
    )

    @Argument(help: ArgumentHelp("Data file; - is standard input.", valueName: "in")) var input: String
    @Argument(help: ArgumentHelp("File to write; - is standard output.", valueName: "out")) var output: String
    @Option(name: .long, help: ArgumentHelp("The agreement.", valueName: "agreement.yaml")) var agreement: String
    @OptionGroup var structures: StructureOptions
    @Option(name: .long, help: ArgumentHelp("Format of the input; told from its beginning when left out.", valueName: "format")) var from: String?
    @Option(name: .long, help: ArgumentHelp("Format to write; told from the file's ending when left out.", valueName: "format")) var to: String?
    @Option(name: .long, help: ArgumentHelp("Mapping of a plain CSV.", valueName: "mapping.yaml")) var mapping: String?
    @OptionGroup var means: ProtectionMeans
    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp("Files that the receiver has already, the oldest first: the result is held against them.", valueName: "file")) var earlier:
        [String] = []
    @Flag(name: .long, help: "Print a JSON report on standard error.") var json = false

    func run() async throws {
        let writer = ByteWriter(FileByteSink(descriptor: 2, closing: false), bufferBytes: 8 << 10)
        let report = FindingReport(to: writer, json: false, showsAll: false)
        let findings: FindingTally = json ? FindingTally() : FindingTally(samplesPerCodeMax: 1, passingTo: report)
        let question = try AgreementQuestion(agreement)
        let lent = try means.context(receiver: question.purpose.receiver)
        let context = try structures.context(findings: findings)
        let target = try Inputs.outputFormat(named: to, path: output)
        let source = try Inputs.repeatable(input, format: from, mapping: mapping)
        do {
            let examined = try question.examine(source, context, codes: lent.codes)
            try writer.flush()
            guard !findings.hasErrors else { throw Outcome.refused("\(findings.errorCount) errors were found in the data; nothing was written") }
            let obligations = try question.obligations(of: examined)
            if let data = examined.tabulationData.map(JSONValue.object), !json {
                Terminal.note("\(data["records"]?.integer ?? 0) records make \(data["cells"]?.integer ?? 0) cells")
            }
            let held = try earlier.isEmpty ? nil : EarlierFiles(earlier, question: question, terms: obligations[0], context: context)
            let (reports, words) = try write(examined, obligations, question, context, lent, holding: held, to: target)
            tell(reports, words)
        } catch let refusal as Refusal {
            throw refusal.code.hasPrefix("read.") ? Outcome.unusable("\(input): \(refusal)") : Outcome.refused("REFUSED \(refusal)")
        }
    }

    private func write(
        _ examined: Examined, _ obligations: [Obligations], _ question: AgreementQuestion, _ context: ReadContext, _ lent: ProtectionContext,
        holding held: EarlierFiles?, to target: any DataFormat
    ) throws -> ([JSONValue], [[String]]) {
        var reports: [JSONValue] = []
        var words: [[String]] = []
        var context = context
        if context.flow == nil { context.flow = question.purpose.flow }
        try Output.writing(to: output) { sink in
            var ordinal = 0
            var writer: (any DatasetWriter)?
            let header = MessageHeader(id: "PROTECTED", prepared: SystemClock().now().rfc3339, senders: ["SLUICE"])
            try examined.eachTable(limits: CorridorLimits(), silently: context) { table in
                defer { ordinal += 1 }
                var table = table
                var original = table
                var lent = lent
                lent.agreements = obligations[ordinal].agreements
                if let protect = try Protect(obligations[ordinal], among: BuiltinPlugins.protections, in: lent) {
                    let released = try protect.release(of: table)
                    reports.append(released.report)
                    words.append(released.words)
                    table = released.table
                    original = released.original
                }
                try held?.examine(table, original: original, obligations[ordinal])
                do throws(WriteError) {
                    if writer == nil { writer = try target.writer(to: sink, options: WriteOptions(header: header)) }
                    try writer?.beginDataset(table.description)
                    try writer?.write(table.batch)
                } catch {
                    throw Outcome.unusable("cannot write: \(error)")
                }
            }
            do throws(WriteError) { try writer?.finish() } catch { throw Outcome.unusable("cannot write: \(error)") }
        }
        return (reports, words)
    }

    private func tell(_ reports: [JSONValue], _ words: [[String]]) {
        if json {
            Terminal.note(JSONValue.object([JSONMember("protections", .array(reports))]).compactText)
            return
        }
        for (report, words) in zip(reports, words) {
            func count(_ name: String) -> Int64 { report[name]?.integer ?? 0 }
            Terminal.note(
                "\(count("observationsBefore")) observations in, \(count("observationsAfter")) out, \(count("summed")) summed into broader codes, \(count("superseded")) already contained in broader ones, \(count("leftOut")) left out as not granted"
            )
            for sentence in words { Terminal.note(sentence) }
            if words.isEmpty, report["primary"] != nil {
                Terminal.note(
                    "\(count("primary")) cells withheld because they are too small, \(count("secondary")) more so that nobody can recompute those; \(count("audited")) cells audited over \(count("equations")) sums"
                )
                if let width = report["narrowestWidth"]?.text { Terminal.note("the narrowest interval an attacker can find is \(width) wide") }
            }
        }
    }
}
