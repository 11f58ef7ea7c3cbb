import Foundation
import SluiceCore
import SluiceKit

/// A node that looks as it is told to.
struct FakeNode: NodeFace {
    struct Unwell: Error {}

    var nodeStatus: NodeStatus? = FakeNode.status()
    var records: [ExchangeRecord] = []
    var entries: [(index: Int64, entry: [UInt8])] = []
    var families: [(name: String, help: String, type: String, samples: [(labels: [(String, String)], value: Double)])] = []
    var ledgerDirectory = "/nonexistent"
    var knowsPeople = false
    var warnings: [CertificateWarning] = []
    func certificateWarnings() -> [CertificateWarning] { warnings }
    /// What was asked for, and what it is answered.
    var acts: @Sendable (ExchangeAct, String, String, Credentials) throws(Problem) -> Void = { _, _, _, _ in }

    func perform(_ act: ExchangeAct, exchangeID: String, reason: String, as credentials: Credentials) async throws(Problem) {
        try acts(act, exchangeID, reason, credentials)
    }

    func status() async throws -> NodeStatus {
        guard let nodeStatus else { throw Unwell() }
        return nodeStatus
    }

    func exchanges(_ filter: ExchangeFilter) async throws -> [ExchangeRecord] {
        let matching = records.filter { record in
            (filter.state.map { $0 == record.state } ?? true) && (filter.direction.map { $0 == record.direction } ?? true)
                && (filter.participant.map { $0 == record.sender || $0 == record.receiver } ?? true)
                && (filter.dataflow.map { $0 == record.dataflow } ?? true) && (filter.before.map { record.id < $0 } ?? true)
        }
        return Array(matching.sorted { $0.id > $1.id }.prefix(filter.limit))
    }

    func exchange(sender: String, id: String) async throws -> ExchangeRecord? { records.first { $0.sender == sender && $0.id == id } }
    func ledgerEntries(subject: String) async throws -> [(index: Int64, entry: [UInt8])] { entries }
    func metrics() async -> [(name: String, help: String, type: String, samples: [(labels: [(String, String)], value: Double)])] { families }

    static func status(isReady: Bool = true, reason: String = "", feeds: [NodeStatus.FeedStatus] = []) -> NodeStatus {
        NodeStatus(
            participant: ParticipantID("AM.ARMSTAT")!, isReady: isReady, notReadyReason: reason, startedAt: Instant(milliseconds: 1_790_000_000_000),
            ledgerSize: 1_234_567,
            ledgerPublishedSize: 3, exchangeCounts: [.accepted: 12_345, .parked: 2], outboxWaiting: 4, outboxParked: 2, feeds: feeds)
    }

    static func id(_ number: Int) -> String {
        let digits = String(number)
        return "01920000-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    static func record(_ number: Int, _ state: ExchangeState = .accepted, direction: ExchangeRecord.Direction = .incoming) -> ExchangeRecord {
        ExchangeRecord(
            id: id(number), direction: direction, sender: direction == .incoming ? "UN.UNSD" : "AM.ARMSTAT",
            receiver: direction == .incoming ? "AM.ARMSTAT" : "UN.UNSD",
            dataflow: "IAEG-SDGs:DF_SDG_GLH(1.21)", state: state, createdAt: Instant(milliseconds: 1_790_000_000_000))
    }
}
