import SluiceCore
import SluiceKit
import Testing

@Suite struct OutgoingExchangeTests {
    private static let start = Instant(milliseconds: 1_767_600_000_000)
    private var start: Instant { Self.start }
    private let policy = DeliveryPolicy(
        attemptsMax: 3, firstDelayMilliseconds: 1_000, delayMillisecondsMax: 4_000, retryWindowMilliseconds: 50_000, busyDelayMilliseconds: 3_000,
        busyDelayMillisecondsMax: 20_000, replyMillisecondsMax: 30_000, validityMilliseconds: 100_000, resumeBytesMin: 5_000, progressBytesMin: 100,
        claimMillisecondsMax: 10_000)
    private let unreachable = Delivery.Failure(TransportError(.unreachable, detail: "no route"))

    private func later(_ milliseconds: Int64) -> Instant { start.advanced(byMilliseconds: milliseconds) }

    /// An exchange in a state, as the store would hold it: what is in the outbox is claimed until 5 s after the start.
    private func exchange(_ state: ExchangeState, attempts: Int = 0, bytes: Int = 100) -> OutgoingExchange {
        var record = ExchangeRecord(
            id: "x1", direction: .outgoing, sender: "A", receiver: "B", dataflow: "F", state: state, createdAt: start)
        record.manifestDigest = "aa"
        record.bytes = bytes
        if state == .receipted || state == .refusedByReceiver { record.receiptDigest = "first" }
        var item = OutboxItem(exchangeID: "x1", receiver: "B", dataflow: "F", sequence: 7, nextAttemptAt: start)
        item.attempts = attempts
        item.claimedUntil = state == .parked ? nil : later(5_000)
        item.isParked = state == .parked
        item.lastError = state == .parked ? "no route" : ""
        let isInOutbox = state == .queued || state == .handedOver || state == .parked
        return OutgoingExchange(record, item: isInOutbox ? item : nil, policy: policy)
    }

    private var claim: Instant? { later(5_000) }

    private func receipt(_ outcome: ReceiptDocument.Outcome, code: String = "", digest: String = "second") -> OutgoingExchange.Receipt {
        .init(outcome: outcome, reasonCode: code, reason: code, digest: digest, manifestDigest: "bb", certificateDigest: "cc", answeredAt: start.rfc3339)
    }

    private func change(_ action: OutgoingExchange.Action, _ location: SourceLocation = #_sourceLocation) -> OutgoingExchange.Change? {
        guard case .commit(let change) = action else {
            Issue.record("\(action) commits nothing", sourceLocation: location)
            return nil
        }
        return change
    }

    private func item(_ change: OutgoingExchange.Change?) -> OutboxItem? {
        guard case .update(let item) = change?.outbox else { return nil }
        return item
    }

    // MARK: Attempts

    @Test func sendsWhatIsDueAndAsksForTheOffsetOfLongPackagesOnly() {
        var short = exchange(.queued)
        var long = exchange(.queued, bytes: 5_000)
        #expect(short.handle(.due, at: start, random: 0) == .attempt(asksOffset: false))
        #expect(long.handle(.due, at: start, random: 0) == .attempt(asksOffset: true))
    }

    @Test func storesWhatTheNextWorkerNeeds() {
        var exchange = exchange(.queued)
        let change = change(exchange.handle(.ended(.failed(unreachable), claim: claim), at: start, random: 0))
        let item = item(change)
        #expect(item?.attempts == 1 && item?.claimedUntil == nil && item?.sequence == 7)
        #expect(item?.nextAttemptAt == later(1_000))
        #expect(item?.lastError == "no route [unreachable]")
        #expect(change?.record.state == .queued && change?.topic == nil)
        #expect(change?.events.map(\.kind) == [.deliveryFailed])
        #expect(change?.events.first?.data.first { $0.name == "reasonCode" }?.value.text == "delivery.unreachable")
    }

