internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// Runs blocking work (parsing, hashing, file writes) away from the cooperative pool, so that it never starves the tasks that answer requests.
///
/// A few threads for all of it: more than there are processors would only take turns, each with its own memory.
package enum Worker {
    /// Pieces of work at a time; twice the processors, since some of it waits for the disk.
    static let threadsMax = max(4, 2 * Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    /// Pieces taken that are kept, with what they hold, until their places are given up together.
    private static let takenMax = 16

    private struct State {
        var waiting: [@Sendable () -> Void] = []
        /// Those before it are taken; moved up when all are.
        var head = 0
        var idle = Array(0..<threadsMax)
    }
    private static let state = Mutex(State())
    /// A queue for each thread: a serial queue gets a thread of its own when it has work, while a concurrent one shares those of the cooperative pool, as many as there
    /// are processors. Work that waits there for a task leaves none to run it, until the system adds one after a second.
    private static let queues = (0..<threadsMax).map { DispatchQueue(label: "sluice.worker.\($0)") }

    package static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            submit { continuation.resume(with: Swift.Result { try body() }) }
        }
    }

    private static func submit(_ work: @escaping @Sendable () -> Void) {
        let started: Int? = state.withLock { state in
            state.waiting.append(work)
            return state.idle.popLast()
        }
        if let started { queues[started].async { while let work = next(for: started) { work() } } }
    }

    private static func next(for thread: Int) -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard state.head < state.waiting.count else {
                state.idle.append(thread)
                return nil
            }
            let work = state.waiting[state.head]
            state.head += 1
            if state.head == state.waiting.count {
                state.waiting.removeAll(keepingCapacity: true)
                state.head = 0
            } else if state.head >= takenMax {
                state.waiting.removeFirst(state.head)
                state.head = 0
            }
            return work
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
