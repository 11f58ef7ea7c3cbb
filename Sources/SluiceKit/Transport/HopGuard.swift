/// Signs and verifies the HTTP messages of one hop between two nodes (Docs/ExchangeProtocol.md, "Hop signatures").
///
/// The node gives it to both ends of its connections, so that neither knows a key, a certificate or a partner.
package protocol HopGuard: Sendable {
    /// Whether this node signs its requests and answers.
    var signs: Bool { get }
    /// Whether a message without a signature is refused.
    var demands: Bool { get }

    /// The lines to add to a request of ours.
    func lines(for request: HopRequest, to receiver: ParticipantID) async throws(HopFault) -> [HTTPFieldLine]
    /// Judges the answer to a request of ours.
    /// - Returns: whether it is signed.
    func check(_ answer: HopAnswer, to request: HopRequest, from receiver: ParticipantID) async throws(HopFault) -> Bool

    /// Judges a request of a partner, before anything is done about it. Each signed request is admitted once.
    func check(_ request: HopRequest, from sender: ParticipantID) async throws(HopFault)
    /// The lines to add to an answer of ours.
    func lines(for answer: HopAnswer, to request: HopRequest) async throws(HopFault) -> [HTTPFieldLine]
}

/// An answer with the content that belongs to it; an answer to `HEAD` has none.
package struct HopAnswer: Hashable, Sendable {
    package var status: Int
    package var fields: [HTTPFieldLine]
    package var content: [UInt8]

    package init(status: Int, fields: [HTTPFieldLine], content: [UInt8]) {
        self.status = status
        self.fields = fields
        self.content = content
    }
}

/// Why a message of the hop is not taken, or could not be signed.
package struct HopFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// There is no signature, and there has to be one.
        case missing
        /// The signature that is there does not count.
        case wrong
        /// It comes from nobody that this node exchanges with.
        case stranger
        /// More messages than are remembered; later there is room again.
        case overLimit
        /// A key or a piece of knowledge of this node's own is missing: nothing is decided about the message.
        case ownTrouble
    }
    package var kind: Kind
    /// Stable: `hop.<reason>`; of trouble `seal.<reason>`.
    package var code: String
    package var detail: String

    package init(_ kind: Kind, code: String, _ detail: String) {
        self.kind = kind
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(detail) [\(code)]" }
}

/// The header fields of hop signatures: two of RFC 9421, two of our own.
package enum HopFields {
    package static let inputName = "Signature-Input"
    package static let signatureName = "Signature"
    /// The participant that a request is meant for; another one refuses it.
    package static let receiverName = "Sluice-Receiver"
    /// The sealing certificate and those between it and its authority, a list of byte sequences (DER), the signer's first.
    package static let certificatesName = "Sluice-Certificates"
}
