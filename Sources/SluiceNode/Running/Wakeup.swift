/// A loop's alarm: rung when there may be work, and by itself after each pause. Rings while the loop is busy count as one.
package final class Wakeup: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    package func ring() { continuation.yield() }

    /// Runs `body` at once, after each ring and after each pause, until the task is cancelled. One loop per alarm.
    func each(pause: Duration, _ body: @Sendable () async -> Void) async {
        let continuation = self.continuation
        let ticker = Task {
            while !Task.isCancelled {
                continuation.yield()
                try? await Task.sleep(for: pause)
            }
        }
        defer { ticker.cancel() }
        // Ends when the task is cancelled.
        for await _ in stream { await body() }
    }
}
