import SluiceKit
import SluiceKitTesting
import Synchronization
import Testing

@testable import SluiceNode

struct ClockWatchTests {
    private let clock = FakeClock()
    private let ran = Running()

    private final class Running: Sendable {
        let milliseconds = Mutex<Int64>(0)
        func pass(_ count: Int64) { milliseconds.withLock { $0 += count } }
    }

    private func watch() -> ClockWatch { ClockWatch(clock) { [ran] in .milliseconds(ran.milliseconds.withLock { $0 }) } }

    /// Time passes for both clocks.
    private func pass(_ milliseconds: Int64) {
        clock.advance(byMilliseconds: milliseconds)
        ran.pass(milliseconds)
    }

    @Test func timeThatPassesIsNoStep() {
        let watch = watch()
        for milliseconds: Int64 in [0, 250, 60_000, 400 * 86_400_000] {
            pass(milliseconds)
            #expect(watch.look() == nil)
        }
    }

    @Test(arguments: [3_600_000, -3_600_000, 40 * 86_400_000, 1_001, -1_001] as [Int64]) func aStepIsToldOnce(_ step: Int64) {
        let watch = watch()
        pass(250)
        clock.advance(byMilliseconds: step)
        pass(250)
        #expect(watch.look() == step)
        pass(250)
        #expect(watch.look() == nil)
        clock.advance(byMilliseconds: -step)
        #expect(watch.look() == -step, "and when it is put right")
    }

    @Test func upToASecondIsNoStepUntilThereAreMore() {
        let watch = watch()
        clock.advance(byMilliseconds: 1_000)
        #expect(watch.look() == nil)
        clock.advance(byMilliseconds: -1_000)
        #expect(watch.look() == nil)
        for _ in 0..<2 { clock.advance(byMilliseconds: 600) }
        #expect(watch.look() == 1_200)
    }

    @Test func aMachineThatSleptHasItsTimesLookedAt() {
        let watch = watch()
        // Running time stands still in sleep.
        let night: Int64 = 8 * 3_600_000
        clock.advance(byMilliseconds: night)
        #expect(watch.look() == night)
    }

    @Test func clocksAtTheEndOfTimeEndNothing() {
        clock.set(Instant(milliseconds: .min))
        let watch = watch()
        clock.set(Instant(milliseconds: .max))
        #expect(watch.look() == .max)
        clock.set(Instant(milliseconds: .min))
        #expect(watch.look() == .min)
    }

    @Test func theSystemsRunningTimeGrows() {
        let before = ClockWatch.systemRunning()
        var after = ClockWatch.systemRunning()
        while after == before { after = ClockWatch.systemRunning() }
        #expect(after > before && ClockWatch(SystemClock()).look() == nil)
    }
}
