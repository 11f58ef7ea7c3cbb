/// The node's durable state. One writer at a time; what `write` returned from is on disk.
///
/// Every failure of the store itself is a `StoreError`. After a failed `write` the change is normally absent, but a commit whose
/// answer was lost may still be there: look before trying again.
/// Limits of a query are what the caller gives; zero or less answers with nothing.
/// Drivers share no code, only the conformance suite of `SluiceKitTesting`.
public protocol Store: Sendable {
    /// Runs `body` against one consistent snapshot.
    func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> Result) async throws -> Result
    /// Runs `body` in a transaction that is committed and synced when this returns, and rolled back when `body` throws.
    /// Concurrent writes may share one commit (group commit); each still succeeds or fails alone.
    /// A transaction may have to be repeated, so `body` may run more than once and changes nothing but through its argument.
    func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Result) async throws -> Result
    /// Makes sure that what was removed or overwritten is in none of the store's files any more: pages, logs and whatever else the engine keeps.
    func forget() async throws
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

    public init(
        state: ExchangeState? = nil, direction: ExchangeRecord.Direction? = nil, participant: String? = nil, dataflow: String? = nil, before: String? = nil,
        limit: Int = 50
    ) {
        self.state = state
        self.direction = direction
        self.participant = participant
        self.dataflow = dataflow
        self.before = before
        self.limit = limit
    }
}

/// The head of the ledger that was last made known: size and root, persisted before its signature is shown.
public struct PublishedHead: Hashable, Sendable {
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
    /// Those of an id, by sender: mostly one.
    func exchanges(id: String) throws -> [ExchangeRecord]
    /// By id, the highest first.
    func exchanges(_ filter: ExchangeFilter) throws -> [ExchangeRecord]
    /// The exchange of the highest id between two participants in one dataflow that is in a state: the one that the next must follow.
    func newestExchange(sender: String, receiver: String, dataflow: String, state: ExchangeState) throws -> ExchangeRecord?
    /// Settled exchanges whose `retainUntil` has come, the longest overdue first. One that is parked or waits for approval is left out where that came with its
    /// creation: it says that nothing stays once the exchange is over.
    func exchangesToErase(now: Instant, limit: Int) throws -> [ExchangeRecord]
    /// How many exchanges have had their bodies erased.
    func erasedCount() throws -> Int
    /// States without an exchange are left out.
    func exchangeCounts() throws -> [ExchangeState: Int]
    func body(sender: String, exchangeID: String, kind: BodyKind) throws -> StoredBody?
    func refusedCopy(sender: String, exchangeID: String, packageDigest: String) throws -> RefusedCopy?
    /// Names of the files that bodies are in.
    func bodyFiles() throws -> Set<String>
    func outboxItem(exchangeID: String) throws -> OutboxItem?
    /// Waiting and parked items whose sequence is above this, in order.
    func outboxItems(after sequence: Int64, limit: Int) throws -> [OutboxItem]
    func outboxCounts() throws -> (waiting: Int, parked: Int)
    func dataset(sender: String, exchangeID: String) throws -> DatasetRecord?
    func provenance(sender: String, exchangeID: String) throws -> Provenance?
    /// Whether there is any.
    func hasProvenances() throws -> Bool
    /// Those of this payload, and those of this content where the code is not empty; the last stored first.
    func provenances(payloadSHA256: String, contentCode: String, limit: Int) throws -> [Provenance]
    /// The last stored first.
    func datasets(dataflow: String?, limit: Int) throws -> [DatasetRecord]

    /// What was let out, the oldest first; without the figures.
    func releases(_ filter: ReleaseFilter) throws -> [ReleaseRecord]
    /// What was let out of a population that has one of the periods, the oldest first, with the figures.
    func releases(population: String, periods: Set<String>, limit: Int) throws -> [ReleaseRecord]
    /// Sequence of the last of those; 0 where there is none. What is not higher than when one looked has not changed.
    func lastRelease(population: String, periods: Set<String>) throws -> Int64

    /// Entries so far; the first has index 0.
    func ledgerSize() throws -> Int64
    /// Entries in index order, `limit` at most.
    func ledgerEntries(from index: Int64, limit: Int) throws -> [[UInt8]]
    /// Indexes and entries that name the subject (an exchange id), in order.
    func ledgerEntries(subject: String, limit: Int) throws -> [(index: Int64, entry: [UInt8])]
    func ledgerHead() throws -> PublishedHead?

    /// What this node last cosigned of a log.
    func witnessedHead(origin: String) throws -> WitnessedHead?
    /// By origin.
    func witnessedHeads(limit: Int) throws -> [WitnessedHead]
    /// Evidence against logs, the oldest first.
    /// - Parameter origin: of one log; nil for all.
    func logForks(origin: String?, limit: Int) throws -> [LogFork]
    /// What witnesses have last cosigned of this node's log, by witness.
    func cosignedHeads() throws -> [CosignedHead]
    /// Stretches of the ledger that can be searched by term: from the first on, without a gap.
    func ledgerStretchCount() throws -> Int64
    /// Numbers of those that have entries of this time, in order; nil asks nothing.
    func ledgerStretches(since: Instant?, until: Instant?) throws -> [Int64]
    /// The entries that have one of the terms, by stretch; stretches that have none are left out.
    func ledgerPlaces(of terms: [LedgerTerm], stretches: ClosedRange<Int64>) throws -> [Int64: LedgerPlaces]
    /// The values of a facet and how many indexed entries have each, the most first.
    func ledgerTerms(_ facet: LedgerTerm.Facet, limit: Int) throws -> [(value: String, entries: Int64)]

