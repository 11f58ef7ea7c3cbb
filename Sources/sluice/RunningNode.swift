internal import CMalloc
internal import Logging
internal import ServiceLifecycle
internal import SluiceCore
internal import SluiceCrypto
internal import SluiceHTTP
internal import SluiceKit
internal import SluiceNode
internal import UnixSignals

/// A node with its listeners and its background work, in one service group.
struct RunningNode: Sendable {
    let node: Node
    /// nil where nobody delivers over HTTPS.
    let exchangePort: Int?
    let consolePort: Int
    private let task: Task<Void, any Error>
    private let group: ServiceGroup
    /// One server per node: held until it stops.
    private let lock: FileLock

    var consoleURL: String { "http://\(node.configuration.console.host):\(consolePort)/console" }

    /// Opens the node and begins to listen; returns when both ports are bound.
    static func start(_ node: Node, signals: [UnixSignal] = []) async throws -> RunningNode {
        let configuration = node.configuration
        guard let lock = try FileLock(trying: configuration.dataDirectory + "/serve.lock") else {
            throw NodeError("another process already serves the node in \(configuration.dataDirectory); stop it first")
        }
        // Opening asks what is revoked, which our own certificates are judged by.
        try await node.open()
        let tls = try node.requireCertificates()
        for words in node.whatIsOff { node.log.notice("a part of this node is off", metadata: ["what": "\(words)"]) }
        try await node.noteStart()
        let faults = FaultPoints()
        let uploads: PartialUploads
        do throws(RegularFile.Failure) {
            uploads = try PartialUploads(
                directory: configuration.partialDirectory, limits: .init(packageBytesMax: configuration.limits.packageBytesMax), clock: node.tools.clock,
                synced: { faults.reached("arriving") })
        } catch {
            throw NodeError("cannot use the folder \(configuration.partialDirectory): \(error) (\(error.call))")
        }
        var inspection = InspectionListener()
        inspection.host = configuration.console.host
        inspection.port = configuration.console.port
        inspection.signIn =
            switch configuration.console.signIn {
            case nil: .whenKnown
            case .required?: .required
            case .off?: .off
            }
        if let address = configuration.console.address {
            inspection.isBehindTLS = true
            inspection.hostNames = [String(address.dropFirst("https://".count).prefix { $0 != ":" })]
        }
        var exchange: ExchangeListener?
        if let listener = configuration.exchange, let tls {
            exchange = ExchangeListener(
                host: listener.host, port: listener.port, certificateChainPEM: tls.chainPEM, privateKeyDER: tls.keyDER,
                clientAuthoritiesPath: configuration.keys.authority, peerOfCertificate: { node.peer(der: $0) })
            exchange?.hop = node.hop
            exchange?.witness = node.witness
        }
        let descriptors = DescriptorBudget.raised()
        let wanted = (exchange: exchange?.connectionsMax ?? 0, inspection: inspection.connectionsMax)
        let connections = descriptors.connections(exchange: wanted.exchange, inspection: wanted.inspection)
        exchange?.connectionsMax = connections.exchange
        inspection.connectionsMax = connections.inspection
        if connections < wanted {
            node.log.warning(
                "few files may be open at a time, so few connections are taken; raise the limit (ulimit -n, LimitNOFILE)",
                metadata: ["limit": "\(descriptors.limit)", "connections": "\(connections.exchange)", "ofConnections": "\(wanted.exchange)"])
        }
        let http = try httpServices(exchange: exchange, inspection: inspection, inbound: node.intake, uploads: uploads, node: node, logger: node.log)
        if let certificate = http.exchangeCertificate {
            node.onTLSRenewal { identity in try certificate.renew(chainPEM: identity.chainPEM, keyDER: identity.keyDER) }
        }
        let services = http.services + [BackgroundWork(node)]
        let group = ServiceGroup(
            configuration: .init(
                services: services.map {
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .gracefullyShutdownGroup)
                },
                gracefulShutdownSignals: signals, logger: node.log))
        let task = Task { try await group.run() }
        do {
            let running = RunningNode(
                node: node, exchangePort: try await http.exchangePort?.value, consolePort: try await http.inspectionPort.value, task: task, group: group,
                lock: lock)
            // What only the start has read of the program.
            sluice_give_back_file_pages()
            return running
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
    }

    /// Waits until a signal or `stop` ends the services, then closes the node.
    func untilStopped() async throws {
        try await task.value
        try await node.close()
        lock.release()
    }

    func stop() async throws {
        await node.intake.stop()
        await group.triggerGracefulShutdown()
        try await untilStopped()
    }
}
