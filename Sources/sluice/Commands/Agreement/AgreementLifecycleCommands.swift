internal import ArgumentParser
internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceNode

extension AgreementCommand {
    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign an agreement as one of its parties: writes a package that the other side counter-signs (sluice package countersign).",
            discussion: "The package holds the text as it stands and names the SHA-256 of its canonical form.")
        @OptionGroup var node: NodeArguments
        @Argument(help: ArgumentHelp("The agreement.", valueName: "agreement.yaml")) var agreement: String
        @Option(name: .long, help: ArgumentHelp("Where the package goes; ID-VERSION.asice in this folder when left out.", valueName: "file")) var out: String?

        func run() async throws {
            let agreement = try Agreements.open(self.agreement)
            let text: [UInt8]
            do { text = try FileByteSource.contents(of: self.agreement, bytesMax: Agreements.fileBytesMax) } catch { throw Outcome.unusable(error.detail) }
            let path = out ?? "\(agreement.id)-\(agreement.version).asice"
            guard !Folders.exists(path) else { throw Outcome.unusable("\(path) is there already; choose a new file with --out") }
            let digest = NodeHashing().sha256(agreement.canonicalBytes).hex
            try await node.use { node in
                try await Worker.run {
                    do { _ = try node.signAgreement(agreement, text: text, into: path) } catch let error as DirectoryError { throw Outcome.refused("\(error)") }
                }
            }
            let report = JSONValue.object([
                JSONMember("package", .string(path)), JSONMember("agreement", .string(agreement.name)), JSONMember("agreementSHA256", .string(digest)),
            ])
            print(node.json ? report.compactText : "\(path) is \(agreement.name) with this node's signature; canonical form \(digest)")
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring a signed agreement into force, as one of two people.",
            discussion:
                "The package has to carry the giver's signature and this node's, and nobody's who is no party. Two people activate the same package. A version that supersedes an older one ends that in the same moment."
        )
        @Argument(help: ArgumentHelp("The package that all sides have signed.", valueName: "file.asice")) var file: String
        @OptionGroup var options: TrustOptions
        @OptionGroup var person: ActingPerson
        @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text")) var reason: String = ""

        func run() async throws {
            let package: [UInt8]
            do { package = try FileByteSource.contents(of: file, bytesMax: Node.agreementPackageBytesMax) } catch { throw Outcome.unusable(error.detail) }
            try await AgreementCommand.acting(options, person, .activate) { node, store, name, signer in
                let signed: SignedAgreement
                do { signed = try node.openAgreement(package) } catch let error as PackageError { throw Outcome.refused("REFUSED \(file): \(error)") }
                return try store.activate(signed, package: package, by: name, at: SystemClock().now(), signer: signer, reason: reason)
            }
        }
    }

    /// What one person does about one version.
    struct Act: ParsableArguments {
        @Argument(help: ArgumentHelp("The agreement.", valueName: "id")) var id: String
        @Argument(help: ArgumentHelp("The version.", valueName: "version")) var version: String
        @OptionGroup var options: TrustOptions
        @OptionGroup var person: ActingPerson

        func carryOut(_ act: AgreementStatement.Act, reason: String) async throws {
            try await AgreementCommand.acting(options, person, act) { node, store, name, signer in
                guard let standing = node.tools.book.all.first(where: { $0.agreement.id == id && $0.agreement.version == version }) else {
                    throw Outcome.unusable("this node has no agreement \(id) \(version); sluice agreement list shows those it has")
                }
                let known = try store.record(id).versions[version]
                guard known != nil || standing.state == .active else {
                    throw Outcome.refused("\(id) \(version) is \(standing.state.rawValue): there is nothing to \(act.rawValue) [stateWrong]")
                }
                let document = known?.document ?? NodeHashing().sha256(standing.agreement.canonicalBytes)
                return try store.act(
                    act, on: id, version: version, document: document, by: name, at: SystemClock().now(), signer: signer, reason: reason)
            }
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop an agreement at once, in both directions; a running node follows within seconds.",
            discussion: "One person is enough. Whatever another agreement would permit of the same data is refused as well. Two people resume it.")
        @OptionGroup var act: Act
        @Option(name: .long, help: ArgumentHelp("Why; the partner reads it in receipts.", valueName: "text")) var reason: String
        func run() async throws { try await act.carryOut(.suspend, reason: reason) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a suspended agreement hold again, as one of two people.")
        @OptionGroup var act: Act
        @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text")) var reason: String = ""
        func run() async throws { try await act.carryOut(.resume, reason: reason) }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a version for good; what has ended does not come back.")
        @OptionGroup var act: Act
        @Option(name: .long, help: ArgumentHelp("Why; the partner reads it in receipts.", valueName: "text")) var reason: String
        func run() async throws { try await act.carryOut(.end, reason: reason) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the agreements of a node with how they stand.",
            discussion: "Exit code 1 when what was said of one, or its text, cannot be believed: no version of it lets anything travel.")
        @OptionGroup var node: NodeArguments

        func run() async throws {
            let (all, records, broken) = try await node.use { node in
                let all = node.tools.book.all
                var records: [String: AgreementRecord] = [:]
                var broken: [(id: String, version: String, reason: String)] = []
                for id in Set(all.map(\.agreement.id) + (node.agreements?.ids ?? [])).sorted() {
                    do throws(DirectoryError) { records[id] = try node.agreements?.record(id) } catch { broken.append((id, "", "\(error)")) }
                    for (version, found) in records[id]?.versions.sorted(by: { $0.key < $1.key }) ?? [] where found.package != nil {
                        guard !all.contains(where: { $0.agreement.id == id && $0.agreement.version == version }) else { continue }
                        broken.append((id, version, "the text that was activated is not there any more, or another; restore \(id) from the backup"))
                    }
                }
                return (all, records, broken)
            }
            func waits(_ standing: StandingAgreement) -> AgreementRecord.Pending? {
                records[standing.agreement.id]?.versions[standing.agreement.version]?.pending
            }
            if node.json {
                let members = all.map { standing in
                    JSONValue.object([
                        JSONMember("agreement", .string(standing.agreement.id)), JSONMember("version", .string(standing.agreement.version)),
                        JSONMember("state", .string(standing.state.rawValue)),
                        JSONMember("agreementSHA256", .string(NodeHashing().sha256(standing.agreement.canonicalBytes).hex)),
                        JSONMember("giver", .string(standing.agreement.giver)),
                        JSONMember("receivers", .array(standing.agreement.receivers.map { .string($0) })),
                        JSONMember("signers", .array(standing.signers.map { .string($0) })), JSONMember("reason", .string(standing.reason)),
                        JSONMember("activations", .integer(Int64(waits(standing)?.people.count ?? 0))),
                    ])
                }
                let others = broken.map { id, version, reason in
                    JSONValue.object([
                        JSONMember("agreement", .string(id)), JSONMember("version", .string(version)), JSONMember("state", .string("broken")),
                        JSONMember("reason", .string(reason)),
                    ])
                }
                print(JSONValue.array(members + others).prettyText)
                if !broken.isEmpty { throw Outcome.refused() }
                return
            }
            for standing in all {
                let agreement = standing.agreement
                let waiting = waits(standing).map { ", \($0.people.count) of \(AgreementRecord.peopleRequired) have activated a package" } ?? ""
                print(
                    "\(agreement.name)  \(standing.state.rawValue)\(waiting)  \(agreement.giver) → \(agreement.receivers.joined(separator: ", "))  \(agreement.dataflow)\(standing.reason.isEmpty ? "" : "  (\(standing.reason))")"
                )
            }
            for (id, version, reason) in broken { print("\(id)\(version.isEmpty ? "" : " \(version)")  broken  (\(reason))") }
            if !broken.isEmpty { throw Outcome.refused() }
        }
    }

    /// Proves the person, lets them say what they say, notes it in the ledger and prints how the agreement stands then.
    private static func acting(
        _ options: TrustOptions, _ person: ActingPerson, _ act: AgreementStatement.Act,
        _ say: @escaping (Node, AgreementStore, String, any EvidenceSigner) throws -> AgreementStore.Entry
    ) async throws {
        let directory = try options.store()
        let passphrase = try TrustOptions.passphrase(.file(person.passphraseFile))
        let acting = try TrustOptions.run { try directory.person(person.name, passphrase: passphrase) }
        guard acting.mayDo(act) else {
            throw Outcome.refused(
                "\(acting.name) is \(acting.roles.map(\.rawValue).joined(separator: ", ")), who may not \(act.rawValue) agreements; ask a steward [roleMissing]"
            )
        }
        let signer = try options.signer()
        let node = try NodeOptions.node(options.config, passphrase: try options.keyPassphrase())
        do {
            try await node.open()
            guard let store = node.agreements else { throw Outcome.unusable("\(options.config) has no directory, so it knows no people") }
            let entry = try TrustOptions.run { try say(node, store, acting.name, signer) }
            do { try await node.noteAgreements() } catch {
                throw Outcome.unusable("it is said, and could not be noted in the ledger yet; the node does so when it starts: \(error)")
            }
            let record = try TrustOptions.run { try store.record(entry.statement.agreement) }
            try await node.close()
            report(entry, record, json: options.json)
        } catch {
            try? await node.close()
            throw error as? Outcome ?? Outcome.unusable("\(error)")
        }
    }

    private static func report(_ entry: AgreementStore.Entry, _ record: AgreementRecord, json: Bool) {
        if json {
            print(
                JSONValue.object([
                    JSONMember(
                        "changes", .array(entry.changes.map { .object(entry.ledgerData($0) + [JSONMember("person", .string(entry.statement.person))]) }))
                ]).prettyText)
            return
        }
        for change in entry.changes {
            let version = record.versions[change.version]
            let waits = version?.pending.map { "; \($0.people.count) of \(AgreementRecord.peopleRequired) have activated this package" } ?? ""
            let resumes = version.map { $0.resumers.isEmpty ? "" : "; \($0.resumers.count) of \(AgreementRecord.peopleRequired) want it back" } ?? ""
            print("\(record.agreement) \(change.version) is \(change.after.rawValue)\(waits)\(resumes)")
        }
    }
}
