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
    }
    private struct State {
        var entries: [ParticipantID: Entry] = [:]
        var uses = 0
        var isClosed = false
        /// Why a partner's last certificate was not taken.
        var mistrusts: [ParticipantID: TransportError] = [:]
    }

    private let configuration: HTTPTransportConfiguration
    private let tls: TLSConfiguration
    private let state = Mutex(State())

    init(_ configuration: HTTPTransportConfiguration, tls: TLSConfiguration) {
        self.configuration = configuration
        self.tls = tls
    }

    func client(for participant: ParticipantID) async throws(TransportError) -> HTTPClient {
        enum Outcome {
            case ready(HTTPClient, evicted: HTTPClient?)
            case closed
        }
        let outcome = state.withLock { state -> Outcome in
            guard !state.isClosed else { return .closed }
            state.uses += 1
            state.mistrusts[participant] = nil
            if let client = state.entries[participant]?.client {
                state.entries[participant]?.lastUse = state.uses
                return .ready(client, evicted: nil)
            }
            var evicted: HTTPClient?
            if state.entries.count >= max(1, configuration.partnersMax), let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key {
                evicted = state.entries.removeValue(forKey: oldest)?.client
            }
            let client = makeClient(for: participant)
            state.entries[participant] = Entry(client: client, lastUse: state.uses)
            return .ready(client, evicted: evicted)
        }
        guard case .ready(let client, let evicted) = outcome else { throw TransportError(.unreachable, detail: "the transport is closed") }
        try? await evicted?.shutdown()
        return client
    }

    /// The reason, once, if the partner's certificate was the reason that the last delivery failed.
    func mistrust(of participant: ParticipantID) -> TransportError? {
        state.withLock { $0.mistrusts.removeValue(forKey: participant) }
    }

    func close() async {
        let clients = state.withLock { state -> [HTTPClient] in
            state.isClosed = true
            defer { state.entries = [:] }
            return state.entries.values.map(\.client)
        }
        for client in clients { try? await client.shutdown() }
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
        // Runs on every new connection, after the handshake and before the first request: nothing is sent to another participant.
        client.http1_1ConnectionDebugInitializer = { [weak self, configuration] channel in
            let report = { @Sendable [weak self] (mistrust: TransportError) -> Void in self?.state.withLock { $0.mistrusts[participant] = mistrust } }
            return channel.nioSSL_peerCertificate().flatMapThrowing { certificate in
                let named = try certificate?.toDERBytes()
                let found = named.flatMap(configuration.participantOfCertificate)
                guard found == participant else {
                    channel.close(promise: nil)
                    let mistrust = TransportError(
                        .notTrusted, detail: "the certificate at the endpoint of \(participant) names \(found?.rawValue ?? "no participant"); nothing was sent")
                    report(mistrust)
                    throw mistrust
                }
            }
        }
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: client)
    }
}
