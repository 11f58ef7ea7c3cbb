internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode
internal import SluiceZip

struct EvidenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence", abstract: "Everything that proves exchanges, in one folder or file for an auditor.", subcommands: [Export.self, Verify.self])

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write packages, receipts, ledger entries with proofs, checkpoint, certificates, agreements, and how to check all of it.",
            discussion:
                "Of the exchanges named, or of those that have an entry as the options ask for. OUT is a new folder, or a file that ends in .zip. Exchanges that were erased are named with their entries. It holds the data that left: give it to those who may see them."
        )

        @OptionGroup var node: NodeArguments
        @Argument(help: ArgumentHelp("Exchanges.", valueName: "exchange")) var exchanges: [String] = []
        @OptionGroup var facets: FacetOptions
        @Option(name: .long, help: ArgumentHelp("New folder, or new file ending in .zip.", valueName: "out")) var out: String

        func validate() throws {
            guard exchanges.isEmpty != facets.isEmpty else { throw ValidationError("Name exchanges, or say with options which are meant.") }
        }

        func run() async throws {
            guard !Folders.exists(out) else { throw Outcome.unusable("\(out) is there already; choose a new name") }
            let query = try facets.query()
            let manifest = try await NodeOptions.reading(node.config) { node in
                let records = try await records(of: node, query)
                // All of it or nothing under the name that was asked for.
                let draft = "\(out).part-\(Identifiers.exchangeID(at: SystemClock().now()))"
                defer { Folders.removeTree(draft) }
                try Folders.make(draft)
                let time = SystemClock().now()
                let manifest = try await EvidenceExport.write(records, of: node, into: draft, at: time)
                if out.hasSuffix(".zip") {
                    let file = draft + ".zip"
                    defer { Folders.removeTree(file) }
                    do { try EvidenceArchive.pack(draft, into: file, at: time) } catch let error as PackageError {
                        throw Outcome.unusable("\(error). Export into a folder, or fewer exchanges")
                    }
                    try Folders.settle(file, at: out)
                } else {
                    try Folders.rename(draft, to: out)
                }
                return manifest
            }
            tell(manifest)
        }

        private func records(of node: Node, _ query: LedgerQuery) async throws -> [ExchangeRecord] {
            var ids = exchanges
            if ids.isEmpty {
                var found: Set<String> = []
                _ = try await LedgerView.node(node).forEach(query, .from(0), limit: .max) { _, entry in
                    guard let subject = EntryFacts(entry)?.subject, found.insert(subject).inserted else { return }
                    ids.append(subject)
                    guard found.count <= 10 * EvidenceExport.exchangesMax else { throw Self.tooMany }
                }
            }
            var records: [ExchangeRecord] = []
            for id in Set(ids).sorted() {
                let here = try await node.store.read { try $0.exchanges(id: id) }
                if here.isEmpty, !exchanges.isEmpty { throw Outcome.unusable("there is no exchange \(id) in this node") }
                records += here
                guard records.count <= EvidenceExport.exchangesMax else { throw Self.tooMany }
            }
            guard !records.isEmpty else { throw Outcome.refused("no exchange has an entry as asked for") }
            return records
        }

        private static let tooMany = Outcome.unusable("these are more than \(EvidenceExport.exchangesMax) exchanges; ask for fewer with --since and --until")

        private func tell(_ manifest: EvidenceManifest) {
            guard !node.json else {
                return print(
                    JSONValue.object([
                        JSONMember("out", .string(out)), JSONMember("exchanges", .integer(Int64(manifest.exchanges.count))),
                        JSONMember("entries", .integer(Int64(manifest.entries.count))),
                        JSONMember("erased", .array(manifest.exchanges.filter(\.isErased).map { .string($0.id) })),
                    ]).compactText)
            }
            print(
                "\(out): \(counted(manifest.exchanges.count, "exchange")), \(counted(manifest.entries.count, "entry", "entries")) with proofs. README.txt in it says how to check it."
            )
            for exchange in manifest.exchanges where !exchange.absence.isEmpty { print("  \(exchange.id) has no package here: \(exchange.absence)") }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a folder or file of evidence, offline; name each thing that is wrong.",
            discussion: "KEY and the authority have to come to you by another way than the evidence. Exit code 1 when anything is wrong.")

        @Argument(help: ArgumentHelp("The folder, or the .zip file.", valueName: "evidence")) var evidence: String
        @Option(name: .long, help: ArgumentHelp("Verifier key of the ledger NAME+ID+BASE64, or a file with it.", valueName: "vkey")) var key: String
        @Option(name: .long, help: ArgumentHelp("PEM file of the authorities that you trust; the folder's own when left out.", valueName: "ca.pem"))
        var authority: String?
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let key = try VerifierKeys.load(key)
            let scratch = "\(Inputs.temporaryDirectory)/sluice-\(Identifiers.exchangeID(at: SystemClock().now()))"
            defer { Folders.removeTree(scratch) }
            try Folders.make(scratch)
            let folder = try folder(unpackingInto: scratch + "/evidence")
            let found = try EvidenceVerification.verify(folder, key: key, authority: authority, scratch: scratch)
            if json { print(Self.json(found).prettyText) } else { Self.tell(found, evidence) }
            guard found.isWhole else { throw Outcome.refused() }
        }

        /// The folder itself, or what is in the archive.
        private func folder(unpackingInto target: String) throws -> String {
            guard Folders.exists(evidence) else { throw Outcome.unusable("there is neither a folder nor a file \(evidence)") }
            guard (try? RegularFile(evidence)) != nil else { return evidence }
            do { try EvidenceArchive.unpack(evidence, into: target) } catch {
                if json {
                    let problem: JSONValue = ["file": .string(evidence), "detail": .string("\(error)")]
                    print(JSONValue.object([JSONMember("whole", .bool(false)), JSONMember("problems", .array([problem]))]).compactText)
                }
                throw Outcome.refused("REFUSED \(evidence): \(error)")
            }
            return target
        }

        private static func tell(_ found: EvidenceVerification, _ evidence: String) {
            for exchange in found.manifest?.exchanges ?? [] {
                let state =
                    exchange.isErased ? "erased" : exchange.absence.isEmpty ? "package\(exchange.receipt.isEmpty ? "" : " and receipt")" : exchange.absence
                print(
                    "\(EntryName.printable(exchange.id)) of \(EntryName.printable(exchange.sender)): \(counted(exchange.entries.count, "entry", "entries")), \(EntryName.printable(state))"
                )
            }
            for note in found.notes { print("note: \(note)") }
            for problem in found.problems { print("WRONG \(problem.file): \(problem.detail)") }
            if found.problemCount > found.problems.count { print("… and \(found.problemCount - found.problems.count) more") }
            guard found.isWhole, let checkpoint = found.checkpoint else { return print("\(evidence) is NOT whole.") }
            print(
                "\(evidence) is whole. In \(checkpoint.origin), checkpoint of \(checkpoint.head.size): \(counted(found.entriesProven, "entry", "entries")); known to it: \(counted(found.packagesVerified, "package")), \(counted(found.receiptsVerified, "receipt"))."
            )
        }

        private static func json(_ found: EvidenceVerification) -> JSONValue {
            .object([
                JSONMember("whole", .bool(found.isWhole)), JSONMember("origin", found.checkpoint.map { .string($0.origin) } ?? .null),
                JSONMember("size", found.checkpoint.map { .integer(Int64($0.head.size)) } ?? .null),
                JSONMember("entriesProven", .integer(Int64(found.entriesProven))), JSONMember("packagesVerified", .integer(Int64(found.packagesVerified))),
                JSONMember("receiptsVerified", .integer(Int64(found.receiptsVerified))),
                JSONMember(
                    "exchanges",
                    .array(
                        (found.manifest?.exchanges ?? []).map {
                            .object([
                                JSONMember("exchange", .string($0.id)), JSONMember("sender", .string($0.sender)), JSONMember("absence", .string($0.absence)),
                            ])
                        })),
                JSONMember("notes", .array(found.notes.map(JSONValue.string))),
                JSONMember(
                    "problems",
                    .array(
                        found.problems.map { .object([JSONMember("file", .string($0.file)), JSONMember("detail", .string($0.detail))]) })),
                JSONMember("problemCount", .integer(Int64(found.problemCount))),
            ])
        }
    }
}
