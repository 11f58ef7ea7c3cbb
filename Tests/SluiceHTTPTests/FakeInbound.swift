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
        /// A receipt that is not where it should be.
        case receiptMissing
    }

    let packageBytesMax: Int
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
    var spooled: [String] { (try? FileManager.default.contentsOfDirectory(atPath: directory + "/spool")) ?? ["the spool folder is gone"] }

    func spoolPath() -> String { "\(directory)/spool/\(UUID().uuidString)" }

    func admit(_ peer: Peer) async -> Problem? {
        if admission == nil { state.withLock { $0.admitted += 1 } }
        return admission
    }

    func abandon(_ peer: Peer) async { state.withLock { $0.abandoned += 1 } }

    func accept(packageAt path: String, exchangeID: String, from peer: Peer) async -> InboundAnswer {
        let body = [UInt8]((try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data())
        try? FileManager.default.removeItem(atPath: path)
        let isRepeat = state.withLock { state in
            defer { state.arrivals.append(Arrival(exchangeID: exchangeID, peer: peer, body: body)) }
            return state.arrivals.contains { $0.exchangeID == exchangeID }
        }
        if case .problem(let problem) = answer { return .problem(problem) }
        let receipt = "\(directory)/receipt-\(exchangeID)"
        if case .receiptMissing = answer { return .receipt(path: receipt, isAccepted: true, isRepeat: false) }
        let isAccepted = if case .accepted = answer { true } else { false }
        try? Self.receiptText(exchangeID, isAccepted: isAccepted).write(toFile: receipt, atomically: true, encoding: .utf8)
        return .receipt(path: receipt, isAccepted: isAccepted, isRepeat: isRepeat)
    }

    /// Longer than one piece of a file answer, so that pieces are put together in order.
    static func receiptText(_ exchangeID: String, isAccepted: Bool) -> String {
        (0..<4000).map { "receipt of \(exchangeID): \(isAccepted ? "accepted" : "refused"), line \($0)" }.joined(separator: "\n")
    }
}
