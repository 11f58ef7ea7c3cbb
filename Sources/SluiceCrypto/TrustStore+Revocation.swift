import SluiceKit

extension TrustStore {
    /// Judges every certificate of a chain but the authority's own, by our lists and by what the signature carries. Answers with the time, exclusive,
    /// until which the same information goes on to say the same.
    ///
    /// What is revoked later than the time asked for was good then, and counts. Every value that the signature carries must be about
    /// this chain and rightly signed: one that is not is covered by nothing.
    func requireNotRevoked(
        _ chain: [Certificate], _ values: [RevocationValue], isTimeStamper: Bool, at time: Instant
    ) throws(PackageError) -> Int64 {
        var before = Int64.max
        var isUsed = [Bool](repeating: false, count: values.count)
        for (certificate, issuer) in zip(chain, chain.dropFirst()) {
            var evidence: [RevocationPolicy.Evidence] = []
            for list in revocationLists {
                if let found = try? RevocationPolicy.Evidence(list, about: certificate, issuer: issuer) { evidence.append(found) }
            }
            for (index, value) in values.enumerated() {
                guard let found = value.evidence(about: certificate, issuer: issuer, at: time) else { continue }
                evidence.append(found)
                isUsed[index] = true
            }
            before = min(before, try judge(evidence, certificate, isTimeStamper: isTimeStamper, at: time))
        }
        guard !isUsed.contains(false) else {
            throw PackageError(
                .signatureProfile,
                "the signature carries revocation information that no authority of the signer's chain signed, or that is not about the chain; nothing covers it"
            )
        }
        return before
    }

    private func judge(
        _ evidence: [RevocationPolicy.Evidence], _ certificate: Certificate, isTimeStamper: Bool, at time: Instant
    ) throws(PackageError) -> Int64 {
        var before = Int64.max
        var known: [RevocationPolicy.Evidence] = []
        for var item in evidence {
            if case .revoked(let at, let reason) = item.status {
                // RFC 3161, 4: the stamps of a key that was or may be stolen prove nothing, whatever time they state.
                if isTimeStamper, reason.map(Self.isHarmless) != true { throw Self.revoked(certificate, at) }
                if at.seconds > time.seconds {
                    item.status = .good
                    before = min(before, at.seconds)
                }
            }
            // A list made later knows more than one of the time itself, as long as it still names certificates like this one (RFC 5280, 3.3).
            if item.thisUpdate > time, item.thisUpdate <= certificate.notAfter { item.thisUpdate = time }
            known.append(item)
        }
        switch revocationPolicy.verdict(known, at: time) {
        case .good(let until, _): return min(before, until.seconds == .max ? .max : until.seconds + 1)
        case .revoked(let at, _): throw Self.revoked(certificate, at)
        case .unknown(let why):
            guard revocationLists.isEmpty else {
                throw PackageError(.revocationUnknown, "whether '\(certificate.subject)' was revoked cannot be said: \(why)")
            }
            return before
        }
    }

    private static func isHarmless(_ reason: Revocation.Reason) -> Bool {
        switch reason {
        case .affiliationChanged, .superseded, .cessationOfOperation: true
        default: false
        }
    }

    private static func revoked(_ certificate: Certificate, _ at: Instant) -> PackageError {
        PackageError(
            .certificateRevoked,
            "the certificate '\(certificate.subject)' was revoked by its issuer as of \(at.rfc3339); ask the sender for a seal with one that was not")
    }
}
