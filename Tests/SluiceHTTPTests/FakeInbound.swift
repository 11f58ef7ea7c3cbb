import Foundation
import SluiceCore
import SluiceKit
import Synchronization

/// A node's inner side that does as it is told and remembers what it was given.
final class FakeInbound: InboundService {
    struct Arrival: Equatable {
        var exchangeID: String
        var peer: Peer
        var body: [UInt8]
    }
    struct Seen {
        var admitted = 0
        var abandoned = 0
        var arrivals: [Arrival] = []
    }
    enum Answer: Sendable {
        case accepted, refused, problem(Problem)
    }

    let packageBytesMax: Int
    let packageInMemoryMax = 100_000
    let mediaTypes = ["application/vnd.etsi.asic-e+zip"]
    let directory: String
    private let answer: Answer
    private let admission: Problem?
    private let state = Mutex(Seen())

    init(_ answer: Answer = .accepted, admission: Problem? = nil, packageBytesMax: Int = 64 << 20) throws {
        self.answer = answer
        self.admission = admission
        self.packageBytesMax = packageBytesMax
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("inbound-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory + "/spool", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var seen: Seen { state.withLock { $0 } }

    func greeting(to peer: Peer) async throws(Problem) -> Greeting {
        if let admission { throw admission }
        return Greeting(
            participant: ParticipantID("AM.ARMSTAT")!, software: "sluice/test", time: Instant(milliseconds: 1_790_000_000_000), formats: ["sdmx-csv-2.0"],
            seals: ["asic-e"], packageBytesMax: packageBytesMax, agreements: [])
    }
    var spooled: [String] { (try? FileManager.default.contentsOfDirectory(atPath: directory + "/spool")) ?? ["the spool folder is gone"] }

    func spoolPath() -> String { "\(directory)/spool/\(UUID().uuidString)" }

    func admit(_ peer: Peer, byteCount: Int) async -> Problem? {
        if admission == nil { state.withLock { $0.admitted += 1 } }
        return admission
    }

    func abandon(_ peer: Peer) async { state.withLock { $0.abandoned += 1 } }

    func accept(_ package: Content, mediaType: String, exchangeID: String, from peer: Peer) async -> InboundAnswer {
        let body = (try? package.bytes(max: packageBytesMax)) ?? []
        if let path = package.path { try? FileManager.default.removeItem(atPath: path) }
        let isRepeat = state.withLock { state in
            defer { state.arrivals.append(Arrival(exchangeID: exchangeID, peer: peer, body: body)) }
            return state.arrivals.contains { $0.exchangeID == exchangeID }
        }
        if case .problem(let problem) = answer { return .problem(problem) }
        let isAccepted = if case .accepted = answer { true } else { false }
        return .receipt(
            Array(Self.receiptText(exchangeID, isAccepted: isAccepted).utf8), mediaType: mediaTypes[0], isAccepted: isAccepted, isRepeat: isRepeat)
    }

    /// Longer than one piece of a connection, so that pieces are put together in order.
    static func receiptText(_ exchangeID: String, isAccepted: Bool) -> String {
        (0..<4000).map { "receipt of \(exchangeID): \(isAccepted ? "accepted" : "refused"), line \($0)" }.joined(separator: "\n")
    }
}
