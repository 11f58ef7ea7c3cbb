import Foundation
import Logging
import SluiceCore
import SluiceKit
import SluiceKitTesting
import StoreSQLite

@testable import SluiceLedger
@testable import SluiceNode

/// A store, its published ledger and the ledger's key in a folder of their own.
final class SmallLedger: Sendable {
    struct Opened: Sendable {
        let store: SQLiteStore
        let ledger: LedgerService

        func check(_ path: String, _ paceSeconds: Int, _ clock: any WallClock) -> SelfCheck {
            SelfCheck(
                ledger: ledger, store: store, path: path, paceSeconds: paceSeconds, clock: clock,
                log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        }

        func close() async throws { try await store.close() }
    }

    let folder: TemporaryFolder
    var storePath: String { folder.file("node.sqlite") }
    var directory: String { folder.file("ledger") }
    var statePath: String { folder.file("ledger.check") }
    private var keyPath: String { folder.file("ledger.key") }

    init() throws {
        folder = try TemporaryFolder("sluice-small-ledger")
        try Data((LedgerKey(name: "sluice.AM.TEST", seed: [UInt8](repeating: 7, count: 32)).text() + "\n").utf8).write(to: URL(fileURLWithPath: keyPath))
    }

    func open(limits: SQLiteStoreLimits = SQLiteStoreLimits(), at other: String? = nil) throws -> Opened {
        let store = try SQLiteStore(path: other ?? storePath, limits: limits)
        return Opened(store: store, ledger: try LedgerService(directory: directory, keyPath: keyPath, store: store))
    }

    /// With `count` entries, some of which are larger than a page of the store; published in three stages, so that superseded tiles exist.
    func filled(_ count: Int) async throws -> Opened {
        let opened = try open()
        for range in [0..<count / 2, count / 2..<count - count / 20, count - count / 20..<count] {
            try await opened.store.write { store in
                for index in range { try store.appendLedgerEntry(Self.entry(index), subject: "exchange-\(index / 4)") }
            }
            try await opened.ledger.publish()
        }
        return opened
    }

    static func entry(_ index: Int) throws -> [UInt8] {
        let time = Instant(milliseconds: 1_770_000_000_000 + Int64(index) * 1_000)
        return try LedgerEntry(
            id: UUIDv7(milliseconds: UInt64(time.milliseconds), random: (0..<10).map { UInt8(truncatingIfNeeded: index &* 31 &+ $0) }), source: "urn:x",
            type: "sluice.dataset.read", time: time.rfc3339, subject: "exchange-\(index / 4)",
            data: [JSONMember("outcome", "read"), JSONMember("note", .string(String(repeating: "x", count: index % 75 == 9 ? 9_000 : index % 40)))]
        ).encoded()
    }
}
