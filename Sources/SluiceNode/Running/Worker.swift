internal import Dispatch

/// Runs blocking work (parsing, hashing, file writes) away from the cooperative pool, so that it never starves the tasks that answer requests.
package enum Worker {
    private static let queue = DispatchQueue(label: "sluice.worker", attributes: .concurrent)

    package static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }

    /// Waits for asynchronous work; only from inside `run`, whose threads may block.
    static func wait<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
        let done = DispatchSemaphore(value: 0)
        let box = ResultBox<Result>()
        Task {
            do { box.value = .success(try await body()) } catch { box.value = .failure(error) }
            done.signal()
        }
        done.wait()
        return try box.value!.get()
    }

    /// Written once before the semaphore is signalled and read once after: the semaphore orders the two.
    private final class ResultBox<Value: Sendable>: @unchecked Sendable {
        var value: Result<Value, any Error>?
    }
}
