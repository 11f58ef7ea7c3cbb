internal import ArgumentParser
internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceNode

struct ParticipantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "participant",
        abstract: "The directory of participants: whom this node believes.",
        discussion: "A document is imported by one person and approved by two others. One person suspends, two resume. Every act is signed by the node.",
        subcommands: [List.self, Show.self, Import.self, Approve.self, Suspend.self, Resume.self, Withdraw.self, Export.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List participants with their states; exit code 1 when something of the directory cannot be believed.")
        @OptionGroup var options: TrustOptions

        func run() throws {
            let now = SystemClock().now()
            let store = try options.store()
            let loaded = try TrustOptions.run { try store.load() }
            let entries = loaded.directory.entries.values.sorted { $0.record.participant.rawValue < $1.record.participant.rawValue }
            let warnings = loaded.directory.warnings(at: now)
            if options.json {
                print(
                    JSONValue.object([
                        JSONMember("participants", .array(entries.map { .object(ParticipantCommand.members($0)) })),
                        JSONMember("warnings", .array(warnings.map(\.json))), JSONMember("problems", .array(loaded.problems.map { .string("\($0)") })),
                        JSONMember("changedByHand", .array(loaded.changedByHand.map { .string($0.rawValue) })),
                    ]).prettyText)
            } else {
                for entry in entries {
                    let waiting =
                        entry.record.pending.map { ", a document waits (\($0.approvers.count) of \(entry.record.rule.approvalsRequired) approvals)" } ?? ""
                    print("\(entry.record.participant)  \(entry.record.state.rawValue)\(waiting)  \((entry.participant ?? entry.pending)?.name ?? "")")
                }
                for id in loaded.changedByHand { print("warning: \(id).yaml was changed by hand; what is in force did not change. Import it, or restore it") }
                for warning in warnings { print("\(warning.severity.rawValue): \(warning)") }
                for problem in loaded.problems { print("problem: \(problem)") }
            }
            if !loaded.problems.isEmpty || warnings.contains(where: { $0.severity == .critical }) { throw Outcome.refused() }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one participant: what is in force, what waits, and who said what.")
        @Argument(help: ArgumentHelp("The participant.", valueName: "id")) var id: String
        @OptionGroup var options: TrustOptions

        func run() throws {
            let now = SystemClock().now()
            let store = try options.store()
            let carried = try options.configuration().carriedDirectory
            let participant = try ParticipantCommand.id(id)
            let (entry, statements) = try TrustOptions.run { (try store.entry(participant), try store.statements(participant)) }
            if options.json {
                print(
                    JSONValue.object(
                        ParticipantCommand.members(entry) + [
                            JSONMember("inForce", entry.participant?.json ?? .null), JSONMember("waiting", entry.pending?.json ?? .null),
                            JSONMember(
                                "statements",
                                .array(
                                    statements.map { item in
                                        .object([
                                            JSONMember("number", .integer(Int64(item.statement.number))),
                                            JSONMember("act", .string(item.statement.act.rawValue)),
                                            JSONMember("person", .string(item.statement.person)), JSONMember("time", .string(item.statement.time.rfc3339)),
                                            JSONMember("document", .string(item.statement.document.hex)), JSONMember("reason", .string(item.statement.reason)),
                                            JSONMember("sha256", .string(item.digest.hex)),
                                        ])
                                    })),
                        ]
                    ).prettyText)
                return
            }
            print("\(participant) is \(entry.record.state.rawValue).")
            for (title, document, digest) in [
                ("In force", entry.participant, entry.record.inForce), ("Waiting for approval", entry.pending, entry.record.pending?.document),
            ] {
                guard let document, let digest else { continue }
                let place = document.endpointURL(carried: carried) ?? "\(document.transport.rawValue) (only sends to us)"
                print("\n\(title): \(digest.hex)\n  \(document.name)\n  \(place)")
                print("  formats \(document.formats.joined(separator: ", ")); seals \(document.seals.joined(separator: ", "))")
                for use in CertificateUse.allCases {
                    for certificate in document.certificates(for: use) {
                        print(
                            "  \(use.rawValue) \(certificate.sha256.hex)\n    \(certificate.subject), to \(certificate.notAfter.rfc3339), \(certificate.daysLeft(at: now)) days left"
                        )
                    }
                }
                for authority in document.authorities { print("  authority \(authority.subject) \(authority.sha256.hex), for \(document.subject ?? "")") }
            }
            print("")
            for (statement, _) in statements {
                print(
                    "\(statement.number). \(statement.time.rfc3339) \(statement.person): \(statement.act.rawValue) \(statement.document.hex.prefix(16))…\(statement.reason.isEmpty ? "" : " (\(statement.reason))")"
                )
            }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Bring a participant's document, or a bundle of them; each then waits for two approvals.")
        @Argument(help: ArgumentHelp("YAML: one document, or several under \"participants\".", valueName: "file")) var file: String
        @OptionGroup var options: TrustOptions
        @OptionGroup var person: ActingPerson
        @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text")) var reason: String = ""

        func run() async throws {
            let store = try options.store()
            let person = try person.prove(.propose, in: store)
            let documents = try TrustOptions.run { try store.read(file) }
            let signer = try options.signer()
            let (changes, refusals) = try await options.changing { store in
                var changes: [DirectoryChange] = []
                var refusals: [String] = []
                for document in documents {
                    do throws(DirectoryError) {
                        changes.append(try store.propose(document, by: person.name, at: SystemClock().now(), signer: signer, reason: reason))
                    } catch {
                        // A bundle mostly holds documents that are in force already; the others are still brought.
                        refusals.append("\(document.id): \(error)")
                    }
                }
                return (changes, refusals)
            }
            try ParticipantCommand.report(changes, refusals, json: options.json)
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve the document that waits, as one of two people; whoever brought it cannot.",
            discussion: "Look at it first: sluice participant show ID. The approval counts only for the document that you name.")
        @OptionGroup var act: ParticipantAct
        @Option(name: .long, help: ArgumentHelp("SHA-256 of the document you looked at.", valueName: "digest")) var document: String
        func run() async throws { try await act.carryOut(.approve, document: document) }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Turn a participant away from now on; a running node follows within seconds.")
        @OptionGroup var act: ParticipantAct
        func run() async throws { try await act.carryOut(.suspend) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a suspended participant in again, as one of two people.")
        @OptionGroup var act: ParticipantAct
        func run() async throws { try await act.carryOut(.resume) }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End the relation with a participant; it comes back only by a new document that two approve.")
        @OptionGroup var act: ParticipantAct
        func run() async throws { try await act.carryOut(.withdraw) }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print documents: those in force as a bundle, one of them, or --own for what partners should import of this node.")
        @Argument(help: ArgumentHelp("The participant; all when left out.", valueName: "id")) var id: String?
        @OptionGroup var options: TrustOptions
        @Flag(name: .long, help: "This node's own document, with its certificates in use and coming.") var own = false
        @Option(name: .long, help: ArgumentHelp("How packages reach this node: https, or folder where somebody carries them (--own).", valueName: "way"))
        var transport: Participant.Transport = .https
        @Option(name: .long, help: ArgumentHelp("Where partners reach this node (--own, https).", valueName: "https://host:port")) var endpoint: String?
        @Option(name: .long, help: ArgumentHelp("Formats taken, the best liked first (--own).", valueName: "format")) var format: [String] = ["sdmx-ml-3.0"]
        @Option(name: .long, help: ArgumentHelp("Seals taken, the best liked first (--own).", valueName: "seal")) var seal: [String] = ["asic-e"]

        func run() throws {
            let reading = NodeCertificates()
            if own {
                let configuration = try options.configuration()
                let keys = try options.keys()
                let isCarried = transport == .folder
                guard !isCarried || endpoint == nil, endpoint?.hasPrefix("folder:") != true else {
                    throw Outcome.unusable(
                        "a document names no folder: where the files for this node are laid down is for each partner's node.yaml to say. Give --transport folder, and no --endpoint"
                    )
                }
                guard isCarried || keys.uses.contains(.tls) else {
                    throw Outcome.unusable("this node has no TLS key, so its packages are carried: give --transport folder")
                }
                // For the partners that are to witness it.
                let ledgerKey: String?
                do { ledgerKey = configuration.witnesses.isEmpty ? nil : try LedgerKeys.ownLog(configuration.keys.ledgerKey) } catch {
                    throw Outcome.unusable("\(error)")
                }
                // There is no connection, so TLS certificates would be approved for nothing.
                let document = Participant(
                    id: configuration.participant, name: configuration.organisation, transport: transport, endpoint: endpoint, formats: format, seals: seal,
                    sealing: .pinned(keys.published(.sealing)), tls: isCarried ? nil : .pinned(keys.published(.tls)),
                    ledgerKey: ledgerKey)
                // What partners could not import is not handed out.
                _ = try TrustOptions.run { try ParticipantReader(reading).read(document.yaml(reading), file: "this node's document") }
                print(options.json ? document.json.prettyText : document.yaml(reading), terminator: options.json ? "\n" : "")
                return
            }
            let store = try options.store()
            let loaded = try TrustOptions.run { try store.load() }
            var documents = loaded.directory.entries.values.filter(\.isTrusted).compactMap(\.participant)
            if let id {
                let wanted = try ParticipantCommand.id(id)
                documents = documents.filter { $0.id == wanted }
                guard let document = documents.first else { throw Outcome.refused("\(wanted) has no document in force") }
                print(options.json ? document.json.prettyText : document.yaml(reading), terminator: options.json ? "\n" : "")
                return
            }
            documents.sort { $0.id.rawValue < $1.id.rawValue }
            if options.json {
                print(JSONValue.object([JSONMember("participants", .array(documents.map(\.json)))]).prettyText)
            } else {
                print(Participant.bundle(documents, reading), terminator: "")
            }
        }
    }
}

extension ParticipantCommand {
    static func id(_ text: String) throws -> ParticipantID {
        guard let id = ParticipantID(text) else { throw Outcome.unusable("\"\(text)\" is no participant id, such as AM.ARMSTAT") }
        return id
    }

    static func report(_ changes: [DirectoryChange], _ refusals: [String], json: Bool) throws {
        if json {
            print(
                JSONValue.object([
                    JSONMember("changes", .array(changes.map(\.json))), JSONMember("refused", .array(refusals.map { .string($0) })),
                ]).prettyText)
        } else {
            for change in changes {
                let waits =
                    change.record.pending.map { "; \($0.approvers.count) of \(change.record.rule.approvalsRequired) approvals for \($0.document.hex)" } ?? ""
                let resumes = change.record.resumers.isEmpty ? "" : "; \(change.record.resumers.count) of 2 want it back"
                print("\(change.statement.participant) is \(change.record.state.rawValue)\(waits)\(resumes)")
            }
            for refusal in refusals { Terminal.error(refusal) }
        }
        if !refusals.isEmpty { throw Outcome.refused() }
    }

    static func members(_ entry: ParticipantDirectory.Entry) -> [JSONMember] {
        var members = [
            JSONMember("participant", .string(entry.record.participant.rawValue)), JSONMember("state", .string(entry.record.state.rawValue)),
            JSONMember("name", .string((entry.participant ?? entry.pending)?.name ?? "")),
            JSONMember("document", entry.record.inForce.map { .string($0.hex) } ?? .null),
        ]
        if let pending = entry.record.pending {
            members.append(
                JSONMember(
                    "waits",
                    .object([
                        JSONMember("document", .string(pending.document.hex)), JSONMember("proposer", .string(pending.proposer)),
                        JSONMember("approvers", .array(pending.approvers.map { .string($0) })),
                        JSONMember("approvalsRequired", .integer(Int64(entry.record.rule.approvalsRequired))),
                    ])))
        }
        return members
    }
}

extension TrustOptions {
    /// The node's own sealing key, which signs what people said.
    func signer() throws -> SealingIdentity {
        let keys = try keys()
        return try Self.run { try keys.sealingIdentity(at: SystemClock().now()) }
    }
}
