internal import Logging
package import SluiceCore
internal import SluiceKit
internal import SluiceLedger

/// Looks the whole ledger through while the node serves, round after round, a bundle at a time: the store's entries, the published files, and the signed checkpoint
/// over both. What is damaged stops the node as it would stop its start.
package actor SelfCheck {
    /// Longest time between two rounds: a small ledger is looked through more often than it has to be.
    static let roundPauseSecondsMax: Int64 = 600
    /// Longest time between two steps of a round, so that it is known soon after a start that a small ledger is whole.
    static let stepPauseSecondsMax: Int64 = 10
    /// Shortest time between two steps, where a ledger is too large for its pace: exchanges go first.
    static let pauseMillisecondsMin: Int64 = 20
    /// How often it is noted where the round stands.
    static let saveSeconds: Int64 = 60
    /// After trouble that is no damage, such as a store that is busy.
    static let troubleSeconds: Int64 = 30

    private let ledger: LedgerService
    private let store: any Store
    private let file: SelfCheckFile
    private let paceSeconds: Int64
    private let clock: any WallClock
    private let log: Logger
    private var round = LedgerRound()
    private var state: SelfCheckFile.State
    private var savedAt = Instant(milliseconds: 0)
    private var trouble = ""
    /// Entries that the log had at the last step; nil before the first.
    private var size: Int64?

    init(ledger: LedgerService, store: any Store, path: String, paceSeconds: Int, clock: any WallClock, log: Logger) {
        self.ledger = ledger
        self.store = store
        file = SelfCheckFile(path: path)
        self.paceSeconds = Int64(paceSeconds)
        self.clock = clock
        self.log = log
        state = file.load() ?? SelfCheckFile.State()
        round = LedgerRound(place: .bundle(state.bundle))
    }

    /// As this process knows it.
    package var status: SelfCheckStatus {
        status(of: state, entriesChecked: Int64(clamping: round.entriesChecked(of: UInt64(max(0, size ?? .max)))), trouble)
    }

    /// As whichever process serves the node has noted it.
    package nonisolated var noted: SelfCheckStatus {
        let state = file.load() ?? SelfCheckFile.State()
        return status(of: state, entriesChecked: Int64(clamping: state.bundle) &* Int64(TilePath.fullWidth), "")
    }

    private nonisolated func status(of state: SelfCheckFile.State, entriesChecked: Int64, _ trouble: String) -> SelfCheckStatus {
        var status = SelfCheckStatus(paceSeconds: paceSeconds, madeAt: clock.now())
        status.begunAt = state.begunAt
        status.lastRound = state.lastRound
        status.entriesChecked = entriesChecked
        status.damage = state.damage
        status.trouble = trouble
        return status
    }

    // MARK: Steps

    /// Before anything is recorded: damage that was found earlier has to be mended by now.
    func requireMended() async throws {
        guard !state.damage.isEmpty else { return }
        // Without a checkpoint there is nothing to hold the place against: the start then recomputes the store and publishes anew.
        if Folders.exists(ledger.directory + "/" + LedgerPublisher.checkpointName) {
            let place: LedgerRound.Place = state.damagedBundle.map { .bundle($0) } ?? .older(0)
            do { _ = try await step(LedgerRound(place: place)) } catch let error as LedgerError where error.code != .storage {
                throw NodeError("\(error)")
            }
        }
        state.damage = ""
        state.damagedBundle = nil
        await save()
    }

    func run() async {
        while !Task.isCancelled {
            guard ledger.gate.whyShut == nil else {
                try? await Task.sleep(for: .seconds(1))
                continue
            }
            let begin = ContinuousClock.now
            let pause = await next()
            try? await Task.sleep(until: begin + max(pause, .milliseconds(Self.pauseMillisecondsMin)), clock: .continuous)
        }
    }

    /// One step, and how long after its begin the next one is due.
    func next() async -> Duration {
        let now = clock.now()
        if state.begunAt == nil { state.begunAt = now }
        if state.roundStartedAt == nil { state.roundStartedAt = now }
        do {
            let known = try await store.read { try $0.ledgerSize() }
            size = known
            let (next, outcome) = try await step(round)
            round = next
            trouble = ""
            var pauseSecondsMax = Self.stepPauseSecondsMax
            if case .ended(let entries) = outcome {
                state.lastRound = SelfCheckStatus.Round(startedAt: state.roundStartedAt ?? now, endedAt: clock.now(), entries: Int64(clamping: entries))
                state.roundStartedAt = nil
                pauseSecondsMax = Self.roundPauseSecondsMax
            }
            if case .bundle(let number) = round.place { state.bundle = number }
            if state.roundStartedAt == nil || now.seconds - savedAt.seconds >= Self.saveSeconds || savedAt > now { await save() }
            return pause(secondsMax: pauseSecondsMax)
        } catch let error as LedgerError where error.code != .storage {
            await stop(error)
        } catch let error as StoreError where error.code == .damaged {
            await stop(LedgerError(.damaged, "the node's store is damaged: \(error.detail)"))
        } catch {
            if trouble.isEmpty { log.error("the self check of the ledger cannot go on", metadata: ["error": "\(error)"]) }
            trouble = "\(error)"
        }
        return .seconds(Self.troubleSeconds)
    }

    /// All steps of one round, at once; throws what is damaged.
    package func wholeRound() async throws -> Int64 {
        var round = LedgerRound()
        while true {
            let (next, outcome) = try await step(round)
            if case .ended(let entries) = outcome { return Int64(clamping: entries) }
            round = next
        }
    }

    private func step(_ round: LedgerRound) async throws -> (LedgerRound, LedgerRound.Outcome) {
        let (ledger, store) = (self.ledger, self.store)
        return try await Worker.run {
            let log = LedgerUnderCheck(
                files: LedgerDirectory(path: ledger.directory), source: SingleEntrySource(store: store), key: ledger.verifier, head: { try Self.head(store) })
            func tried() throws -> (LedgerRound, LedgerRound.Outcome) {
                var round = round
                let outcome = try round.step(log)
                return (round, outcome)
            }
            do { return try tried() } catch let error as LedgerError where error.code != .storage {
                // Files may have been published between two looks: what seems damaged is looked at again while nobody publishes.
                let lock = try FileLock(ledger.lockPath)
                defer { lock.release() }
                return try tried()
            }
        }
    }

    /// What the store signed last, which it has to have the entries of.
    private static func head(_ store: any Store) throws -> LedgerHead? {
        let (head, size) = try Worker.wait { try await store.read { (try $0.ledgerHead(), try $0.ledgerSize()) } }
        guard let head else { return nil }
        guard head.size <= size else {
            throw LedgerError(
                .missing, at: .entry(UInt64(max(0, size))),
                "the store has no such entry, though it signed \(head.size): restore the node's store from a backup")
        }
        return try head.tree()
    }

    private func pause(secondsMax: Int64) -> Duration {
        let steps = max(0, size ?? 0) / Int64(TilePath.fullWidth) + 1 + Int64(LedgerRound.olderStepsMax)
        let milliseconds = min(paceSeconds * 1_000 / steps, secondsMax * 1_000)
        return .milliseconds(max(milliseconds, Self.pauseMillisecondsMin))
    }

    private func stop(_ damage: LedgerError) async {
        state.damage = "\(damage)"
        state.damagedBundle = if case .bundle(let number) = round.place { number } else { nil }
        let words = LedgerGate.words(damage: "\(damage)")
        // Before it is noted: that may take a while, or fail.
        ledger.gate.shut(words)
        log.critical("\(words)")
        await save()
    }

    private func save() async {
        savedAt = clock.now()
        do { try await Worker.run { [file, state] in try file.save(state) } } catch {
            log.error("it cannot be noted where the self check of the ledger stands", metadata: ["error": "\(error)"])
        }
    }
}

/// The store's entries, each looked up by its own number as a proof would: an index that leads astray is found too.
private struct SingleEntrySource: EntrySource {
    let store: any Store

    func entries(from index: UInt64, limit: Int) throws -> [[UInt8]] {
        let (store, first) = (self.store, Int64(clamping: index))
        return try Worker.wait {
            try await store.read { store in
                var entries: [[UInt8]] = []
                while entries.count < limit, let entry = try store.ledgerEntries(from: first + Int64(entries.count), limit: 1).first { entries.append(entry) }
                return entries
            }
        }
    }
}
