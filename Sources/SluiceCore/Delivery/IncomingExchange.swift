package import SluiceKit

/// The receiver's machine for one arrival of one exchange: each step says what follows, and each transaction asks again inside itself.
///
/// Two workers, of one process or of several on one store, may run the same arrival side by side. Only what `recording`, `settling` and
/// `refusing` allow inside the transaction has an effect, so the first commit wins and the other answers with the first receipt.
/// Docs/ExchangeProtocol.md has the table of events and states.
package struct IncomingExchange: Hashable, Sendable {
    /// What the store holds of (sender, id), seen from the bytes that arrived.
    package enum Known: Hashable, Sendable {
        case nothing
        /// A copy that did not verify was refused, or was refused for a clock. It holds no id.
        case unverified
        /// These very bytes were refused, and stay refused.
        case refused
        /// Verified and recorded, not yet answered: another worker is at it, or a crash ended the one that was.
        case received(manifestDigest: String, packageDigest: String)
        /// Answered for the package of this digest.
        case answered(packageDigest: String)
        /// Answered too, and its package and receipt have been erased since. The id is remembered.
        case erased(packageDigest: String)

        /// - Parameters:
        ///   - row: what the row of the id says.
        ///   - code: the code of the refusal that is remembered for (sender, id, digest of the bytes), if there is one. It goes before the row:
        ///     a damaged copy is refused the same way again while the genuine package is being worked on, and afterwards.
        package static func of(row: Known, refusalOfTheseBytes code: String?) -> Known {
            // But for a clock, which time sets right: that refusal holds nothing.
            guard let code, code != ClockTolerance.aheadCode else { return row }
            return .refused
        }
    }

    package enum Arrival: Hashable, Sendable {
        /// Open it and verify seal, sender and addressee.
        case verify
        /// The first receipt again, byte for byte; for `refused` the one of these bytes.
        case answerFirst
        case problem(Problem)
    }

    package enum Verification: Hashable, Sendable {
        /// Commit that it was received, then judge.
        case record
        /// Seal a refusal and commit that; the id stays free.
        case refuse(Refusal)
        case problem(Problem)
    }

    /// What the transaction that records the arrival does.
    package enum Recording: Hashable, Sendable {
        case insert
        /// Over the row of a copy that did not verify.
        case replace
        /// It is recorded already: no entry, no change; judge.
        case resume
        /// Leave without a change and begin again from `arrived`.
        case lookAgain
    }

    /// What the transaction that commits the answer does.
    package enum Settling: Hashable, Sendable {
        case commit
        /// Leave without a change, throw this answer away and begin again from `arrived`.
        case lookAgain
    }

    /// What the transaction that commits the refusal of an unverified copy does.
    package enum Refusing: Hashable, Sendable {
        /// Insert the row of the id, as refused.
        case insert
        /// The id has its own history: entries and receipt alone.
        case beside
        /// These bytes were verified before a crash and are not believed any more (a certificate has ended since): the row is refused with them.
        case settle
        /// Leave without a change and begin again from `arrived`.
        case lookAgain
    }

    package let id: String
    /// SHA-256 (hex) of the bytes that arrived.
    package let packageDigest: String
    package let tolerance: ClockTolerance
    /// Of the verified package; empty before.
    package private(set) var manifestDigest = ""

    /// How often one arrival begins again because another worker was faster; then it answers 503.
    package static let looksMax = 4

    package init(id: String, packageDigest: String, tolerance: ClockTolerance = .standard) {
        self.id = id
        self.packageDigest = packageDigest
        self.tolerance = tolerance
    }

    /// The whole package is here, and this is what the store says.
    package func arrived(_ known: Known) -> Arrival {
        switch known {
        case .nothing, .unverified, .received: .verify
        // The same bytes get the same answer, so that a copy cannot be refused today and taken tomorrow.
        case .refused: .answerFirst
        case .answered(let digest): digest == packageDigest ? .answerFirst : .problem(reused)
        case .erased(let digest): .problem(digest == packageDigest ? erased : reused)
        }
    }

    /// Seal, sender and addressee are what they have to be.
    /// - Parameter sealedAt: the sealed document's time.
    package mutating func verified(manifestDigest: String, sealedAt: Instant, known: Known, at now: Instant) -> Verification {
        self.manifestDigest = manifestDigest
        if case .received(let first, _) = known {
            // It was in time when it was recorded; how long a crash took is not the sender's fault.
            return first == manifestDigest ? .record : .problem(reused)
        }
        if let refusal = tolerance.refusal(sealedAt: sealedAt, at: now) { return .refuse(refusal) }
        return .record
    }

    /// - Parameter known: read inside the transaction.
    package func recording(_ known: Known) -> Recording {
        switch known {
        case .nothing: .insert
        case .unverified: .replace
        case .received(let first, _): first == manifestDigest ? .resume : .lookAgain
        case .refused, .answered, .erased: .lookAgain
        }
    }

    /// - Parameter known: read inside the transaction.
    package func settling(_ known: Known) -> Settling {
        guard case .received(let first, _) = known, first == manifestDigest else { return .lookAgain }
        return .commit
    }

    /// - Parameter known: read inside the transaction.
    package func refusing(_ known: Known) -> Refusing {
        switch known {
        case .nothing: return .insert
        case .unverified: return .beside
        // Another worker refused these bytes first.
        case .refused: return .lookAgain
        case .received(let first, let digest):
            // Another worker took these bytes in, and is about to answer for them.
            if !manifestDigest.isEmpty, first == manifestDigest { return .lookAgain }
            return digest == packageDigest ? .settle : .beside
        case .answered(let digest), .erased(let digest): return digest == packageDigest ? .lookAgain : .beside
        }
    }

    /// Ids are UUIDv7 and sort by the time of their making, so an accepted id above ours shows that we come after a younger one: replayed after
    /// it was parked, or a copy that the network held back. It is taken, and the ledger names the younger one (`acceptedAfter`).
    package func youngerAccepted(newestAcceptedID: String?) -> String? { newestAcceptedID.flatMap { $0 > id ? $0 : nil } }

    private var reused: Problem {
        Problem(
            status: 409, code: "exchange-id-reused", title: "This exchange id stands for another package",
            detail: "\(id) was already verified here with another digest. Send the new package under an id of its own.")
    }

    private var erased: Problem {
        Problem(
            status: 410, code: "exchange-erased", title: "This exchange was answered and has been erased",
            detail: "\(id) was answered; its package and receipt were erased when their retention ended. Nothing was taken again.")
    }
}
