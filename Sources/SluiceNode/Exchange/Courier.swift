package import Logging
package import SluiceCore
package import SluiceKit
internal import Synchronization

/// Delivers what lies in the outbox and settles exchanges by their receipts.
///
/// Items are claimed for a while, so that two workers do not carry the same package; one that does all the same changes nothing, since the
/// receiver answers a repeated id with its first receipt.
package struct Courier: Sendable {
    let configuration: NodeConfiguration
    let partners: Partners
    let tools: CorridorTools
    let store: any Store
    let bodies: BodyVault
    let transports: Transports
    package let entries: EntryMaker
    let faults: FaultPoints
    let counters: Counters
    let log: Logger
    let settlements: Settlements
    /// Rung when there is something to deliver, or room to deliver it.
    let wakeup: Wakeup
    let afterCommit: @Sendable () -> Void
    private let underWay = Flights()

    package init(
        configuration: NodeConfiguration, partners: Partners, tools: CorridorTools, store: any Store, bodies: BodyVault, transports: Transports,
        entries: EntryMaker,
        faults: FaultPoints, counters: Counters, settlements: Settlements, wakeup: Wakeup, log: Logger, afterCommit: @escaping @Sendable () -> Void
    ) {
        self.configuration = configuration
        self.partners = partners
        self.tools = tools
        self.store = store
        self.bodies = bodies
        self.transports = transports
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
        let (clockWatch, clockWasSet) = (ClockWatch(tools.clock), Wakeup())
        let timeChecks = Task {
            await clockWasSet.each(pause: .seconds(Self.timeCheckSeconds)) {
                do { try await checkTimes() } catch { log.error("the outbox could not be looked through", metadata: ["error": "\(error)"]) }
            }
        }
        defer { timeChecks.cancel() }
        await wakeup.each(pause: .milliseconds(configuration.delivery.pollMilliseconds)) {
            if let step = clockWatch.look() {
                log.warning(
                    "the clock of this machine was set, or it slept; the times of all open exchanges are looked at", metadata: ["milliseconds": "\(step)"])
                clockWasSet.ring()
            }
            do { try await claimDue() } catch { log.error("nothing could be claimed from the outbox", metadata: ["error": "\(error)"]) }
        }
        await underWay.wait()
    }

    /// How often the outbox is looked through for what has expired, and for times of a clock that was wrong, when the clock goes on as it should.
    static let timeCheckSeconds = 3_600

    /// Claims what is due, as far as there is room, and sends it on its way.
    private func claimDue() async throws {
        let room = configuration.limits.deliveryConcurrentMax - underWay.count
        guard room > 0 else { return }
        for claimed in try await claim(atMost: room) {
            underWay.begin()
            // Not a child of the loop: a delivery that has begun is recorded whatever becomes of the loop.
            Task {
                do { try await deliver(claimed) } catch {
                    log.error("a delivery could not be recorded", metadata: ["exchange": "\(claimed.item.exchangeID)", "error": "\(error)"])
                }
                underWay.end()
                wakeup.ring()
            }
        }
    }

    /// What is held, with all that its delivery needs of the store: read where it is claimed, from pages that were written a moment ago.
    private struct Claimed: Sendable {
        var item: OutboxItem
        var record: ExchangeRecord?
        var package: StoredBody?
    }

    private func claim(atMost limit: Int) async throws -> [Claimed] {
        // A receipt that could not be recorded would be lost.
        guard entries.gate.whyShut == nil else { return [] }
        let (now, sender) = (tools.clock.now(), configuration.participant.rawValue)
        let until = now.advanced(byMilliseconds: claimMilliseconds)
        return try await store.write { store in
            try store.claimOutbox(now: now, until: until, limit: limit).map { item in
                Claimed(
                    item: item, record: try store.exchange(sender: sender, id: item.exchangeID),
                    package: try store.body(sender: sender, exchangeID: item.exchangeID, kind: .package))
            }
        }
    }

    /// How long an item is held. A delivery that takes longer renews its claim; after a crash the item is free again when it has run out.
    private var claimMilliseconds: Int64 { Int64(configuration.delivery.timeoutSeconds) * 2_000 }

    /// Claims what is due and delivers it, several at a time; returns how many were tried.
    package func deliverDue() async throws -> Int {
        let claimed = try await claim(atMost: configuration.limits.deliveryConcurrentMax)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for claimed in claimed { group.addTask { try await self.deliver(claimed) } }
            try await group.waitForAll()
        }
        return claimed.count
    }

    // MARK: What an operator asks for

    /// Parks, cancels or replays an exchange.
    /// - Throws: `NodeError` when its state does not allow it, in words.
    package func operate(_ event: OutgoingExchange.Event, exchangeID: String) async throws {
        if case .nothing(let idle) = try await advance(exchangeID, event) { throw NodeError("exchange \(exchangeID): \(idle.rawValue)") }
        wakeup.ring()
    }

    /// Commits a second person's ruling, with what was sealed for it, in the place of what waited.
    /// - Returns: why nothing was done; nil when it was.
    func rule(_ ruling: ReleaseRuling, exchangeID: String, keeping kept: [StoredBody]) async throws -> OutgoingExchange.Idle? {
        let action = try await advance(exchangeID, .ruled(ruling), replacing: kept)
        guard case .commit(let change) = action, change.record.state != .expired else {
            bodies.removeFiles(of: kept)
            if case .nothing(let idle) = action { return idle }
            return .settled
        }
        faults.reached("ruled")
        wakeup.ring()
        return nil
    }

    /// Looks at every exchange in the outbox: what is past its time expires, and times that only a wrong clock can have set are taken back.
    package func checkTimes() async throws {
        var last: Int64 = 0
        while true {
            let after = last
            let items = try await store.read { try $0.outboxItems(after: after, limit: Self.itemsPerLook) }
            for item in items where try await isUntimely(item) { _ = try await advance(item.exchangeID, .timeChecked) }
            guard let sequence = items.last?.sequence else { break }
            last = sequence
        }
        try await checkWaitingTimes()
    }

    /// What waits for approval is in no outbox.
    private func checkWaitingTimes() async throws {
        var before: String?
        while true {
            let filter = ExchangeFilter(state: .awaitingApproval, direction: .outgoing, before: before, limit: Self.itemsPerLook)
            let records = try await store.read { try $0.exchanges(filter) }
            for record in records {
                var exchange = machine(record, nil)
                guard case .commit = exchange.handle(.timeChecked, at: tools.clock.now(), random: 0) else { continue }
                _ = try await advance(record.id, .timeChecked)
            }
            guard let last = records.last else { return }
            before = last.id
        }
    }

    private static let itemsPerLook = 256

    /// Asked before a transaction is begun: nearly all items are in time.
    private func isUntimely(_ item: OutboxItem) async throws -> Bool {
        let sender = configuration.participant.rawValue
        guard let record = try await store.read({ try $0.exchange(sender: sender, id: item.exchangeID) }) else { return false }
        var exchange = machine(record, item)
        if case .commit = exchange.handle(.timeChecked, at: tools.clock.now(), random: 0) { return true }
        return false
    }

    /// Nothing is sent that nobody may keep any longer, however much time the policy would give it.
    private func machine(_ record: ExchangeRecord, _ item: OutboxItem?) -> OutgoingExchange {
        OutgoingExchange(record, item: item, policy: policy(for: record.receiver), validUntil: record.leavesUntil)
    }

    /// By the way that packages go to a participant now.
    private func policy(for receiver: String) -> DeliveryPolicy {
        guard let receiver = ParticipantID(receiver), let endpoint = partners.endpoint(of: receiver), transports.carries(to: endpoint) else {
            return configuration.delivery.policy
        }
        return configuration.delivery.folder.policy
    }

    // MARK: One delivery

    private func deliver(_ claimed: Claimed) async throws {
        let item = claimed.item
        guard let record = claimed.record else { throw NodeError("the outbox holds exchange \(item.exchangeID), of which there is no record") }
        var exchange = machine(record, item)
        guard case .attempt(let asksOffset) = exchange.handle(.due, at: tools.clock.now(), random: 0) else {
            _ = try await advance(item.exchangeID, .due)
            return
        }
        let claim = Claim(item.claimedUntil)
        let renewal = Task { await renew(claim, item.exchangeID) }
        let ending = await attempt(record, claimed.package, sequence: item.sequence, asksOffset: asksOffset)
        renewal.cancel()
        await renewal.value
        switch ending {
        case .receipt(let receipt): try await take(receipt, of: record, claim: claim.until)
        case .ended(let ending): try await ended(ending, record, claim: claim.until)
        }
    }

    /// How soon what waits for a suspended agreement is looked at again.
    static let suspensionSeconds = 300

    private enum AttemptEnd: Sendable {
        case receipt([UInt8])
        case ended(OutgoingExchange.Ending)
    }

    private func attempt(_ record: ExchangeRecord, _ stored: StoredBody?, sequence: Int64, asksOffset: Bool) async -> AttemptEnd {
        func failed(_ code: String, _ detail: String, isTransient: Bool = false) -> AttemptEnd {
            .ended(.failed(Delivery.Failure(code: code, detail: detail, isTransient: isTransient)))
        }
        guard let stored else { return failed("package-missing", "the package of the exchange is not in the store") }
        guard let receiver = ParticipantID(record.receiver), let endpoint = partners.endpoint(of: receiver) else {
            return failed("no-endpoint", "\(record.receiver) has no endpoint in the configuration")
        }
        let standing = tools.book.now
        if standing.isInDoubt {
            return .ended(.busy(retryAfterSeconds: Self.suspensionSeconds, detail: "what was said of an agreement cannot be told any more; see the log"))
        }
        if let stopped = tools.book.suspended(among: record.agreement) {
            // Not counted as a failure: it is ours to lift. What was decided under it does not leave meanwhile.
            return .ended(.busy(retryAfterSeconds: Self.suspensionSeconds, detail: "\(stopped.agreement.name) is suspended"))
        }
        var package: KeptBody
        guard let seal = tools.seal(record.seal) else { return failed("seal-unknown", "the seal \(record.seal) is not of this build") }
        do { package = try bodies.open(stored, of: record, mediaType: seal.mediaType) } catch {
            return failed("package-unreadable", "\(error)", isTransient: true)
        }
        package.sha256 = SHA256Digest(hex: record.packageDigest)
        do throws(TransportError) {
            let answer = try await deliver(package, of: record, sequence: sequence, asksOffset: asksOffset, to: endpoint)
            faults.reached("delivered")
            return switch answer {
            case .receipt(let receipt): .receipt(receipt)
            case .busy(let seconds, let detail): .ended(.busy(retryAfterSeconds: seconds, detail: detail))
            case .handedOver: .ended(.handedOver)
            }
        } catch {
            let failure = Delivery.Failure(error)
            return .ended(error.bytesGained > 0 ? .broken(bytesGained: error.bytesGained, failure) : .failed(failure))
        }
    }

    private func deliver(
        _ package: KeptBody, of record: ExchangeRecord, sequence: Int64, asksOffset: Bool, to endpoint: Endpoint
    ) async throws(TransportError) -> DeliveryAnswer {
        if asksOffset, let digest = SHA256Digest(hex: record.packageDigest) {
            return try await transports.deliver(package, exchangeID: record.id, sequence: sequence, resuming: digest, to: endpoint)
        }
        return try await transports.deliver(package, exchangeID: record.id, sequence: sequence, to: endpoint)
    }

    /// Keeps the claim ahead of the clock while a long delivery goes on.
    private func renew(_ claim: Claim, _ exchangeID: String) async {
        while true {
            do { try await Patience.wait(for: .milliseconds(claimMilliseconds / 2)) } catch { return }
            let until = tools.clock.now().advanced(byMilliseconds: claimMilliseconds)
            let held = claim.until
            // A claim that another worker has taken over is not taken back.
            let isRenewed = try? await store.write { store in
                guard var item = try store.outboxItem(exchangeID: exchangeID), item.claimedUntil == held else { return false }
                item.claimedUntil = until
                try store.update(item)
                return true
            }
            if isRenewed == true { claim.until = until }
        }
    }

    /// A verified receipt ends the exchange, accepted or refused; one that does not verify counts as a failed attempt.
    private func take(_ receipt: [UInt8], of record: ExchangeRecord, claim: Instant?) async throws {
        let verified: (receipt: OutgoingExchange.Receipt, body: StoredBody?)
        do { verified = try await verify(receipt, of: record) } catch let refusal as Refusal {
            return try await ended(.receiptNotVerified(code: refusal.code, detail: refusal.detail), record, claim: claim)
        } catch let trouble as OwnTrouble {
            return try await ended(.failed(Delivery.Failure(code: trouble.code, detail: trouble.detail, isTransient: true)), record, claim: claim)
        }
        try await settle(record, by: verified.receipt, keeping: verified.body, claim: claim)
    }

    /// Takes a receipt that came by itself, perhaps late or twice.
    /// - Throws: `Refusal` where it answers nothing that this node sent to `peer`, or does not verify: it changes nothing; `OwnTrouble`, and what the store throws.
    package func received(_ receipt: [UInt8], exchangeID: String, from peer: ParticipantID) async throws {
        let sender = configuration.participant.rawValue
        let found = try await store.read { try $0.exchange(sender: sender, id: exchangeID) }
        guard let record = found, record.direction == .outgoing else { throw Refusal("receipt.exchange", "this node sent no exchange \(exchangeID)") }
        guard record.receiver == peer.rawValue else {
            throw Refusal("receipt.signer", "exchange \(exchangeID) went to \(record.receiver), and its receipt lay with what comes from \(peer)")
        }
        // The one that settled it, again: verified when it came, and as good when its certificate has ended since.
        if record.receiptDigest == tools.hashing.sha256(receipt).hex { return }
        let (verified, body) = try await verify(receipt, of: record)
        try await settle(record, by: verified, keeping: body, claim: nil)
        // What waited behind it may go.
        wakeup.ring()
    }

    private func settle(_ record: ExchangeRecord, by receipt: OutgoingExchange.Receipt, keeping body: StoredBody?, claim: Instant?) async throws {
        let action = try await advance(record.id, .receipt(receipt, claim: claim), keeping: body, of: receipt.digest)
        if case .commit(let change) = action, change.record.receiptDigest == receipt.digest { counters.add(\.deliveriesSucceeded) }
        faults.reached("settled")
    }

    /// What a receipt says, and how it is kept; nil of one that comes after the erasing, which leaves its digest.
    private func verify(_ receipt: [UInt8], of record: ExchangeRecord) async throws -> (receipt: OutgoingExchange.Receipt, body: StoredBody?) {
        try await Worker.run { [tools, bodies] in
            let folder = "\(tools.spoolDirectory)/\(Identifiers.exchangeID(at: tools.clock.now())).receipt"
            defer { Folders.removeTree(folder) }
            let verified = try ReceiptCheck(tools: tools).verify(receipt, of: record, spillingInto: folder)
            guard !record.isErased else { return (verified, nil) }
            let key = try bodies.storageKey.key(of: record)
            return (verified, try bodies.seal(.bytes(receipt), .receipt, sender: record.sender, exchangeID: record.id, key: key))
        }
    }

    private func ended(_ ending: OutgoingExchange.Ending, _ record: ExchangeRecord, claim: Instant?) async throws {
        if ending == .handedOver {
            try await advance(record.id, .ended(ending, claim: claim))
            return
        }
        counters.add(\.deliveriesFailed)
        guard case .commit(let change) = try await advance(record.id, .ended(ending, claim: claim)) else { return }
        if change.record.state == .parked { counters.add(\.deliveriesParked) }
        let item: OutboxItem? = if case .update(let item) = change.outbox { item } else { nil }
        log.warning(
            "not delivered",
            metadata: [
                "exchange": "\(record.id)", "receiver": "\(record.receiver)", "attempts": "\(item?.attempts ?? 0)", "state": "\(change.record.state.rawValue)",
                "reason": "\(item?.lastError ?? change.record.reason)",
            ])
    }

    /// Asks the exchange's machine inside a transaction, from what the store holds there, and commits what it says: state, outbox, ledger and bus together.
    /// - Parameters:
    ///   - body: the receipt of that digest, kept when it became the exchange's.
    ///   - replacing: kept in the place of all other bodies, when a ruling took effect.
    @discardableResult
    private func advance(
        _ exchangeID: String, _ event: OutgoingExchange.Event, keeping body: StoredBody? = nil, of digest: String = "", replacing: [StoredBody] = []
    ) async throws -> OutgoingExchange.Action {
        let (sender, now, entries) = (configuration.participant.rawValue, tools.clock.now(), self.entries)
        let random = UInt64.random(in: 0 ... .max)
        let (action, removed) = try await store.write { store -> (OutgoingExchange.Action, [StoredBody]) in
            guard let record = try store.exchange(sender: sender, id: exchangeID), record.direction == .outgoing else {
                throw NodeError("there is no exchange \(exchangeID) that this node sent")
            }
            var exchange = machine(record, try store.outboxItem(exchangeID: exchangeID))
            let action = exchange.handle(event, at: now, random: random)
            guard case .commit(let change) = action else { return (action, []) }
            try store.update(change.record)
            switch change.outbox {
            case .keep: break
            case .insert(let item): try store.enqueue(item)
            case .update(let item): try store.update(item)
            case .remove: try store.removeOutboxItem(exchangeID: exchangeID)
            }
            if let body, change.record.receiptDigest == digest { try store.put(body) }
            var removed: [StoredBody] = []
            if !replacing.isEmpty, change.record.state != .expired {
                removed = try store.removeBodies(sender: sender, exchangeID: exchangeID)
                for body in replacing { try store.put(body) }
            }
            try entries.record(change.events, in: store)
            if let topic = change.topic { try store.publish(BusEvents.message(topic, change.record, at: now)) }
            return (action, removed)
        }
        guard case .commit(let change) = action else { return action }
        bodies.removeFiles(of: removed)
        if change.record.state.isSettled { settlements.settled(change.record) }
        afterCommit()
        return action
    }
}

/// Until when a worker holds an item, as its renewal has it.
private final class Claim: Sendable {
    private let value: Mutex<Instant?>
    init(_ until: Instant?) { value = Mutex(until) }

    var until: Instant? {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
