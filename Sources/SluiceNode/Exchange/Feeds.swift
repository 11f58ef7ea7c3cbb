package import Logging
package import SluiceCore
package import SluiceKit

/// Runs feeds when their calendar says so: map, check, protect, seal, send.
package struct Feeds: Sendable {
    let configuration: NodeConfiguration
    let plugins: NodePlugins
    let dispatch: Dispatch
    let store: any Store
    let entries: EntryMaker
    let clock: any WallClock
    let log: Logger
    private let calendars: [String: FeedCalendar]

    /// A feed's cron expression in its time zone.
    struct FeedCalendar: Sendable {
        var expression: CronExpression
        var zone: TimeZoneRules
        var catchUp: CatchUpPolicy
        func next(after instant: Instant) -> Instant? { expression.next(after: instant, in: zone) }
        func due(after instant: Instant, now: Instant) -> [Instant] { catchUp.due(expression, in: zone, after: instant, now: now) }
    }

    package init(
        configuration: NodeConfiguration, plugins: NodePlugins, dispatch: Dispatch, store: any Store, entries: EntryMaker, clock: any WallClock, log: Logger
    ) throws {
        self.configuration = configuration
        self.plugins = plugins
        self.dispatch = dispatch
        self.store = store
        self.entries = entries
        self.clock = clock
        self.log = log
        var calendars: [String: FeedCalendar] = [:]
        for feed in configuration.feeds { calendars[feed.id] = try Self.calendar(of: feed) }
        self.calendars = calendars
    }

    static func calendar(of feed: NodeConfiguration.Feed) throws -> FeedCalendar {
        do {
            return FeedCalendar(expression: try CronExpression(feed.schedule), zone: try TimeZoneRules(identifier: feed.timeZone), catchUp: feed.catchUp)
        } catch {
            throw NodeError("feed \(feed.id): \(error)")
        }
    }

    package func statuses() async throws -> [NodeStatus.FeedStatus] {
        var statuses: [NodeStatus.FeedStatus] = []
        let now = clock.now()
        for feed in configuration.feeds {
            let last = try await store.read { try $0.feedRuns(feed: feed.id, limit: 1) }.first
            statuses.append(.init(id: feed.id, schedule: feed.schedule, timeZone: feed.timeZone, nextRun: calendars[feed.id]?.next(after: now), lastRun: last))
        }
        return statuses
    }

    /// Runs every feed whose date has come; returns how many ran.
    /// - Parameter since: the node's start; a feed that never ran does not catch up on dates before it.
    package func runDue(since: Instant) async throws -> Int {
        var ran = 0
        for feed in configuration.feeds {
            guard let calendar = calendars[feed.id] else { continue }
            let last = try await store.read { try $0.feedRuns(feed: feed.id, limit: 1) }.first
            for date in calendar.due(after: last?.scheduledAt ?? since, now: clock.now()) where try await run(feed, scheduledAt: date) != nil { ran += 1 }
        }
        return ran
    }

    /// Runs a feed outside its calendar, as `sluice feed run` does.
    package func runNow(_ feed: NodeConfiguration.Feed) async throws -> FeedRun {
        guard let run = try await run(feed, scheduledAt: clock.now()) else { throw NodeError("feed \(feed.id) is just being run") }
        return run
    }

    /// One run, unless another worker has begun the same date.
    private func run(_ feed: NodeConfiguration.Feed, scheduledAt: Instant) async throws -> FeedRun? {
        let begun = FeedRun(feed: feed.id, scheduledAt: scheduledAt, startedAt: clock.now())
        guard try await store.write({ try $0.begin(begun) }) else { return nil }
        var run = begun
        do {
            try await carryOut(feed, &run)
        } catch {
            run.outcome = .failed
            run.detail = "\(error)"
        }
        run.endedAt = clock.now()
        if run.outcome == .failed || run.outcome == .refused {
            log.error("a feed did not deliver", metadata: ["feed": "\(feed.id)", "outcome": "\(run.outcome.rawValue)", "detail": "\(run.detail)"])
        }
        let (ended, entries) = (run, self.entries)
        let event = LedgerEvent(
            .feedRun, exchange: run.exchangeID,
            LedgerData.outcome(run.outcome.rawValue) + [
                LedgerData.text("feed", feed.id), LedgerData.text("scheduledAt", scheduledAt.rfc3339), LedgerData.text("dataflow", feed.shipment.flow.urn),
            ])
        try await store.write { store in
            try store.update(ended)
            try entries.record([event], in: store)
        }
        return run
    }

    private func carryOut(_ feed: NodeConfiguration.Feed, _ run: inout FeedRun) async throws {
        let input = try Inputs.resolve(path: feed.sourceFile, mapping: feed.mapping, format: feed.format, plugins: plugins)
        if feed.onlyWhenChanged, let last = try await lastAccepted(feed) {
            let digest = try await Worker.run { [hashing = dispatch.tools.hashing] in try hashing.sha256(fileAt: feed.sourceFile).hex }
            if last == digest {
                run.outcome = .unchanged
                run.detail = "the source is what was last accepted"
                return
            }
        }
        let digest = try await Worker.run { [hashing = dispatch.tools.hashing] in try hashing.sha256(fileAt: feed.sourceFile).hex }
        let trip = try await dispatch.send(input, shipment: feed.shipment, by: .automatic(owner: feed.owner))
        if !trip.notify.isEmpty {
            log.notice(
                "people are to be told of this release",
                metadata: ["feed": "\(feed.id)", "exchange": "\(trip.record.id)", "people": "\(trip.notify.joined(separator: ", "))"])
        }
        run.exchangeID = trip.record.id
        run.outcome = trip.waiting != nil ? .awaitingApproval : trip.package == nil ? .refused : .sent
        run.detail = run.outcome == .refused ? "\(trip.record.reason) [\(trip.record.reasonCode)]" : "source \(digest)"
    }

    /// Digest of the source of the newest run whose exchange the receiver accepted; nil when there is none.
    private func lastAccepted(_ feed: NodeConfiguration.Feed) async throws -> String? {
        let sender = configuration.participant.rawValue
        return try await store.read { store in
            for run in try store.feedRuns(feed: feed.id, limit: 100) where run.outcome == .sent || run.outcome == .awaitingApproval {
                guard try store.exchange(sender: sender, id: run.exchangeID)?.state == .receipted else { continue }
                return run.detail.hasPrefix("source ") ? String(run.detail.dropFirst(7)) : nil
            }
            return nil
        }
    }
}
