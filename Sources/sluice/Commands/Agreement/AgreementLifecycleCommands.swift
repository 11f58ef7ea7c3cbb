internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

extension AgreementCommand {
    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign an agreement as one of its parties: writes a package that the other side counter-signs (sluice package countersign).",
            discussion: "The package holds the text as it stands and names the SHA-256 of its canonical form.")
        @OptionGroup var node: NodeArguments
        @OptionGroup var agreement: AgreementArgument
        @Option(name: .long, help: ArgumentHelp("Where the package goes; ID-VERSION.asice in this folder when left out.", valueName: "file")) var out: String?

        func run() async throws {
            let agreement = try self.agreement.open()
            let text: [UInt8]
            do { text = try FileByteSource.contents(of: self.agreement.path, bytesMax: Agreements.fileBytesMax) } catch { throw Outcome.unusable(error.detail) }
            let path = out ?? "\(agreement.id)-\(agreement.version).asice"
            guard !Folders.exists(path) else { throw Outcome.unusable("\(path) is there already; choose a new file with --out") }
            let digest = agreement.digest.hex
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
        @OptionGroup var voice: Voice
        @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text")) var reason: String = ""

        func run() async throws {
            let package: [UInt8]
            do { package = try FileByteSource.contents(of: file, bytesMax: Node.agreementPackageBytesMax) } catch { throw Outcome.unusable(error.detail) }
            try await voice.say(.activate) { node, store, name, signer in
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
        @OptionGroup var voice: Voice

        func carryOut(_ act: AgreementStatement.Act, reason: String) async throws {
            try await voice.say(act) { node, store, name, signer in
                guard let standing = node.tools.book.all.first(where: { $0.agreement.id == id && $0.agreement.version == version }) else {
                    throw Outcome.unusable("this node has no agreement \(id) \(version); sluice agreement list shows those it has")
                }
                let known = try store.record(id).versions[version]
                guard known != nil || standing.state == .active else {
                    throw Outcome.refused("\(id) \(version) is \(standing.state.rawValue): there is nothing to \(act.rawValue) [stateWrong]")
                }
                let document = known?.document ?? standing.agreement.digest
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
            let (all, records, broken, isWhole) = try await node.use { node in
                let isWhole = try await node.readAgreements()
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
                return (all, records, broken, isWhole)
            }
            func waits(_ standing: StandingAgreement) -> AgreementRecord.Pending? {
                records[standing.agreement.id]?.versions[standing.agreement.version]?.pending
            }
            if node.json {
                let members = all.map { standing in
                    JSONValue.object([
                        JSONMember("agreement", .string(standing.agreement.id)), JSONMember("version", .string(standing.agreement.version)),
                        JSONMember("state", .string(standing.state.rawValue)),
                        JSONMember("agreementSHA256", .string(standing.agreement.digest.hex)),
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
                if !broken.isEmpty || !isWhole { throw Outcome.refused() }
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
            if !broken.isEmpty || !isWhole { throw Outcome.refused() }
        }
    }
}
