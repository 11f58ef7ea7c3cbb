internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import SluiceCore
internal import SluiceKit

/// The body of an RFC 9457 problem.
private struct ProblemBody: Encodable {
    var type: String
    var title: String
    var status: Int
    var detail: String
    var instance: String
}

extension Problem {
    /// The answer asks the client to give the connection up, for it may still be sending what is not wanted.
    /// - Parameters:
    ///   - allow: what the address takes, said with 405.
    ///   - afterSent: runs when the answer has been handed to the connection.
    func answer(correlationID: String, allow: String?, afterSent: @escaping @Sendable () -> Void) -> ExchangeAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = ProblemBody(type: "urn:sluice:problem:\(code)", title: title, status: status, detail: detail, instance: "urn:uuid:\(correlationID)")
        // Five strings and a number always encode; the empty object is what a client treats as "about:blank".
        let bytes = (try? encoder.encode(body)) ?? Data("{}".utf8)
        var headers: HTTPFields = [
            .contentType: "application/problem+json", .cacheControl: "no-store", .xContentTypeOptions: "nosniff", .connection: "close",
        ]
        if let retryAfterSeconds { headers[.retryAfter] = String(max(0, retryAfterSeconds)) }
        if let uploadOffset { headers[HTTPField.Name(known: UploadFields.offsetName)] = String(uploadOffset) }
        // RFC 9110, 15.5.2.
        if status == 401 { headers[.wwwAuthenticate] = "Signature" }
        if status == 405 { headers[.allow] = allow }
        let sent = ResponseBody(contentLength: bytes.count) { writer in
            try await writer.write(ByteBuffer(bytes: bytes))
            try await writer.finish(nil)
            afterSent()
        }
        return ExchangeAnswer(Response(status: HTTPResponse.Status(code: status), headers: headers, body: sent), content: Array(bytes))
    }
}
