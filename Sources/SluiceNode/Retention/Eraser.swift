internal import Logging
internal import SluiceCore
internal import SluiceKit

/// Erases what agreements let nobody keep any longer: the key of the exchange's bodies, the bodies, and the findings that may quote from them.
///
/// What stays is the exchange's record with its digests, and the ledger: a copy that a partner presents still verifies against them.
package struct Eraser: Sendable {
    /// Exchanges erased in one transaction.
    static let batchMax = 100

    let store: any Store
    let bodies: BodyVault
    let entries: EntryMaker
    let clock: any WallClock
    let tolerance: ClockTolerance
    let policy: DeliveryPolicy
    let log: Logger
    let afterCommit: @Sendable () -> Void

    /// Erases what is due; returns how many exchanges.
    package func runDue() async throws -> Int {
        let now = clock.now()
        // Copies older than packages may be: they are refused as stale by their own time.
        let forgotten = now.advanced(byMilliseconds: -tolerance.memoryMilliseconds)
        try await store.write { try $0.removeRefusedCopies(before: forgotten) }
        let due = try await store.read { try $0.exchangesToErase(now: now, limit: Self.batchMax) }
        let erased = due.isEmpty ? 0 : try await erase(due, because: "retention")
        // Also when nothing is due: the time before, the log may have been in use.
        await emptyLog()
        if erased > 0 { log.notice("bodies were erased because their retention has ended", metadata: ["exchanges": "\(erased)"]) }
        return erased
    }

    /// Removes files of bodies that no row names: what a write left that failed, or a crash.
    package func sweep() async throws {
        let (known, bodies, now) = (try await store.read { try $0.bodyFiles() }, self.bodies, clock.now())
        try await Worker.run { bodies.sweep(keeping: known, now: now) }
    }

    /// Takes what was erased out of the engine's logs; what cannot be taken out now is the next time.
    package func emptyLog() async {
        do { try await store.forget() } catch { log.warning("the store's log could not be emptied now", metadata: ["error": "\(error)"]) }
    }

    /// Returns how many were still there to erase.
    private func erase(_ records: [ExchangeRecord], because reason: String) async throws -> Int {
        let (entries, policy, now) = (self.entries, self.policy, clock.now())
        let (removed, erased) = try await store.write { store in
            var removed: [StoredBody] = []
            var erased = 0
            for record in records {
                // As it is now: another process may have been first.
                guard var record = try store.exchange(sender: record.sender, id: record.id), !record.isErased, record.state.isSettled else { continue }
                if record.state == .parked || record.state == .awaitingApproval {
                    // Its agreement gives nobody time for it any more; there will be nothing to replay or to approve.
                    var exchange = OutgoingExchange(
                        record, item: try store.outboxItem(exchangeID: record.id), policy: policy, validUntil: record.leavesUntil)
                    guard case .commit(let change) = exchange.handle(.timeChecked, at: now, random: 0), change.record.state == .expired else { continue }
                    record = change.record
                    try entries.record(change.events, in: store)
                    if let topic = change.topic { try store.publish(BusEvents.message(topic, record, at: now)) }
                    try store.removeOutboxItem(exchangeID: record.id)
                }
                erased += 1
                record.wrappedKey = []
                record.findingsJSON = "[]"
                record.retainUntil = nil
                record.isErased = true
                record.updatedAt = now
                try store.update(record)
                try store.removeDataset(sender: record.sender, exchangeID: record.id)
                removed += try store.removeBodies(sender: record.sender, exchangeID: record.id)
                // What was let out stays in the register: the receiver does not forget by our deleting.
                try store.eraseReleaseTruth(sender: record.sender, exchangeID: record.id)
                try entries.record(
                    [
                        LedgerEvent(
                            .exchangeErased, exchange: record.id,
                            LedgerData.outcome("erased", code: reason) + [
                                LedgerData.text("sender", record.sender), LedgerData.text("packageSHA256", record.packageDigest),
                                LedgerData.text("receiptSHA256", record.receiptDigest), LedgerData.text("manifestSHA256", record.manifestDigest),
                            ])
                    ], in: store)
            }
            return (removed, erased)
        }
        // Without their keys the files are noise already; they go when they can.
        bodies.removeFiles(of: removed)
        if erased > 0 { afterCommit() }
        return erased
    }
}
