internal import Synchronization

/// Counts the work that goes on beside a loop, and waits for its end.
final class Flights: Sendable {
    private struct State {
        var count = 0
        var onLanded: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }

    func begin() { state.withLock { $0.count += 1 } }

    func end() {
        let landed = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.count -= 1
            guard state.count == 0 else { return [] }
            defer { state.onLanded = [] }
            return state.onLanded
        }
        for continuation in landed { continuation.resume() }
    }

    /// Returns when nothing is under way.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isQuiet = state.withLock { state in
                if state.count > 0 { state.onLanded.append(continuation) }
                return state.count == 0
            }
            if isQuiet { continuation.resume() }
        }
    }
}