    /// The latest scheduled first.
    func feedRuns(feed: String, limit: Int) throws -> [FeedRun]
    /// In the order of the bus.
    func parkedDeliveries(limit: Int) throws -> [SubscriptionDelivery]
}

/// What can be changed, within one transaction.
///
/// Inserting what exists is a `conflict`; updating what does not exist, or naming a record that does not, is `notFound`.
/// After such an error the transaction goes on without that statement, when the body catches it.
public protocol StoreWriting: StoreReading {
    /// Fails when (sender, id) exists.
    func insert(_ exchange: ExchangeRecord) throws
    /// Changes all but what an exchange is from its first row on: id, sender, receiver, dataflow, direction and time of creation.
    func update(_ exchange: ExchangeRecord) throws

    /// Keeps a body of an exchange that is there already, in place of the one of its kind.
    func put(_ body: StoredBody) throws
    /// Remembers a refused copy; one that is known already stays as it is. The exchange (sender, id) has to be there.
    func put(_ copy: RefusedCopy) throws
    /// Forgets copies refused before `time`.
    func removeRefusedCopies(before time: Instant) throws
    /// Removes an exchange's bodies and answers what they were, without their bytes. Nothing of them is left in the store's files once `forget` was called.
    func removeBodies(sender: String, exchangeID: String) throws -> [StoredBody]

    /// Queues an exchange for delivery, once; the store gives the sequence. `busy` when the outbox holds as many as it may.
    func enqueue(_ item: OutboxItem) throws
    /// Claims up to `limit` due items until `until`: the first unparked of each (receiver, dataflow) in sequence order, so order is kept.
    /// A parked item does not hold back those behind it; one that another worker holds past `now` does.
    /// Answers in sequence order, each with its `claimedUntil`.
    func claimOutbox(now: Instant, until: Instant, limit: Int) throws -> [OutboxItem]
    /// Everything but the sequence, the receiver and the dataflow may change.
    func update(_ item: OutboxItem) throws
    /// Does nothing when there is none: two workers may both have settled it.
    func removeOutboxItem(exchangeID: String) throws

    /// The exchange (sender, id) has to be there already.
    func insert(_ dataset: DatasetRecord) throws
    /// The exchange (sender, id) has to be there already. Stays when the dataset and the bodies go.
    func insert(_ provenance: Provenance) throws
    /// Does nothing when there is none.
    func removeDataset(sender: String, exchangeID: String) throws

    /// Keeps what a dataset of an exchange let out, once; the store gives the sequence. The exchange (sender, id) has to be there.
    func insert(_ release: ReleaseRecord) throws
    /// Removes the true values of withheld cells; what was let out stays. Does nothing where there are none.
    func eraseReleaseTruth(sender: String, exchangeID: String) throws

    /// Appends an entry and returns its index.
    @discardableResult func appendLedgerEntry(_ entry: [UInt8], subject: String) throws -> Int64
    /// A `conflict` when the head would go back, show another root for the size last made known, or promise more entries than there are:
    /// two heads of one size are the fork that witnesses look for.
    func setLedgerHead(_ head: PublishedHead) throws

    /// A `conflict` when the log's head would go back, or show another root for the size that was cosigned.
    func setWitnessedHead(_ head: WitnessedHead) throws
    /// Keeps evidence once for each (origin, size, root, proven or not); false where it is there already.
    @discardableResult func insert(_ fork: LogFork) throws -> Bool
    /// Takes the place of the witness's last one.
    func setCosignedHead(_ head: CosignedHead) throws
    /// Makes the next stretch of the ledger searchable. A `conflict` for one that is searchable already, for one further on, and where the ledger has not its entries yet.
    func index(_ stretch: LedgerStretch) throws
    /// Forgets all stretches, so that they can be made again; the entries stay.
    func removeLedgerIndex() throws

    /// Publishes on the bus: every registered subscription whose pattern matches gets a delivery in the same transaction.
    /// Returns the sequence that the store gave, or nil where no subscription matches and nothing is kept.
    /// `busy` when a subscription has as many deliveries open as it may.
    @discardableResult func publish(_ message: BusMessage) throws -> Int64?
    /// Registers a durable subscription; `pattern` is a topic or ends in `*`. Messages published before are not delivered.
    /// Registering again is no error and sets the pattern; open deliveries stay.
    func subscribe(_ subscription: String, pattern: String) throws
    /// Due deliveries of a subscription in order; per order key only the first that has not succeeded (parked ones hold nothing back).
    func dueDeliveries(subscription: String, now: Instant, limit: Int) throws -> [SubscriptionDelivery]
    func update(_ delivery: SubscriptionDelivery) throws
    /// Done: the delivery goes away. Does nothing when it is gone already.
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
