internal import CLibcrypto
package import SluiceKit

/// A responder's answer about one certificate, whose signature was checked when it was read.
package struct OCSPAnswer: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        case good
        case revoked(Revocation)
        /// The responder does not know the certificate.
        case unknown
    }

    package let status: Status
    package let thisUpdate: Instant
    package let nextUpdate: Instant?
    package let producedAt: Instant
    /// The answer repeats our nonce: it was made for this question.
    package let echoedNonce: Bool

    /// An answer has some kilobytes.
    package static let bytesMax = 64 << 10

    /// Reads the answer to a question; nothing of it is believed unless the certificate's issuer signed it, or a responder that the issuer named
    /// (extended key usage OCSPSigning) whose certificate is valid at `time`.
    package init(_ bytes: [UInt8], to request: OCSPRequest, at time: Instant) throws(CryptoError) {
        guard bytes.count <= Self.bytesMax else { throw CryptoError(.limitExceeded, "the responder's answer is larger than \(Self.bytesMax) bytes") }
        var answer = sluice_pki_ocsp_answer()
        let verdict = sluice_pki_ocsp_read(
            bytes, bytes.count, request.certificate.pointer, request.issuer.pointer, request.nonce, request.nonce.count, time.seconds, &answer)
        guard verdict == SLUICE_PKI_OCSP_READ else { throw Self.refusal(verdict, answer, request) }
        status =
            switch answer.status {
            case SLUICE_PKI_OCSP_GOOD: .good
            case SLUICE_PKI_OCSP_REVOKED: .revoked(Revocation(serial: request.certificate.serial, answer.revocation))
            default: .unknown
            }
        thisUpdate = Instant(seconds: answer.this_update)
        nextUpdate = answer.next_update == .min ? nil : Instant(seconds: answer.next_update)
        producedAt = Instant(seconds: answer.produced_at)
        echoedNonce = answer.echoed_nonce
    }

    private static func refusal(_ verdict: sluice_pki_ocsp_verdict, _ answer: sluice_pki_ocsp_answer, _ request: OCSPRequest) -> CryptoError {
        let about = "the responder's answer about '\(request.certificate.subject)'"
        let words = Libcrypto.lastWords()
        func error(_ text: String) -> CryptoError { CryptoError(.revocationAnswerUnusable, "\(about) \(text)\(words)") }
        return switch verdict {
        case SLUICE_PKI_OCSP_REFUSED: error("is that it does not answer (\(refusals[answer.refusal] ?? "status \(answer.refusal)"))")
        case SLUICE_PKI_OCSP_NONCE_DIFFERS: error("repeats another nonce than ours: it was made for another question")
        case SLUICE_PKI_OCSP_OTHER_CERTIFICATE: error("is about another certificate, or speaks of this one more than once")
        case SLUICE_PKI_OCSP_WEAK_ALGORITHM: error("is signed with a digest other than SHA-2")
        case SLUICE_PKI_OCSP_UNTRUSTED: error("is not signed by the issuer or by a responder that the issuer named")
        default: error("cannot be read")
        }
    }

    /// OCSPResponseStatus (RFC 6960, 4.2.1).
    private static let refusals: [Int32: String] = [
        1: "malformedRequest", 2: "internalError", 3: "tryLater", 5: "sigRequired", 6: "unauthorized: it does not know the issuer or the certificate",
    ]
}
