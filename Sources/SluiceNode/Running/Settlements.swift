package import SluiceKit
internal import Synchronization

/// Wakes those who wait for an exchange to end, so that nobody has to ask the store again and again.
///
/// It knows of this process only: another process of the node may settle an exchange too, so a wait has an end of its own.
package final class Settlements: Sendable {
    private struct State {
        var waiting: [String: [Int: AsyncStream<ExchangeRecord>.Continuation]] = [:]
        var lastNumber = 0
    }
    private let state = Mutex(State())

    package init() {}

    /// Tells those who wait for it that an exchange was receipted, refused or parked.
    func settled(_ record: ExchangeRecord) {
        let waiting = state.withLock { $0.waiting.removeValue(forKey: record.id) }
        for continuation in (waiting ?? [:]).values {
            continuation.yield(record)
            continuation.finish()
        }
    }

    /// Ends the waits for an exchange without its end.
    func giveUp(_ exchangeID: String) {
        let waiting = state.withLock { $0.waiting.removeValue(forKey: exchangeID) }
        for continuation in (waiting ?? [:]).values { continuation.finish() }
    }

    /// At most one element: the record as it was settled. Begin to listen before looking into the store, else the moment may pass between.
    package func listen(for exchangeID: String) -> AsyncStream<ExchangeRecord> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let number = state.withLock { state in
                state.lastNumber += 1
                state.waiting[exchangeID, default: [:]][state.lastNumber] = continuation
                return state.lastNumber
            }
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { state in
                    state.waiting[exchangeID]?[number] = nil
                    if state.waiting[exchangeID]?.isEmpty == true { state.waiting[exchangeID] = nil }
                }
            }
        }
    }
}
