internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

struct ExchangeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange", abstract: "The exchanges of a node.",
        subcommands: [List.self, Show.self, Export.self, Replay.self, Park.self, Cancel.self, Approve.self, Refuse.self, Releases.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List exchanges, newest first.")
        @OptionGroup var node: NodeArguments
        @Option(name: .long, help: ArgumentHelp("Only exchanges of this state.", valueName: "state")) var state: String?
        @Option(name: .long, help: ArgumentHelp("How many at most.", valueName: "count")) var limit: Int = 50

        func run() async throws {
            let wanted = try state.map { text in
                guard let state = ExchangeState(rawValue: text) else {
                    throw Outcome.unusable("there is no state \"\(text)\"; there are \(ExchangeState.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                return state
            }
            let records = try await node.use { node in try await node.exchanges(ExchangeFilter(state: wanted, limit: max(1, limit))) }
            if node.json {
                print(JSONValue.array(records.map { ExchangeReport.summary($0) }).prettyText)
            } else {
                for record in records { print(ExchangeReport.line(record)) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one exchange: its state and digests, what the receiver found, and its ledger entries.",
            discussion: "Packages and receipts are kept encrypted; `sluice exchange export` takes them out.")
        @OptionGroup var node: NodeArguments
        @OptionGroup var exchange: ExchangeArguments

        func run() async throws {
            let (record, item, entries) = try await node.use { node in
                let record = try await exchange.record(in: node)
                return (record, try await node.store.read { try $0.outboxItem(exchangeID: record.id) }, try await node.ledgerEntries(subject: record.id))
            }
            print(node.json ? ExchangeReport.whole(record, item, entries).prettyText : ExchangeReport.lines(record, item, entries).joined(separator: "\n"))
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the package and the receipt of an exchange as files, for openssl and for an auditor.",
            discussion: "Of an exchange that this node sent, also the key of its input's digest: with it and the input anybody can check which file it was.")
        @OptionGroup var node: NodeArguments
        @OptionGroup var exchange: ExchangeArguments
        @Argument(help: ArgumentHelp("Folder to write into.", valueName: "dir")) var directory: String

        func run() async throws {
            let names = try await node.use { node in
                let record = try await exchange.record(in: node)
                do { return try await node.archive.export(record, into: directory) } catch let refusal as Refusal { throw Outcome.refused(refusal.description) }
            }
            if node.json {
                print(JSONValue.array(names.map { .string(directory + "/" + $0) }).compactText)
            } else {
                for name in names { print(directory + "/" + name) }
            }
            guard !names.isEmpty else {
                throw Outcome.refused("exchange \(exchange.id) has neither package nor receipt: it was refused before one was made, or erased")
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deliver a parked exchange again, under the same id.",
            discussion:
                "The receiver answers with its first receipt if it had taken the package in already. A running node goes on with what is not delivered now.")
        @OptionGroup var node: NodeArguments
        @Argument(help: "The exchange's id.") var id: String
        @Option(name: .long, help: ArgumentHelp("Seconds to wait for the receipt.", valueName: "seconds")) var wait: Int = 60

        func run() async throws {
            let record = try await node.use { node in
                try await node.open()
                try await NodeArguments.operate(.replay, reason: "", id, node)
                return try await node.deliverNow(exchangeID: id, withinSeconds: wait)
            }
            print(node.json ? ExchangeReport.summary(record).compactText : ExchangeReport.outcome(record))
            // Handed over, it is on its way: the receipt comes by itself.
            guard record.state == .receipted || record.state == .handedOver else { throw Outcome.refused() }
        }
    }

    struct Park: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop trying to deliver an exchange until it is replayed or cancelled.")
        @OptionGroup var node: NodeArguments
        @Argument(help: "The exchange's id.") var id: String
        @Option(name: .long, help: "Why, for those who find it parked.") var reason: String

        func run() async throws { try await node.operate(.park, reason: reason, id) }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Withdraw an exchange that was not tried yet, or that is parked. The receiver is not told: what it already has it keeps.")
        @OptionGroup var node: NodeArguments
        @Argument(help: "The exchange's id.") var id: String
        @Option(name: .long, help: "Why, for the record.") var reason: String

        func run() async throws { try await node.operate(.cancel, reason: reason, id) }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve, as a second person, what waits: it is sealed now and delivered.",
            discussion:
                "Look at it first: sluice exchange show ID, and sluice exchange export ID, which writes the very bytes that would leave. Whoever sent it cannot approve it."
        )
        @OptionGroup var node: NodeArguments
        @OptionGroup var person: ActingPerson
        @Argument(help: "The exchange's id.") var id: String
        @Option(name: .long, help: "What you want to have recorded with it.") var reason: String = ""
        @Option(name: .long, help: ArgumentHelp("Seconds to wait for the receipt; 0 leaves it in the outbox.", valueName: "seconds")) var wait: Int = 60

        func run() async throws {
            let record = try await node.rule(.approve, reason: reason, id, by: person) { node in
                try await node.deliverNow(exchangeID: id, withinSeconds: wait)
            }
            guard record.state == .receipted || record.state == .handedOver || (record.state == .queued && wait == 0) else { throw Outcome.refused() }
        }
    }

    struct Refuse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse, as a second person, what waits: it never leaves.")
        @OptionGroup var node: NodeArguments
        @OptionGroup var person: ActingPerson
        @Argument(help: "The exchange's id.") var id: String
        @Option(name: .long, help: "Why, for whoever sent it.") var reason: String

        func run() async throws {
            _ = try await node.rule(.refuse, reason: reason, id, by: person) { node in
                try await node.exchange(sender: node.participant.rawValue, id: id)
            }
        }
    }
}

/// Which exchange: its id, and its sender where two have the same.
struct ExchangeArguments: ParsableArguments {
    @Argument(help: "The exchange's id.") var id: String
    @Option(name: .long, help: ArgumentHelp("Its sender; this node, or the only one who sent it that id, when left out.", valueName: "participant")) var from:
        String?

    func record(in node: Node) async throws -> ExchangeRecord {
        let id = self.id
        let found = try await node.store.read { try $0.exchanges(id: id) }.filter { from == nil || $0.sender == from }
        guard found.count <= 1 else { throw Outcome.unusable("\(found.map(\.sender).joined(separator: " and ")) have an exchange \(id); name one with --from") }
        guard let record = found.first else { throw Outcome.unusable("there is no exchange \(id)\(from.map { " of \($0)" } ?? "") in this node") }
        return record
    }
}

/// The node that a command works on.
struct NodeArguments: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The node's configuration file.", valueName: "file")) var config: String
    @Flag(name: .long, help: "Print one JSON document.") var json = false

    /// Opens the node for one piece of work and closes it; what the node itself cannot do is an outcome with exit code 2.
    func use<Result>(_ body: (Node) async throws -> Result) async throws -> Result { try await NodeOptions.using(config, body) }

    /// Exit code 2 for an exchange that this node did not send, 1 for one whose state does not allow it.
    static func operate(_ act: ExchangeAct, reason: String, _ id: String, _ node: Node) async throws {
        let sender = node.participant.rawValue
        guard try await node.store.read({ try $0.exchange(sender: sender, id: id) }) != nil else {
            throw Outcome.unusable("this node has sent no exchange \(id)")
        }
        guard let event = act.event(by: nil, reason: reason) else { return }
        do { try await node.courier.operate(event, exchangeID: id) } catch let error as NodeError {
            throw Outcome.refused("\(error)")
        }
    }

    /// Approves or refuses, and prints what became of it.
    func rule(
        _ act: ExchangeAct, reason: String, _ id: String, by person: ActingPerson, then: @escaping (Node) async throws -> ExchangeRecord?
    ) async throws -> ExchangeRecord {
        let found = try await use { node in
            let person = try person.prove(at: node)
            try await node.open()
            do { try await node.approvals.rule(act, exchangeID: id, reason: reason, by: person) } catch let error as ApprovalError {
                throw error.code == .unknown ? Outcome.unusable(error.description) : Outcome.refused(error.description)
            }
            return try await then(node)
        }
        guard let record = found else { throw Outcome.unusable("this node has sent no exchange \(id)") }
        print(json ? ExchangeReport.summary(record).compactText : ExchangeReport.outcome(record))
        return record
    }

    /// Parks or cancels an exchange.
    func operate(_ act: ExchangeAct, reason: String, _ id: String) async throws {
        let record = try await use { node in
            try await node.open()
            try await Self.operate(act, reason: reason, id, node)
            let sender = node.participant.rawValue
            return try await node.store.read { try $0.exchange(sender: sender, id: id) }
        }
        guard let record else { return }
        print(json ? ExchangeReport.summary(record).compactText : ExchangeReport.outcome(record))
    }
}
