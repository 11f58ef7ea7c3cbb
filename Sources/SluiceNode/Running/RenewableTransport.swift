internal import SluiceKit
internal import Synchronization

/// A transport whose place another can take while deliveries go on: what is under way ends with the one it began with, which is closed after the last of them.
final class RenewableTransport: Transport {
    private struct Generation {
        var transport: any Transport
        var deliveries = 0
    }
    private struct State {
        var generations: [Int: Generation]
        var newest = 0
    }

    let schemes: [String]
    private let state: Mutex<State>

    init(_ transport: any Transport) {
        schemes = transport.schemes
        state = Mutex(State(generations: [0: Generation(transport: transport)]))
    }

    /// Takes another into use. The one before is closed at once where nothing is under way.
    func renew(_ transport: any Transport) async {
        let idle = state.withLock { state in
            let before = state.newest
            state.newest += 1
            state.generations[state.newest] = Generation(transport: transport)
            return Self.removeIfOver(before, from: &state)
        }
        await idle?.close()
    }

    func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, to endpoint: Endpoint) async throws(TransportError) -> DeliveryAnswer {
        try await lent { (transport) throws(TransportError) in
            try await transport.deliver(package, exchangeID: exchangeID, sequence: sequence, to: endpoint)
        }
    }

    func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, resuming digest: SHA256Digest, to endpoint: Endpoint)
        async throws(TransportError) -> DeliveryAnswer
    {
        try await lent { (transport) throws(TransportError) in
            try await transport.deliver(package, exchangeID: exchangeID, sequence: sequence, resuming: digest, to: endpoint)
        }
    }

    func ask(_ question: TransportQuestion, of endpoint: Endpoint) async throws(TransportError) -> TransportAnswer {
        try await lent { (transport) throws(TransportError) in try await transport.ask(question, of: endpoint) }
    }

    func examine(_ endpoint: Endpoint) async -> Examination {
        let (number, transport) = borrow()
        let examination = await transport.examine(endpoint)
        await giveBack(number)
        return examination
    }

    func close() async {
        let all = state.withLock { state in state.generations.values.map(\.transport) }
        for transport in all { await transport.close() }
    }

    private func lent<Answer>(_ body: (any Transport) async throws(TransportError) -> Answer) async throws(TransportError) -> Answer {
        let (number, transport) = borrow()
        do throws(TransportError) {
            let answer = try await body(transport)
            await giveBack(number)
            return answer
        } catch {
            await giveBack(number)
            throw error
        }
    }

    private func borrow() -> (Int, any Transport) {
        state.withLock { state in
            let number = state.newest
            guard let transport = state.generations[number]?.transport else { preconditionFailure("the newest transport is never taken out") }
            state.generations[number]?.deliveries += 1
            return (number, transport)
        }
    }

    private func giveBack(_ number: Int) async {
        let idle = state.withLock { state in
            state.generations[number]?.deliveries -= 1
            return Self.removeIfOver(number, from: &state)
        }
        await idle?.close()
    }

    private static func removeIfOver(_ number: Int, from state: inout State) -> (any Transport)? {
        guard number != state.newest, state.generations[number]?.deliveries == 0 else { return nil }
        return state.generations.removeValue(forKey: number)?.transport
    }
}
