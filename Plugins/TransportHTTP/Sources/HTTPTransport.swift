internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
public import SluiceKit

/// Delivers packages by `PUT /exchange/v1/packages/{exchange id}` (the README of this plugin holds the protocol).
///
/// A package is sent in pieces, so memory stays the same whatever its size; a receipt is small by contract.
/// Certificates and key are read once, when it is made; renewed ones take effect with a new transport.
/// Cancelling a delivery closes its connection.
public final class HTTPTransport: Transport {
    public let schemes = ["https"]

    let configuration: HTTPTransportConfiguration
    let partners: PartnerClients
    let tls: TLSConfiguration

    /// - Throws: `TransportError.inputOutput` when a certificate or key file cannot be used; its detail names the file.
    public init(_ configuration: HTTPTransportConfiguration) throws(TransportError) {
        self.configuration = configuration
        tls = try configuration.tlsConfiguration()
        partners = PartnerClients(configuration, tls: tls)
    }

    public func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, to endpoint: Endpoint) async throws(TransportError)
        -> DeliveryAnswer
    {
        let address = try EndpointAddress(endpoint)
        let url = try address.packageURL(exchangeID: exchangeID)
        let client = try await partners.lease(for: endpoint.participant)
        defer { partners.release(endpoint.participant) }

        var request = HTTPClientRequest(url: url)
        request.method = .PUT
        request.headers.add(name: "Content-Type", value: package.mediaType)
        request.headers.add(name: "Accept", value: "\(package.mediaType), \(AnswerHead.problemMediaType)")
        request.body = try RequestPieces.body(of: package)

        do {
            return try await withDeadline(seconds: configuration.deliverySecondsMax) { [request, configuration] in
                let response = try await client.execute(request, deadline: .now() + .seconds(Int64(configuration.deliverySecondsMax)))
                let head = AnswerHead(response, receiptMediaType: package.mediaType)
                switch head.kind {
                case .receipt:
                    return .receipt(try await Self.receipt(response.body, byteCountMax: configuration.receiptBytesMax))
                case .busy:
                    let detail = await ProblemDetail(response, head).text
                    return .busy(retryAfterSeconds: head.retryAfterSeconds, detail: "\(address.name) is busy: \(detail)")
                case .failure(let code):
                    throw TransportError(code, detail: "\(address.name) answered \(head.status): \(await ProblemDetail(response, head).text)")
                }
            }
        } catch {
            throw TransportError(error, at: address)
        }
    }

    private static func receipt(_ body: HTTPClientResponse.Body, byteCountMax: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in body {
            guard bytes.count + piece.readableBytes <= byteCountMax else {
                throw TransportError(.answerMalformed, detail: "the receipt is larger than \(byteCountMax) bytes")
            }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        guard !bytes.isEmpty else { throw TransportError(.answerMalformed, detail: "the answer announces a receipt and holds nothing") }
        return bytes
    }

    public func close() async { await partners.close() }
}

/// Runs `body` and cancels it when the time is over.
private func withDeadline<Result: Sendable>(seconds: Int, _ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: .seconds(seconds))
            throw TransportError(.timeout, detail: "no receipt within \(seconds) seconds")
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw CancellationError() }
        return result
    }
}
