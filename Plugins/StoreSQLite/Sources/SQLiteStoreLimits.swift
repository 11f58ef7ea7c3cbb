/// The named limits of the store, with their defaults.
public struct SQLiteStoreLimits: Hashable, Sendable {
    /// How long a write waits for another process's transaction.
    public var busyMilliseconds = 5_000
    /// Most writes that wait for their turn within this process; one more is turned away as `busy`.
    public var waitingWritesMax = 8_192
    /// Most writes that share one commit.
    public var groupWritesMax = 1_024
    /// A group takes no further write once it has been at work for so long, so that the first is not kept waiting by the rest.
    public var groupMilliseconds = 50
    /// How long writes are gathered for the next commit, after one that several shared.
    public var gatherMilliseconds = 4
    /// Most connections that read at the same time; further reads wait.
    public var readersMax = 4
    /// Largest database file; beyond it writes fail as `full`.
    public var databaseBytesMax = 1 << 40
    /// Memory for the pages of the writing connection; those that read have SQLite's 2 MB each.
    public var cacheBytesMax = 16 << 20
    /// Largest log beside the file that is kept when it has been copied back.
    public var journalBytesMax = 64 << 20
    /// Largest file that is read whole for damage when it is opened.
    public var quickCheckBytesMax = 64 << 20
    /// Most packages in the outbox, waiting or parked.
    public var outboxItemsMax = 1_000_000
    /// Most open deliveries, waiting or parked, of one subscription.
    public var subscriptionDeliveriesMax = 1_000_000

    public init() {}
}
