internal import SluiceKit

/// In the place of the transport over HTTPS where the node has no TLS certificate: what there is can be read, nothing can be delivered that way.
struct NoTransport: Transport {
    let reason: String

    var schemes: [String] { ["https"] }

    func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, to endpoint: Endpoint) async throws(TransportError) -> DeliveryAnswer {
        throw TransportError(.inputOutput, detail: reason)
    }

    func examine(_ endpoint: Endpoint) async -> Examination {
        var examination = Examination()
        examination.steps.append(.init("tls", isPassed: false, reason))
        return examination
    }

    func close() async {}
}
