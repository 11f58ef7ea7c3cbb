internal import Foundation

/// Processor time, which other work on the machine does not lengthen as it does the clock on the wall.
package enum ProcessorTime {
    /// Nanoseconds of one round: the best of five runs, after a tenth of a run to warm up.
    package static func nanoseconds(rounds: Int, _ body: () throws -> Void) rethrows -> Int {
        for _ in 0..<rounds / 10 { try body() }
        var best = Int.max
        for _ in 0..<5 {
            let begun = now
            for _ in 0..<rounds { try body() }
            best = min(best, (now - begun) / rounds)
        }
        return best
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
