internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// `sluice ledger witness`: what witnesses say of our ledger, and what we witness of others.
struct LedgerWitnessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness", abstract: "Tell which witnesses have cosigned this node's ledger, and how those it witnesses stand.",
        discussion:
            "Reads the node's store; nothing is asked over the network. Exit code 1 where a quorum is not reached, a log has two histories, or this node's own ledger was stopped."
    )
    @OptionGroup var node: NodeArguments
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Folder for the signed notes that stand against a log: each that does not fit, and the one that it should have continued.", valueName: "dir"))
    var evidence: String?

    func run() async throws {
        let (report, files) = try await node.use { node in (try await node.witnessReport(), try await node.witnessEvidence()) }
        let now = report.madeAt
        if let evidence {
            do {
                try Folders.make(evidence)
                for file in files { try Folders.write(Array(file.text.utf8), to: "\(evidence)/\(file.name)", mode: 0o644) }
            } catch { throw Outcome.unusable("\(error)") }
        }
        if node.json { print(Self.json(report, now).prettyText) } else { Self.tell(report, now) }
        let isWell = report.stopped == nil && (report.witnesses.isEmpty || report.isQuorumReached) && !report.logs.contains { $0.forks > 0 }
        if !isWell { throw Outcome.refused() }
    }

    private static func tell(_ report: WitnessReport, _ now: Instant) {
        print("\(report.origin): \(report.published) entries published")
        if let words = report.stopped { print("STOPPED \(words)") }
        if report.witnesses.isEmpty {
            print("nobody witnesses it: node.yaml names no ledger.witnesses")
        } else {
            let verdict = report.isQuorumReached ? "reached" : "NOT reached within the hour"
            print("quorum \(report.quorum) of \(report.witnesses.count): \(verdict); it vouches for \(report.covered) entries")
        }
        for line in report.witnesses {
            let what = line.cosignedAt.map { "cosigned \(line.size) entries \(Instant.words(seconds: now.secondsSince($0))) ago" } ?? "has never cosigned"
            print("  \(line.name) (\(line.place)) \(what)\(line.problem.isEmpty ? "" : "; \(line.problem)")")
        }
        print(report.logs.isEmpty ? "it witnesses no other ledger" : "it witnesses:")
        for log in report.logs {
            let what = log.witnessedAt.map { "\(log.size) entries, cosigned \(Instant.words(seconds: now.secondsSince($0))) ago" } ?? "nothing submitted yet"
            let owner = log.participant.isEmpty ? "no partner's any more" : log.participant
            print("  \(log.origin) (\(owner)) \(what)")
            if log.forks > 0 { print("    FORK: two histories, both signed with its key; \(log.forks) proofs kept") }
            if log.unproven > 0 { print("    \(log.unproven) heads were not shown to continue it; that alone proves nothing") }
        }
    }

    private static func json(_ report: WitnessReport, _ now: Instant) -> JSONValue {
        func time(_ instant: Instant?) -> [JSONMember] {
            guard let instant else { return [JSONMember("at", .null), JSONMember("ageSeconds", .null)] }
            return [JSONMember("at", .string(instant.rfc3339)), JSONMember("ageSeconds", .integer(now.secondsSince(instant)))]
        }
        return .object([
            JSONMember("origin", .string(report.origin)), JSONMember("published", .integer(report.published)),
            JSONMember("stopped", report.stopped.map(JSONValue.string) ?? .null), JSONMember("quorum", .integer(Int64(report.quorum))),
            JSONMember("quorumReached", .bool(report.isQuorumReached)), JSONMember("covered", .integer(report.covered)),
            JSONMember(
                "witnesses",
                .array(
                    report.witnesses.map { line in
                        .object(
                            [
                                JSONMember("name", .string(line.name)), JSONMember("place", .string(line.place)), JSONMember("size", .integer(line.size)),
                                JSONMember("problem", .string(line.problem)),
                            ] + time(line.cosignedAt))
                    })),
            JSONMember(
                "logs",
                .array(
                    report.logs.map { log in
                        .object(
                            [
                                JSONMember("origin", .string(log.origin)), JSONMember("participant", .string(log.participant)),
                                JSONMember("size", .integer(log.size)), JSONMember("forks", .integer(Int64(log.forks))),
                                JSONMember("unproven", .integer(Int64(log.unproven))),
                            ] + time(log.witnessedAt))
                    })),
        ])
    }
}
