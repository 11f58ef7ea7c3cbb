internal import Logging
internal import Synchronization

/// Publishes the ledger soon after commits: requests that come while one publishing runs are served by the next.
final class Publishing: Sendable {
    private struct State {
        var isRunning = false
        var isWanted = false
        var isStopped = false
    }
    private let state = Mutex(State())
    private let ledger: LedgerService
    private let log: Logger

    /// Least time from one publishing to the next: under load, one signature and one set of tiles stand for the entries of all that time.
    static let pauseMilliseconds = 500

    init(ledger: LedgerService, log: Logger) {
        self.ledger = ledger
        self.log = log
    }

    func request() {
        let starts = state.withLock { state in
            state.isWanted = true
            if state.isRunning { return false }
            state.isRunning = true
            return true
        }
        if starts { Task { await run() } }
    }

    /// Publishes nothing more by itself: the node is being closed, and publishes what is left as it does.
    func stop() { state.withLock { $0.isStopped = true } }

    private func run() async {
        while state.withLock({ state in
            let goesOn = state.isWanted && !state.isStopped
            state.isWanted = false
            if !goesOn { state.isRunning = false }
            return goesOn
        }) {
            // The entries are committed; what could not be published now is published with the next ones or at the next start.
            do { try await ledger.publish() } catch { log.error("the ledger could not be published", metadata: ["error": "\(error)"]) }
            try? await Task.sleep(for: .milliseconds(Self.pauseMilliseconds))
        }
    }
}
