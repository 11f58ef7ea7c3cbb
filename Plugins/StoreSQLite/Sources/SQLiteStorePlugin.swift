public import SluiceKit

/// Keeps the node's state in one SQLite file.
public enum SQLiteStorePlugin: Plugin {
    public static let descriptor = PluginDescriptor(
        name: "sqlite", kind: .store, version: sluiceVersion,
        description: "Keeps exchanges, outbox, bus and ledger in one SQLite file beside the node; several processes of one machine may share it.",
        configuration: [
            .init("path", .path, default: nil, "The database file; created, readable by the node's own account only, when it is not there."),
            .init(
                "busyMilliseconds", .integer, default: String(SQLiteStoreLimits().busyMilliseconds),
                "How long a write waits for another process before it gives up as busy."),
            .init("databaseBytesMax", .integer, default: String(SQLiteStoreLimits().databaseBytesMax), "Largest database file; beyond it writes fail as full."),
            .init(
                "outboxItemsMax", .integer, default: String(SQLiteStoreLimits().outboxItemsMax),
                "Most packages waiting or parked; beyond it a new one is turned away as busy."),
            .init(
                "subscriptionDeliveriesMax", .integer, default: String(SQLiteStoreLimits().subscriptionDeliveriesMax),
                "Most open deliveries of one subscription; beyond it publishing to it is turned away as busy."),
            .init(
                "quickCheckBytesMax", .integer, default: String(SQLiteStoreLimits().quickCheckBytesMax),
                "Largest file that is read whole for damage when it is opened; of a larger one only the edges of each table are."),
        ],
        provides: ["sqlite"])

    /// Opens the store at `path`, or makes it there with mode 0600; brings an older schema up to date.
    public static func open(path: String) throws(StoreError) -> any Store { try SQLiteStore(path: path) }

    /// The same with limits of the operator's choice.
    public static func open(path: String, limits: SQLiteStoreLimits) throws(StoreError) -> any Store { try SQLiteStore(path: path, limits: limits) }
}
