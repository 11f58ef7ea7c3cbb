internal import SluiceKit
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// What a load drill found: how many exchanges ended how, and how long each took.
final class LoadTally: Sendable {
    private struct State {
        var microseconds: [Int64] = []
        var others: [String: Int] = [:]
    }
    private let state = Mutex(State())

    /// Exchanges that did not end with an accepting receipt, by how they ended.
    var others: [String: Int] { state.withLock { $0.others } }

    func add(_ record: ExchangeRecord, after duration: Duration) {
        let (seconds, attoseconds) = duration.components
        state.withLock { state in
            state.microseconds.append(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
            if record.state != .receipted { state.others["\(record.state.rawValue) \(record.reasonCode)", default: 0] += 1 }
        }
    }

    func report(elapsed: Duration, concurrent: Int) -> JSONValue {
        let (times, others) = state.withLock { ($0.microseconds.sorted(), $0.others) }
        let (seconds, attoseconds) = elapsed.components
        let milliseconds = max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
        func quantile(_ share: Double) -> JSONValue { .integer(times.isEmpty ? 0 : times[min(times.count - 1, Int(Double(times.count) * share))] / 1_000) }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return .object([
            JSONMember("exchanges", .integer(Int64(times.count))), JSONMember("milliseconds", .integer(milliseconds)),
            JSONMember("exchangesPerSecond", .integer(Int64(times.count) * 1_000 / milliseconds)), JSONMember("concurrent", .integer(Int64(concurrent))),
            JSONMember("medianMilliseconds", quantile(0.5)), JSONMember("p99Milliseconds", quantile(0.99)), JSONMember("longestMilliseconds", quantile(1)),
            JSONMember("peakMiB", .integer(Int64(usage.ru_maxrss / 1_024))),
            JSONMember("otherwise", .object(others.sorted { $0.key < $1.key }.map { JSONMember($0.key, .integer(Int64($0.value))) })),
        ])
    }

    /// The same for people.
    static func lines(_ report: JSONValue) -> String {
        (report.members ?? []).map { "\($0.name): \($0.value.compactText)" }.joined(separator: "\n")
    }
}
