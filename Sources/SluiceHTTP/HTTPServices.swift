internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
package import Logging
package import ServiceLifecycle
package import SluiceCore

/// The node's two listeners, ready to run, and the ports they get.
package struct HTTPServices: Sendable {
    /// What the node's service group runs; shutting down gracefully lets requests under way end.
    package let services: [any Service]
    /// Known once the listener is bound; with port 0 in the configuration the system chooses. nil without an exchange endpoint.
    package let exchangePort: BoundPort?
    package let inspectionPort: BoundPort
    /// Of the exchange endpoint, for the day on which another takes its place.
    package let exchangeCertificate: ListenerCertificate?
}

/// Puts the two HTTP listeners before a node: `/exchange/v1` for partners (mutual TLS), and health, metrics, ledger and console for its own people.
///
/// They are apart because their readers are: partners prove who they are with a certificate, which browsers and monitoring do not have.
/// Certificates, keys and templates are read here, so that a mistake in them shows before anything is bound.
/// - Parameter exchange: nil for a node to which nobody delivers over HTTPS.
package func httpServices(
    exchange: ExchangeListener?, inspection: InspectionListener, inbound: any InboundService, uploads: PartialUploads, node: any NodeFace, logger: Logger
) throws(ListenerError) -> HTTPServices {
    let tally = ExchangeTally()
    let inspectionPort = BoundPort()
    let inspectionApplication = Application(
        responder: try InspectionRoutes(listener: inspection, node: node, tally: tally, logger: logger).responder(),
        server: .http1(
            configuration: HTTP1Channel.Configuration(
                idleTimeout: .seconds(Int64(inspection.idleSecondsMax)), httpDecoderConfiguration: .limited(to: inspection.headerBytesMax))),
        configuration: ApplicationConfiguration(
            address: .hostname(inspection.host, port: inspection.port), availableConnectionsDelegate: .maximum(inspection.connectionsMax, logger: logger)),
        onServerRunning: { inspectionPort.bound(to: $0.localAddress?.port) },
        logger: logger)
    let inspectionService = ListenerService(application: inspectionApplication, address: "\(inspection.host):\(inspection.port)", port: inspectionPort)
    guard let exchange else { return HTTPServices(services: [inspectionService], exchangePort: nil, inspectionPort: inspectionPort, exchangeCertificate: nil) }
    let exchangePort = BoundPort()
    let certificate = try ListenerCertificate(exchange)
    let channel = HTTP1Channel.Configuration(
        idleTimeout: .seconds(Int64(exchange.idleSecondsMax)), httpDecoderConfiguration: .limited(to: exchange.headerBytesMax))
    let exchangeApplication = Application(
        responder: ExchangeResponder(inbound: inbound, uploads: uploads, listener: exchange, tally: tally, logger: logger),
        server: HTTPServerBuilder { responder in
            RenewableTLSChannel(base: HTTP1Channel(responder: responder, configuration: channel), certificate: certificate)
        },
        configuration: ApplicationConfiguration(
            address: .hostname(exchange.host, port: exchange.port), availableConnectionsDelegate: .maximum(exchange.connectionsMax, logger: logger)),
        onServerRunning: { exchangePort.bound(to: $0.localAddress?.port) },
        logger: logger)
    return HTTPServices(
        services: [
            ListenerService(application: exchangeApplication, address: "\(exchange.host):\(exchange.port)", port: exchangePort),
            inspectionService,
            UploadExpiry(uploads: uploads),
        ],
        exchangePort: exchangePort, inspectionPort: inspectionPort, exchangeCertificate: certificate)
}

/// Runs one listener and says in plain words when its address cannot be had.
struct ListenerService<Listener: ApplicationProtocol>: Service {
    let application: Listener
    let address: String
    let port: BoundPort

    func run() async throws {
        do {
            try await application.run()
            port.failed(ListenerError(.stopped, "the listener at \(address) has stopped"))
        } catch {
            let failure = ListenerError(.cannotListen, "cannot listen at \(address): \(error); is the port taken, or the address not of this machine?")
            port.failed(failure)
            throw failure
        }
    }
}

extension HTTP1Channel.Configuration.DecoderConfiguration {
    /// The library's own limits are 80 KiB and 1,000 fields; nothing that speaks to us needs so much.
    static func limited(to bytes: Int) -> Self {
        Self(maxHeaderFieldSize: bytes, maxHeaderListSize: bytes, maxHeaderFieldCount: 64)
    }
}