    @Test func parksWithTheReasonWhenAttemptsEnd() {
        var exchange = exchange(.queued, attempts: 2)
        let change = change(exchange.handle(.ended(.failed(unreachable), claim: claim), at: start, random: 0))
        #expect(item(change)?.isParked == true)
        #expect(change?.record.state == .parked && change?.record.reasonCode == "delivery.attempts-ended")
        #expect(change?.record.reason == "3 attempts failed, the last one: no route [unreachable]")
        #expect(change?.events.map(\.kind) == [.exchangeParked] && change?.topic == "exchange.parked")
    }

    @Test func waitsForABusyReceiverWithoutCountingIt() {
        var exchange = exchange(.queued, attempts: 2)
        let waiting = item(change(exchange.handle(.ended(.busy(retryAfterSeconds: 7, detail: "full"), claim: claim), at: start, random: 0)))
        #expect(waiting?.attempts == 2 && waiting?.nextAttemptAt == later(7_000))
    }

    @Test func countsABrokenUploadOnlyWhereItGainedTooLittle() {
        for (gained, attempts) in [(0, 1), (99, 1), (100, 0), (Int.max, 0)] {
            var exchange = exchange(.queued, bytes: 5_000)
            let waiting = item(change(exchange.handle(.ended(.broken(bytesGained: gained, unreachable), claim: claim), at: start, random: 0)))
            #expect(waiting?.attempts == attempts, "\(gained) bytes")
        }
    }

    @Test func ignoresTheResultOfAWorkerWhoseClaimRanOut() {
        var superseded = exchange(.queued)
        #expect(superseded.handle(.ended(.failed(unreachable), claim: later(1)), at: start, random: 0) == .nothing(.superseded))
        #expect(superseded.handle(.ended(.failed(unreachable), claim: nil), at: start, random: 0) == .nothing(.superseded))
        // Nobody sends while a receipt is waited for, so nothing that ended then is of an attempt.
        var handedOver = exchange(.handedOver)
        #expect(handedOver.handle(.ended(.handedOver, claim: claim), at: start, random: 0) == .nothing(.superseded))
        var parked = exchange(.parked)
        #expect(parked.handle(.ended(.failed(unreachable), claim: claim), at: start, random: 0) == .nothing(.settled))
        // Its receipt counts all the same.
        #expect(change(superseded.handle(.receipt(receipt(.accepted), claim: later(1)), at: start, random: 0))?.record.state == .receipted)
    }

    @Test func handsOverAgainWhenNoReceiptComes() {
        var exchange = exchange(.queued)
        let handed = change(exchange.handle(.ended(.handedOver, claim: claim), at: start, random: 0))
        #expect(handed?.record.state == .handedOver && handed?.events.map(\.kind) == [.exchangeHandedOver])
        // It stays first of its flow until the receipt is here, so that order holds.
        #expect(item(handed)?.nextAttemptAt == later(30_000) && item(handed)?.isParked == false)
        let missed = change(exchange.handle(.due, at: later(30_000), random: 0))
        #expect(missed?.record.state == .queued && item(missed)?.attempts == 1 && item(missed)?.nextAttemptAt == later(31_000))
        #expect(item(missed)?.lastError.contains("no receipt came") == true)
    }

    // MARK: Receipts

    @Test(arguments: [ExchangeState.queued, .handedOver, .parked, .expired, .cancelled]) func settlesByAReceiptAlsoAfterGivingUp(_ state: ExchangeState) {
        for (outcome, settled, topic) in [
            (ReceiptDocument.Outcome.accepted, ExchangeState.receipted, "exchange.receipted"), (.refused, .refusedByReceiver, "exchange.refused"),
        ] {
            var exchange = exchange(state)
            let change = change(exchange.handle(.receipt(receipt(outcome, code: "check.findings"), claim: nil), at: start, random: 0))
            #expect(change?.record.state == settled && change?.record.receiptDigest == "second" && change?.topic == topic)
            #expect(change?.outbox == .remove && change?.events.map(\.kind) == [.receiptVerified])
            #expect(exchange.handle(.receipt(receipt(outcome), claim: nil), at: start, random: 0) == .nothing(.repeated))
        }
    }

