package import SluiceKit

/// How the self check of the ledger stands: the round under way, the last whole one, and what was found.
package struct SelfCheckStatus: Hashable, Sendable {
    package struct Round: Hashable, Sendable {
        package var startedAt: Instant
        package var endedAt: Instant
        /// Entries that the ledger had.
        package var entries: Int64
        package init(startedAt: Instant, endedAt: Instant, entries: Int64) {
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.entries = entries
        }
    }

    /// Within how many seconds a round is to end.
    package var paceSeconds: Int64
    /// When it stood so, by this node's clock.
    package var madeAt: Instant
    /// When it was begun for the first time; nil where it never was.
    package var begunAt: Instant?
    package var lastRound: Round?
    /// Entries that the round under way has looked at.
    package var entriesChecked: Int64 = 0
    /// What is damaged, where, and how to mend it; empty where nothing was found.
    package var damage = ""
    /// Why it could not go on; empty where it did.
    package var trouble = ""

    package init(paceSeconds: Int64, madeAt: Instant) {
        self.paceSeconds = paceSeconds
        self.madeAt = madeAt
    }

    /// Since the last whole round ended, or since the first one began where none has ended; nil where none has begun.
    package var ageSeconds: Int64? { (lastRound?.endedAt ?? begunAt).map(madeAt.secondsSince) }

    /// Whether the last whole round is older than twice the pace.
    package var isLate: Bool { ageSeconds.map { $0 > 2 * paceSeconds } ?? false }

    package var isWell: Bool { damage.isEmpty && !isLate }

    /// One line for people.
    package var sentence: String {
        if !damage.isEmpty { return "DAMAGED \(damage)" }
        let age = ageSeconds.map(Instant.words) ?? ""
        var words: String
        if let lastRound {
            words = "\(lastRound.entries) entries were whole \(age) ago"
            if isLate { words += ", which is too long: a round should end within \(Instant.words(seconds: paceSeconds))" }
        } else if begunAt != nil {
            words = "the first round began \(age) ago, and \(entriesChecked) entries were whole so far"
            if isLate { words += "; it should have ended within \(Instant.words(seconds: paceSeconds))" }
        } else {
            words = "never begun; it runs while the node serves"
        }
        if !trouble.isEmpty { words += ". It cannot go on: \(trouble)" }
        return words
    }
}
