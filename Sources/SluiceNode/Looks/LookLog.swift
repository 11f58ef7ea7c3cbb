internal import Dispatch
internal import Logging
package import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceLedger

/// Who looked at which record, and when: a log beside the ledger, kept by months and shorter than it.
///
/// It has a queue and files of its own, so that looks never wait for exchanges, nor exchanges for looks. A look is synced before its page is shown; what is
/// published follows. Only a server notes looks: nothing is opened before the first.
package final class LookLog: Sendable {
    /// How soon after a look the log is published: one signature for the looks of that time.
    static let publishMilliseconds = 2_000
    static let entryType = "sluice.record.looked"
    /// Longest query that is noted, in bytes.
    static let queryBytesMax = 1_024

    /// Touched on `queue` alone.
    private final class State: @unchecked Sendable {
        var journal: LookJournal?
        var isPublishing = false
        var prunedOn = ""
    }

    private let directory: String
    private let keyPath: String
    private let participant: ParticipantID
    private let retentionDays: Int
    private let clock: any WallClock
    private let log: Logger
    private let queue = DispatchQueue(label: "sluice.looks")
    private let state = State()

    init(directory: String, keyPath: String, participant: ParticipantID, retentionDays: Int, clock: any WallClock, log: Logger) {
        self.directory = directory
        self.keyPath = keyPath
        self.participant = participant
        self.retentionDays = retentionDays
        self.clock = clock
        self.log = log
    }

    package func note(_ look: Look) async throws {
        try await run { [self] in
            let now = clock.now()
            let journal = try journal(of: Self.month(now))
            try journal.append(try entry(look, at: now, key: journal.personKey))
            publishSoon()
            prune(at: now)
        }
    }

    /// The newest first; `names` are those that codes are tried on.
    package func looks(before place: LookPlace?, limit: Int, names: [String]) async throws -> [NotedLook] {
        try await run { [self] in
            var found: [NotedLook] = []
            for month in months.reversed() where place.map({ month <= $0.month }) ?? true {
                let journal = try journal(of: month, isCurrent: month == state.journal?.month)
                var codes: [String: String] = [:]
                for name in names { codes[Self.code(name, key: journal.personKey)] = name }
                var index = min(place.flatMap { $0.month == month ? $0.index : nil } ?? journal.count, journal.count)
                while index > 0, found.count < limit {
                    index -= 1
                    found.append(try Self.look(try journal.entry(index), at: LookPlace(month: month, index: index), codes: codes))
                }
                if found.count >= limit { break }
            }
            return found
        }
    }

    /// Removes the months that are over for longer than looks are kept.
    func prune() async { try? await run { [self] in prune(at: clock.now()) } }

    /// Publishes what is left.
    func close() async {
        try? await run { [self] in
            do { try state.journal?.publish() } catch { log.error("the log of looks could not be published", metadata: ["error": "\(error)"]) }
            state.journal = nil
        }
    }

    // MARK: On the queue

    private func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }

    private var months: [String] { Folders.names(in: directory).filter(Self.isMonth) }

    private func journal(of month: String, isCurrent: Bool = true) throws -> LookJournal {
        if let open = state.journal, open.month == month { return open }
        let text = String(decoding: try BoundedFile.load(keyPath, secret: true), as: UTF8.self).trimmingASCIIWhitespace
        let key = try LedgerKey(text: text)
        let opened = try LookJournal(folder: "\(directory)/\(month)", month: month, key: try key.named("\(key.verifier.name)/looks/\(month)"))
        if isCurrent { state.journal = opened }
        return opened
    }

    private func publishSoon() {
        guard !state.isPublishing else { return }
        state.isPublishing = true
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.publishMilliseconds)) { [self] in
            state.isPublishing = false
            do { try state.journal?.publish() } catch { log.error("the log of looks could not be published", metadata: ["error": "\(error)"]) }
        }
    }

    private func prune(at now: Instant) {
        let day = String(now.rfc3339.prefix(10))
        guard day != state.prunedOn else { return }
        state.prunedOn = day
        let last = Self.month(Instant(milliseconds: now.milliseconds - Int64(retentionDays) * 86_400_000))
        for month in months where month < last && month != state.journal?.month {
            Folders.removeTree("\(directory)/\(month)")
            log.notice("looks are kept no longer", metadata: ["month": "\(month)"])
        }
    }

    // MARK: Entries

    static func code(_ name: String, key: [UInt8]) -> String { HMACSHA256.code(key: key, message: Array("person \(name)".utf8)).hex }

    static func month(_ instant: Instant) -> String { String(instant.rfc3339.prefix(7)) }

    static func isMonth(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return bytes.count == 7 && bytes[4] == UInt8(ascii: "-") && bytes.enumerated().allSatisfy { $0.offset == 4 || (0x30...0x39).contains($0.element) }
    }

    private func entry(_ look: Look, at now: Instant, key: [UInt8]) throws -> [UInt8] {
        var data = [
            LedgerData.text("actor", participant.rawValue), LedgerData.text("page", look.page),
            LedgerData.text("person", look.person.map { Self.code($0, key: key) } ?? ""), LedgerData.text("software", "sluice/\(sluiceVersion)"),
        ]
        if !look.query.isEmpty { data.append(LedgerData.text("query", String(decoding: look.query.utf8.prefix(Self.queryBytesMax), as: UTF8.self))) }
        return try LedgerEntry(
            id: Identifiers.next(at: now), source: "urn:sluice:node:\(participant)", type: Self.entryType, time: now.rfc3339,
            subject: look.subject.isEmpty ? participant.rawValue : look.subject, data: data
        ).encoded()
    }

    private static func look(_ bytes: [UInt8], at place: LookPlace, codes: [String: String]) throws -> NotedLook {
        let entry = try LedgerEntry(parsing: bytes)
        func text(_ name: String) -> String { entry.data.first { $0.name == name }?.value.text ?? "" }
        return NotedLook(
            place: place, time: entry.time, personCode: text("person"), person: codes[text("person")], page: text("page"), subject: entry.subject,
            query: text("query"))
    }
}
