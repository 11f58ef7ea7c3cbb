/// Long waits that are mostly cancelled: deadlines, renewals.
///
/// A cancelled `Task.sleep` returns at once, and its timer stays in memory until the time it was set for. With an hour's deadline on each of several
/// hundred deliveries a second that is an hour's worth of timers; so a long wait is made of short ones.
public enum Patience {
    private static let piece = Duration.seconds(2)

    /// - Throws: `CancellationError`.
    public static func wait(for duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        while true {
            let left = end - ContinuousClock.now
            guard left > .zero else { return }
            try await Task.sleep(for: min(left, piece))
        }
    }

    /// Runs `body`, and cancels it when the time is over.
    /// - Throws: what `body` throws; `late` when it took too long; `CancellationError`.
    public static func within<Result: Sendable>(
        _ duration: Duration, orThrow late: any Error, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await wait(for: duration)
                throw late
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
        }
    }
}
