/// A small question to a partner's node, beside the exchange of packages; with the meaning of HTTP.
public struct TransportQuestion: Hashable, Sendable {
    /// Absolute, without host and query.
    public var path: String
    /// Sent by POST; nil asks by GET.
    public var body: [UInt8]?
    /// Of the body; a transport that signs its requests needs it.
    public var bodySHA256: SHA256Digest?
    public var contentType: String
    /// Largest answer, in bytes.
    public var bytesMax: Int
    /// Longest wait for the whole answer.
    public var secondsMax: Int

    public init(path: String, body: [UInt8]? = nil, bodySHA256: SHA256Digest? = nil, contentType: String = "", bytesMax: Int, secondsMax: Int) {
        self.path = path
        self.body = body
        self.bodySHA256 = bodySHA256
        self.contentType = contentType
        self.bytesMax = bytesMax
        self.secondsMax = secondsMax
    }
}

/// The answer, whatever its status; nothing of it is verified.
public struct TransportAnswer: Hashable, Sendable {
    public var status: Int
    /// With its parameters; empty where there is none.
    public var contentType: String
    public var body: [UInt8]
    public var retryAfterSeconds: Int?

    public init(status: Int, contentType: String, body: [UInt8], retryAfterSeconds: Int? = nil) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.retryAfterSeconds = retryAfterSeconds
    }
}
