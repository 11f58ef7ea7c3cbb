internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
public import SluiceKit

/// Delivers packages by `PUT /exchange/v1/packages/{exchange id}`, and goes on with long ones after a break by `HEAD` and `PATCH`
/// (the README of this plugin holds the protocol).
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
        var digest: SHA256Digest?
        // A signature vouches for the package by its digest.
        if let hop = configuration.hop, hop.signs {
            digest = package.sha256
            guard digest != nil else { throw TransportError(.inputOutput, detail: "the package's digest is not known, so the request cannot be signed") }
        }
        return try await send(
            Call(package: package, digest: digest, url: url, address: address, participant: endpoint.participant, client: client), from: 0)
    }

    public func deliver(
        _ package: any PackageBody, exchangeID: String, sequence: Int64, resuming digest: SHA256Digest, to endpoint: Endpoint
    ) async throws(TransportError) -> DeliveryAnswer {
        let address = try EndpointAddress(endpoint)
        let url = try address.packageURL(exchangeID: exchangeID)
        let client = try await partners.lease(for: endpoint.participant)
        defer { partners.release(endpoint.participant) }
        let call = Call(package: package, digest: digest, url: url, address: address, participant: endpoint.participant, client: client)
        let start: Int
        switch try await progress(of: call, digest) {
        case .nothing: start = 0
        case .upTo(let offset): start = offset
        case .busy(let seconds): return .busy(retryAfterSeconds: seconds, detail: "\(address.name) is busy")
        case .failure(let code): throw TransportError(code, detail: "\(address.name) cannot say how much of the package it has")
        }
        do throws(TransportError) {
            return try await send(call, from: start)
        } catch {
            throw await broken(error, call, digest, from: start)
        }
    }

    /// One delivery, and whose it is.
    private struct Call: Sendable {
        let package: any PackageBody
        /// Of the package, when the receiver may keep a part of it.
        let digest: SHA256Digest?
        let url: String
        let address: EndpointAddress
        let participant: ParticipantID
        let client: HTTPClient
    }

    /// Sends the package, or what is missing of it, and reads the answer.
    private func send(_ call: Call, from start: Int) async throws(TransportError) -> DeliveryAnswer {
        let package = call.package
        var request = HTTPClientRequest(url: call.url)
        request.headers.add(name: "Accept", value: "\(package.mediaType), \(AnswerHead.problemMediaType)")
        if let digest = call.digest { request.headers.add(name: UploadFields.digestName, value: UploadFields.text(digest)) }
        if start == 0 {
            request.method = .PUT
            request.headers.add(name: "Content-Type", value: package.mediaType)
        } else {
            request.method = .PATCH
            request.headers.add(name: "Content-Type", value: UploadFields.partialMediaType)
            request.headers.add(name: UploadFields.offsetName, value: "\(start)")
            request.headers.add(name: UploadFields.lengthName, value: "\(package.byteCount)")
            request.headers.add(name: UploadFields.completeName, value: UploadFields.text(true))
        }
        request.body = try RequestPieces.body(of: package, from: start)
        let signed = try await signed(request, contentLength: package.byteCount - start, to: call.participant, call.address)

        do {
            let late = TransportError(.timeout, detail: "no receipt within \(configuration.deliverySecondsMax) seconds")
            return try await Patience.within(.seconds(configuration.deliverySecondsMax), orThrow: late) { [self] in
                let response = try await call.client.execute(signed.request, deadline: .now() + .seconds(Int64(configuration.deliverySecondsMax)))
                let head = AnswerHead(response, receiptMediaType: package.mediaType)
                if head.kind == .receipt {
                    let receipt = try await content(of: response, to: signed, bytesMax: configuration.receiptBytesMax).bytes
                    guard !receipt.isEmpty else { throw TransportError(.answerMalformed, detail: "the answer announces a receipt and holds nothing") }
                    return .receipt(receipt)
                }
                let problem = try await problem(response, head, to: signed)
                if case .failure(let code) = head.kind {
                    throw TransportError(code, detail: "\(call.address.name) answered \(head.status): \(problem.text)")
                }
                return .busy(retryAfterSeconds: head.retryAfterSeconds, detail: "\(call.address.name) is busy: \(problem.text)")
            }
        } catch {
            throw TransportError(error, at: call.address)
        }
    }

    /// Asks how much of the package the receiver has.
    private func progress(of call: Call, _ digest: SHA256Digest) async throws(TransportError) -> UploadProgress {
        var request = HTTPClientRequest(url: call.url)
        request.method = .HEAD
        request.headers.add(name: UploadFields.lengthName, value: "\(call.package.byteCount)")
        request.headers.add(name: UploadFields.digestName, value: UploadFields.text(digest))
        let signed = try await signed(request, contentLength: nil, to: call.participant, call.address)
        do {
            let response = try await call.client.execute(signed.request, deadline: .now() + .seconds(Int64(configuration.askSecondsMax)))
            _ = try await content(of: response, to: signed, bytesMax: ProblemDetail.bodyBytesMax)
            return UploadProgress(response, byteCount: call.package.byteCount)
        } catch {
            throw TransportError(error, at: call.address)
        }
    }

    /// A delivery that another try can help, with what it brought: the receiver is asked once more, for nobody else knows what it kept.
    private func broken(_ failure: TransportError, _ call: Call, _ digest: SHA256Digest, from start: Int) async -> TransportError {
        var failure = failure
        guard failure.isTransient, !Task.isCancelled, case .upTo(let offset)? = try? await progress(of: call, digest) else { return failure }
        failure.bytesGained = max(0, offset - start)
        return failure
    }

    public func close() async { await partners.close() }
}
