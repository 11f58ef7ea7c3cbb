internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
package import SluiceKit

/// Asks public servers, by `http:` or `https:` with the system's authorities. Follows no redirect and keeps to a length and a time.
///
/// Plain `http:` is what certificates name for lists and responders, and what most time-stamping authorities serve: their answers are signed.
package enum WebFetcher {
    /// Why nothing usable came.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// One for the process, as long as it lives.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(connectSecondsMax)), decompression: .disabled)
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()
    private static let connectSecondsMax: Int64 = 10

    /// - Parameter body: sent by POST with its type; nil asks by GET.
    package static func fetch(_ url: String, body: [UInt8]? = nil, contentType: String = "", bytesMax: Int, secondsMax: Int) async throws -> [UInt8] {
        let answer = try await ask(url, body: body, contentType: contentType, bytesMax: bytesMax, secondsMax: secondsMax)
        guard answer.status == 200 else { throw Failure(description: "\(url) answered \(answer.status)") }
        return answer.body
    }

    /// The answer, whatever its status.
    package static func ask(_ url: String, body: [UInt8]? = nil, contentType: String = "", bytesMax: Int, secondsMax: Int) async throws -> TransportAnswer {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else { throw Failure(description: "\(url.prefix(200)) is no http: or https: address") }
        var request = HTTPClientRequest(url: url)
        if let body {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: contentType)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        do {
            // The client's own deadline ends with the head of the answer.
            return try await Patience.within(.seconds(secondsMax), orThrow: Failure(description: "\(url) took longer than \(secondsMax) s")) { [request] in
                let response = try await client.execute(request, timeout: .seconds(Int64(secondsMax)))
                let body = Array(try await response.body.collect(upTo: bytesMax).readableBytesView)
                return TransportAnswer(
                    status: Int(response.status.code), contentType: response.headers.first(name: "Content-Type") ?? "", body: body,
                    retryAfterSeconds: response.headers.first(name: "Retry-After").flatMap { Int($0) })
            }
        } catch {
            throw error as? Failure ?? Failure(description: "\(url): \(error)")
        }
    }
}
