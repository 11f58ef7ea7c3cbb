/// A promise that an implementation broke.
public struct ConformanceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The promise, as a sentence.
    public var claim: String
    public var detail: String

    public init(_ claim: String, _ detail: String) {
        self.claim = claim
        self.detail = detail
    }

    public var description: String { "\(claim): \(detail)" }
}

/// What a check of a claim asserts with; each throws with what was seen.
struct Claim {
    let name: String

    func holds(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws {
        if !condition { throw ConformanceFailure(name, otherwise()) }
    }

    func equal<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
        if found != expected { throw ConformanceFailure(name, "\(what): expected \(expected), found \(found)") }
    }
}
