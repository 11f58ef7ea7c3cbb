internal import Synchronization

/// Counts what the exchange endpoint does, for `/metrics`.
final class ExchangeTally: Sendable {
    struct Counts: Hashable, Sendable {
        var answers: [Int: Int] = [:]
        var receivedBytes = 0
    }
    private let state = Mutex(Counts())

    func answered(_ status: Int) { state.withLock { $0.answers[status, default: 0] += 1 } }
    func received(bytes: Int) { state.withLock { $0.receivedBytes &+= bytes } }
    var counts: Counts { state.withLock { $0 } }
}
