internal import SluiceKit
internal import Synchronization

/// Notices when the wall clock was set, or the machine slept, by the time for which it has been running.
final class ClockWatch: Sendable {
    /// Docs/ExchangeProtocol.md, "Clocks". Both clocks are slewed alike, so they part by steps alone.
    static let toleratedMilliseconds: Int64 = 1_000

    private let clock: any WallClock
    private let running: @Sendable () -> Duration
    /// Wall clock less running time.
    private let difference: Mutex<Int64>

    /// - Parameter running: grows with time and with nothing else; it stands still while the machine sleeps, so waking counts as setting the clock.
    init(_ clock: any WallClock, running: @escaping @Sendable () -> Duration = ClockWatch.systemRunning) {
        self.clock = clock
        self.running = running
        difference = Mutex(Self.difference(clock, running))
    }

    /// By how many milliseconds the clock was set since the last look, negative when it was set back; nil when it was not.
    func look() -> Int64? {
        let now = Self.difference(clock, running)
        return difference.withLock { before in
            let (step, overflow) = now.subtractingReportingOverflow(before)
            guard overflow || step.magnitude > UInt64(Self.toleratedMilliseconds) else { return nil }
            defer { before = now }
            return overflow ? (now < before ? .min : .max) : step
        }
    }

    private static func difference(_ clock: any WallClock, _ running: () -> Duration) -> Int64 {
        let passed = running().components
        return clock.now().milliseconds &- (passed.seconds &* 1_000 &+ passed.attoseconds / 1_000_000_000_000_000)
    }

    private static let begin = SuspendingClock.now

    static var systemRunning: @Sendable () -> Duration { { SuspendingClock.now - begin } }
}
