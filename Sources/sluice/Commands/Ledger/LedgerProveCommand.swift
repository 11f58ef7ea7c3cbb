internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode

struct LedgerProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "Write proofs that entries are in the ledger (C2SP tlog-proof), each with its entry.",
        discussion:
            "Of every entry of an exchange, or of the entry --index. With --out, FOLDER takes NNNNNN.json and NNNNNN.tlog-proof for each; without, the proof of one entry goes to standard output. Check one with `sluice ledger verify-proof`."
    )

    @OptionGroup var source: LedgerSourceOptions
    @Argument(help: ArgumentHelp("The exchange.", valueName: "exchange")) var exchange: String?
    @Option(name: .long, help: ArgumentHelp("The entry's place in the ledger, from 0.", valueName: "n")) var index: UInt64?
    @Option(name: .long, help: ArgumentHelp("Folder to write into; made when it is not there.", valueName: "folder")) var out: String?

    func validate() throws {
        guard (exchange == nil) != (index == nil) else { throw ValidationError("Name either an exchange or an entry with --index.") }
        guard exchange == nil || out != nil else { throw ValidationError("An exchange has several entries: say with --out where their proofs go.") }
    }

    func run() async throws {
        try await source.use { view in
            let entries = try await entries(view)
            let (files, key) = try view.published()
            let proofs: [(entry: [UInt8], proof: InclusionProof)]
            do {
                let prover = try LedgerProver(files: files, key: key)
                // The store's bytes, or the folder's, have to be the ones that were published.
                proofs = try entries.map { (entry: $0.entry, proof: try prover.proof(of: UInt64($0.index), entry: $0.entry)) }
            } catch let error as LedgerError { throw Outcome.refused("\(error)") }
            guard let out else { return print(proofs.map(\.proof.text).joined(), terminator: "") }
            var names: [String] = []
            do {
                try Folders.make(out)
                for (entry, proof) in proofs { names += try ProofFiles.write(entry, proof, into: out) }
            } catch { throw Outcome.unusable("\(error)") }
            if source.json { print(JSONValue.array(names.map { .string("\(out)/\($0)") }).compactText) } else { for name in names { print("\(out)/\(name)") } }
        }
    }

    private func entries(_ view: LedgerView) async throws -> [(index: Int64, entry: [UInt8])] {
        if let index {
            guard let place = Int64(exactly: index), let entry = try await view.entry(place) else { throw Outcome.unusable("the ledger has no entry \(index)") }
            return [(place, entry)]
        }
        var found: [(index: Int64, entry: [UInt8])] = []
        _ = try await view.forEach(LedgerQuery(subjects: [exchange ?? ""]), .from(0), limit: LedgerSearch.subjectEntriesMax) { found.append(($0, $1)) }
        guard !found.isEmpty else { throw Outcome.unusable("the ledger has no entry of exchange \(exchange ?? "")") }
        return found
    }
}

/// An entry and its proof as two files.
enum ProofFiles {
    /// `000012`: names sort as the entries do.
    static func stem(_ index: UInt64) -> String {
        let digits = String(index)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// Returns the names of the two files.
    static func write(_ entry: [UInt8], _ proof: InclusionProof, into folder: String) throws -> [String] {
        let names = ["\(stem(proof.index)).json", "\(stem(proof.index)).tlog-proof"]
        try Folders.write(entry, to: "\(folder)/\(names[0])", mode: 0o644)
        try Folders.write(Array(proof.text.utf8), to: "\(folder)/\(names[1])", mode: 0o644)
        return names
    }
}

struct LedgerVerifyProofCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-proof", abstract: "Check a proof (C2SP tlog-proof) that an entry is in a ledger.",
        discussion: "No ledger is needed: the entry, the proof and the ledger's verifier key are enough. Exit code 1 when they do not belong together.")

    @Argument(help: ArgumentHelp("The proof.", valueName: "file")) var file: String
    @Option(name: .long, help: ArgumentHelp("The entry, byte for byte as it is in the ledger.", valueName: "entry.json")) var entry: String
    @Option(name: .long, help: ArgumentHelp("Verifier key NAME+ID+BASE64, or a file with it.", valueName: "vkey")) var key: String
    @Flag(name: .long, help: "Print one JSON document.") var json = false

    func run() async throws {
        let key = try VerifierKeys.load(key)
        let proofBytes = try Self.read(file, bytesMax: InclusionProof.bytesMax)
        let entryBytes = try Self.read(entry, bytesMax: LedgerEntry.bytesMax)
        do {
            let proof = try InclusionProof(parsing: proofBytes)
            let checkpoint = try proof.verify(entry: entryBytes, key: key)
            guard json else {
                return print("\(entry) is entry \(proof.index) of \(checkpoint.origin), whose signed checkpoint covers \(checkpoint.head.size) entries.")
            }
            print(
                JSONValue.object([
                    JSONMember("valid", .bool(true)), JSONMember("index", .integer(Int64(proof.index))), JSONMember("origin", .string(checkpoint.origin)),
                    JSONMember("size", .integer(Int64(checkpoint.head.size))), JSONMember("root", .string(checkpoint.head.root.base64)),
                ]).compactText)
        } catch {
            if json {
                print(
                    JSONValue.object([
                        JSONMember("valid", .bool(false)), JSONMember("code", .string(error.code.rawValue)), JSONMember("detail", .string("\(error)")),
                    ]).compactText)
            }
            throw Outcome.refused("REFUSED \(file): \(error)")
        }
    }

    private static func read(_ path: String, bytesMax: Int) throws -> [UInt8] {
        do { return try FileByteSource.contents(of: path, bytesMax: bytesMax) } catch { throw Outcome.unusable(error.detail) }
    }
}
