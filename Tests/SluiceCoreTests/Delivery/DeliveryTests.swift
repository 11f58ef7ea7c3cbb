import SluiceCore
import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct DeliveryTests {
    private let start = Instant(milliseconds: 1_767_600_000_000)
    private let policy = DeliveryPolicy(
        attemptsMax: 5, firstDelayMilliseconds: 1_000, delayMillisecondsMax: 6_000, retryWindowMilliseconds: 100_000, busyDelayMilliseconds: 3_000,
        busyDelayMillisecondsMax: 20_000)
    private let unreachable = Delivery.Event.failed(Delivery.Failure(TransportError(.unreachable, detail: "no route")))

    private func delay(_ action: Delivery.Action) -> Int64? {
        guard case .retry(let instant, _) = action else { return nil }
        return instant.milliseconds - start.milliseconds
    }

    @Test func doublesTheDistanceUpToItsLimitThenParks() {
        var delivery = Delivery(policy: policy, waitingSince: start)
        let delays = (0..<4).map { _ in delay(delivery.handle(unreachable, at: start, random: 0)) }
        #expect(delays == [1_000, 2_000, 4_000, 6_000])
        guard case .park(let reason) = delivery.handle(unreachable, at: start, random: 0) else {
            Issue.record("the fifth failure does not park")
            return
        }
        #expect(reason.code == .attemptsEnded)
        #expect(reason.detail == "5 attempts failed, the last one: no route [unreachable]")
    }

    @Test func spreadsRetriesBetweenHalfTheDistanceAndAllOfIt() {
        var random = SeededGenerator.announced(for: "spreadsRetriesBetweenHalfTheDistanceAndAllOfIt")
        var shortest = Int64.max
        var longest = Int64.min
        for _ in 0..<10_000 {
            let milliseconds = policy.delayMilliseconds(afterAttempts: 3, random: random.next())
            shortest = min(shortest, milliseconds)
            longest = max(longest, milliseconds)
        }
        #expect((2_000...2_010).contains(shortest))
        #expect((3_990...4_000).contains(longest))
    }

    @Test func staysWithinItsLimitsWhateverThePolicyAndTheRandomSay() {
        for first in [Int64.min, -1, 0, 1, 1_000, .max] {
            for longest in [Int64.min, 0, 1, 5_000, .max] {
                var policy = policy
                policy.firstDelayMilliseconds = first
                policy.delayMillisecondsMax = longest
                policy.busyDelayMillisecondsMax = longest
                for attempts in [Int.min, 0, 1, 40, 63, 64, .max] {
                    for random in [0, 1, UInt64.max] {
                        #expect((1...max(1, longest)).contains(policy.delayMilliseconds(afterAttempts: attempts, random: random)))
                        for seconds in [nil, Int.min, -1, 0, 7, .max] {
                            let busy = policy.busyDelayMilliseconds(retryAfterSeconds: seconds, random: random)
                            #expect((1...max(1, policy.busyDelayMillisecondsMax)).contains(busy), "\(seconds ?? -9) s, first \(first), longest \(longest)")
                        }
                    }
                }
            }
        }
        var delivery = Delivery(policy: policy, waitingSince: Instant(milliseconds: .max))
        _ = delivery.handle(unreachable, at: Instant(milliseconds: .max), random: .max)
    }

    @Test func parksAtOnceWhatAnotherAttemptCannotMend() {
        for code in [TransportError.Code.notTrusted, .rejected] {
            var delivery = Delivery(policy: policy, waitingSince: start)
            let action = delivery.handle(.failed(Delivery.Failure(TransportError(code, detail: "no"))), at: start, random: 0)
            #expect(action == .park(Delivery.ParkReason(code: .cannotSucceed, detail: "no [\(code.rawValue)]")))
            #expect(delivery.attempts == 1)
        }
    }

    @Test func parksWhenTheWindowIsOver() {
        var delivery = Delivery(policy: policy, waitingSince: start)
        guard case .park(let reason) = delivery.handle(unreachable, at: start.advanced(byMilliseconds: 99_500), random: 0) else {
            Issue.record("not parked")
            return
        }
        #expect(reason.code == .windowOver)
        #expect(reason.detail == "tried since 2026-01-05T08:00:00.000Z, the last time: no route [unreachable]")
    }

    @Test func waitsAsLongAsABusyReceiverSaysWithinLimits() {
        var delivery = Delivery(policy: policy, waitingSince: start)
        #expect(delay(delivery.handle(.busy(retryAfterSeconds: 7, detail: "full"), at: start, random: 0)) == 7_000)
        #expect(delay(delivery.handle(.busy(retryAfterSeconds: nil, detail: "full"), at: start, random: 0)) == 3_000)
        #expect(delay(delivery.handle(.busy(retryAfterSeconds: 0, detail: "full"), at: start, random: 0)) == 1_000)
        #expect(delay(delivery.handle(.busy(retryAfterSeconds: 86_400, detail: "full"), at: start, random: 0)) == 20_000)
        #expect(delivery.attempts == 0)
        let late = start.advanced(byMilliseconds: 96_000)
        guard case .park(let reason) = delivery.handle(.busy(retryAfterSeconds: 5, detail: "full"), at: late, random: 0) else {
            Issue.record("busy for ever is not parked")
            return
        }
        #expect(reason.code == .windowOver)
    }

    @Test func settlesByAReceiptAlsoWhenParkedAndStaysSettled() {
        var delivery = Delivery(policy: policy, waitingSince: start)
        _ = delivery.handle(.failed(Delivery.Failure(TransportError(.rejected, detail: "no"))), at: start, random: 0)
        #expect(delivery.handle(.receipt(isAccepted: false), at: start, random: 0) == .settle(isAccepted: false))
        #expect(delivery.handle(unreachable, at: start, random: 0) == .settle(isAccepted: false))
        #expect(delivery.handle(.receipt(isAccepted: true), at: start, random: 0) == .settle(isAccepted: false))
        #expect(delivery.replay(at: start) == .settle(isAccepted: false))
    }

    @Test func replaysWithNewAttemptsAndANewWindow() {
        var item = OutboxItem(exchangeID: "1", receiver: "R", dataflow: "D", nextAttemptAt: start)
        item.attempts = 5
        item.isParked = true
        item.lastError = "no route"
        var delivery = OutboxDelivery(item, policy: policy)
        // While parked, only a receipt or a person moves it.
        #expect(delivery.handle(unreachable, at: start, random: 0) == .park(item, Delivery.ParkReason(code: .cannotSucceed, detail: "no route")))
        let later = start.advanced(byMilliseconds: 10_000_000)
        guard case .retry(let replayed) = delivery.replay(at: later) else {
            Issue.record("not replayed")
            return
        }
        #expect(!replayed.isParked && replayed.attempts == 0)
        #expect(replayed.nextAttemptAt == later)
        #expect(replayed.waitingSince == later)
        guard case .retry = delivery.handle(unreachable, at: later, random: 0) else {
            Issue.record("parked again by its old window")
            return
        }
    }

    @Test func storesWhatTheNextWorkerNeeds() {
        var item = OutboxItem(exchangeID: "1", receiver: "R", dataflow: "D", sequence: 7, nextAttemptAt: start)
        item.claimedUntil = start.advanced(byMilliseconds: 60_000)
        var delivery = OutboxDelivery(item, policy: policy)
        item.attempts = 1
        item.claimedUntil = nil
        item.lastError = "no route [unreachable]"
        item.nextAttemptAt = start.advanced(byMilliseconds: 1_000)
        #expect(delivery.handle(unreachable, at: start, random: 0) == .retry(item))
        #expect(delivery.handle(.receipt(isAccepted: true), at: start, random: 0) == .settle(isAccepted: true))
    }

    @Test func handlesABusMessageByTheSameRules() {
        let message = BusMessage(sequence: 1, topic: "t", orderKey: "k", body: "{}", publishedAt: start)
        let stored = SubscriptionDelivery(subscription: "s", message: message, attempts: 0, nextAttemptAt: start, isParked: false, lastError: "")
        var delivery = BusDelivery(stored)
        let failure = Delivery.Failure(code: "mapping", detail: "no column", isTransient: true)
        var last: BusDelivery.Action?
        for _ in 0..<DeliveryPolicy.bus.attemptsMax { last = delivery.handle(.failed(failure), at: start, random: 0) }
        guard case .store(let parked) = last else {
            Issue.record("not stored")
            return
        }
        #expect(parked.isParked)
        #expect(parked.attempts == 8)
        #expect(parked.lastError == "8 attempts failed, the last one: no column [mapping]")
        guard case .store(let replayed) = delivery.replay(at: start.advanced(byMilliseconds: 1)) else {
            Issue.record("not replayed")
            return
        }
        #expect(!replayed.isParked && replayed.attempts == 0 && replayed.waitingSince == start.advanced(byMilliseconds: 1))
        #expect(delivery.handle(.handled, at: start, random: 0) == .complete)
    }
}
