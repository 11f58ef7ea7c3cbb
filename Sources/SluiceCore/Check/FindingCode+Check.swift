package import SluiceKit

extension FindingCode {
    /// A time period that does not fit the frequency of its series: a month in annual data.
    package static let timeFrequency = FindingCode(rawValue: "time.frequency")
    /// A measure that the structure demands and the row does not have.
    package static let measureMissing = FindingCode(rawValue: "measure.missing")
    /// A rule of the structure or a constraint that could not be checked, so that silence is not taken for consent.
    package static let ruleUnchecked = FindingCode(rawValue: "rule.unchecked")
}
