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

    @Test func followsTheVectorsOfTheProtocolPage() {
        // Docs/ExchangeProtocol.md, "Test vectors": computed by another program.
        let randoms: [UInt64] = [0, 1, 1_234_567_890_123_456_789, .max]
        let delays: [(attempts: Int, milliseconds: [Int64])] = [
            (1, [1_000, 999, 592, 952]), (2, [2_000, 1_999, 1_099, 1_985]), (3, [4_000, 3_999, 2_272, 3_397]), (4, [8_000, 7_999, 6_244, 5_502]),
            (12, [2_048_000, 2_047_999, 1_895_035, 1_925_698]), (13, [3_600_000, 3_599_999, 3_012_240, 2_707_009]),
        ]
        for (attempts, milliseconds) in delays {
            #expect(randoms.map { DeliveryPolicy.remote.delayMilliseconds(afterAttempts: attempts, random: $0) } == milliseconds)
        }
        let busy: [(seconds: Int?, milliseconds: [Int64])] = [
            (nil, [30_000, 30_001, 35_438, 31_588]), (0, [1_000, 1_001, 1_189, 1_068]), (7, [7_000, 7_001, 7_343, 8_496]),
            (120, [120_000, 120_001, 129_051, 137_078]), (86_400, [21_600_000, 21_600_000, 21_600_000, 21_600_000]),
        ]
        for (seconds, milliseconds) in busy {
            #expect(randoms.map { DeliveryPolicy.remote.busyDelayMilliseconds(retryAfterSeconds: seconds, random: $0) } == milliseconds)
        }
    }

    /// Friday evening to Monday evening, as the policy's comment promises, even when chance halves every pause.
    @Test func triesAPartnerForTheWholeWindow() {
        let policy = DeliveryPolicy.remote
        var delivery = Delivery(policy: policy, waitingSince: start)
        var now = start
        while true {
            let full = policy.delayMilliseconds(afterAttempts: delivery.attempts + 1, random: 0)
            switch delivery.handle(unreachable, at: now, random: UInt64(full / 2)) {
            case .retry(let next, _): now = next
            case .park(let reason):
                #expect(reason.code == .windowOver)
                #expect(delivery.attempts == 155)
                return
            case .settle: Issue.record("settled by failures")
            }
        }
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
        var delivery = Delivery(policy: policy, attempts: 5, waitingSince: start, parkedFor: Delivery.ParkReason(code: .attemptsEnded, detail: "no route"))
        // While parked, only a receipt or a person moves it.
        #expect(delivery.handle(unreachable, at: start, random: 0) == .park(Delivery.ParkReason(code: .attemptsEnded, detail: "no route")))
        let later = start.advanced(byMilliseconds: 10_000_000)
        #expect(delivery.replay(at: later) == .retry(at: later, because: ""))
        #expect(delivery.attempts == 0 && delivery.waitingSince == later)
        guard case .retry = delivery.handle(unreachable, at: later, random: 0) else {
            Issue.record("parked again by its old window")
            return
        }
    }

    @Test func doesNotCountABrokenUploadThatWentOn() {
        var delivery = Delivery(policy: policy, waitingSince: start)
        let broken = Delivery.Event.progressed(Delivery.Failure(TransportError(.unreachable, detail: "cut")))
        for _ in 0..<50 { #expect(delay(delivery.handle(broken, at: start, random: 0)) == 1_000) }
        #expect(delivery.attempts == 0)
        guard case .park(let reason) = delivery.handle(broken, at: start.advanced(byMilliseconds: 100_000), random: 0) else {
            Issue.record("a line that never stops breaking is not parked")
            return
        }
        #expect(reason.code == .windowOver)
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
