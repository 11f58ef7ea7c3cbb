internal import ArgumentParser
internal import CMalloc
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Check, decide, protect, seal and send a dataset; waits for the receiver's receipt.",
        discussion:
            "Exit code 1 when the data, our agreement, the protection or the receiver refuses. A delivery that does not succeed now stays in the outbox: a running node goes on with it. What an agreement obliges a second person to approve waits, and exit code 0 says that it does: sluice exchange approve."
    )

    @Argument(help: ArgumentHelp("Data file.", valueName: "file")) var input: String
    @Option(name: .long, help: ArgumentHelp("Dataflow, AGENCY:ID(VERSION).", valueName: "id")) var flow: String
    @Option(name: .long, help: ArgumentHelp("The receiver's id.", valueName: "participant")) var to: String
    @Option(name: .long, help: ArgumentHelp("The node's configuration file.", valueName: "file")) var config: String
    @Option(name: .long, help: ArgumentHelp("What the receiver may use it for, a purpose of the agreement.", valueName: "purpose")) var purpose: String =
        "official-statistics"
    @Option(name: .long, help: ArgumentHelp("Mapping of a plain CSV.", valueName: "mapping.yaml")) var mapping: String?
    @Option(name: .long, help: ArgumentHelp("Format of the file; told from its beginning when left out.", valueName: "format")) var format: String?
    @Option(name: .long, help: ArgumentHelp("Format to send in; the partner's own when left out.", valueName: "format")) var sendAs: String?
    @Option(name: .long, help: ArgumentHelp("Seconds to wait for the receipt; 0 leaves it in the outbox.", valueName: "seconds")) var wait: Int = 60
    @OptionGroup var person: SendingPerson
    @Flag(name: .long, help: "Print one JSON document.") var json = false

    func run() async throws {
        guard let receiver = ParticipantID(to) else { throw Outcome.unusable("\"\(to)\" is no participant id") }
        guard let flow = ArtefactReference(.dataflow, short: self.flow) else {
            throw Outcome.unusable("a dataflow is written AGENCY:ID(VERSION), not \"\(self.flow)\"")
        }
        let node = try NodeOptions.node(config)
        let requester = try person.requester(at: node)
        let input = try node.input(path: input, mapping: mapping, format: format)
        try await node.open()
        sluice_give_back_file_pages()
        let record: ExchangeRecord
        let findings: [Finding]
        let told: [String]
        do {
            let trip = try await node.send(input, shipment: .init(receiver: receiver, flow: flow, purpose: purpose, format: sendAs), by: requester)
            findings = trip.findings
            told = trip.notify
            record = trip.package == nil ? trip.record : try await node.deliverNow(exchangeID: trip.record.id, withinSeconds: wait)
            try await node.close()
        } catch {
            try? await node.close()
            throw Outcome.unusable("\(error)")
        }
        report(record, findings, told)
        switch record.state {
        // Handed over, it is on its way: the receipt comes by itself. What waits is somebody else's turn.
        case .receipted, .handedOver, .awaitingApproval: break
        case .queued where wait == 0: break
        default: throw Outcome.refused()
        }
    }

    private func report(_ record: ExchangeRecord, _ findings: [Finding], _ told: [String]) {
        if json {
            print(
                JSONValue.object([
                    JSONMember("exchange", .string(record.id)), JSONMember("state", .string(record.state.rawValue)),
                    JSONMember("reasonCode", .string(record.reasonCode)),
                    JSONMember("reason", .string(record.reason)), JSONMember("observations", .integer(Int64(record.observations))),
                    JSONMember("packageSHA256", .string(record.packageDigest)),
                    JSONMember("receiptSHA256", .string(record.receiptDigest)), JSONMember("findings", .array(findings.map(\.json))),
                    JSONMember("notify", .array(told.map { .string($0) })),
                ]).compactText)
            return
        }
        // The node knows no mail; whoever sends does.
        if !told.isEmpty { print("the agreement obliges that they are told of this release: \(told.joined(separator: ", "))") }
        for finding in findings { print(FindingText.lines(finding), terminator: "") }
        print("exchange \(record.id): \(record.state.rawValue)\(record.reason.isEmpty ? "" : ": \(record.reason) [\(record.reasonCode)]")")
    }
}
