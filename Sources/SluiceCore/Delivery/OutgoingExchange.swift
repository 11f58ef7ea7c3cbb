package import SluiceKit

/// The sender's machine for one exchange: what happened goes in, what to store and to do comes out. No clock, socket, file or chance of its own.
///
/// Made inside the transaction from what the store holds there, so that a result that comes late, from a worker whose claim ran out,
/// is judged by how things stand and not by how they stood. Docs/ExchangeProtocol.md has the table of events and states.
package struct OutgoingExchange: Hashable, Sendable {
    package enum Event: Hashable, Sendable {
        /// A worker claimed it from the outbox.
        case due
        /// The attempt under this claim (the item's `claimedUntil`) ended without a receipt.
        case ended(Ending, claim: Instant?)
        /// A receipt that verified: the attempt's own under its claim, or (nil) one that came by itself, perhaps late or twice.
        case receipt(Receipt, claim: Instant?)
        /// By an operator, with the reason given.
        case park(detail: String)
        case cancel(detail: String)
        /// nil where nobody asked who it was.
        case replay(by: String?)
        /// A second person approved or refused what waits for it.
        case ruled(ReleaseRuling)
        /// Asked at the start, every hour and after the clock was set: what is past its time, and what waits for a time that was a wrong clock's.
        case timeChecked
    }

    /// How an attempt ended that brought no receipt.
    package enum Ending: Hashable, Sendable {
        case busy(retryAfterSeconds: Int?, detail: String)
        /// The transport took it; the receipt comes by itself.
        case handedOver
        case failed(Delivery.Failure)
        /// The upload broke, and the receiver keeps so many bytes more than before.
        case broken(bytesGained: Int, Delivery.Failure)
        /// An answer came whose seal, signer, exchange or digest is not what it has to be.
        case receiptNotVerified(code: String, detail: String)
    }

    package enum Action: Hashable, Sendable {
        /// Send the package; a long one asks the receiver first how much of it is there.
        case attempt(asksOffset: Bool)
        /// Store all of this in the transaction from which the machine was made.
        case commit(Change)
        case nothing(Idle)
    }

    /// One transaction's worth of change.
    package struct Change: Hashable, Sendable {
        package enum Outbox: Hashable, Sendable { case keep, insert(OutboxItem), update(OutboxItem), remove }
        package var record: ExchangeRecord
        package var outbox: Outbox
        /// To be appended in this order; each change of state has exactly one.
        package var events: [LedgerEvent]
        /// What the bus is told, without the dataflow; nil for nothing.
        package var topic: String?
    }

    /// Why there is nothing to do; for the operator who asked, and the log.
    package enum Idle: String, Hashable, Sendable {
        case settled = "it is settled already"
        case repeated = "this receipt is known"
        /// Another worker has taken over, or a person has stepped in.
        case superseded = "the attempt is no longer the current one"
        case notParked = "only a parked exchange can be replayed"
        case isParked = "it is parked already"
        case underWay = "an attempt may have reached the receiver; park it first"
        case notInOutbox = "it is not in the outbox"
        case timely = "it is within its time"
        case awaitsApproval = "it waits for approval; nothing was sent"
        case notAwaiting = "it does not wait for approval"
        case selfApproval = "whoever sent it cannot rule on it; somebody else has to. Whoever sent it may cancel it"
        /// A refusal for the sake of a clock: neither an outcome nor an attempt of ours.
        case provisional = "the receipt refuses for now only"
    }

    package private(set) var record: ExchangeRecord
    /// nil once it has left the outbox.
    package private(set) var item: OutboxItem?
    package let policy: DeliveryPolicy
    /// Nothing is sent after this.
    package let validUntil: Instant

    /// Longest text that is kept of a reason, in characters.
    package static let detailLengthMax = 500

    /// - Parameters:
    ///   - item: as the outbox holds it; nil when it holds none.
    ///   - validUntil: an earlier end than the policy's, such as the agreement's.
    package init(_ record: ExchangeRecord, item: OutboxItem?, policy: DeliveryPolicy = .remote, validUntil: Instant? = nil) {
        self.record = record
        self.item = item
        self.policy = policy
        let end = record.createdAt.adding(max(0, policy.validityMilliseconds))
        self.validUntil = validUntil.map { min($0, end) } ?? end
    }

    /// - Parameter random: any value, from the caller's generator; spreads the retries.
    package mutating func handle(_ event: Event, at now: Instant, random: UInt64) -> Action {
        switch event {
        case .due: due(at: now, random)
        case .ended(let ending, let claim): ended(ending, claim, at: now, random)
        case .receipt(let receipt, let claim): arrived(receipt, claim, at: now, random)
        case .park(let detail): park(detail, at: now)
        case .cancel(let detail): cancel(detail, at: now)
        case .replay(let person): replay(by: person, at: now)
        case .ruled(let ruling): ruled(ruling, at: now)
        case .timeChecked: checkTime(at: now, random)
        }
    }

    // MARK: Attempts

    private var isWaiting: Bool { record.state == .queued || record.state == .handedOver }

    private mutating func due(at now: Instant, _ random: UInt64) -> Action {
        guard let item else { return .nothing(.notInOutbox) }
        guard isWaiting else {
            // Not reached while state and outbox change together; an item left over must not be sent, nor hold back those behind it.
            return record.state == .parked ? .nothing(.isParked) : .commit(Change(record: record, outbox: .remove, events: [], topic: nil))
        }
        if now > validUntil { return expire(at: now) }
        guard record.state == .handedOver else { return .attempt(asksOffset: record.bytes >= policy.resumeBytesMin) }
        let days = "no receipt came within \(policy.replyMillisecondsMax / 60_000) minutes of the handing over"
        return retry(item, .failed(Delivery.Failure(code: "no-receipt", detail: days, isTransient: true)), code: "delivery.no-receipt", at: now, random)
    }

    private mutating func ended(_ ending: Ending, _ claim: Instant?, at now: Instant, _ random: UInt64) -> Action {
        guard record.state == .queued, let item, let claim, item.claimedUntil == claim else {
            return .nothing(record.state.isSettled ? .settled : .superseded)
        }
        switch ending {
        case .busy(let seconds, let detail):
            return retry(item, .busy(retryAfterSeconds: seconds, detail: detail), code: "delivery.busy", at: now, random)
        case .failed(let failure):
            return retry(item, .failed(failure), code: "delivery.\(failure.code)", at: now, random)
        case .broken(let gained, let failure):
            let event: Delivery.Event = gained >= max(1, policy.progressBytesMin) ? .progressed(failure) : .failed(failure)
            return retry(item, event, code: "delivery.\(failure.code)", at: now, random)
        case .receiptNotVerified(let code, let detail):
            return retry(item, .failed(Delivery.Failure(code: code, detail: detail, isTransient: true)), code: "delivery.\(code)", at: now, random)
        case .handedOver:
            var item = item
            item.claimedUntil = nil
            item.nextAttemptAt = now.adding(max(1, policy.replyMillisecondsMax))
            item.lastError = "handed over; waiting for the receipt"
            record.state = .handedOver
            return commit(.update(item), [.init(.exchangeHandedOver, exchange: record.id, progress("handed-over", attempts: item.attempts))], at: now)
        }
    }

    private mutating func retry(_ item: OutboxItem, _ event: Delivery.Event, code: String, at now: Instant, _ random: UInt64) -> Action {
        var item = item
        var delivery = Delivery(policy: policy, attempts: item.attempts, waitingSince: item.waitingSince)
        let action = delivery.handle(event, at: now, random: random)
        item.attempts = delivery.attempts
        item.claimedUntil = nil
        switch action {
        case .retry(let instant, let because):
            item.nextAttemptAt = instant
            item.lastError = Self.bounded(because)
            record.state = .queued
            return commit(.update(item), [LedgerEvent(.deliveryFailed, exchange: record.id, progress("failed", code: code, attempts: item.attempts))], at: now)
        case .park(let reason):
            return store(item, parkedFor: reason, code: code, at: now)
        case .settle:
            // Failures and "busy" never settle.
            return .nothing(.settled)
        }
    }

    // MARK: Receipts

    private mutating func arrived(_ receipt: Receipt, _ claim: Instant?, at now: Instant, _ random: UInt64) -> Action {
        if receipt.isForNow { return refusedForNow(receipt, claim, at: now, random) }
        let data =
            LedgerData.outcome(receipt.outcome.rawValue, code: receipt.reasonCode) + [
                LedgerData.text("receiptManifestSHA256", receipt.manifestDigest), LedgerData.text("certificateSHA256", receipt.certificateDigest),
                LedgerData.text("answers", record.manifestDigest), LedgerData.text("receiver", record.receiver),
                LedgerData.text("answeredAt", receipt.answeredAt),
            ]
        switch record.state {
        case .receipted, .refusedByReceiver:
            if receipt.digest == record.receiptDigest { return .nothing(.repeated) }
            // The first one stays. Two answers under one signature are the receiver's to explain, and the ledger is where they can be asked from.
            let conflict = LedgerEvent(.receiptConflicting, exchange: record.id, data + [LedgerData.text("settledAs", record.state.rawValue)])
            return .commit(Change(record: record, outbox: .keep, events: [conflict], topic: nil))
        case .queued, .handedOver, .parked, .expired, .cancelled:
            // Also when we had given it up: what the receiver signed is what happened.
            let attempts = (item?.attempts ?? 0) + (claim == nil ? 0 : 1)
            record.state = receipt.outcome == .accepted ? .receipted : .refusedByReceiver
            record.reasonCode = receipt.reasonCode
            record.reason = Self.bounded(receipt.reason)
            record.receiptDigest = receipt.digest
            if receipt.outcome == .refused { record.findingsJSON = receipt.findingsJSON }
            let event = LedgerEvent(.receiptVerified, exchange: record.id, data + [LedgerData.count("attempts", attempts)])
            return commit(.remove, [event], topic: record.state == .receipted ? "exchange.receipted" : "exchange.refused", at: now)
        case .refusedHere, .awaitingApproval, .received, .accepted, .refused:
            return .nothing(.settled)
        }
    }

    private mutating func refusedForNow(_ receipt: Receipt, _ claim: Instant?, at now: Instant, _ random: UInt64) -> Action {
        let isAnswer = claim == nil ? record.state == .handedOver : record.state == .queued && item?.claimedUntil == claim
        guard isAnswer, let item else { return .nothing(.provisional) }
        let failure = Delivery.Failure(code: receipt.reasonCode, detail: receipt.reason, isTransient: true)
        return retry(item, .failed(failure), code: "delivery.\(receipt.reasonCode)", at: now, random)
    }

    // MARK: People

    private mutating func park(_ detail: String, at now: Instant) -> Action {
        guard isWaiting, let item else {
            return .nothing(record.state == .parked ? .isParked : record.state == .awaitingApproval ? .awaitsApproval : .settled)
        }
        return store(item, parkedFor: Delivery.ParkReason(code: .byHand, detail: detail), code: Delivery.ParkReason.Code.byHand.rawValue, at: now)
    }

    private mutating func cancel(_ detail: String, at now: Instant) -> Action {
        guard isWaiting || record.state == .parked || record.state == .awaitingApproval else { return .nothing(.settled) }
        // An attempt leaves one of these behind, even one that ended in a crash: until then nothing can have reached the receiver.
        let isUntried = record.state == .queued && item.map { $0.attempts == 0 && $0.claimedUntil == nil && $0.lastError.isEmpty } ?? false
        guard record.state == .parked || record.state == .awaitingApproval || isUntried else { return .nothing(.underWay) }
        record.state = .cancelled
        record.reasonCode = "delivery.cancelled"
        record.reason = Self.bounded(detail)
        let event = LedgerEvent(.exchangeCancelled, exchange: record.id, progress("cancelled", code: record.reasonCode, attempts: item?.attempts ?? 0))
        return commit(.remove, [event], topic: "exchange.cancelled", at: now)
    }

    private mutating func replay(by person: String?, at now: Instant) -> Action {
        guard record.state == .parked else {
            return .nothing(record.state == .awaitingApproval ? .awaitsApproval : record.state.isSettled ? .settled : .notParked)
        }
        guard var item else { return .nothing(.notInOutbox) }
        // The receiver would refuse it as stale.
        if now > validUntil { return expire(at: now) }
        item.isParked = false
        item.attempts = 0
        item.waitingSince = now
        item.nextAttemptAt = now
        item.claimedUntil = nil
        // Keeps the trace that it was tried, which `cancel` asks for.
        item.lastError = Self.bounded("replayed\(person.map { " by \($0)" } ?? ""); before that: \(item.lastError)")
        record.state = .queued
        record.reasonCode = ""
        record.reason = ""
        return commit(.update(item), [LedgerEvent(.exchangeReplayed, exchange: record.id, progress("queued", attempts: 0))], at: now)
    }

    /// Approved, it goes into the outbox as sealed; the order of a lane is the order of approval.
    private mutating func ruled(_ ruling: ReleaseRuling, at now: Instant) -> Action {
        guard record.state == .awaitingApproval else { return .nothing(.notAwaiting) }
        guard ruling.person != ruling.sentBy else { return .nothing(.selfApproval) }
        if now > validUntil { return expire(at: now) }
        switch ruling.verdict {
        case .refuse(let reason):
            record.state = .refusedHere
            record.reasonCode = ReleaseRuling.refusedCode
            record.reason = Self.bounded("by \(ruling.person): \(reason)")
            let data = LedgerData.outcome("refused", code: record.reasonCode) + [LedgerData.text("by", record.sender)] + ruling.ledgerData
            return commit(.keep, [LedgerEvent(.exchangeRefused, exchange: record.id, data)], topic: "exchange.refused", at: now)
        case .approve(let sealed):
            record.state = .queued
            record.seal = sealed.seal
            record.packageDigest = sealed.packageDigest
            record.manifestDigest = sealed.manifestDigest
            record.bytes = sealed.bytes
            let item = OutboxItem(exchangeID: record.id, receiver: record.receiver, dataflow: record.dataflow, nextAttemptAt: now)
            let approved = LedgerEvent(
                .exchangeApproved, exchange: record.id,
                LedgerData.outcome("approved") + [LedgerData.text("receiver", record.receiver)] + ruling.ledgerData)
            let queued = LedgerEvent(
                .exchangeQueued, exchange: record.id, [LedgerData.text("receiver", record.receiver), LedgerData.text("outcome", "queued")])
            return commit(.insert(item), [approved] + sealed.events + [queued], topic: "exchange.queued", at: now)
        }
    }

    // MARK: Time

    private mutating func expire(at now: Instant) -> Action {
        let last = record.state == .awaitingApproval ? "nobody approved it" : "the last try: \(item?.lastError ?? "")"
        record.state = .expired
        record.reasonCode = "delivery.expired"
        record.reason = Self.bounded("not delivered by \(validUntil.rfc3339); \(last)")
        let event = LedgerEvent(.exchangeExpired, exchange: record.id, progress("expired", code: record.reasonCode, attempts: item?.attempts ?? 0))
        return commit(.remove, [event], topic: "exchange.expired", at: now)
    }

    /// Expires what is past its time, parked or not, and takes back times that only a clock that was ahead can have set.
    private mutating func checkTime(at now: Instant, _ random: UInt64) -> Action {
        if record.state == .awaitingApproval { return now > validUntil ? expire(at: now) : .nothing(.timely) }
        guard isWaiting || record.state == .parked else { return .nothing(.settled) }
        guard var item else { return .nothing(.notInOutbox) }
        let claimEnd = now.adding(max(0, policy.claimMillisecondsMax))
        let isHeld = item.claimedUntil.map { $0 > now && $0 <= claimEnd } ?? false
        if now > validUntil, !isHeld { return expire(at: now) }
        let before = item
        if let claim = item.claimedUntil, claim > claimEnd { item.claimedUntil = nil }
        if item.waitingSince > now { item.waitingSince = now }
        let longest = record.state == .handedOver ? policy.replyMillisecondsMax : max(policy.delayMillisecondsMax, policy.busyDelayMillisecondsMax)
        if item.nextAttemptAt > now.adding(max(1, longest)) { item.nextAttemptAt = now.adding(policy.delayMilliseconds(afterAttempts: 1, random: random)) }
        guard item != before else { return .nothing(.timely) }
        self.item = item
        return .commit(Change(record: record, outbox: .update(item), events: [], topic: nil))
    }

    // MARK: Changes

    private mutating func store(_ item: OutboxItem, parkedFor reason: Delivery.ParkReason, code: String, at now: Instant) -> Action {
        var item = item
        item.isParked = true
        item.claimedUntil = nil
        item.lastError = Self.bounded(reason.detail)
        record.state = .parked
        record.reasonCode = reason.code.rawValue
        record.reason = item.lastError
        // The reason's words may name hosts and paths; the ledger takes the codes alone.
        let data = progress("failed", code: code, attempts: item.attempts) + [LedgerData.text("parkedFor", reason.code.rawValue)]
        return commit(.update(item), [LedgerEvent(.exchangeParked, exchange: record.id, data)], topic: "exchange.parked", at: now)
    }

    private func progress(_ outcome: String, code: String = "", attempts: Int) -> [JSONMember] {
        LedgerData.outcome(outcome, code: code) + [LedgerData.count("attempts", attempts), LedgerData.text("receiver", record.receiver)]
    }

    private mutating func commit(_ outbox: Change.Outbox, _ events: [LedgerEvent], topic: String? = nil, at now: Instant) -> Action {
        record.updatedAt = now
        switch outbox {
        case .keep: break
        case .insert(let item), .update(let item): self.item = item
        case .remove: item = nil
        }
        return .commit(Change(record: record, outbox: outbox, events: events, topic: topic))
    }

    private static func bounded(_ text: String) -> String { String(text.prefix(detailLengthMax)) }
}

extension ExchangeRecord {
    /// Until when it may leave, where its own term ends that: nothing is sent that nobody may keep any longer. A retention of no time at all says that nothing
    /// stays once it was delivered; it does not stop the delivery.
    package var leavesUntil: Instant? { retainUntil.flatMap { $0 > createdAt ? $0 : nil } }
}
