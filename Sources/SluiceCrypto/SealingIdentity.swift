internal import CLibcrypto
package import SluiceKit

/// The node's own signing key with its certificate: the `EvidenceSigner` that the host hands to seals.
package struct SealingIdentity: EvidenceSigner {
    package let certificate: Certificate
    /// The participant whom the certificate names.
    package let participant: ParticipantID
    /// Certificates between ours and the authority, sent along so that receivers can build the chain.
    package let intermediates: [Certificate]
    let key: PrivateKey

    package init(certificate: Certificate, intermediates: [Certificate] = [], key: PrivateKey) throws(CryptoError) {
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
        self.intermediates = intermediates
        self.key = key
    }

    /// Loads a PEM key file of mode 0600 and a PEM certificate file: ours first, then intermediates, without the authority.
    package init(certificatePath: String, keyPath: String) throws(CryptoError) {
        let certificates = try Certificate.all(path: certificatePath)
        try self.init(certificate: certificates[0], intermediates: Array(certificates.dropFirst()), key: PrivateKey(path: keyPath))
    }

    package var certificateSHA256: SHA256Digest { certificate.sha256 }

    package func detachedCAdES(over content: [UInt8], signingTime time: Instant) throws(PackageError) -> [UInt8] {
        guard certificate.isValid(at: time) else {
            throw PackageError(
                .signingFailed,
                "the sealing certificate of '\(certificate.subject)' is not valid at the signing time: receivers would refuse the package. Renew it")
        }
        let signature = Libcrypto.withPointers(intermediates) { pointers, count in
            Libcrypto.bytes { sluice_pki_cades_sign(certificate.pointer, key.pointer, pointers, count, content, content.count, time.seconds, &$0) }
        }
        guard let signature else { throw PackageError(.signingFailed, "the manifest could not be signed\(Libcrypto.lastWords())") }
        return signature
    }
}
