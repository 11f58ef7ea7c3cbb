import SluiceCore
import SluiceKit
import SluiceLedger

/// What one organisation has on disk: rows, outbox, ledger and files. It survives every crash; only a transaction changes it.
struct SimulatedStore {
    struct LedgerLine {
        var kind: LedgerEvent.Kind
        var exchange: Int
        /// The outcome, where the entry has one.
        var outcome: String
    }

    /// A receipt as a file: `serial` stands for its bytes, since no two sealings give the same.
    struct SealedReceipt {
        var serial: Int
        var exchange: Int
        var packageDigest: String
        var isVerified: Bool
        var outcome: ReceiptDocument.Outcome
        var code: String
    }

    struct Incoming {
        enum State { case unverified, received, accepted, refused }
        var state: State
        var packageDigest = ""
        var receiptSerial = 0
        var isErased = false
    }

    struct RefusedCopy {
        var packageDigest: String
        var code: String
        var receiptSerial: Int
    }

    /// Outgoing records by exchange number.
    var records: [ExchangeRecord?]
    var outbox: [OutboxItem] = []
    var sequences: [Int64]
    var lastSequence: Int64 = 0
    /// Incoming rows by exchange number.
    var incoming: [Incoming?]
    var copies: [[RefusedCopy]]
    var datasets: [Int] = []
    var published: [Int] = []
    /// Receipts on disk by path.
    var files: [String: SealedReceipt] = [:]
    var ledger: [LedgerLine] = []
    var frontier = MerkleFrontier()
    var heads: [LedgerHead] = []
    let hasher: MerkleHasher

    init(exchanges: Int, hasher: MerkleHasher) {
        records = Array(repeating: nil, count: exchanges)
        sequences = Array(repeating: 0, count: exchanges)
        incoming = Array(repeating: nil, count: exchanges)
        copies = Array(repeating: [], count: exchanges)
        self.hasher = hasher
    }

    static func bytes(of line: LedgerLine) -> [UInt8] { Array("\(line.kind.rawValue) \(line.exchange) \(line.outcome)".utf8) }

    mutating func append(_ kind: LedgerEvent.Kind, _ exchange: Int, _ outcome: String = "") {
        let line = LedgerLine(kind: kind, exchange: exchange, outcome: outcome)
        ledger.append(line)
        frontier.append(hasher.leaf(Self.bytes(of: line)), with: hasher)
    }

    mutating func append(_ event: LedgerEvent, _ exchange: Int) {
        let outcome = event.data.first { $0.name == "outcome" }?.value.text ?? ""
        append(event.kind, exchange, outcome)
    }

    // MARK: Outbox

    func outboxIndex(_ id: String) -> Int? { outbox.firstIndex { $0.exchangeID == id } }

    mutating func enqueue(_ item: OutboxItem, exchange: Int) {
        lastSequence += 1
        var item = item
        item.sequence = lastSequence
        sequences[exchange] = lastSequence
        outbox.append(item)
    }

    /// As `Store.claimOutbox`: the first unparked of each (receiver, dataflow), unless it is held or not yet due.
    func claimable(now: Instant, flaw: Flaw?) -> [Int] {
        var found: [Int] = []
        for index in outbox.indices where !outbox[index].isParked {
            let item = outbox[index]
            let isFirst = flaw == .skipsTheQueue || !outbox[..<index].contains { !$0.isParked && $0.receiver == item.receiver && $0.dataflow == item.dataflow }
            let isFree = item.claimedUntil.map { flaw == .forgetsTheClaimTimeout ? false : $0 <= now } ?? true
            if isFirst, isFree, item.nextAttemptAt <= now { found.append(index) }
        }
        return found
    }

    mutating func claim(now: Instant, until: Instant, limit: Int, flaw: Flaw?) -> [OutboxItem] {
        claimable(now: now, flaw: flaw).prefix(limit).map { index in
            outbox[index].claimedUntil = until
            return outbox[index]
        }
    }

    mutating func apply(_ change: OutgoingExchange.Change, exchange: Int, withEvents: Bool = true) {
        records[exchange] = change.record
        switch change.outbox {
        case .keep: break
        case .insert(let item): enqueue(item, exchange: exchange)
        case .update(let item): if let index = outboxIndex(item.exchangeID) { outbox[index] = item }
        case .remove: if let index = outboxIndex(change.record.id) { outbox.remove(at: index) }
        }
        if withEvents { for event in change.events { append(event, exchange) } }
    }

    // MARK: Incoming

    func known(_ exchange: Int, packageDigest: String) -> IncomingExchange.Known {
        let row = incoming[exchange]
        let known: IncomingExchange.Known =
            switch row?.state {
            case nil: .nothing
            case .unverified: .unverified
            case .received: .received(manifestDigest: "m\(exchange)", packageDigest: row?.packageDigest ?? "")
            case .accepted, .refused:
                row?.isErased == true ? .erased(packageDigest: row?.packageDigest ?? "") : .answered(packageDigest: row?.packageDigest ?? "")
            }
        return .of(row: known, refusalOfTheseBytes: copies[exchange].first { $0.packageDigest == packageDigest }?.code)
    }

    /// The receipt that a repeat gets: what lies at the path that the row, or the refusal of these bytes, names.
    func firstReceipt(_ exchange: Int, packageDigest: String) -> SealedReceipt? {
        if known(exchange, packageDigest: packageDigest) == .refused {
            return copies[exchange].first { $0.packageDigest == packageDigest }.flatMap { files["r\($0.receiptSerial)"] }
        }
        return incoming[exchange].flatMap { files["r\($0.receiptSerial)"] ?? files["of\(exchange)"] }
    }
}
