internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

struct TabulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tabulate",
        abstract: "Show the table that an agreement makes of records, before it is protected. It is for the steward's eyes and never leaves.",
        discussion:
            "The agreement's own giver, receiver, dataflow and first purpose are taken for the question. Exit code 1 when the records are not agreed or no table can be made of them."
    )

    @Argument(help: ArgumentHelp("Records: data of the structure that the agreement's `records` names.", valueName: "in")) var input: String
    @Argument(help: ArgumentHelp("File to write; - is standard output.", valueName: "out")) var output: String
    @Option(name: .long, help: ArgumentHelp("The agreement.", valueName: "agreement.yaml")) var agreement: String
    @OptionGroup var structures: StructureOptions
    @Option(name: .long, help: ArgumentHelp("Format of the input; told from its beginning when left out.", valueName: "format")) var from: String?
    @Option(name: .long, help: ArgumentHelp("Format to write; told from the file's ending when left out.", valueName: "format")) var to: String?
    @Option(name: .long, help: ArgumentHelp("Mapping of a plain CSV.", valueName: "mapping.yaml")) var mapping: String?

    func run() async throws {
        let writer = ByteWriter(FileByteSink(descriptor: 2, closing: false), bufferBytes: 8 << 10)
        let findings = FindingTally(samplesPerCodeMax: 1, passingTo: FindingReport(to: writer, json: false, showsAll: false))
        let question = try AgreementQuestion(agreement)
        let target = try Inputs.outputFormat(named: to, path: output)
        let source = try Inputs.repeatable(input, format: from, mapping: mapping)
        do {
            let examined = try question.examine(source, try structures.context(findings: findings))
            try writer.flush()
            guard !findings.hasErrors else { throw Outcome.refused("\(findings.errorCount) errors were found in the data; nothing was written") }
            guard examined.isRecords else {
                throw Outcome.refused("\(input) holds no records: its structure is neither named by the agreement's `records` nor marked as record-level")
            }
            _ = try question.obligations(of: examined)
            try Output.writing(to: output) { sink in
                do throws(WriteError) {
                    let header = MessageHeader(id: "UNPROTECTED", prepared: SystemClock().now().rfc3339, senders: ["SLUICE"])
                    let writer = try target.writer(to: sink, options: WriteOptions(header: header))
                    if let table = examined.tabulated {
                        try writer.beginDataset(table.description)
                        try writer.write(table.batch)
                    }
                    try writer.finish()
                } catch { throw Outcome.unusable("cannot write: \(error)") }
            }
            let data = JSONValue.object(examined.tabulationData ?? [])
            Terminal.note("\(data["records"]?.integer ?? 0) records make \(data["cells"]?.integer ?? 0) cells")
            Terminal.note("this table is NOT PROTECTED: small cells stand in it as they are; it is for the steward inside and must not leave")
        } catch let refusal as Refusal {
            throw refusal.code.hasPrefix("read.") ? Outcome.unusable("\(input): \(refusal)") : Outcome.refused("REFUSED \(refusal)")
        }
    }
}

/// An agreement's own giver, receiver, dataflow and first purpose, as the question that commands put to it today.
struct AgreementQuestion {
    let agreement: Agreement
    let purpose: Examine.Purpose

    /// - Parameters:
    ///   - receiver: the agreement's first when left out.
    ///   - asked: the purpose; the agreement's first when left out.
    init(_ path: String, receiver: String? = nil, purpose asked: String? = nil) throws {
        agreement = try Agreements.open(path)
        guard let receiver = (receiver ?? agreement.receivers.first).flatMap({ ParticipantID($0) }), let giver = ParticipantID(agreement.giver),
            let asked = asked ?? agreement.purposes.first
        else {
            throw Outcome.unusable("\(path) names no giver, receiver or purpose")
        }
        purpose = Examine.Purpose(
            giver: giver, receiver: receiver, flow: agreement.dataflow, purpose: asked, time: SystemClock().now(), agreements: [agreement],
            channel: agreement.channels?.sorted().first)
    }

    /// Reads, checks, and tabulates records. Without a flow of its own the data are read as the agreement's.
    /// - Parameter codes: of a node's protection key, for cell keys.
    func examine(_ source: (path: String, makeReader: ReaderMaker), _ context: ReadContext, codes: (any KeyedCodes)? = nil) throws -> Examined {
        var purpose = purpose
        purpose.codes = codes
        var context = context
        if context.flow == nil { context.flow = agreement.dataflow }
        return try Examine(
            .file(path: source.path), makeReader: source.makeReader, context: context, for: purpose, limits: CorridorLimits(),
            temporaryDirectory: Inputs.temporaryDirectory
        ).run()
    }

    /// - Throws: `Refusal`.
    func obligations(of examined: Examined) throws -> [Obligations] {
        try Ruling(
            direction: .send, giver: purpose.giver, receiver: purpose.receiver, flow: purpose.flow, purpose: purpose.purpose, at: purpose.time,
            channel: purpose.channel, survey: try examined.subject(), agreements: [agreement], hashing: NodeHashing()
        ).obligationsOrRefusal()
    }
}
