/// Why a key, a certificate or a trust store cannot be used: a code for programs, a sentence for the operator who must mend it.
package struct CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case fileUnusable, permissionsTooOpen, limitExceeded
        case keyUnusable, algorithmNotAllowed, certificateUnusable, keyDoesNotMatch, wrongKeyUsage
        case revocationListUnusable, issuingFailed, signingFailed
        case passphraseMissing, passphraseWrong, protectionTooWeak, tokenUnusable, requestUnusable, revocationAnswerUnusable
        case cipherTextDamaged
    }

    package let code: Code
    /// What was found, in which file, and how to mend it; ends with libcrypto's own words where it had any.
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(code.rawValue): \(detail)" }
}
