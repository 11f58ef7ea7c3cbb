package import SluiceKit

/// How a node's ledger stands with its witnesses, and those that it witnesses with it.
package struct WitnessReport: Sendable {
    /// A witness of this node's ledger.
    package struct Line: Sendable {
        package var name: String
        /// The participant, or the witness's address.
        package var place: String
        package var size: Int64
        /// nil where it has never cosigned.
        package var cosignedAt: Instant?
        /// Why there is nothing newer of it; empty where all is well.
        package var problem: String

        package init(name: String, place: String, size: Int64, cosignedAt: Instant?, problem: String) {
            self.name = name
            self.place = place
            self.size = size
            self.cosignedAt = cosignedAt
            self.problem = problem
        }
    }
    /// A ledger that this node witnesses.
    package struct Log: Sendable {
        package var origin: String
        /// Empty where no partner says to have it any more.
        package var participant: String
        package var size: Int64
        package var witnessedAt: Instant?
        package var forks: Int
        /// Heads that were not shown to continue the one cosigned.
        package var unproven: Int

        package init(origin: String, participant: String, size: Int64, witnessedAt: Instant?, forks: Int, unproven: Int) {
            self.origin = origin
            self.participant = participant
            self.size = size
            self.witnessedAt = witnessedAt
            self.forks = forks
            self.unproven = unproven
        }
    }

    package var origin: String
    /// By this node's clock.
    package var madeAt: Instant
    package var published: Int64
    package var quorum: Int
    package var witnesses: [Line]
    /// The entries that a quorum of witnesses vouches for.
    package var covered: Int64
    /// Whether a quorum has cosigned within `freshSeconds`.
    package var isQuorumReached: Bool
    package var logs: [Log]
    /// What a witness has shown against this node; nil where nothing.
    package var stopped: String?

    /// A cosignature that is older says nothing of today. Witnesses are asked again after a quarter of this, even where nothing is new.
    package static let freshSeconds: Int64 = 3_600

    package init(
        origin: String, madeAt: Instant, published: Int64, quorum: Int, witnesses: [Line], covered: Int64, isQuorumReached: Bool, logs: [Log], stopped: String?
    ) {
        self.origin = origin
        self.madeAt = madeAt
        self.published = published
        self.quorum = quorum
        self.witnesses = witnesses
        self.covered = covered
        self.isQuorumReached = isQuorumReached
        self.logs = logs
        self.stopped = stopped
    }

    /// Whether what a witness has cosigned is recent enough to count.
    package func isFresh(_ time: Instant?) -> Bool { time.map { madeAt.seconds - $0.seconds <= Self.freshSeconds } ?? false }
}
