package import SluiceKit

/// The node's own signing key with its certificate: the `EvidenceSigner` that the host hands to seals.
package struct SealingIdentity: EvidenceSigner {
    package let certificate: Certificate
    /// The participant whom the certificate names.
    package let participant: ParticipantID
    /// Certificates between ours and the authority, sent along so that receivers can build the chain; never the authority's own.
    package let intermediates: [Certificate]
    let key: PrivateKey
    /// Whoever proves when a signature was made; nil seals without a time stamp.
    private let timeStamps: (any TimeStampAuthority)?
    /// What the authorities say of our chain now, sealed along so that nobody has to ask them later (CAdES level B-LT).
    package var revocationValues: [RevocationValue] = []
    private let writer: CAdESWriter

    package init(
        certificate: Certificate, intermediates: [Certificate] = [], key: PrivateKey, timeStamps: (any TimeStampAuthority)? = nil
    ) throws(CryptoError) {
        guard certificate.matches(key) else {
            throw CryptoError(.keyDoesNotMatch, "the private key does not belong to the certificate of '\(certificate.subject)'")
        }
        guard certificate.commitsContent else {
            throw CryptoError(
                .wrongKeyUsage, "the certificate of '\(certificate.subject)' is not for sealing: its key usage lacks content commitment (nonRepudiation)")
        }
        guard let participant = certificate.participant else {
            throw CryptoError(
                .certificateUnusable,
                "the certificate of '\(certificate.subject)' names no participant: its one common name must be the participant's id, such as AM.MOI")
        }
        self.participant = participant
        self.certificate = certificate
        self.intermediates = intermediates.filter { !$0.isSigned(by: $0) }
        self.key = key
        self.timeStamps = timeStamps
        writer = try CAdESWriter(signer: certificate, intermediates: self.intermediates)
    }

    /// Loads a PEM key file of mode 0600 and a PEM certificate file: ours first, then intermediates. The authority's may be there and is left out.
    package init(certificatePath: String, keyPath: String, timeStamps: (any TimeStampAuthority)? = nil) throws(CryptoError) {
        let certificates = try Certificate.all(path: certificatePath)
        try self.init(
            certificate: certificates[0], intermediates: Array(certificates.dropFirst()), key: PrivateKey(path: keyPath), timeStamps: timeStamps)
    }

    /// A token over the signature value, if an authority is configured (EN 319 122-1, 5.3).
    private func timeStamp(_ digest: SHA256Digest) throws(PackageError) -> [UInt8]? {
        guard let timeStamps else { return nil }
        let token = try timeStamps.token(for: digest)
        guard try TimeStampToken(token).covers(digest) else {
            throw PackageError(.timeStampInvalid, "the time-stamping authority stamped another signature than ours")
        }
        return token
    }

    package var certificateSHA256: SHA256Digest { certificate.sha256 }

    package func detachedCAdES(over content: [UInt8], signingTime time: Instant) throws(PackageError) -> [UInt8] {
        guard certificate.isValid(at: time) else {
            throw PackageError(
                .signingFailed,
                "the sealing certificate of '\(certificate.subject)' is not valid at the signing time: receivers would refuse the package. Renew it")
        }
        guard let attributes = writer.signedAttributes(contentSHA256: SHA256.hash(content), signingTime: time) else {
            throw PackageError(.signingFailed, "the signing time cannot be written in a signature. Check the clock of this machine")
        }
        let signature: [UInt8]
        do throws(CryptoError) {
            signature = try key.sign(attributes)
        } catch {
            throw PackageError(.signingFailed, error.detail)
        }
        let token = try timeStamp(SHA256.hash(signature))
        return writer.signedData(attributes: attributes, signature: signature, timeStampToken: token, revocationValues: revocationValues)
    }
}
