/// How much of a finding a sink makes use of, so that whoever finds a million of one kind need not word each.
public enum FindingDetail: Int, Hashable, Sendable, Comparable {
    /// Its code and severity only: `FindingSink.count` takes it.
    case count
    /// Everything but the cells of its row.
    case words
    /// The cells of its row too.
    case cells

    public static func < (left: FindingDetail, right: FindingDetail) -> Bool { left.rawValue < right.rawValue }
}

/// Takes findings as they are found. Not shared between tasks: each corridor trip has its own.
public protocol FindingSink: AnyObject {
    func add(_ finding: Finding)

    /// What the next finding of this code has to bring. Asked before a finding is worded; more than was asked for may be given.
    func detail(for code: FindingCode) -> FindingDetail

    /// Takes a finding of which only the number is wanted (`detail(for:)` said `count`).
    /// - Parameter observations: how many it concerns.
    func count(_ code: FindingCode, _ severity: Finding.Severity, observations: Int)
}

extension FindingSink {
    public func detail(for code: FindingCode) -> FindingDetail { .words }

    public func count(_ code: FindingCode, _ severity: Finding.Severity, observations: Int) {
        add(Finding(code, severity: severity, message: "", advice: "", observations: observations))
    }
}
