import Foundation
import SluiceCore
import SluiceCrypto
import SluiceHTTP
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
        /// Lengths of the bodies that were let in.
        var admittedBytes: [Int] = []
        var abandoned = 0
        /// Packages handed over, judged or not.
        var handedOver = 0
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
    private let judging: Gate?
    private let state = Mutex(Seen())

    init(_ answer: Answer = .accepted, admission: Problem? = nil, judging: Gate? = nil, packageBytesMax: Int = 64 << 20) throws {
        self.answer = answer
        self.admission = admission
        self.judging = judging
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

    /// Of which partial uploads are there, by the names of their files.
    var partial: [String] { (try? FileManager.default.contentsOfDirectory(atPath: directory + "/partial")) ?? [] }

    /// The partial uploads in this node's folder, as a start finds them.
    func uploads(_ clock: any WallClock = TestClock(), uploadsMax: Int = 8, bytesMax: Int = 64 << 30) throws -> PartialUploads {
        try PartialUploads(
            directory: directory + "/partial", limits: .init(packageBytesMax: packageBytesMax, uploadsMax: uploadsMax, bytesMax: bytesMax), clock: clock)
    }

    func spoolPath() -> String { "\(directory)/spool/\(UUID().uuidString)" }

    func admit(_ peer: Peer, byteCount: Int) async -> Problem? {
        if admission == nil {
            state.withLock {
                $0.admitted += 1
                $0.admittedBytes.append(byteCount)
            }
        }
        return admission
    }

    func abandon(_ peer: Peer) async { state.withLock { $0.abandoned += 1 } }

    func accept(_ package: Content, digest: SHA256Digest?, mediaType: String, exchangeID: String, from peer: Peer) async -> InboundAnswer {
        state.withLock { $0.handedOver += 1 }
        await judging?.passes()
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

    func sha256(_ package: Content) async throws -> SHA256Digest {
        switch package {
        case .bytes(let bytes): SHA256.hash(bytes)
        case .file(let path): try SHA256.hash(fileAt: path).digest
        }
    }

    func answered(exchangeID: String, digest: SHA256Digest, from peer: Peer) async -> InboundAnswer? {
        guard seen.arrivals.contains(where: { $0.exchangeID == exchangeID && $0.peer == peer && SHA256.hash($0.body) == digest }) else { return nil }
        if case .problem = answer { return nil }
        let isAccepted = if case .accepted = answer { true } else { false }
        return .receipt(
            Array(Self.receiptText(exchangeID, isAccepted: isAccepted).utf8), mediaType: mediaTypes[0], isAccepted: isAccepted, isRepeat: true)
    }

    /// Longer than one piece of a connection, so that pieces are put together in order.
    static func receiptText(_ exchangeID: String, isAccepted: Bool) -> String {
        (0..<4000).map { "receipt of \(exchangeID): \(isAccepted ? "accepted" : "refused"), line \($0)" }.joined(separator: "\n")
    }
}

/// Holds up whoever comes until it is opened.
actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func passes() async {
        if !isOpen { await withCheckedContinuation { waiting.append($0) } }
    }

    func open() {
        isOpen = true
        for one in waiting { one.resume() }
        waiting = []
    }
}

/// A clock that stands until it is set.
final class TestClock: WallClock {
    private let time = Mutex(Instant(milliseconds: 1_767_600_000_000))
    func now() -> Instant { time.withLock { $0 } }
    func advance(seconds: Int64) { time.withLock { $0 = $0.advanced(byMilliseconds: seconds * 1_000) } }
}