    @Test(arguments: [ExchangeState.receipted, .refusedByReceiver]) func keepsTheFirstReceiptAndRecordsAnother(_ state: ExchangeState) {
        for outcome in [ReceiptDocument.Outcome.accepted, .refused] {
            var exchange = exchange(state)
            let before = exchange.record
            let change = change(exchange.handle(.receipt(receipt(outcome), claim: nil), at: start, random: 0))
            #expect(change?.record == before && change?.outbox == .keep && change?.topic == nil)
            #expect(change?.events.map(\.kind) == [.receiptConflicting])
        }
    }

    @Test func triesAgainWhatWasRefusedForAClock() {
        let refusal = receipt(.refused, code: "verify.clock")
        var attempt = exchange(.queued)
        let waiting = change(attempt.handle(.receipt(refusal, claim: claim), at: start, random: 0))
        #expect(waiting?.record.state == .queued && item(waiting)?.attempts == 1)
        // One that comes by itself, late, is nobody's attempt.
        for state in [ExchangeState.queued, .parked, .expired, .cancelled, .receipted] {
            var other = exchange(state)
            #expect(other.handle(.receipt(refusal, claim: nil), at: start, random: 0) == .nothing(.provisional), "\(state)")
        }
    }

    @Test func countsAReceiptThatDoesNotVerifyAsAFailure() {
        var exchange = exchange(.queued)
        let change = change(exchange.handle(.ended(.receiptNotVerified(code: "receipt.signer", detail: "not theirs"), claim: claim), at: start, random: 0))
        #expect(item(change)?.attempts == 1 && change?.record.state == .queued)
    }

    // MARK: People

    @Test func cancelsOnlyWhatCannotBeAtTheReceiverOrIsParked() {
        var held = exchange(.queued)
        #expect(held.handle(.cancel(detail: "withdrawn"), at: start, random: 0) == .nothing(.underWay))
        var parked = exchange(.parked)
        let change = change(parked.handle(.cancel(detail: "withdrawn"), at: start, random: 0))
        #expect(change?.record.state == .cancelled && change?.record.reason == "withdrawn" && change?.outbox == .remove)
        var fresh = OutgoingExchange(
            held.record, item: OutboxItem(exchangeID: "x1", receiver: "B", dataflow: "F", nextAttemptAt: start), policy: policy)
        #expect(self.change(fresh.handle(.cancel(detail: "withdrawn"), at: start, random: 0))?.record.state == .cancelled)
        // A replayed one was tried once, though its attempts begin anew.
        var replayed = exchange(.parked)
        _ = replayed.handle(.replay(by: nil), at: start, random: 0)
        #expect(replayed.item?.attempts == 0)
        #expect(replayed.handle(.cancel(detail: "withdrawn"), at: start, random: 0) == .nothing(.underWay))
    }

    @Test func parksByHandAndReplaysWithNewAttemptsAndANewWindow() {
        var exchange = exchange(.queued, attempts: 2)
        let parked = change(exchange.handle(.park(detail: "the partner asked for it"), at: start, random: 0))
        #expect(parked?.record.reasonCode == "delivery.by-hand" && parked?.record.reason == "the partner asked for it")
        #expect(exchange.handle(.park(detail: "again"), at: start, random: 0) == .nothing(.isParked))
        let replayed = change(exchange.handle(.replay(by: nil), at: later(60_000), random: 0))
        #expect(replayed?.record.state == .queued && replayed?.record.reasonCode == "")
        #expect(item(replayed)?.waitingSince == later(60_000) && item(replayed)?.attempts == 0 && item(replayed)?.isParked == false)
        #expect(exchange.handle(.replay(by: nil), at: later(60_000), random: 0) == .nothing(.notParked))
    }

    // MARK: Time

