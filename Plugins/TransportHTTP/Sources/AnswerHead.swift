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

    static let problemMediaType = "application/problem+json"

    let status: Int
    let mediaType: String
    let retryAfterSeconds: Int?
    /// The receiver says where the upload has to go on.
    private let namesOffset: Bool
    /// A receipt has the seal of the package that it answers.
    private let receiptMediaType: String

    init(_ response: HTTPClientResponse, receiptMediaType: String) {
        self.init(
            status: Int(response.status.code), contentType: response.headers.first(name: "Content-Type"),
            retryAfter: response.headers.first(name: "Retry-After"), namesOffset: response.headers.contains(name: UploadFields.offsetName),
            receiptMediaType: receiptMediaType)
    }

    init(status: Int, contentType: String?, retryAfter: String?, namesOffset: Bool = false, receiptMediaType: String) {
        self.status = status
        self.namesOffset = namesOffset
        self.receiptMediaType = receiptMediaType
        mediaType = (contentType ?? "").prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        retryAfterSeconds = retryAfter.flatMap { RetryAfter($0)?.seconds }
    }

    var kind: Kind {
        switch status {
        case 200 where mediaType == receiptMediaType, 422 where mediaType == receiptMediaType: .receipt
        case 200..<400: .failure(.answerMalformed)
        case 429, 503: .busy
        case 408: .failure(.timeout)
        // Of the hop's signature: made anew, or with another setting on either side, it passes. Nothing was recorded there.
        case 401: .failure(.hopSignature)
        // Another offset, or other bytes than were announced: the next attempt asks where to go on.
        case 409 where namesOffset: .failure(.inputOutput)
        // Any other 4xx, a 422 without a receipt among them: the partner will say the same tomorrow.
        case 400..<500: .failure(.rejected)
        // A node that stumbled, or a proxy before it.
        case 500..<600: .failure(.unreachable)
        default: .failure(.answerMalformed)
        }
    }
}
