package import Logging
package import SluiceCore
package import SluiceKit

/// Delivers what lies in the outbox and settles exchanges by their receipts.
///
/// Items are claimed for a while, so that two workers do not carry the same package; one that does all the same changes nothing, since the
/// receiver answers a repeated id with its first receipt.
package struct Courier: Sendable {
    let configuration: NodeConfiguration
    let tools: CorridorTools
    let store: any Store
    let bodies: BodyVault
    let transport: any Transport
    let entries: EntryMaker
    let faults: FaultPoints
    let counters: Counters
    let log: Logger
    let settlements: Settlements
    /// Rung when there is something to deliver, or room to deliver it.
    let wakeup: Wakeup
    let afterCommit: @Sendable () -> Void
    private let underWay = Flights()

    package init(
        configuration: NodeConfiguration, tools: CorridorTools, store: any Store, bodies: BodyVault, transport: any Transport, entries: EntryMaker,
        faults: FaultPoints, counters: Counters, settlements: Settlements, wakeup: Wakeup, log: Logger, afterCommit: @escaping @Sendable () -> Void
    ) {
        self.configuration = configuration
        self.tools = tools
        self.store = store
        self.bodies = bodies
        self.transport = transport
        self.entries = entries
        self.faults = faults
        self.counters = counters
        self.settlements = settlements
        self.wakeup = wakeup
        self.log = log
        self.afterCommit = afterCommit
    }

    /// Delivers until the task is cancelled; what is under way then is finished and recorded.
    package func run() async {
        await wakeup.each(pause: .milliseconds(configuration.delivery.pollMilliseconds)) {
            do { try await claimDue() } catch { log.error("nothing could be claimed from the outbox", metadata: ["error": "\(error)"]) }
        }
        await underWay.wait()
    }

    /// Claims what is due, as far as there is room, and sends it on its way.
    private func claimDue() async throws {
        let room = configuration.limits.deliveryConcurrentMax - underWay.count
        guard room > 0 else { return }
        for item in try await claim(atMost: room) {
            underWay.begin()
            // Not a child of the loop: a delivery that has begun is recorded whatever becomes of the loop.
            Task {
                do { try await deliver(item) } catch {
                    log.error("a delivery could not be recorded", metadata: ["exchange": "\(item.exchangeID)", "error": "\(error)"])
                }
                underWay.end()
                wakeup.ring()
            }
        }
    }

    private func claim(atMost limit: Int) async throws -> [OutboxItem] {
        let now = tools.clock.now()
        let until = now.advanced(byMilliseconds: Int64(configuration.delivery.timeoutSeconds) * 2_000)
        return try await store.write { try $0.claimOutbox(now: now, until: until, limit: limit) }
    }

    /// Claims what is due and delivers it, several at a time; returns how many were tried.
    package func deliverDue() async throws -> Int {
        let items = try await claim(atMost: configuration.limits.deliveryConcurrentMax)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for item in items { group.addTask { try await self.deliver(item) } }
            try await group.waitForAll()
        }
        return items.count
    }

    /// Puts a parked exchange back into the queue under its id; attempts and time begin anew.
    package func replay(exchangeID: String) async throws {
        let sender = configuration.participant.rawValue
        let (now, entries, policy) = (tools.clock.now(), self.entries, configuration.delivery.policy)
        try await store.write { store in
            guard var record = try store.exchange(sender: sender, id: exchangeID), let item = try store.outboxItem(exchangeID: exchangeID) else {
                throw NodeError("there is no exchange \(exchangeID) in the outbox")
            }
            guard record.state == .parked else { throw NodeError("exchange \(exchangeID) is \(record.state.rawValue); only a parked one can be replayed") }
            var delivery = OutboxDelivery(item, policy: policy)
            guard case .retry(let waiting) = delivery.replay(at: now) else { return }
            record.state = .queued
            record.reasonCode = ""
            record.reason = ""
            record.updatedAt = now
            try store.update(waiting)
            try store.update(record)
            try entries.record(
                [LedgerEvent(.exchangeReplayed, exchange: exchangeID, LedgerData.outcome("queued") + [LedgerData.text("receiver", record.receiver)])], in: store
            )
        }
        afterCommit()
    }

    private func deliver(_ item: OutboxItem) async throws {
        let sender = configuration.participant.rawValue
        let (found, stored) = try await store.read { store in
            (try store.exchange(sender: sender, id: item.exchangeID), try store.body(sender: sender, exchangeID: item.exchangeID, kind: .package))
        }
        guard let record = found, record.state == .queued, let stored else {
            // Settled by another worker in the meantime.
            try await store.write { try $0.removeOutboxItem(exchangeID: item.exchangeID) }
            return
        }
        guard let receiver = ParticipantID(item.receiver), let url = configuration.partner(receiver)?.endpoint else {
            return try await failed(
                item, record, .failed(.init(code: "no-endpoint", detail: "\(item.receiver) has no endpoint in the configuration", isTransient: false)))
        }
        do throws(TransportError) {
            let package: KeptBody
            do { package = try bodies.open(stored, of: record, mediaType: tools.seal.mediaType) } catch {
                throw TransportError(.inputOutput, detail: "\(error)")
            }
            let answer = try await transport.deliver(package, exchangeID: record.id, to: Endpoint(participant: receiver, url: url))
            faults.reached("delivered")
            switch answer {
            case .receipt(let receipt):
                do { try await settle(item, record, receipt) } catch {
                    throw TransportError(.inputOutput, detail: "\(error)")
                }
            case .busy(let seconds, let detail):
                do { try await failed(item, record, .busy(retryAfterSeconds: seconds, detail: detail)) } catch {
                    throw TransportError(.inputOutput, detail: "\(error)")
                }
            }
        } catch {
            try await failed(item, record, .failed(.init(error)))
        }
    }

    /// A verified receipt ends the exchange, accepted or refused; one that does not verify counts as a failed attempt.
    private func settle(_ item: OutboxItem, _ record: ExchangeRecord, _ receipt: [UInt8]) async throws {
        let (tools, bodies) = (self.tools, self.bodies)
        let verified: ReceiptCheck.Verified
        let body: StoredBody
        do {
            (verified, body) = try await Worker.run {
                let folder = "\(tools.spoolDirectory)/\(Identifiers.exchangeID(at: tools.clock.now())).receipt"
                defer { Folders.removeTree(folder) }
                let verified = try ReceiptCheck(tools: tools).verify(receipt, of: record, spillingInto: folder)
                let key = try bodies.storageKey.key(of: record)
                return (verified, try bodies.seal(.bytes(receipt), .receipt, sender: record.sender, exchangeID: record.id, key: key))
            }
        } catch let refusal as Refusal {
            return try await failed(item, record, .failed(.init(code: refusal.code, detail: refusal.detail, isTransient: true)))
        }
        var settled = record
        settled.state = verified.document.outcome == .accepted ? .receipted : .refusedByReceiver
        settled.reasonCode = verified.document.reasonCode
        settled.reason = verified.document.reason
        settled.receiptDigest = tools.hashing.sha256(receipt).hex
        settled.updatedAt = tools.clock.now()
        if verified.document.outcome == .refused { settled.findingsJSON = verified.findingsJSON }
        let event = LedgerEvent(
            .receiptVerified, exchange: record.id,
            LedgerData.outcome(verified.document.outcome.rawValue, code: verified.document.reasonCode) + [
                LedgerData.text("receiptManifestSHA256", verified.manifestDigest), LedgerData.text("certificateSHA256", verified.certificateDigest),
                LedgerData.text("answers", record.manifestDigest), LedgerData.text("receiver", record.receiver),
                LedgerData.count("attempts", item.attempts + 1),
                LedgerData.text("answeredAt", verified.document.answeredAt),
            ])
        let (changed, entries) = (settled, self.entries)
        try await store.write { store in
            // Another worker may have been first: the receipt is the same, and is recorded once.
            guard try store.exchange(sender: changed.sender, id: changed.id)?.state == .queued else { return }
            try store.update(changed)
            try store.put(body)
            try store.removeOutboxItem(exchangeID: changed.id)
            try entries.record([event], in: store)
            try store.publish(BusEvents.message(changed.state == .receipted ? "exchange.receipted" : "exchange.refused", changed, at: changed.updatedAt))
        }
        counters.add(\.deliveriesSucceeded)
        faults.reached("settled")
        settlements.settled(settled)
        afterCommit()
    }

    private func failed(_ item: OutboxItem, _ record: ExchangeRecord, _ event: Delivery.Event) async throws {
        let now = tools.clock.now()
        var delivery = OutboxDelivery(item, policy: configuration.delivery.policy)
        counters.add(\.deliveriesFailed)
        var record = record
        record.updatedAt = now
        var kind = LedgerEvent.Kind.deliveryFailed
        var code = "delivery.busy"
        if case .failed(let failure) = event { code = "delivery.\(failure.code)" }
        let changed: OutboxItem
        switch delivery.handle(event, at: now, random: UInt64.random(in: 0 ... .max)) {
        case .settle: return
        case .retry(let item): changed = item
        case .park(let item, let reason):
            changed = item
            kind = .exchangeParked
            record.state = .parked
            record.reasonCode = reason.code.rawValue
            record.reason = reason.detail
            counters.add(\.deliveriesParked)
        }
        log.warning(
            "not delivered",
            metadata: [
                "exchange": "\(item.exchangeID)", "receiver": "\(item.receiver)", "attempts": "\(changed.attempts)", "parked": "\(changed.isParked)",
                "reason": "\(changed.lastError)",
            ])
        // The reason's words may name hosts and paths; the ledger takes the code alone.
        let noted = LedgerEvent(
            kind, exchange: item.exchangeID,
            LedgerData.outcome("failed", code: code) + [
                LedgerData.count("attempts", changed.attempts), LedgerData.text("receiver", item.receiver),
            ])
        let (settled, entries) = (record, self.entries)
        try await store.write { store in
            // A receipt that another worker brought home in the meantime stands.
            guard try store.exchange(sender: settled.sender, id: settled.id)?.state == .queued else { return }
            try store.update(changed)
            try store.update(settled)
            try entries.record([noted], in: store)
        }
        if settled.state == .parked { settlements.settled(settled) }
        afterCommit()
    }
}
