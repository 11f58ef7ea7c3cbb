import Foundation
import Logging
import ServiceLifecycle
import SluiceCore
import SluiceHTTP
import SluiceKit
import SluiceKitTesting
import TransportHTTP

/// Certificates for one test: an authority, and who each certificate stands for.
struct TestParties {
    let authority: TestAuthority
    let receiver: TestAuthority.Identity
    let sender: TestAuthority.Identity

    /// What most tests need; made once, for keys and certificates take their time.
    static let usual = Result { try TestParties() }

    init(receiver: String = "AM.ARMSTAT", receiverNames: String = "DNS:localhost,IP:127.0.0.1", receiverExpired: Bool = false, sender: String = "UN.UNSD")
        throws
    {
        authority = try TestAuthority()
        self.receiver = try authority.issue(receiver, names: receiverNames, isExpired: receiverExpired)
        self.sender = try authority.issue(sender, names: "DNS:sender.example")
    }

    /// Both certificates as the node reads them.
    func peer(of der: [UInt8]) -> Peer? {
        guard let identity = [receiver, sender].first(where: { $0.der == der }), let participant = ParticipantID(identity.commonName) else { return nil }
        return Peer(participant: participant, certificateDigest: identity.sha256)
    }

    func exchangeListener() -> ExchangeListener {
        ExchangeListener(
            host: "127.0.0.1", port: 0, certificateChainPEM: receiver.certificatePEM, privateKeyDER: receiver.privateKeyDER,
            clientAuthoritiesPath: authority.certificatePath, peerOfCertificate: { peer(of: $0) })
    }

    func transport(as identity: TestAuthority.Identity? = nil, trusting other: TestAuthority? = nil) throws -> HTTPTransport {
        let identity = identity ?? sender
        var configuration = HTTPTransportConfiguration(
            certificateChainPEM: identity.certificatePEM, privateKeyDER: identity.privateKeyDER, authoritiesPath: (other ?? authority).certificatePath,
            participantOfCertificate: { peer(of: $0)?.participant })
        configuration.connectSecondsMax = 5
        configuration.silenceSecondsMax = 10
        return try HTTPTransport(configuration)
    }
}

/// Runs both listeners on ports of the system's choice while `body` runs, then shuts them down gracefully.
func withListeners<Result: Sendable>(
    _ exchange: ExchangeListener, inbound: FakeInbound, uploads: PartialUploads? = nil, node: any NodeFace = FakeNode(),
    inspection change: (inout InspectionListener) -> Void = { _ in },
    _ body: (_ exchangePort: Int, _ inspectionPort: Int) async throws -> Result
) async throws -> Result {
    var inspection = InspectionListener()
    inspection.port = 0
    change(&inspection)
    let logger = quietLogger
    let listeners = try httpServices(
        exchange: exchange, inspection: inspection, inbound: inbound, uploads: try uploads ?? inbound.uploads(), node: node, logger: logger)
    let group = ServiceGroup(configuration: .init(services: listeners.services.map { .init(service: $0) }, logger: logger))
    async let running: Void = group.run()
    do {
        let result = try await body(try await listeners.exchangePort!.value, try await listeners.inspectionPort.value)
        await group.triggerGracefulShutdown()
        try await running
        return result
    } catch {
        await group.triggerGracefulShutdown()
        try? await running
        throw error
    }
}

/// A temporary folder with a package of `byteCount` bytes in it.
final class PackageFolder {
    let directory: String
    let path: String
    let bytes: [UInt8]

    init(byteCount: Int = 100_000) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("packages-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory + "/receipts", withIntermediateDirectories: true)
        path = directory + "/package.asice"
        bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var receipts: String { directory + "/receipts" }
}

let quietLogger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
