/// Takes findings as they are found. Not shared between tasks: each corridor trip has its own.
public protocol FindingSink: AnyObject {
    func add(_ finding: Finding)
}

/// Counts all findings and keeps the first few of each code, so memory stays bounded whatever their number.
public final class FindingTally: FindingSink {
    public private(set) var countByCode: [FindingCode: Int] = [:]
    public private(set) var countBySeverity: [Finding.Severity: Int] = [:]
    /// The first findings of each code, in the order found.
    public private(set) var samples: [Finding] = []
    public let samplesPerCodeMax: Int
    private let next: (any FindingSink)?

    /// - Parameter next: takes every finding too (a report being written, say).
    public init(samplesPerCodeMax: Int = 20, passingTo next: (any FindingSink)? = nil) {
        self.samplesPerCodeMax = samplesPerCodeMax
        self.next = next
    }

    public var count: Int { countByCode.values.reduce(0, +) }
    public var errorCount: Int { countBySeverity[.error] ?? 0 }
    public var hasErrors: Bool { errorCount > 0 }

    public func add(_ finding: Finding) {
        let seen = countByCode[finding.code] ?? 0
        countByCode[finding.code] = seen + 1
        countBySeverity[finding.severity, default: 0] += 1
        if seen < samplesPerCodeMax { samples.append(finding) }
        next?.add(finding)
    }
}
