package import SluiceKit

/// What a feed does about the dates that it missed while the node was down.
package enum CatchUpPolicy: Hashable, Sendable {
    /// Runs the last missed date only: it carries what the earlier ones would have.
    case latest
    /// Runs each missed date, the earliest first.
    case all

    /// Most missed dates given at once; the rest come when these are done.
    package static let missedRunsMax = 100

    /// The dates to run now.
    /// - Parameters:
    ///   - lastScheduled: the date that ran last, or when the feed was set up.
    ///   - now: the date of this very moment counts as due.
    package func due(_ cron: CronExpression, in zone: TimeZoneRules, after lastScheduled: Instant, now: Instant) -> [Instant] {
        switch self {
        case .latest: cron.lastOccurrence(after: lastScheduled, through: now, in: zone).map { [$0] } ?? []
        case .all: cron.occurrences(after: lastScheduled, through: now, in: zone, limit: Self.missedRunsMax)
        }
    }
}
