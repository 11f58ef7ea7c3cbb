/// Where data came from that this node took in, and what they came under. It outlives the data, so that a copy of them is still known by it.
public struct Provenance: Hashable, Sendable {
    public var exchangeID: String
    public var sender: String
    /// SHA-256 (hex) of the payload.
    public var payloadSHA256: String
    /// A keyed code of the observations, whatever their order and spelling; empty where there is none.
    public var contentCode: String
    /// The terms, as a JSON object.
    public var terms: String
    public var storedAt: Instant

    public init(exchangeID: String, sender: String, payloadSHA256: String, contentCode: String, terms: String, storedAt: Instant) {
        self.exchangeID = exchangeID
        self.sender = sender
        self.payloadSHA256 = payloadSHA256
        self.contentCode = contentCode
        self.terms = terms
        self.storedAt = storedAt
    }
}
