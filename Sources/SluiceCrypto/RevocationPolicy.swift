package import SluiceKit

/// How old information about revocation may be, and what follows from what there is. A value: no clock, no network.
///
/// Silence is no permission: without current information the verdict is `unknown`, which refuses.
package struct RevocationPolicy: Hashable, Sendable {
    /// How long after its `nextUpdate` a list or an answer is still accepted as good, in seconds. It bridges an authority whose server is down; in this time a
    /// new revocation can go unnoticed. What says "revoked" counts however old it is.
    package var graceSeconds: Int64
    /// How long an answer without `nextUpdate` is accepted after its `thisUpdate`. Such a responder says that newer information is always to be had.
    package var ageSecondsMaxWithoutNextUpdate: Int64
    /// Oldest `thisUpdate` of anything that is accepted as good, whatever its `nextUpdate` promises.
    package var ageSecondsMax: Int64
    /// How far a list's or an answer's clock may be ahead of ours.
    package var clockSkewSecondsMax: Int64

    package static let graceSecondsDefault: Int64 = 86_400

    package init(
        graceSeconds: Int64 = graceSecondsDefault, ageSecondsMaxWithoutNextUpdate: Int64 = 3_600, ageSecondsMax: Int64 = 400 * 86_400,
        clockSkewSecondsMax: Int64 = 300
    ) {
        self.graceSeconds = max(0, graceSeconds)
        self.ageSecondsMaxWithoutNextUpdate = max(0, ageSecondsMaxWithoutNextUpdate)
        self.ageSecondsMax = max(0, ageSecondsMax)
        self.clockSkewSecondsMax = max(0, clockSkewSecondsMax)
    }

    /// What one source says of one certificate. Whoever makes it has checked the source's signature.
    package struct Evidence: Hashable, Sendable {
        package enum Source: Hashable, Sendable {
            case list(number: String?)
            case responder
        }

        package enum Status: Hashable, Sendable {
            case good
            case revoked(at: Instant, reason: Revocation.Reason?)
            /// A responder that does not know the certificate.
            case notKnown
        }

        package var source: Source
        package var status: Status
        package var thisUpdate: Instant
        package var nextUpdate: Instant?

        package init(source: Source, status: Status, thisUpdate: Instant, nextUpdate: Instant?) {
            self.source = source
            self.status = status
            self.thisUpdate = thisUpdate
            self.nextUpdate = nextUpdate
        }
    }

    package enum Verdict: Hashable, Sendable {
        /// Not revoked; `isStale` when only the grace makes it so, `until` is the last second of this verdict.
        case good(until: Instant, isStale: Bool)
        case revoked(at: Instant, reason: Revocation.Reason?)
        case unknown(Why)
    }

    package enum Why: Hashable, Sendable {
        case noInformation
        /// The newest information had run out, grace included, so many seconds ago.
        case outdated(seconds: Int64)
        /// The newest information is from a time ahead of ours.
        case fromTheFuture(seconds: Int64)
        case responderDoesNotKnow
    }

    /// The verdict over one certificate at a time. One source that says revoked outweighs any that says good.
    package func verdict(_ evidence: [Evidence], at time: Instant) -> Verdict {
        var revoked: (at: Instant, reason: Revocation.Reason?)?
        var best: (until: Instant, isStale: Bool)?
        var why = Why.noInformation
        for item in evidence {
            switch item.status {
            case .revoked(let at, let reason):
                // A certificate that was revoked later was good at the time asked for; the other evidence decides.
                guard at.seconds <= time.seconds else { continue }
                if revoked.map({ at < $0.at }) ?? true { revoked = (at, reason) }
            case .notKnown:
                if why == .noInformation { why = .responderDoesNotKnow }
            case .good:
                switch standing(of: item, at: time) {
                case .success(let standing):
                    if best.map({ (($0.isStale ? 0 : 1), $0.until) < ((standing.isStale ? 0 : 1), standing.until) }) ?? true { best = standing }
                case .failure(let reason): why = Self.nearer(why, reason.why)
                }
            }
        }
        if let revoked { return .revoked(at: revoked.at, reason: revoked.reason) }
        if let best { return .good(until: best.until, isStale: best.isStale) }
        return .unknown(why)
    }

    private struct Unusable: Error {
        let why: Why
    }

    /// Both ends count to the second, as certificates do: the second named by `nextUpdate` still belongs to the list.
    private func standing(of item: Evidence, at time: Instant) -> Result<(until: Instant, isStale: Bool), Unusable> {
        let now = time.seconds
        let made = item.thisUpdate.seconds
        guard made <= Self.sum(now, clockSkewSecondsMax) else { return .failure(Unusable(why: .fromTheFuture(seconds: made - now))) }
        let oldest = Self.sum(made, ageSecondsMax)
        let fresh: Int64
        let last: Int64
        if let next = item.nextUpdate {
            fresh = min(next.seconds, oldest)
            last = min(Self.sum(next.seconds, graceSeconds), oldest)
        } else {
            fresh = Self.sum(made, ageSecondsMaxWithoutNextUpdate)
            last = fresh
        }
        guard now <= last else { return .failure(Unusable(why: .outdated(seconds: now - last))) }
        return .success((until: Instant(seconds: now <= fresh ? fresh : last), isStale: now > fresh))
    }

    /// The reason that tells the operator most: how near the information came to being of use.
    private static func nearer(_ one: Why, _ other: Why) -> Why {
        switch (one, other) {
        case (.outdated(let left), .outdated(let right)): .outdated(seconds: min(left, right))
        case (.outdated, _): one
        default: other
        }
    }

    /// Dates of certificates reach to the year 9999; sums stay within an Int64.
    private static func sum(_ one: Int64, _ other: Int64) -> Int64 {
        let (result, overflow) = one.addingReportingOverflow(other)
        return overflow ? .max : result
    }
}

extension RevocationPolicy.Evidence {
    /// What a list says of a certificate of its issuer; the list must be the issuer's own and whole.
    package init(_ list: RevocationList, about certificate: Certificate, issuer: Certificate) throws(CryptoError) {
        try list.requireIssued(by: issuer)
        let found = try list.find(certificate)
        self.init(
            source: .list(number: list.number), status: found.map { .revoked(at: $0.at, reason: $0.reason) } ?? .good, thisUpdate: list.thisUpdate,
            nextUpdate: list.nextUpdate)
    }

    package init(_ answer: OCSPAnswer) {
        let status: Status =
            switch answer.status {
            case .good: .good
            case .revoked(let revocation): .revoked(at: revocation.at, reason: revocation.reason)
            case .unknown: .notKnown
            }
        self.init(source: .responder, status: status, thisUpdate: answer.thisUpdate, nextUpdate: answer.nextUpdate)
    }
}

extension RevocationPolicy.Why: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noInformation: "there is no revocation list of its issuer and no answer of a responder; fetch one"
        case .outdated(let seconds): "the newest revocation information ran out \(seconds) seconds ago, the grace included; fetch a new list"
        case .fromTheFuture(let seconds): "the revocation information is dated \(seconds) seconds ahead of our clock; check the clock of this machine"
        case .responderDoesNotKnow: "the responder does not know the certificate; ask its issuer"
        }
    }
}
