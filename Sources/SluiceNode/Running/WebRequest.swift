package import SluiceKit

/// One question to a public server: a time-stamping authority, a revocation list, an OCSP responder. What comes back is signed and judged by its reader.
package struct WebRequest: Hashable, Sendable {
    package var url: String
    /// Sent by POST; nil asks by GET.
    package var body: [UInt8]?
    package var contentType: String
    /// Largest answer, in bytes.
    package var bytesMax: Int
    /// Longest wait for the whole answer.
    package var secondsMax: Int

    package init(url: String, body: [UInt8]? = nil, contentType: String = "", bytesMax: Int, secondsMax: Int) {
        self.url = url
        self.body = body
        self.contentType = contentType
        self.bytesMax = bytesMax
        self.secondsMax = secondsMax
    }
}

/// Carries a question and brings the answer's body; throws for anything but 200.
package typealias WebFetch = @Sendable (WebRequest) async throws -> [UInt8]

/// Carries a question and brings the answer, whatever its status.
package typealias WebAsk = @Sendable (WebRequest) async throws -> TransportAnswer
