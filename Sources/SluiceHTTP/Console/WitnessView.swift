internal import SluiceCore
internal import SluiceKit

/// Who witnesses the ledger and whom it witnesses, in words.
struct WitnessView {
    struct Witness {
        var name: String
        /// nil where it says nothing besides the name.
        var place: String?
        var extent: String
        var cosignedAt: TimeView?
        var age: String
        var word: String
        var tone: String
        /// Why there is nothing newer; nil where all is well.
        var problem: String?
    }
    struct Log {
        var origin: String
        var owner: String
        var size: String
        var cosignedAt: TimeView?
        var age: String
        var word: String
        var tone: String
        var words: String
    }

    /// Rows of each table; the command has all.
    static let rowsMax = 30
    static let problemBytesMax = 240

    var tone: String
    var word: String
    var words: String
    var witnesses: [Witness]
    var hasWitnesses: Bool
    var logs: [Log]
    var hasLogs: Bool
    var leftOut: String?
    /// Whether there is anything to say where nothing is wrong.
    var isWorthSaying: Bool

    init(_ report: WitnessReport) {
        let fresh = report.witnesses.count { report.isFresh($0.cosignedAt) }
        (tone, word, words) = Self.verdict(report, fresh: fresh)
        witnesses = report.witnesses.prefix(Self.rowsMax).map { Self.witness($0, report) }
        hasWitnesses = !witnesses.isEmpty
        // A ledger with two histories is not among those left out.
        let pressing = report.logs.filter { $0.forks > 0 } + report.logs.filter { $0.forks == 0 && $0.unproven > 0 }
        let ordered = pressing + report.logs.filter { $0.forks == 0 && $0.unproven == 0 }
        logs = ordered.prefix(Self.rowsMax).map { Self.log($0, report.madeAt) }
        hasLogs = !logs.isEmpty
        let count = max(0, report.witnesses.count - Self.rowsMax) + max(0, report.logs.count - Self.rowsMax)
        leftOut = count > 0 ? grouped(Int64(count)) : nil
        isWorthSaying = hasWitnesses || hasLogs || report.stopped != nil
    }

    private static func verdict(_ report: WitnessReport, fresh: Int) -> (tone: String, word: String, words: String) {
        if let stopped = report.stopped { return ("bad", "Stopped", "In this node's own words: \(stopped).") }
        let forks = report.logs.count { $0.forks > 0 }
        let others = forks == 0 ? "" : " \(counted(forks, "partner's ledger has", "partners' ledgers have")) two histories, see there."
        guard !report.witnesses.isEmpty else {
            let words =
                "The configuration of this node names no witness. That its ledger was rewritten would show only against a checkpoint that somebody keeps: keep yours."
            return (forks == 0 ? "waiting" : "bad", "Nobody witnesses this ledger", words + others)
        }
        let who =
            "\(fresh) of \(counted(report.witnesses.count, "witness has", "witnesses have")) cosigned it within the hour; \(report.quorum) \(report.quorum == 1 ? "is" : "are") needed."
        if report.isQuorumReached {
            let extent = "So many vouch for the first \(grouped(report.covered)) of \(grouped(report.published)) published entries."
            return (forks == 0 ? "good" : "bad", forks == 0 ? "Witnessed" : "A partner's ledger has two histories", "\(who) \(extent)\(others)")
        }
        let extent =
            report.covered > 0
            ? "So many have vouched for the first \(grouped(report.covered)) of \(grouped(report.published)) published entries once; for today there is this node's own word alone."
            : "For this ledger there is this node's own word alone."
        return ("bad", "Quorum NOT reached", "\(who) \(extent)\(others)")
    }

    private static func witness(_ line: WitnessReport.Line, _ report: WitnessReport) -> Witness {
        let isFresh = report.isFresh(line.cosignedAt)
        return Witness(
            name: line.name, place: line.place == line.name ? nil : line.place,
            extent: line.cosignedAt == nil ? "none" : "\(grouped(line.size)) of \(grouped(report.published))", cosignedAt: line.cosignedAt.map(TimeView.init),
            age: age(line.cosignedAt, report.madeAt), word: line.cosignedAt == nil ? "never cosigned" : isFresh ? "cosigned" : "over an hour old",
            tone: isFresh ? "good" : "bad", problem: line.problem.isEmpty ? nil : EscapedText.cut(line.problem, to: Self.problemBytesMax))
    }

    private static func log(_ log: WitnessReport.Log, _ now: Instant) -> Log {
        let (word, tone, words) =
            if log.forks > 0 {
                (
                    "two histories", "bad",
                    "Both are signed with its key; \(counted(log.forks, "proof is", "proofs are")) kept, and nothing more is cosigned for it. `sluice ledger witness --evidence` writes them."
                )
            } else if log.unproven > 0 {
                (
                    "not shown", "waiting",
                    "\(counted(log.unproven, "checkpoint was", "checkpoints were")) refused, for it was not shown to continue what this node had cosigned. That alone proves nothing."
                )
            } else if log.witnessedAt == nil {
                ("nothing yet", "waiting", "Its owner has not brought a checkpoint.")
            } else {
                ("one history", "good", "Each checkpoint that it brought continued the one before.")
            }
        return Log(
            origin: log.origin, owner: log.participant.isEmpty ? "no partner's any more" : log.participant, size: grouped(log.size),
            cosignedAt: log.witnessedAt.map(TimeView.init), age: age(log.witnessedAt, now), word: word, tone: tone, words: words)
    }

    private static func counted(_ number: Int, _ one: String, _ many: String) -> String { "\(grouped(Int64(number))) \(number == 1 ? one : many)" }

    /// How long ago; empty for never.
    static func age(_ time: Instant?, _ now: Instant) -> String {
        guard let time else { return "" }
        // Witnesses go by their own clocks.
        guard now.seconds - time.seconds >= -60 else { return "ahead of this node's clock" }
        return "\(Instant.words(seconds: now.secondsSince(time))) ago"
    }
}
