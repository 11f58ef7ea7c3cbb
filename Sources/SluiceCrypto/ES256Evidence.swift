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
        let certificates = try Self.certificates(chain)
        let (signer, following) = (certificates[0], Array(certificates.dropFirst()))
        let verdict = Libcrypto.withPointers(following) { pointers, count in
            sluice_pki_trust_check_presented_chain(pointer, signer.pointer, pointers, count, time.seconds)
        }
        guard verdict == SLUICE_PKI_VALID else { throw Self.refusal(verdict) }
        try Self.requireSealing(signer)
        let key: PublicKey
        do throws(CryptoError) {
            key = try signer.publicKey()
        } catch {
            throw PackageError(.algorithmNotAllowed, error.detail)
        }
        guard key.verifiesES256(signature, over: content) else { throw JOSESignature.invalid }
        try requirePlausible(signingTime, signer, at: time)
        guard let identity = signer.identity(claimedSigningTime: signingTime) else {
            throw PackageError(
                .signerUnidentified,
                "the certificate '\(signer.subject)' names no participant: its one common name must be the participant's id, such as AM.MOI")
        }
        return identity
    }

    private static func certificates(_ chain: [[UInt8]]) throws(PackageError) -> [Certificate] {
        guard (1...presentedCertificatesMax).contains(chain.count) else {
            throw PackageError(
                .signatureProfile, "the signature brings \(chain.count) certificates; allowed are 1 to \(presentedCertificatesMax), the signer's first")
        }
        var certificates: [Certificate] = []
        for (place, der) in chain.enumerated() {
            let certificate: Certificate
            do throws(CryptoError) {
                certificate = try Certificate(der: der)
            } catch {
                throw PackageError(.signatureProfile, "certificate \(place + 1) of the signature cannot be read: \(error.detail)")
            }
            // libcrypto reads encodings that DER does not allow; the bytes the signature covers must be the certificate itself.
            guard certificate.der == der else {
                throw PackageError(.signatureProfile, "certificate \(place + 1) of the signature is not DER, or bytes follow it")
            }
            certificates.append(certificate)
        }
        return certificates
    }
}
