internal import HTTPTypes
internal import Hummingbird
internal import SluiceCore

/// The head of a delivery, checked: `PUT /exchange/v1/packages/{exchangeID}`.
struct ExchangeRequest: Hashable {
    static let pathPrefix = "/exchange/v1/packages/"
    var exchangeID: String
    /// Length of the package in bytes, as the sender announces it.
    var byteCount: Int
    /// Which seal the package has.
    var mediaType: String

    /// - Parameter mediaTypes: of the packages that the node takes.
    init(_ head: HTTPRequest, mediaTypes: [String], byteCountMax: Int) throws(Problem) {
        // The path is compared as it was sent: no id needs percent-encoding, so nothing is decoded.
        guard let path = head.path, path.hasPrefix(Self.pathPrefix), !path.dropFirst(Self.pathPrefix.count).contains("/") else {
            throw Problem(
                status: 404, code: "not-found", title: "No such resource", detail: "Packages are delivered by PUT to \(Self.pathPrefix){exchange id}.")
        }
        guard head.method == .put else {
            throw Problem(status: 405, code: "method-not-allowed", title: "Method not allowed", detail: "Packages are delivered by PUT.")
        }
        let id = String(path.dropFirst(Self.pathPrefix.count))
        guard Self.isUUID(id) else {
            throw Problem(
                status: 400, code: "exchange-id-malformed", title: "Exchange id malformed",
                detail: "The last part of the path has to be a UUID in lower-case hexadecimal, 8-4-4-4-12 digits.")
        }
        let type = head.headerFields[.contentType]?.split(separator: ";", omittingEmptySubsequences: false).first.map(trimmed)?.lowercased()
        guard let type, mediaTypes.contains(type), head.headerFields[.contentEncoding].map({ trimmed($0[...]).lowercased() == "identity" }) ?? true else {
            throw Problem(
                status: 415, code: "media-type-unsupported", title: "Media type not supported",
                detail: "A package is sent as \(mediaTypes.joined(separator: " or ")), without a content encoding.")
        }
        guard let text = head.headerFields[.contentLength], text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), !text.isEmpty else {
            throw Problem(
                status: 411, code: "length-required", title: "Length required", detail: "The request has to give Content-Length; chunked bodies are not taken.")
        }
        guard let count = Int(text), count <= byteCountMax else {
            throw Problem(
                status: 413, code: "package-too-large", title: "Package too large",
                detail: "This node takes packages up to \(byteCountMax) bytes; this one has \(text.prefix(20)).")
        }
        guard count > 0 else {
            throw Problem(status: 400, code: "package-empty", title: "Package empty", detail: "The request has no body.")
        }
        exchangeID = id
        byteCount = count
        mediaType = type
    }

    /// A UUID of version 7 (RFC 9562, sections 4 and 5.7), in lower case: one id has one spelling, so that a repeat is known as one.
    static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 36
            && bytes.enumerated().allSatisfy { index, byte in
                switch index {
                case 8, 13, 18, 23: byte == UInt8(ascii: "-")
                case 14: byte == UInt8(ascii: "7")
                default: (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
                }
            }
    }
}

/// Without the optional white space of RFC 9110, section 5.6.3.
private func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
}
