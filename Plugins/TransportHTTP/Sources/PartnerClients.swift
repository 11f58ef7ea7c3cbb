internal import AsyncHTTPClient
internal import NIOCore
internal import NIOSSL
internal import SluiceKit
internal import Synchronization

/// One HTTP client per partner. They cannot share one: a connection belongs to the partner whose certificate was asked for when it was made.
final class PartnerClients: Sendable {
    private struct Entry {
        var client: HTTPClient
        /// Deliveries counted when it was last used; the smallest is the longest unused.
        var lastUse: Int
        var deliveriesUnderWay = 0
    }
    private struct State {
        var entries: [ParticipantID: Entry] = [:]
        var uses = 0
        var isClosed = false
    }

    private let configuration: HTTPTransportConfiguration
    private let tls: TLSConfiguration
    private let state = Mutex(State())

    init(_ configuration: HTTPTransportConfiguration, tls: TLSConfiguration) {
        self.configuration = configuration
        self.tls = tls
    }

    /// Whoever drops the transport without closing it (an error on the way) leaves no connection behind.
    deinit {
        for client in takeAll() { client.shutdown { _ in } }
    }

    /// The partner's client; `release` gives it back. A client in use is never closed to make room, so there can be more than `partnersMax` for a while.
    func lease(for participant: ParticipantID) async throws(TransportError) -> HTTPClient {
        enum Outcome {
            case ready(HTTPClient, evicted: HTTPClient?)
            case closed
        }
        let outcome = state.withLock { state -> Outcome in
            guard !state.isClosed else { return .closed }
            state.uses += 1
            if var entry = state.entries[participant] {
                entry.lastUse = state.uses
                entry.deliveriesUnderWay += 1
                state.entries[participant] = entry
                return .ready(entry.client, evicted: nil)
            }
            var evicted: HTTPClient?
            if state.entries.count >= max(1, configuration.partnersMax) {
                let idle = state.entries.filter { $0.value.deliveriesUnderWay == 0 }
                if let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse })?.key { evicted = state.entries.removeValue(forKey: oldest)?.client }
            }
            let client = makeClient(for: participant)
            state.entries[participant] = Entry(client: client, lastUse: state.uses, deliveriesUnderWay: 1)
            return .ready(client, evicted: evicted)
        }
        guard case .ready(let client, let evicted) = outcome else { throw TransportError(.unreachable, detail: "the transport is closed") }
        try? await evicted?.shutdown()
        return client
    }

    func release(_ participant: ParticipantID) {
        state.withLock { $0.entries[participant]?.deliveriesUnderWay -= 1 }
    }

    func close() async {
        for client in takeAll() { try? await client.shutdown() }
    }

    /// Every client there is; from now on none is given out.
    private func takeAll() -> [HTTPClient] {
        state.withLock { state in
            state.isClosed = true
            defer { state.entries = [:] }
            return state.entries.values.map(\.client)
        }
    }

    private func makeClient(for participant: ParticipantID) -> HTTPClient {
        var client = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(
                connect: .seconds(Int64(configuration.connectSecondsMax)), read: .seconds(Int64(configuration.silenceSecondsMax)),
                write: .seconds(Int64(configuration.silenceSecondsMax))),
            decompression: .disabled)
        client.httpVersion = .http1Only
        // The node's own dispatcher tries again, with its own patience; trying here as well would hide the reason.
        client.connectionPool.retryConnectionEstablishment = false
        client.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.connectionsPerPartnerMax
        // Runs on every new connection, after the handshake and before the first request: nothing is sent to another participant.
        client.http1_1ConnectionDebugInitializer = { [configuration] channel in
            channel.nioSSL_peerCertificate().flatMapThrowing { certificate in
                let named = try certificate?.toDERBytes()
                let found = named.flatMap(configuration.participantOfCertificate)
                guard found == participant else {
                    channel.close(promise: nil)
                    throw TransportError(
                        .notTrusted, detail: "the certificate at the endpoint of \(participant) names \(found?.rawValue ?? "no participant"); nothing was sent")
                }
            }
        }
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: client)
    }
}
