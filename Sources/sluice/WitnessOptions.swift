internal import ArgumentParser
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode

/// Whose cosignatures a command asks for.
struct WitnessOptions: ParsableArguments {
    @Option(
        name: .customLong("witness"),
        help: ArgumentHelp("Key of a witness, NAME+ID+BASE64 or a file with it, whose cosignature counts; may be given more than once.", valueName: "vkey"))
    var keys: [String] = []
    @Option(name: .long, help: ArgumentHelp("How many of them must have cosigned; more than half when left out.", valueName: "count")) var quorum: Int?

    /// nil where no witness is asked for.
    func policy() throws -> WitnessPolicy? {
        guard !keys.isEmpty else {
            guard quorum == nil else { throw Outcome.unusable("--quorum counts witnesses; name them with --witness") }
            return nil
        }
        do {
            return try WitnessPolicy(witnesses: keys.map(Self.load), quorum: quorum)
        } catch let error as LedgerError {
            throw Outcome.unusable("\(error)")
        }
    }

    private static func load(_ argument: String) throws -> CosignerKey {
        do { return try LedgerKeys.witness(NodeConfiguration.KeyReference(text: argument, path: argument)) } catch { throw Outcome.unusable("\(error)") }
    }
}

/// What a verification says of cosignatures.
struct CosignedReport {
    private let log: CosignedLog
    private let policy: WitnessPolicy
    private let size: UInt64
    let holds: Bool

    init(directory: String, key: VerifierKey, policy: WitnessPolicy, report: LedgerReport) {
        log = CosignedLog(of: LedgerDirectory(path: directory), key: key, policy: policy)
        self.policy = policy
        size = report.checkpoint?.head.size ?? 0
        holds = report.isIntact && log.problems.isEmpty && log.covered != nil
    }

    /// What to say where nobody's cosignature was asked for.
    static func unknown(in directory: String) -> [String] {
        guard let bytes = try? LedgerDirectory(path: directory).read(LedgerPublisher.checkpointName, bytesMax: SignedNote.bytesMax),
            let note = try? SignedNote(parsing: bytes), note.signatures.count > 1
        else { return [] }
        return ["\(note.signatures.count - 1) further signatures stand below the checkpoint; whose, --witness finds out."]
    }

    var lines: [String] {
        var lines = log.problems.map { "COSIGNATURES \($0)" }
        lines.append("\(log.onCheckpoint.count) of \(policy.witnesses.count) witnesses have cosigned the checkpoint.")
        lines += log.onCheckpoint.map { "  \($0.key.name) at \(Self.time($0))" }
        guard let covered = log.covered else {
            return lines + ["The quorum of \(policy.quorum) is NOT reached: a second history of this ledger could exist unseen."]
        }
        if covered.head.size < size {
            lines.append("\(LedgerPublisher.witnessedName): \(covered.cosignatures.count) witnesses have cosigned the first \(covered.head.size) entries.")
            lines += covered.cosignatures.map { "  \($0.key.name) at \(Self.time($0))" }
        }
        return lines + ["The quorum of \(policy.quorum) vouches for \(covered.head.size) of \(size) entries."]
    }

    var members: [JSONMember] {
        func list(_ cosignatures: [Cosignature]) -> JSONValue {
            .array(
                cosignatures.map {
                    .object([JSONMember("witness", .string($0.key.name)), JSONMember("at", .string(Self.time($0)))])
                })
        }
        return [
            JSONMember("quorum", .integer(Int64(policy.quorum))), JSONMember("quorumReached", .bool(holds)), JSONMember("cosignatures", list(log.onCheckpoint)),
            JSONMember("covered", .integer(Int64(log.covered?.head.size ?? 0))), JSONMember("coveredBy", list(log.covered?.cosignatures ?? [])),
            JSONMember("cosignatureProblems", .array(log.problems.map(JSONValue.string))),
        ]
    }

    private static func time(_ cosignature: Cosignature) -> String { cosignature.instant.rfc3339 }
}