    @Test func expiresWhatIsPastItsTimeParkedOrNot() {
        for state in [ExchangeState.queued, .handedOver, .parked] {
            var exchange = exchange(state)
            let change = change(exchange.handle(.timeChecked, at: later(100_001), random: 0))
            #expect(change?.record.state == .expired && change?.record.reasonCode == "delivery.expired" && change?.outbox == .remove)
            #expect(change?.events.map(\.kind) == [.exchangeExpired])
        }
        var due = exchange(.queued)
        #expect(change(due.handle(.due, at: later(100_001), random: 0))?.record.state == .expired)
        var replayed = exchange(.parked)
        #expect(change(replayed.handle(.replay(by: nil), at: later(100_001), random: 0))?.record.state == .expired)
        // The agreement may end sooner.
        let record = exchange(.queued).record
        #expect(OutgoingExchange(record, item: nil, policy: policy, validUntil: later(3)).validUntil == later(3))
        #expect(OutgoingExchange(record, item: nil, policy: policy, validUntil: later(200_000)).validUntil == later(100_000))
    }

    @Test func doesNotExpireUnderAWorkersHands() {
        var record = exchange(.queued).record
        record.createdAt = start.advanced(byMilliseconds: -100_000)
        var held = OutgoingExchange(record, item: exchange(.queued).item, policy: policy)
        #expect(held.handle(.timeChecked, at: later(1), random: 0) == .nothing(.timely))
        #expect(change(held.handle(.timeChecked, at: later(5_000), random: 0))?.record.state == .expired)
    }

    @Test func takesBackTimesThatAWrongClockSet() {
        var item = OutboxItem(exchangeID: "x1", receiver: "B", dataflow: "F", nextAttemptAt: later(600_000))
        item.claimedUntil = later(602_000)
        var exchange = OutgoingExchange(exchange(.queued).record, item: item, policy: policy)
        let healed = self.item(change(exchange.handle(.timeChecked, at: start, random: 0)))
        #expect(healed?.claimedUntil == nil && healed?.waitingSince == start && healed?.nextAttemptAt == later(1_000))
        #expect(exchange.handle(.timeChecked, at: start, random: 0) == .nothing(.timely))
    }

    // MARK: Every event in every state

    @Test func leavesASettledExchangeAloneWhateverComes() {
        let events: [OutgoingExchange.Event] = [
            .ended(.busy(retryAfterSeconds: 1, detail: ""), claim: claim), .ended(.handedOver, claim: claim), .ended(.failed(unreachable), claim: claim),
            .park(detail: ""), .cancel(detail: ""), .replay(by: nil), .timeChecked,
        ]
        for state in [ExchangeState.receipted, .refusedByReceiver, .expired, .cancelled, .refusedHere] {
            for event in events {
                var exchange = exchange(state)
                let before = exchange
                guard case .nothing = exchange.handle(event, at: later(1_000_000), random: .max) else {
                    Issue.record("\(state) is changed by \(event)")
                    continue
                }
                #expect(exchange == before)
            }
        }
    }

    @Test func survivesTimesAtTheEndOfTime() {
        for instant in [Instant(milliseconds: .min), Instant(milliseconds: .max)] {
            for state in [ExchangeState.queued, .handedOver, .parked] {
                for event in [
                    OutgoingExchange.Event.due, .ended(.failed(unreachable), claim: claim), .ended(.handedOver, claim: claim), .replay(by: nil), .timeChecked,
                    .ended(.busy(retryAfterSeconds: .max, detail: ""), claim: claim),
                ] {
                    var exchange = exchange(state)
                    _ = exchange.handle(event, at: instant, random: .max)
                }
            }
        }
    }

    @Test func keepsReasonsShort() {
        var exchange = exchange(.queued)
        let change = change(
            exchange.handle(
                .ended(.failed(.init(code: "x", detail: String(repeating: "a", count: 100_000), isTransient: false)), claim: claim), at: start, random: 0))
        #expect(change?.record.reason.count == OutgoingExchange.detailLengthMax)
    }
}
