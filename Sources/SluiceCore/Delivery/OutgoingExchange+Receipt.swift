extension OutgoingExchange {
    /// A receipt that has been verified: sealed by the receiver, for this exchange and these very bytes.
    package struct Receipt: Hashable, Sendable {
        package var outcome: ReceiptDocument.Outcome
        package var reasonCode: String
        package var reason: String
        /// SHA-256 (hex) of the whole receipt: what tells the first from another.
        package var digest: String
        package var manifestDigest: String
        package var certificateDigest: String
        package var answeredAt: String
        package var findingsJSON: String

        package init(
            outcome: ReceiptDocument.Outcome, reasonCode: String = "", reason: String = "", digest: String, manifestDigest: String, certificateDigest: String,
            answeredAt: String, findingsJSON: String = "[]"
        ) {
            self.outcome = outcome
            self.reasonCode = reasonCode
            self.reason = reason
            self.digest = digest
            self.manifestDigest = manifestDigest
            self.certificateDigest = certificateDigest
            self.answeredAt = answeredAt
            self.findingsJSON = findingsJSON
        }

        /// A refusal that time alone may lift: one of the two clocks is wrong. It holds neither the id nor the bytes at the receiver.
        package var isForNow: Bool { outcome == .refused && reasonCode == ClockTolerance.aheadCode }
    }
}
