internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
public import SluiceKit

extension HTTPTransport {
    /// Asks over the same connections, with the same certificates and signatures, as deliveries go.
    public func ask(_ question: TransportQuestion, of endpoint: Endpoint) async throws(TransportError) -> TransportAnswer {
        let address = try EndpointAddress(endpoint)
        let client = try await partners.lease(for: endpoint.participant)
        defer { partners.release(endpoint.participant) }
        var request = HTTPClientRequest(url: address.url(path: question.path))
        if let body = question.body {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: question.contentType)
            if let digest = question.bodySHA256 { request.headers.add(name: UploadFields.digestName, value: UploadFields.text(digest)) }
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let call = try await signed(request, contentLength: question.body?.count, to: endpoint.participant, address)
        do {
            let late = TransportError(.timeout, detail: "\(address.name) gave no answer within \(question.secondsMax) seconds")
            return try await Patience.within(.seconds(question.secondsMax), orThrow: late) { [self] in
                let response = try await client.execute(call.request, deadline: .now() + .seconds(Int64(question.secondsMax)))
                let content = try await content(of: response, to: call, bytesMax: question.bytesMax)
                return TransportAnswer(
                    status: Int(response.status.code), contentType: response.headers.first(name: "Content-Type") ?? "", body: content.bytes,
                    retryAfterSeconds: response.headers.first(name: "Retry-After").flatMap { RetryAfter($0)?.seconds })
            }
        } catch {
            throw TransportError(error, at: address)
        }
    }
}
