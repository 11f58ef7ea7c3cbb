import Foundation
import SluiceCore
import SluiceKit
import Synchronization

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

    func perform(_ act: ExchangeAct, exchangeID: String, reason: String, as credentials: Credentials, from address: String) async throws(Problem) {
        try acts(act, exchangeID, reason, credentials)
    }

    // MARK: The console

    let participantName = "AM.ARMSTAT"
    /// Who is known; each one's passphrase is `passphrase of NAME`.
    var people: [Person] = []
    var arePeopleUnreadable = false
    var path: LedgerPathFacts?
    var checkpoint: PublishedCheckpoint?
    var verdict = LedgerSinceVisit.Verdict.unchanged
    let kept = Kept()

    /// What was noted and kept, shared by copies.
    final class Kept: Sendable {
        let looks = Mutex<[Look]>([])
        let people = Mutex<[Person]?>(nil)
        let isFull = Mutex(false)
        let searches = Mutex<[LedgerQuery]>([])
    }

    private var everybody: [Person] { kept.people.withLock { $0 } ?? people }
    var peopleStanding: PeopleStanding { arePeopleUnreadable ? .unreadable : everybody.isEmpty ? .nobody : .known }
    func person(named name: String) -> Person? { everybody.first { $0.name == name } }

    func signIn(_ credentials: Credentials, from address: String) async throws(Problem) -> Person {
        guard let person = person(named: credentials.name), credentials.passphrase == Array("passphrase of \(person.name)".utf8) else {
            throw Problem(
                status: 403, code: "passphrase-wrong", title: "Wrong", detail: "Nobody is known here by this name and this passphrase. Nothing was done.")
        }
        return person
    }

    func note(_ look: Look) async throws {
        if kept.isFull.withLock({ $0 }) { throw Unwell() }
        kept.looks.withLock { $0.append(look) }
    }

    func looks(before: LookPlace?, limit: Int) async throws -> [NotedLook] {
        let all = kept.looks.withLock { $0 }.enumerated().map { index, look in
            NotedLook(
                place: LookPlace(month: "2026-11", index: index), time: "2026-11-30T09:00:00.000Z", personCode: look.person.map { "c0de\($0)" } ?? "",
                person: look.person, page: look.page, subject: look.subject, query: look.query)
        }
        return Array(all.reversed().drop { place in before.map { place.place.index >= $0.index } ?? false }.prefix(limit))
    }

    func ledgerPath(index: Int64) async throws -> LedgerPathFacts? { path?.index == index ? path : nil }
    func publishedCheckpoint() async throws -> PublishedCheckpoint? { checkpoint }
    func consistency(since checkpoint: String) async throws -> LedgerSinceVisit {
        guard let now = self.checkpoint else { throw Unwell() }
        return LedgerSinceVisit(verdict: verdict, earlierSize: 3, now: now)
    }
    /// What a search finds, whatever it asks for; it pages through `entries`.
    var terms = LedgerTermCounts()
    /// Where a search says that it goes on although it found nothing.
    var unfinished: LedgerSearchPlace?
    func searchLedger(_ query: LedgerQuery, _ place: LedgerSearchPlace, limit: Int) async throws -> LedgerSearchPage {
        kept.searches.withLock { $0.append(query) }
        if let unfinished { return LedgerSearchPage(next: unfinished) }
        let ordered = entries.sorted { $0.index < $1.index }
        let left =
            switch place {
            case .from(let index): ordered.filter { $0.index >= index }
            case .before(let index): Array(ordered.filter { $0.index < index ?? .max }.reversed())
            }
        var page = LedgerSearchPage(entries: Array(left.prefix(limit)))
        if left.count > limit {
            let last = left[limit - 1].index
            page.next = if case .from = place { .from(last + 1) } else { .before(last) }
        }
        return page
    }
    func ledgerTerms(limit: Int) async throws -> LedgerTermCounts { terms }
    func exchanges(ids: Set<String>) async throws -> [String: [ExchangeRecord]] {
        Dictionary(grouping: records.filter { ids.contains($0.id) }, by: \.id)
    }
    var witnessing = WitnessReport(
        origin: "sluice.AM.ARMSTAT", madeAt: Instant(milliseconds: 1_796_000_000_000), published: 3, quorum: 0, witnesses: [], covered: 0,
        isQuorumReached: false, logs: [], stopped: nil)
    func witnessReport() async throws -> WitnessReport { witnessing }
    var statistics = LedgerStatistics()
    var standingAgreements: [StandingAgreement] = []
    func ledgerStatistics() async throws -> LedgerStatistics { statistics }
    func retentionCalendar() async throws -> RetentionCalendar {
        RetentionCalendar(now: Instant(milliseconds: 1_796_000_000_000), due: records.filter { $0.retainUntil != nil }, erasedCount: 7)
    }
    var visit = EarlierVisit.first
    func beginVisit(of person: String) async -> EarlierVisit { visit }

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
