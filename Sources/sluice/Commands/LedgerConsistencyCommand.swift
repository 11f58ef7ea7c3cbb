internal import ArgumentParser
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode

/// `sluice ledger consistency`: whether a published ledger continues a checkpoint that was kept.
struct LedgerConsistencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consistency", abstract: "Tell whether a published ledger continues a checkpoint kept earlier.",
        discussion:
            "DIR holds checkpoint and tile/. CHECKPOINT is a copy of a checkpoint file. Both have to be signed with VKEY. Reads a few hash tiles, not the entries. Exit code 1 when the ledger does not continue it."
    )

    @Argument(help: ArgumentHelp("Folder with the checkpoint and the tiles.", valueName: "dir")) var directory: String
    @Option(name: .long, help: ArgumentHelp("The checkpoint kept earlier.", valueName: "checkpoint")) var since: String
    @Option(name: .long, help: ArgumentHelp("Verifier key NAME+ID+BASE64, or a file with it.", valueName: "vkey")) var key: String
    @Flag(name: .long, help: "Print one JSON document.") var json = false

    func run() async throws {
        let key = try VerifierKeys.load(self.key)
        guard Folders.exists(directory) else { throw Outcome.unusable("there is no folder \(directory)") }
        let bytes: [UInt8]
        do throws(ReadError) { bytes = try FileByteSource.contents(of: since, bytesMax: SignedNote.bytesMax) } catch { throw Outcome.unusable(error.detail) }
        let verdict: LedgerConsistency
        do throws(LedgerError) {
            verdict = try LedgerConsistency(of: LedgerDirectory(path: directory), since: bytes, key: key)
        } catch {
            throw Outcome.unusable("\(error)")
        }
        if json { print(Self.json(verdict).compactText) } else { Self.tell(verdict) }
        if verdict.problem != nil { throw Outcome.refused() }
    }

    private static func tell(_ verdict: LedgerConsistency) {
        print("\(verdict.origin): kept \(verdict.old.size) entries, root \(verdict.old.root.base64)")
        print("\(verdict.origin): now \(verdict.new.size) entries, root \(verdict.new.root.base64)")
        if let problem = verdict.problem { return print("The ledger does NOT continue the checkpoint: \(problem)") }
        print(
            "The ledger continues the checkpoint: \(verdict.new.size - verdict.old.size) entries were added, none of the first \(verdict.old.size) was changed."
        )
    }

    private static func json(_ verdict: LedgerConsistency) -> JSONValue {
        func head(_ head: LedgerHead) -> JSONValue {
            .object([JSONMember("size", .integer(Int64(head.size))), JSONMember("root", .string(head.root.base64))])
        }
        return .object([
            JSONMember("consistent", .bool(verdict.problem == nil)), JSONMember("origin", .string(verdict.origin)), JSONMember("since", head(verdict.old)),
            JSONMember("now", head(verdict.new)), JSONMember("problem", verdict.problem.map(JSONValue.string) ?? .null),
        ])
    }
}
