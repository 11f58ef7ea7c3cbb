internal import AsyncHTTPClient
internal import NIOHTTP1
internal import SluiceKit

/// What the status and the header fields of an answer say.
struct AnswerHead: Hashable {
    enum Kind: Hashable {
        case receipt
        case busy
        case failure(TransportError.Code)
    }

    static let packageMediaType = "application/vnd.etsi.asic-e+zip"
    static let problemMediaType = "application/problem+json"

    let status: Int
    let mediaType: String
    let retryAfterSeconds: Int?

    init(_ response: HTTPClientResponse) {
        self.init(
            status: Int(response.status.code), contentType: response.headers.first(name: "Content-Type"),
            retryAfter: response.headers.first(name: "Retry-After"))
    }

    init(status: Int, contentType: String?, retryAfter: String?) {
        self.status = status
        mediaType = (contentType ?? "").prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        retryAfterSeconds = retryAfter.flatMap { RetryAfter($0)?.seconds }
    }

    var kind: Kind {
        switch status {
        case 200 where mediaType == Self.packageMediaType, 422 where mediaType == Self.packageMediaType: .receipt
        case 200..<400: .failure(.answerMalformed)
        case 429, 503: .busy
        case 408: .failure(.timeout)
        // Any other 4xx, a 422 without a receipt among them: the partner will say the same tomorrow.
        case 400..<500: .failure(.rejected)
        // A node that stumbled, or a proxy before it.
        case 500..<600: .failure(.unreachable)
        default: .failure(.answerMalformed)
        }
    }
}
