internal import AsyncHTTPClient
internal import NIOHTTP1
internal import SluiceKit

/// What a receiver answers to `HEAD`: how much of a package is there (Docs/ExchangeProtocol.md, "Going on after a break").
enum UploadProgress: Hashable {
    /// Nothing that could be gone on with, or nothing that we understand: the package is sent from its first byte on.
    case nothing
    /// All bytes before this one.
    case upTo(Int)
    case busy(retryAfterSeconds: Int?)
    case failure(TransportError.Code)

    init(_ response: HTTPClientResponse, byteCount: Int) {
        self.init(
            status: Int(response.status.code), offset: response.headers[UploadFields.offsetName], length: response.headers[UploadFields.lengthName],
            isComplete: response.headers[UploadFields.completeName], retryAfter: response.headers.first(name: "Retry-After"), byteCount: byteCount)
    }

    /// - Parameter byteCount: of the whole package.
    init(status: Int, offset: [String], length: [String], isComplete: [String], retryAfter: String?, byteCount: Int) {
        switch status {
        case 204: self = (try? Self.offset(offset, length, isComplete, byteCount)).map { .upTo($0) } ?? .nothing
        case 429, 503: self = .busy(retryAfterSeconds: retryAfter.flatMap { RetryAfter($0)?.seconds })
        case 500..<600: self = .failure(.unreachable)
        // 404 and 405 are foreseen; of anything else the answer to the package says more than one without a body.
        default: self = .nothing
        }
    }

    private static func offset(_ offset: [String], _ length: [String], _ isComplete: [String], _ byteCount: Int) throws -> Int? {
        guard let isComplete = try UploadFields.flag(isComplete), let offset = try UploadFields.byteCount(offset), offset <= byteCount,
            try UploadFields.byteCount(length) ?? byteCount == byteCount
        else { return nil }
        return isComplete ? byteCount : offset
    }
}
