/// Counts all findings and keeps the first few of each code, so memory stays bounded whatever their number.
public final class FindingTally: FindingSink {
    /// All findings of one code.
    public struct Count: Hashable, Sendable {
        public var findings = 0
        /// Observations they concern, one counted as often as findings concern it.
        public var observations = 0
        public var bySeverity: [Finding.Severity: Int] = [:]

        /// The gravest severity among them.
        public var severity: Finding.Severity { bySeverity.keys.max() ?? .note }
    }

    public private(set) var counts: [FindingCode: Count] = [:]
    /// The first findings of each code, in the order found.
    public private(set) var samples: [Finding] = []
    public let samplesPerCodeMax: Int
    /// Whether the samples come with the cells of their rows.
    public let keepsCells: Bool
    private let next: (any FindingSink)?

    /// - Parameter next: takes every finding too (a report being written, say).
    public init(samplesPerCodeMax: Int = 20, keepsCells: Bool = false, passingTo next: (any FindingSink)? = nil) {
        self.samplesPerCodeMax = samplesPerCodeMax
        self.keepsCells = keepsCells
        self.next = next
    }

    public var countByCode: [FindingCode: Int] { counts.mapValues(\.findings) }
    public var countBySeverity: [Finding.Severity: Int] { counts.values.reduce(into: [:]) { $0.merge($1.bySeverity, uniquingKeysWith: +) } }
    public var count: Int { counts.values.reduce(0) { $0 + $1.findings } }
    public var errorCount: Int { countBySeverity[.error] ?? 0 }
    public var hasErrors: Bool { errorCount > 0 }

    public func add(_ finding: Finding) {
        if tally(finding.code, finding.severity, finding.observations) <= samplesPerCodeMax { samples.append(finding) }
        next?.add(finding)
    }

    public func detail(for code: FindingCode) -> FindingDetail {
        let own: FindingDetail = counts[code]?.findings ?? 0 >= samplesPerCodeMax ? .count : keepsCells ? .cells : .words
        return max(own, next?.detail(for: code) ?? .count)
    }

    public func count(_ code: FindingCode, _ severity: Finding.Severity, observations: Int) {
        _ = tally(code, severity, observations)
        next?.count(code, severity, observations: observations)
    }

    /// Returns which one of its code it is.
    private func tally(_ code: FindingCode, _ severity: Finding.Severity, _ observations: Int) -> Int {
        func add(to count: inout Count) -> Int {
            count.findings += 1
            count.observations += observations
            count.bySeverity[severity, default: 0] += 1
            return count.findings
        }
        return add(to: &counts[code, default: Count()])
    }
}
