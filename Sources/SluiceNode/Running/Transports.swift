package import SluiceKit

/// The node's transports; an endpoint's scheme chooses one.
package struct Transports: Transport {
    /// The one whose packages are carried: nothing calls the node for them, it looks for them.
    package let carried: any CarriedTransport
    private let all: [any Transport]

    package var schemes: [String] { all.flatMap(\.schemes) }

    package init(_ transport: any Transport, carried: any CarriedTransport) {
        self.carried = carried
        all = [transport, carried]
    }

    /// Whether what goes there is handed over, and its receipt comes by itself.
    package func carries(to endpoint: Endpoint) -> Bool { carried.schemes.contains(endpoint.scheme) }

    package func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, to endpoint: Endpoint) async throws(TransportError)
        -> DeliveryAnswer
    {
        try await transport(to: endpoint).deliver(package, exchangeID: exchangeID, sequence: sequence, to: endpoint)
    }

    package func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, resuming digest: SHA256Digest, to endpoint: Endpoint)
        async throws(TransportError) -> DeliveryAnswer
    {
        try await transport(to: endpoint).deliver(package, exchangeID: exchangeID, sequence: sequence, resuming: digest, to: endpoint)
    }

    package func ask(_ question: TransportQuestion, of endpoint: Endpoint) async throws(TransportError) -> TransportAnswer {
        try await transport(to: endpoint).ask(question, of: endpoint)
    }

    private func transport(to endpoint: Endpoint) throws(TransportError) -> any Transport {
        for transport in all where transport.schemes.contains(endpoint.scheme) { return transport }
        throw TransportError(.rejected, detail: "no transport of this build serves the endpoint of \(endpoint.participant)")
    }

    package func examine(_ endpoint: Endpoint) async -> Examination {
        do throws(TransportError) { return await (try transport(to: endpoint)).examine(endpoint) } catch {
            var examination = Examination()
            examination.steps.append(.init("endpoint", isPassed: false, error.detail))
            return examination
        }
    }

    package func close() async { for transport in all { await transport.close() } }
}
