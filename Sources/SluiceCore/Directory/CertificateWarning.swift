package import SluiceKit

/// Something about a certificate that a person has to act on before it stops the exchange.
package struct CertificateWarning: Hashable, Sendable, Comparable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable {
        /// No certificate of the use is valid now.
        case noneValid
        /// The last valid one ends within 1, 7 or 30 days, and no valid successor is known.
        case endsSoon
        /// The successor begins after the present one has ended, or later than a day before.
        case noOverlap
        /// One that has ended; another is valid.
        case leftOver
        /// A revocation list or answer has run out; the grace runs or has run out too.
        case revocationStale, revocationUnknown
        case revoked
    }

    package var owner: ParticipantID
    package var use: CertificateUse
    package var kind: Kind
    /// The certificate concerned.
    package var sha256: SHA256Digest?
    /// Until it matters; negative when it does already.
    package var secondsLeft: Int64
    package var detail: String

    package init(owner: ParticipantID, use: CertificateUse, kind: Kind, sha256: SHA256Digest?, secondsLeft: Int64, detail: String) {
        self.owner = owner
        self.use = use
        self.kind = kind
        self.sha256 = sha256
        self.secondsLeft = secondsLeft
        self.detail = detail
    }

    /// The days before the end at which the warning grows louder.
    package static let daysThresholds: [Int64] = [1, 7, 30]
    /// Shortest time that an old and a new certificate are both valid: less, and a partner that is a day late locks us out.
    package static let overlapSecondsMin: Int64 = 86_400

    /// What stops work now or within a day is critical, the rest is a warning; what is merely untidy is a note.
    package enum Severity: String, Hashable, Sendable {
        case critical, warning, note
    }

    package var severity: Severity {
        switch kind {
        case .noneValid, .revoked, .revocationUnknown: .critical
        case .endsSoon: secondsLeft <= 86_400 ? .critical : .warning
        case .noOverlap, .revocationStale: .warning
        case .leftOver: .note
        }
    }

    package static func < (left: CertificateWarning, right: CertificateWarning) -> Bool {
        (left.secondsLeft, left.owner.rawValue, left.use.rawValue, left.kind.rawValue, left.detail)
            < (right.secondsLeft, right.owner.rawValue, right.use.rawValue, right.kind.rawValue, right.detail)
    }

    package var description: String { "\(owner) \(use.rawValue): \(detail)" }

    /// Looks at all certificates of one use together: what counts is until when there is a valid one without a gap.
    package static func all(of certificates: [CertificateFacts], owner: ParticipantID, use: CertificateUse, at time: Instant) -> [CertificateWarning] {
        let now = time.seconds
        let ordered = certificates.sorted { ($0.notBefore, $0.notAfter) < ($1.notBefore, $1.notAfter) }
        func warning(_ kind: Kind, _ certificate: CertificateFacts?, _ secondsLeft: Int64, _ detail: String) -> CertificateWarning {
            CertificateWarning(owner: owner, use: use, kind: kind, sha256: certificate?.sha256, secondsLeft: secondsLeft, detail: detail)
        }
        var covering: CertificateFacts?
        for certificate in ordered where certificate.isValid(at: time) && certificate.notAfter > covering?.notAfter ?? Instant(milliseconds: .min) {
            covering = certificate
        }
        guard var last = covering else {
            let next = ordered.first { $0.notBefore.seconds > now }
            let ended = ordered.map(\.notAfter).filter { $0.seconds < now }.max()
            let words =
                [ended.map { "the last certificate expired at \($0.rfc3339)" }, next.map { "the next is valid from \($0.notBefore.rfc3339)" }]
                .compactMap { $0 }.joined(separator: ", ")
            return [warning(.noneValid, nil, -1, "no certificate is valid now\(words.isEmpty ? "" : ": \(words)")")]
        }
        var warnings: [CertificateWarning] = []
        for certificate in ordered where certificate.notAfter.seconds < now {
            warnings.append(warning(.leftOver, certificate, 0, "the certificate \(certificate.serial) expired at \(certificate.notAfter.rfc3339); take it out"))
        }
        for successor in ordered where successor.notBefore.seconds > now && successor.notAfter > last.notAfter {
            let overlap = last.notAfter.seconds - successor.notBefore.seconds
            if overlap < overlapSecondsMin {
                let words = overlap < 0 ? "\(-overlap) seconds after \(last.serial) has ended" : "only \(overlap) seconds before \(last.serial) ends"
                warnings.append(
                    warning(
                        .noOverlap, successor, last.notAfter.seconds - now,
                        "the certificate \(successor.serial) begins \(words); ask for one that overlaps by a day or more"))
            }
            if overlap >= 0 { last = successor }
        }
        let left = last.notAfter.seconds - now
        if let days = daysThresholds.first(where: { left <= $0 * 86_400 }) {
            let words = days == 1 ? "a day" : "\(days) days"
            warnings.append(
                warning(.endsSoon, last, left, "the last valid certificate \(last.serial) ends within \(words), at \(last.notAfter.rfc3339); renew it"))
        }
        return warnings.sorted()
    }
}
