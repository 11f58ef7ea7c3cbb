internal import CLibcrypto
package import SluiceKit

extension SealingIdentity {
    package func es256(over content: [UInt8]) throws(PackageError) -> [UInt8] {
        do throws(CryptoError) {
            return try key.es256(over: content)
        } catch {
            throw PackageError(.signingFailed, error.detail)
        }
    }

    package var certificateChainDER: [[UInt8]] { [certificate.der] + intermediates.map(\.der) }
}

extension TrustStore {
    /// The signer and intermediates; more is not a chain.
    package static let presentedCertificatesMax = CAdESProfile.certificatesMax

    package func verifyES256(
        signature: [UInt8], over content: [UInt8], chain: [[UInt8]], signingTime: Instant, at time: Instant
    ) throws(PackageError) -> SignerIdentity {
        let signer = try signer(chain, at: time)
        guard let identity = signer.identity, let key = signer.key else { throw Self.unidentified(signer.certificate) }
        guard key.verifiesES256(signature, over: content) else { throw JOSESignature.invalid }
        try requirePlausible(signingTime, signer.certificate, at: time)
        return identity.signing(at: signingTime, provenAt: nil)
    }

    /// Whose the first of these certificates is, and its key: one for sealing that leads to an authority at the time, through the others in their order.
    package func sealer(_ presented: [[UInt8]], at time: Instant) throws(PackageError) -> (identity: SignerIdentity, key: PublicKey) {
        let signer = try signer(presented, at: time)
        guard let identity = signer.identity, let key = signer.key else { throw Self.unidentified(signer.certificate) }
        return (identity.signing(at: time, provenAt: nil), key)
    }

    private func signer(_ presented: [[UInt8]], at time: Instant) throws(PackageError) -> KnownSigner {
        guard (1...Self.presentedCertificatesMax).contains(presented.count) else {
            throw PackageError(
                .signatureProfile, "the signature brings \(presented.count) certificates; allowed are 1 to \(Self.presentedCertificatesMax), the signer's first"
            )
        }
        let digest = KnownSigner.digest("x5c", [presented.map { $0[...] }])
        if let known = knownSigner(digest, at: time) { return known }
        var certificates: [Certificate] = []
        for der in presented { certificates.append(try Self.certificate(der[...])) }
        let chain = try chain(certificates[0], Array(certificates.dropFirst()), SLUICE_PKI_PURPOSE_SEALING, at: time)
        // RFC 7515, 4.1.6: each certified by the next.
        guard certificates.count <= chain.certificates.count, zip(certificates, chain.certificates).allSatisfy({ $0.der == $1.der }) else {
            throw PackageError(.signatureProfile, "the signature's certificates are not in the order of the chain, or one is there twice")
        }
        let certificate = chain.certificates[0]
        try Self.requireSealing(certificate)
        guard let identity = certificate.identity(claimedSigningTime: certificate.notBefore) else { throw Self.unidentified(certificate) }
        let key = try Self.key(of: certificate)
        let before = try requireNotRevoked(chain.certificates, [], isTimeStamper: false, at: time)
        let signer = KnownSigner(certificate: certificate, key: key, identity: identity, after: chain.after, before: min(chain.before, before))
        remember(signer, as: digest)
        return signer
    }
}
