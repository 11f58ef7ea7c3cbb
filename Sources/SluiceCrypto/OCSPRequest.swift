internal import CLibcrypto
internal import SluiceKit

/// A question to a responder about one certificate (RFC 6960). The caller carries it: POST, `application/ocsp-request`.
package struct OCSPRequest: Sendable {
    package let certificate: Certificate
    package let issuer: Certificate
    package let nonce: [UInt8]
    /// The bytes to send.
    package let der: [UInt8]

    /// What names the certificate in the question. SHA-1 is an identifier here and no signature; some responders know nothing else (RFC 5019).
    package enum Identifier: Hashable, Sendable {
        case sha256, sha1
    }

    /// - Parameter nonce: random bytes that the answer has to repeat if it repeats any; empty for responders that answer from a cache.
    package init(
        _ certificate: Certificate, issuer: Certificate, identifier: Identifier = .sha256, nonce: [UInt8] = SecureRandom.bytes(32)
    ) throws(CryptoError) {
        guard
            let der = Libcrypto.bytes({
                sluice_pki_ocsp_request(certificate.pointer, issuer.pointer, identifier == .sha1, nonce, nonce.count, &$0)
            })
        else { throw CryptoError(.revocationAnswerUnusable, "no question to the responder could be made\(Libcrypto.lastWords())") }
        (self.certificate, self.issuer, self.nonce, self.der) = (certificate, issuer, nonce, der)
    }
}
