/// Why something of the participant directory cannot be used or done: a code for programs, words for the steward.
package struct DirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The document cannot be read; the detail names file and line.
        case documentInvalid
        case certificateInvalid
        case limitExceeded
        /// Two people have to be two people.
        case selfApproval, approvedTwice
        case personUnknown, passphraseWrong, roleMissing
        case participantUnknown
        /// The act does not fit the participant's state.
        case stateWrong
        /// The document that was approved is not the one that waits.
        case documentDiffers
        /// A statement of the record is missing, changed or not signed by this node.
        case recordBroken
        /// An agreement is not signed by all it takes, or by somebody who is no party.
        case signatureMissing
        case fileUnusable
    }

    package let code: Code
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(detail) [\(code.rawValue)]" }
}
