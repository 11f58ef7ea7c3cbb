extension OutgoingExchange {
    /// A receipt that has been verified: sealed by the receiver, for this exchange and these very bytes.
    package struct Receipt: Hashable, Sendable {
        package var outcome: ReceiptDocument.Outcome
        package var reasonCode: String
        package var reason: String
        /// Where the file lies, relative to the node's data folder. Named after the digest of its bytes, so that one receipt has one path
        /// and another receipt never overwrites it.
        package var path: String
        package var manifestDigest: String
        package var certificateDigest: String
        package var answeredAt: String
        package var findingsJSON: String

        package init(
            outcome: ReceiptDocument.Outcome, reasonCode: String = "", reason: String = "", path: String, manifestDigest: String, certificateDigest: String,
            answeredAt: String, findingsJSON: String = "[]"
        ) {
            self.outcome = outcome
            self.reasonCode = reasonCode
            self.reason = reason
            self.path = path
            self.manifestDigest = manifestDigest
            self.certificateDigest = certificateDigest
            self.answeredAt = answeredAt
            self.findingsJSON = findingsJSON
        }

        /// A refusal that time alone may lift: one of the two clocks is wrong. It holds neither the id nor the bytes at the receiver.
        package var isForNow: Bool { outcome == .refused && reasonCode == ClockTolerance.aheadCode }
    }
}
