/// The node's durable state. One writer at a time; what `write` returned from is on disk.
///
/// Drivers share no code, only the conformance suite of `SluiceKitTesting`.
public protocol Store: Sendable {
    /// Runs `body` against one consistent snapshot.
    func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> Result) async throws -> Result
    /// Runs `body` in a transaction that is committed and synced when this returns, and rolled back when `body` throws.
    /// Concurrent writes may share one commit (group commit); each still succeeds or fails alone.
    func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Result) async throws -> Result
    func close() async throws
}

/// Which exchanges to list, newest first.
public struct ExchangeFilter: Hashable, Sendable {
    public var state: ExchangeState?
    public var direction: ExchangeRecord.Direction?
    public var participant: String?
    public var dataflow: String?
    /// Exchanges with an id below this one (ids sort by time), for paging.
    public var before: String?
    public var limit: Int

    public init(state: ExchangeState? = nil, direction: ExchangeRecord.Direction? = nil, participant: String? = nil, dataflow: String? = nil, before: String? = nil, limit: Int = 50) {
        self.state = state
        self.direction = direction
        self.participant = participant
        self.dataflow = dataflow
        self.before = before
        self.limit = limit
    }
}

/// The head of the ledger that was last made known: size and root, persisted before its signature is shown.
public struct LedgerHead: Hashable, Sendable {
    public var size: Int64
    /// Hex.
    public var root: String
    public init(size: Int64, root: String) {
        self.size = size
        self.root = root
    }
}

/// What can be asked of a store.
public protocol StoreReading {
    func exchange(sender: String, id: String) throws -> ExchangeRecord?
    func exchanges(_ filter: ExchangeFilter) throws -> [ExchangeRecord]
    func exchangeCounts() throws -> [ExchangeState: Int]
    func outboxItem(exchangeID: String) throws -> OutboxItem?
    func outboxCounts() throws -> (waiting: Int, parked: Int)
    func dataset(sender: String, exchangeID: String) throws -> DatasetRecord?
    func datasets(dataflow: String?, limit: Int) throws -> [DatasetRecord]

    func ledgerSize() throws -> Int64
    /// Entries in index order, `limit` at most.
    func ledgerEntries(from index: Int64, limit: Int) throws -> [[UInt8]]
    /// Indexes and entries that name the subject (an exchange id), in order.
    func ledgerEntries(subject: String, limit: Int) throws -> [(index: Int64, entry: [UInt8])]
    func ledgerHead() throws -> LedgerHead?

    func feedRuns(feed: String, limit: Int) throws -> [FeedRun]
    func parkedDeliveries(limit: Int) throws -> [SubscriptionDelivery]
}

/// What can be changed, within one transaction.
public protocol StoreWriting: StoreReading {
    /// Fails when (sender, id) exists.
    func insert(_ exchange: ExchangeRecord) throws
    func update(_ exchange: ExchangeRecord) throws

    func enqueue(_ item: OutboxItem) throws
    /// Claims up to `limit` due items until `until`: the first unparked of each (receiver, dataflow) in sequence order, so order is kept.
    /// A parked item does not hold back those behind it.
    func claimOutbox(now: Instant, until: Instant, limit: Int) throws -> [OutboxItem]
    func update(_ item: OutboxItem) throws
    func removeOutboxItem(exchangeID: String) throws

    func insert(_ dataset: DatasetRecord) throws

    /// Appends an entry and returns its index.
    @discardableResult func appendLedgerEntry(_ entry: [UInt8], subject: String) throws -> Int64
    func setLedgerHead(_ head: LedgerHead) throws

    /// Publishes on the bus: every registered subscription whose pattern matches gets a delivery in the same transaction.
    @discardableResult func publish(_ message: BusMessage) throws -> Int64
    /// Registers a durable subscription; `pattern` is a topic or ends in `*`. Messages published before are not delivered.
    func subscribe(_ subscription: String, pattern: String) throws
    /// Due deliveries of a subscription in order; per order key only the first that has not succeeded (parked ones hold nothing back).
    func dueDeliveries(subscription: String, now: Instant, limit: Int) throws -> [SubscriptionDelivery]
    func update(_ delivery: SubscriptionDelivery) throws
    func complete(_ delivery: SubscriptionDelivery) throws

    /// Begins a run; false when (feed, scheduledAt) exists already.
    func begin(_ run: FeedRun) throws -> Bool
    func update(_ run: FeedRun) throws
}

/// Why a store could not do its work; keeps the engine's own code and message.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable { case cannotOpen, schemaNewer, conflict, notFound, busy, full, damaged, failed }
    public var code: Code
    public var engineCode: Int
    public var detail: String

    public init(_ code: Code, engineCode: Int = 0, detail: String) {
        self.code = code
        self.engineCode = engineCode
        self.detail = detail
    }

    public var description: String { "\(detail) [\(code.rawValue)\(engineCode == 0 ? "" : " \(engineCode)")]" }
}
