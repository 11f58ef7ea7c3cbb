public import SluiceKit
import Synchronization

/// A clock that stands still until a test moves it.
public final class FakeClock: WallClock {
    private let time: Mutex<Instant>

    /// - Parameter start: 2026-01-05T08:00:00Z, a Monday, unless the test has a reason for another.
    public init(_ start: Instant = Instant(milliseconds: 1_767_600_000_000)) { time = Mutex(start) }

    public func now() -> Instant { time.withLock { $0 } }

    /// Moves on, or back when negative: real clocks are set back too.
    public func advance(byMilliseconds count: Int64) {
        time.withLock { $0 = $0.advanced(byMilliseconds: count) }
    }

    public func set(_ instant: Instant) { time.withLock { $0 = instant } }
}
