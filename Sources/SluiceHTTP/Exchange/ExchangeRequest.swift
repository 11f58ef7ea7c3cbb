internal import HTTPTypes
internal import Hummingbird
internal import SluiceCore
internal import SluiceKit

/// The head of a call, checked: `PUT`, `HEAD` or `PATCH /exchange/v1/packages/{exchangeID}`.
struct ExchangeRequest: Hashable {
    enum Action: Hashable {
        /// `PUT`: the package. With its digest, what arrives before a break can be gone on with.
        case deliver(mediaType: String, digest: SHA256Digest?)
        /// `HEAD`: how much of it is there?
        case ask(ResumableUploads.Announced, SHA256Digest)
        /// `PATCH`: all that is missing, from the offset on.
        case goOn(ResumableUploads.Announced, SHA256Digest, offset: Int)
    }

    static let pathPrefix = "/exchange/v1/packages/"

    let exchangeID: String
    let action: Action
    /// Length of the request's body, as the sender announces it.
    let byteCount: Int

    /// - Parameters:
    ///   - head: of a request that is about a package (`ExchangeResource.package`).
    ///   - mediaTypes: of the packages that the node takes.
    init(_ head: HTTPRequest, mediaTypes: [String], byteCountMax: Int) throws(Problem) {
        exchangeID = String((head.path ?? "").dropFirst(Self.pathPrefix.count))
        // One id has one spelling, so that a repeat is known as one.
        guard UUIDv7(exchangeID) != nil else {
            throw Problem(
                status: 400, code: "exchange-id-malformed", title: "Exchange id malformed",
                detail: "The last part of the path has to be a UUID of version 7 in lower-case hexadecimal, 8-4-4-4-12 digits.")
        }
        switch head.method {
        case .head:
            let (announced, digest) = try Self.announced(head, byteCountMax: byteCountMax)
            action = .ask(announced, digest)
            byteCount = 0
        case .patch:
            _ = try Self.mediaType(head, among: [UploadFields.partialMediaType])
            let (announced, digest) = try Self.announced(head, byteCountMax: byteCountMax)
            let offset = try Self.offset(head)
            byteCount = try Self.contentLength(head, byteCountMax: byteCountMax)
            guard offset <= announced.bytes, byteCount == announced.bytes - offset else {
                throw Problem(
                    status: 400, code: "body-length-wrong", title: "Body length wrong",
                    detail: "One request carries all of the rest: \(UploadFields.offsetName) and Content-Length have to make up \(UploadFields.lengthName).")
            }
            action = .goOn(announced, digest, offset: offset)
        default:
            let mediaType = try Self.mediaType(head, among: mediaTypes)
            byteCount = try Self.contentLength(head, byteCountMax: byteCountMax)
            guard byteCount > 0 else {
                throw Problem(status: 400, code: "package-empty", title: "Package empty", detail: "The request has no body.")
            }
            action = .deliver(mediaType: mediaType, digest: try Self.field(UploadFields.digestName, head, UploadFields.digest))
        }
    }

    private static func mediaType(_ head: HTTPRequest, among mediaTypes: [String]) throws(Problem) -> String {
        let type = head.headerFields[.contentType]?.split(separator: ";", omittingEmptySubsequences: false).first.map(trimmed)?.lowercased()
        guard let type, mediaTypes.contains(type), head.headerFields[.contentEncoding].map({ trimmed($0[...]).lowercased() == "identity" }) ?? true else {
            throw Problem(
                status: 415, code: "media-type-unsupported", title: "Media type not supported",
                detail: "This is sent as \(mediaTypes.joined(separator: " or ")), without a content encoding.")
        }
        return type
    }

    private static func contentLength(_ head: HTTPRequest, byteCountMax: Int) throws(Problem) -> Int {
        guard let text = head.headerFields[.contentLength], text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), !text.isEmpty else {
            throw Problem(
                status: 411, code: "length-required", title: "Length required", detail: "The request has to give Content-Length; chunked bodies are not taken.")
        }
        guard let count = Int(text), count <= byteCountMax else { throw tooLarge(byteCountMax, String(text.prefix(20))) }
        return count
    }

    private static func tooLarge(_ byteCountMax: Int, _ count: String) -> Problem {
        Problem(
            status: 413, code: "package-too-large", title: "Package too large",
            detail: "This node takes packages up to \(byteCountMax) bytes; this one has \(count).")
    }

    // MARK: Fields of uploads that go on

    private static func announced(_ head: HTTPRequest, byteCountMax: Int) throws(Problem) -> (ResumableUploads.Announced, SHA256Digest) {
        guard let count = try field(UploadFields.lengthName, head, UploadFields.byteCount),
            let digest = try field(UploadFields.digestName, head, UploadFields.digest)
        else {
            throw malformed("\(UploadFields.lengthName) and \(UploadFields.digestName) with sha-256 have to say which package is meant")
        }
        guard count > 0 else { throw malformed("\(UploadFields.lengthName): no package is empty") }
        guard count <= byteCountMax else { throw tooLarge(byteCountMax, "\(count)") }
        return (ResumableUploads.Announced(bytes: count, sha256: digest.hex), digest)
    }

    private static func offset(_ head: HTTPRequest) throws(Problem) -> Int {
        guard let offset = try field(UploadFields.offsetName, head, UploadFields.byteCount) else {
            throw malformed("\(UploadFields.offsetName) has to say where the body begins")
        }
        guard try field(UploadFields.completeName, head, UploadFields.flag) == true else {
            throw malformed("\(UploadFields.completeName) has to be ?1: one request carries all of the rest")
        }
        return offset
    }

    /// SHA-256 of the body, where the sender announces it.
    static func digest(_ head: HTTPRequest) throws(Problem) -> SHA256Digest? { try field(UploadFields.digestName, head, UploadFields.digest) }

    private static func field<Value>(
        _ name: String, _ head: HTTPRequest, _ read: ([String]) throws(StructuredField.Malformed) -> Value?
    ) throws(Problem) -> Value? {
        do throws(StructuredField.Malformed) {
            return try read(head.headerFields[values: HTTPField.Name(known: name)])
        } catch {
            throw malformed("\(name): \(error)")
        }
    }

    private static func malformed(_ detail: String) -> Problem {
        Problem(status: 400, code: "field-malformed", title: "Header field malformed", detail: detail)
    }
}

/// Without the optional white space of RFC 9110, section 5.6.3.
private func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
}
