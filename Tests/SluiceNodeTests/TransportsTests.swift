import SluiceKit
import Testing

@testable import SluiceNode

@Suite struct TransportsTests {
    /// Says by which scheme it was reached.
    private struct Remote: Transport {
        let schemes = ["https"]
        func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, to endpoint: Endpoint) async throws(TransportError) -> DeliveryAnswer {
            .receipt(Array(endpoint.url.utf8))
        }
        func close() async {}
    }
    private struct Carried: CarriedTransport {
        let schemes = ["folder"]
        func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, to endpoint: Endpoint) async throws(TransportError) -> DeliveryAnswer {
            .handedOver
        }
        func look(at endpoint: Endpoint, limit: Int) throws(TransportError) -> Arrivals { Arrivals() }
        func copy(_ arrival: Arrival, to sink: any ByteSink) throws(TransportError) -> Bool { false }
        func receipt(_ arrival: Arrival) throws(TransportError) -> [UInt8]? { nil }
        func answer(_ receipt: [UInt8], mediaType: String, exchangeID: String, to endpoint: Endpoint) throws(TransportError) {}
        func explain(_ problem: [UInt8], exchangeID: String, to endpoint: Endpoint) throws(TransportError) {}
        func remove(_ arrival: Arrival) throws(TransportError) {}
        func setAside(_ arrival: Arrival) throws(TransportError) {}
        func close() async {}
    }

    private func deliver(_ remote: any Transport, to url: String) async throws(TransportError) -> DeliveryAnswer {
        try await Transports(remote, carried: Carried()).deliver(
            MemoryBody([], mediaType: ""), exchangeID: "", sequence: 1, to: Endpoint(participant: ParticipantID("AM.MOI")!, url: url))
    }

    @Test func anEndpointsSchemeChoosesTheTransport() async throws {
        #expect(try await deliver(Remote(), to: "https://x") == .receipt(Array("https://x".utf8)))
        #expect(try await deliver(Remote(), to: "folder:/srv/moi") == .handedOver)
        let error = await #expect(throws: TransportError.self) { try await deliver(Remote(), to: "pigeon:home") }
        #expect(error?.code == .rejected)
    }

    @Test func withoutACertificateFoldersAreServedAllTheSame() async throws {
        let none = NoTransport(reason: "the certificate has ended")
        #expect(try await deliver(none, to: "folder:/srv/moi") == .handedOver)
        await #expect(throws: TransportError(.inputOutput, detail: "the certificate has ended")) { try await deliver(none, to: "https://x") }
    }
}
