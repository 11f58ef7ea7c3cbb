internal import ArgumentParser
internal import SluiceKit
internal import SluiceNode
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill", abstract: "Rehearsals on a node that is not in service.", subcommands: [Load.self])

    struct Load: AsyncParsableCommand {
        /// Longest wait for one exchange; what takes longer is counted by the state it is in.
        private static let patience = Duration.seconds(120)

        static let configuration = CommandConfiguration(
            abstract: "Send one dataset again and again and say how many exchanges a second the nodes carry.",
            discussion:
                "Every exchange is a real one: checked, decided, sealed, delivered to the receiver's running node, receipted, and in both ledgers. Use nodes made for the purpose. This process runs the sending node; the receiver has to be serving."
        )

        @Argument(help: ArgumentHelp("Data file to send.", valueName: "file")) var input: String
        @Option(name: .long, help: ArgumentHelp("Dataflow, AGENCY:ID(VERSION); may be given more than once, they take turns.", valueName: "id")) var flow:
            [String]
        @Option(name: .long, help: ArgumentHelp("The receiver's id.", valueName: "participant")) var to: String
        @Option(name: .long, help: ArgumentHelp("The sending node's configuration file.", valueName: "file")) var config: String
        @Option(name: .long, help: ArgumentHelp("A purpose of the agreement.", valueName: "purpose")) var purpose = "official-statistics"
        @Option(name: .long, help: ArgumentHelp("Mapping of a plain CSV.", valueName: "mapping.yaml")) var mapping: String?
        @Option(name: .long, help: ArgumentHelp("Format to send in; the partner's own when left out.", valueName: "format")) var sendAs: String?
        @Option(name: .long, help: ArgumentHelp("For how long exchanges are begun.", valueName: "count")) var seconds = 30
        @Option(name: .long, help: ArgumentHelp("How many exchanges are under way at a time.", valueName: "count")) var concurrent = 64
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func validate() throws {
            guard seconds > 0, seconds <= 86_400, concurrent > 0, concurrent <= 4_096, !flow.isEmpty else {
                throw ValidationError("--seconds is 1 to 86400, --concurrent 1 to 4096, and at least one --flow is needed")
            }
        }

        func run() async throws {
            guard let receiver = ParticipantID(to) else { throw Outcome.unusable("\"\(to)\" is no participant id") }
            let shipments = try flow.map { text in
                guard let flow = ArtefactReference(.dataflow, short: text) else {
                    throw Outcome.unusable("a dataflow is written AGENCY:ID(VERSION), not \"\(text)\"")
                }
                return NodeConfiguration.Shipment(receiver: receiver, flow: flow, purpose: purpose, format: sendAs)
            }
            let node = try NodeOptions.node(config)
            // A node that serves would deliver what is sent here, and its settling would not be seen.
            guard let lock = try FileLock(trying: node.configuration.dataDirectory + "/serve.lock") else {
                throw Outcome.unusable("another process serves this node; stop it for the drill")
            }
            defer { lock.release() }
            let dataset = try node.input(path: input, mapping: mapping, format: nil)
            try await node.open()
            let tally = LoadTally()
            let background = Task { try await BackgroundWork(node).run() }
            let begun = ContinuousClock.now
            let end = begun + .seconds(seconds)
            do {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for first in 0..<concurrent {
                        group.addTask {
                            var number = first
                            while ContinuousClock.now < end {
                                let start = ContinuousClock.now
                                let record = try await node.sendAndWait(dataset, shipment: shipments[number % shipments.count], atMost: Self.patience)
                                tally.add(record, after: ContinuousClock.now - start)
                                number += concurrent
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            } catch {
                background.cancel()
                _ = try? await background.value
                try? await node.close()
                throw Outcome.unusable("\(error)")
            }
            let elapsed = ContinuousClock.now - begun
            background.cancel()
            _ = try? await background.value
            try await node.close()
            let report = tally.report(elapsed: elapsed, concurrent: concurrent)
            print(json ? report.compactText : LoadTally.lines(report))
            guard tally.others.isEmpty else { throw Outcome.refused() }
        }
    }
}
