internal import Synchronization

/// What the node counted since it started, for `/metrics`.
package final class Counters: Sendable {
    package struct Values: Hashable, Sendable {
        package var deliveriesSucceeded = 0
        package var deliveriesFailed = 0
        package var deliveriesParked = 0
        package var packagesAccepted = 0
        package var packagesRefused = 0
        package var feedRuns = 0
        package var feedFailures = 0
    }
    private let values = Mutex(Values())

    package init() {}
    package func add(_ path: any WritableKeyPath<Values, Int> & Sendable, _ count: Int = 1) { values.withLock { $0[keyPath: path] += count } }
    package var snapshot: Values { values.withLock { $0 } }
}
