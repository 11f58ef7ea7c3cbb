internal import CLibcrypto
package import SluiceKit

extension TrustStore {
    /// Checks in the order of what each part rests on: the shape, the time stamp over the signature value, the signer's chain at the time proven by it (else at
    /// the time asked for), and the signature with the key of that chain.
    package func verifyDetachedCAdES(signature: [UInt8], over content: [UInt8], at time: Instant) throws(PackageError) -> SignerIdentity {
        let profile = try CAdESProfile(signature)
        let proven = try provenTime(profile, at: time)
        let judged = proven ?? time
        let signer = try signer(profile, at: judged)
        try profile.requireValid(over: content, key: signer.key)
        try requirePlausible(profile.signingTime, signer.known.certificate, at: judged)
        return signer.identity.signing(at: profile.signingTime, provenAt: proven)
    }

    /// When the signature existed at the latest, if a time stamp proves it.
    private func provenTime(_ profile: CAdESProfile, at time: Instant) throws(PackageError) -> Instant? {
        guard let der = profile.timeStampToken else { return nil }
        guard let timeStamps else {
            throw PackageError(
                .timeStampUntrusted, "the signature has a time stamp, and this node trusts no time-stamping authority; configure the one that the sender uses")
        }
        let token = try TimeStampToken(der)
        guard token.covers(profile.signatureValue) else {
            throw PackageError(.timeStampInvalid, "the time stamp is over another signature than the one it came with")
        }
        try token.requireTrusted(by: timeStamps)
        guard token.generatedAt.seconds - time.seconds <= clockSkewSecondsMax else {
            throw PackageError(.timeStampInvalid, "the time stamp is from \(token.generatedAt.rfc3339), ahead of our clock. Check the clock of this machine")
        }
        return token.provenAt
    }

    private func signer(_ profile: CAdESProfile, at time: Instant) throws(PackageError) -> (known: KnownSigner, identity: SignerIdentity, key: PublicKey) {
        let known = try signer(
            profile.cms, profile.signerCertificate, values: profile.revocationValues, SLUICE_PKI_PURPOSE_SEALING, at: time
        ) { (certificate) throws(PackageError) in
            try Self.requireSealing(certificate)
            guard let identity = certificate.identity(claimedSigningTime: profile.signingTime) else { throw Self.unidentified(certificate) }
            return (identity, try Self.key(of: certificate))
        }
        guard let identity = known.identity, let key = known.key else { throw Self.unidentified(known.certificate) }
        return (known, identity, key)
    }

    /// The authority's certificate that made a token, found right at the token's time.
    func timeStamper(_ cms: CMSSignedData, _ certificate: DERReader.Element, at time: Instant) throws(PackageError) -> Certificate {
        try signer(cms, certificate, values: [], SLUICE_PKI_PURPOSE_TIME_STAMPING, at: time) { _ in (nil, nil) }.certificate
    }

    static func unidentified(_ certificate: Certificate) -> PackageError {
        PackageError(
            .signerUnidentified,
            "the certificate '\(certificate.subject)' names no participant: its one common name must be the participant's id, such as AM.MOI")
    }

    static func key(of certificate: Certificate) throws(PackageError) -> PublicKey {
        do throws(CryptoError) { return try certificate.publicKey() } catch { throw PackageError(.algorithmNotAllowed, error.detail) }
    }

    /// The signer with its chain up to an authority and what is known of revocation; remembered under the digest of all that went into it.
    private func signer(
        _ cms: CMSSignedData, _ signer: DERReader.Element, values: [RevocationValue], _ purpose: sluice_pki_purpose, at time: Instant,
        _ accept: (Certificate) throws(PackageError) -> (SignerIdentity?, PublicKey?)
    ) throws(PackageError) -> KnownSigner {
        let sections = [cms.certificates, [signer], cms.revocations].map { $0.map { cms.bytes[$0.whole] } }
        let digest = KnownSigner.digest("CMS \(purpose.rawValue)", sections)
        if let known = knownSigner(digest, at: time) { return known }
        let chain = try chain(cms, signer, purpose, at: time)
        if purpose == SLUICE_PKI_PURPOSE_SEALING { try Self.requireWithoutAuthority(cms, chain) }
        let (identity, key) = try accept(chain.certificates[0])
        let before = try requireNotRevoked(chain.certificates, values, isTimeStamper: purpose == SLUICE_PKI_PURPOSE_TIME_STAMPING, at: time)
        // An answer was judged with its responder's certificate, whose dates are not among those of the chain: good for this second only.
        let hasAnswer = values.contains(where: \.isAnswer)
        let known = KnownSigner(
            certificate: chain.certificates[0], key: key, identity: identity, after: hasAnswer ? max(chain.after, time.seconds - 1) : chain.after,
            before: min(chain.before, before, hasAnswer ? time.seconds + 1 : .max))
        remember(known, as: digest)
        return known
    }

    struct Chain {
        /// The signer's first, the authority's last; never empty.
        let certificates: [Certificate]
        let after: Int64
        let before: Int64
    }

    /// The authority's certificate adds nothing to what we trust already, and nothing covers it: anyone could put it in or take it out.
    private static func requireWithoutAuthority(_ cms: CMSSignedData, _ chain: Chain) throws(PackageError) {
        guard let authority = chain.certificates.last?.der, !cms.certificates.contains(where: { cms.bytes[$0.whole].elementsEqual(authority) }) else {
            throw PackageError(
                .signatureProfile,
                "the signature carries the certificate of the authority itself; the sender must leave it out and send only those between it and its own")
        }
    }

    private func chain(
        _ cms: CMSSignedData, _ signer: DERReader.Element, _ purpose: sluice_pki_purpose, at time: Instant
    ) throws(PackageError) -> Chain {
        let first = try Self.certificate(cms.bytes[signer.whole])
        var others: [Certificate] = []
        for element in cms.certificates { others.append(try Self.certificate(cms.bytes[element.whole])) }
        return try chain(first, others, purpose, at: time)
    }

    /// The chain from a certificate to a trusted authority; each of the others must be part of it. Says nothing of revocation.
    func chain(_ first: Certificate, _ others: [Certificate], _ purpose: sluice_pki_purpose, at time: Instant) throws(PackageError) -> Chain {
        var found = sluice_pki_chain()
        let verdict = Libcrypto.withPointers(others) { pointers, count in
            sluice_pki_trust_chain(pointer, first.pointer, pointers, count, purpose, time.seconds, &found)
        }
        guard verdict == SLUICE_PKI_VALID else { throw Self.refusal(verdict) }
        let owned = withUnsafeBytes(of: &found.certificates) { Array($0.bindMemory(to: OpaquePointer?.self).prefix(found.count)) }
        var certificates: [Certificate] = []
        var failure: CryptoError?
        for case .some(let pointer) in owned {
            do throws(CryptoError) { certificates.append(try Certificate(owning: pointer)) } catch { failure = error }
        }
        if let failure { throw PackageError(.signerUntrusted, failure.detail) }
        return Chain(certificates: certificates, after: found.after, before: found.before)
    }

    /// libcrypto reads encodings that DER does not allow; the bytes that were signed must be the certificate itself.
    static func certificate(_ der: ArraySlice<UInt8>) throws(PackageError) -> Certificate {
        let bytes = Array(der)
        do throws(CryptoError) {
            let certificate = try Certificate(der: bytes)
            guard certificate.der == bytes else { throw CryptoError(.certificateUnusable, "a certificate is not DER") }
            return certificate
        } catch {
            throw PackageError(.signatureProfile, "a certificate in the signature cannot be read: \(error.detail)")
        }
    }
}
