import Foundation
import SluiceKit
import SluiceKitTesting
import Synchronization

@testable import TransportFolder

let partner = ParticipantID("AM.MOI")!
let firstID = "01a203bd-0000-7000-8000-000000000001"
let secondID = "01a203bd-0000-7000-8000-000000000002"
let asic = "application/vnd.etsi.asic-e+zip"
let jws = "application/vnd.sluice.jws+zip"

/// The two folders of one partner, and a transport that looks at them by a clock of the test's.
final class Place: Sendable {
    let root: TemporaryFolder
    let transport: FolderTransport
    var out: String { root.file("out") }
    var incoming: String { root.file("in") }
    var endpoint: Endpoint { Endpoint(participant: partner, url: "folder:\(root.path)") }

    init(quietMilliseconds: Int = 0, receiptBytesMax: Int = 1 << 20) throws {
        root = try TemporaryFolder("sluice-folder")
        for folder in ["out", "in"] { try FileManager.default.createDirectory(atPath: root.file(folder), withIntermediateDirectories: false) }
        var configuration = FolderTransportConfiguration(extensionByMediaType: [asic: "asice", jws: "jwsz"])
        configuration.quietMilliseconds = quietMilliseconds
        configuration.receiptBytesMax = receiptBytesMax
        let clock = Clock()
        transport = FolderTransport(configuration, now: { clock.now })
        self.clock = clock
    }
    private let clock: Clock

    private final class Clock: Sendable {
        let value = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { value.withLock { $0 } }
    }

    func advance(milliseconds: Int) { clock.value.withLock { $0 += .milliseconds(milliseconds) } }

    func arrive(_ name: String, _ text: String = "a package") throws { try Data(text.utf8).write(to: URL(fileURLWithPath: incoming + "/" + name)) }
    func look(_ limit: Int = 64) throws -> Arrivals { try transport.look(at: endpoint, limit: limit) }
    func deliver(_ bytes: [UInt8], id: String = firstID, mediaType: String = asic, to endpoint: Endpoint? = nil) async throws -> DeliveryAnswer {
        try await transport.deliver(MemoryBody(bytes, mediaType: mediaType), exchangeID: id, sequence: 7, to: endpoint ?? self.endpoint)
    }

    /// What lies in a folder, hidden names too.
    func names(_ folder: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: root.file(folder)).sorted() }
    func text(_ path: String) throws -> String { try String(contentsOfFile: root.file(path), encoding: .utf8) }
    func copied(_ arrival: Arrival) throws -> String? {
        let sink = MemoryByteSink()
        return try transport.copy(arrival, to: sink) ? String(decoding: sink.bytes, as: UTF8.self) : nil
    }
}
