import SluiceKit
import Synchronization
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

    /// Delivers until it is told to end; notes when it is closed.
    private final class Slow: Transport {
        let schemes = ["https"]
        let isClosed = Mutex(false)
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let (ended, end) = AsyncStream<Void>.makeStream()
        private let name: String
        init(_ name: String) { self.name = name }
        func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, to endpoint: Endpoint) async throws(TransportError) -> DeliveryAnswer {
            begin.yield()
            for await _ in ended { break }
            guard !isClosed.withLock({ $0 }) else { throw TransportError(.unreachable, detail: "closed under a delivery") }
            return .receipt(Array(name.utf8))
        }
        func close() async { isClosed.withLock { $0 = true } }
    }

    @Test func aDeliveryEndsWithTheTransportItBeganWithAndThatIsClosedThen() async throws {
        let (first, second) = (Slow("first"), Slow("second"))
        let renewable = RenewableTransport(first)
        @Sendable func deliver() async throws -> DeliveryAnswer {
            try await renewable.deliver(
                MemoryBody([], mediaType: ""), exchangeID: "", sequence: 1, to: Endpoint(participant: ParticipantID("AM.MOI")!, url: "https://x"))
        }
        async let early = deliver()
        for await _ in first.begun { break }
        await renewable.renew(second)
        #expect(!first.isClosed.withLock { $0 })
        second.end.yield()
        #expect(try await deliver() == .receipt(Array("second".utf8)))
        first.end.yield()
        #expect(try await early == .receipt(Array("first".utf8)))
        #expect(first.isClosed.withLock { $0 } && !second.isClosed.withLock { $0 })
        let third = Slow("third")
        await renewable.renew(third)
        #expect(second.isClosed.withLock { $0 }, "nothing was under way")
        await renewable.close()
        #expect(third.isClosed.withLock { $0 })
    }

    @Test func withoutACertificateFoldersAreServedAllTheSame() async throws {
        let none = NoTransport(reason: "the certificate has ended")
        #expect(try await deliver(none, to: "folder:/srv/moi") == .handedOver)
        await #expect(throws: TransportError(.inputOutput, detail: "the certificate has ended")) { try await deliver(none, to: "https://x") }
    }
}
