/// Why a message's signature could not be made or is not accepted: a code for programs, a sentence for people.
package struct HTTPSignatureError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        // What the fields say
        case signatureMissing, fieldMalformed, labelRepeated, parameterMissing, parameterNotAllowed, algorithmNotAllowed
        // What is covered
        case componentRepeated, componentUnsupported, componentMissing, componentNotCovered
        // When
        case notYetValid, expired, windowTooLong, nonceRepeated, limitExceeded
        // Who, and whether it fits
        case keyUnknown, keyNotTrusted, receiverWrong, signatureInvalid, digestMissing, digestMismatch
        // Our own side
        case signingFailed
    }

    package let code: Code
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(code.rawValue): \(detail)" }
}
