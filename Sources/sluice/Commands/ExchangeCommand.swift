internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

struct ExchangeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "exchange", abstract: "The exchanges of a node.", subcommands: [List.self, Replay.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List exchanges, newest first.")
        @Option(name: .long, help: ArgumentHelp("The node's configuration file.", valueName: "file")) var config: String
        @Option(name: .long, help: ArgumentHelp("Only exchanges of this state.", valueName: "state")) var state: String?
        @Option(name: .long, help: ArgumentHelp("How many at most.", valueName: "count")) var limit: Int = 50
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let wanted = try state.map { text in
                guard let state = ExchangeState(rawValue: text) else {
                    throw Outcome.unusable("there is no state \"\(text)\"; there are \(ExchangeState.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                return state
            }
            let node = try NodeOptions.node(config)
            let records = try await node.exchanges(ExchangeFilter(state: wanted, limit: max(1, limit)))
            try await node.close()
            if json {
                print(
                    JSONValue.array(
                        records.map { record in
                            .object([
                                JSONMember("exchange", .string(record.id)), JSONMember("direction", .string(record.direction.rawValue)),
                                JSONMember("sender", .string(record.sender)),
                                JSONMember("receiver", .string(record.receiver)), JSONMember("dataflow", .string(record.dataflow)),
                                JSONMember("state", .string(record.state.rawValue)),
                                JSONMember("reasonCode", .string(record.reasonCode)), JSONMember("reason", .string(record.reason)),
                                JSONMember("createdAt", .string(record.createdAt.rfc3339)),
                            ])
                        }
                    ).prettyText)
                return
            }
            for record in records {
                print(
                    "\(record.id)  \(record.createdAt.rfc3339)  \(record.sender) → \(record.receiver)  \(record.dataflow)  \(record.state.rawValue)\(record.reason.isEmpty ? "" : "  \(record.reason) [\(record.reasonCode)]")"
                )
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deliver a parked exchange again, under the same id.",
            discussion:
                "The receiver answers with its first receipt if it had taken the package in already. A running node goes on with what is not delivered now.")
        @Argument(help: "The exchange's id.") var id: String
        @Option(name: .long, help: ArgumentHelp("The node's configuration file.", valueName: "file")) var config: String
        @Option(name: .long, help: ArgumentHelp("Seconds to wait for the receipt.", valueName: "seconds")) var wait: Int = 60

        func run() async throws {
            let node = try NodeOptions.node(config)
            let record: ExchangeRecord
            do {
                try await node.open()
                try await node.courier.replay(exchangeID: id)
                record = try await node.deliverNow(exchangeID: id, withinSeconds: wait)
                try await node.close()
            } catch {
                try? await node.close()
                throw Outcome.unusable("\(error)")
            }
            print("exchange \(record.id): \(record.state.rawValue)\(record.reason.isEmpty ? "" : ": \(record.reason) [\(record.reasonCode)]")")
            guard record.state == .receipted else { throw Outcome.refused() }
        }
    }
}
