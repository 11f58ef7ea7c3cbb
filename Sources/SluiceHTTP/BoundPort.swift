internal import Synchronization

/// The port a listener got, once it has got it.
package final class BoundPort: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Int, any Error>])
        case settled(Result<Int, any Error>)
    }
    private let state = Mutex<State>(.waiting([]))

    /// Waits for the listener to be bound.
    /// - Throws: `ListenerError` when it cannot be bound, or has stopped before.
    package var value: Int {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let known = state.withLock { state -> Result<Int, any Error>? in
                    switch state {
                    case .waiting(var continuations):
                        continuations.append(continuation)
                        state = .waiting(continuations)
                        return nil
                    case .settled(let result): return result
                    }
                }
                if let known { continuation.resume(with: known) }
            }
        }
    }

    func bound(to port: Int?) {
        guard let port else { return settle(.failure(ListenerError(.cannotListen, "the listener has no port"))) }
        settle(.success(port))
    }

    func failed(_ error: ListenerError) { settle(.failure(error)) }

    /// The first outcome stays.
    private func settle(_ result: Result<Int, any Error>) {
        let continuations = state.withLock { state -> [CheckedContinuation<Int, any Error>] in
            guard case .waiting(let continuations) = state else { return [] }
            state = .settled(result)
            return continuations
        }
        for continuation in continuations { continuation.resume(with: result) }
    }
}
