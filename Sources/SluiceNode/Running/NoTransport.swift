internal import SluiceKit

/// In the place of a transport where the node has no TLS certificate: what there is can be read, nothing can be delivered.
struct NoTransport: Transport {
    let reason: String

    var schemes: [String] { [] }

    func deliver(_ package: any PackageBody, exchangeID: String, to endpoint: Endpoint) async throws(TransportError) -> DeliveryAnswer {
        throw TransportError(.inputOutput, detail: reason)
    }

    func close() async {}
}
