package import SluiceKit

extension FindingCode {
    /// A time period that does not fit the frequency of its series: a month in annual data.
    package static let timeFrequency = FindingCode(rawValue: "time.frequency")
    /// A measure that the structure demands and the row does not have.
    package static let measureMissing = FindingCode(rawValue: "measure.missing")
    /// A rule of the structure or a constraint that could not be checked, so that silence is not taken for consent.
    package static let ruleUnchecked = FindingCode(rawValue: "rule.unchecked")
    /// An attribute of a series, a group or the dataset with more than one value there.
    package static let attributeInconsistent = FindingCode(rawValue: "attribute.inconsistent")
    /// An attribute whose value asks for another one that is not there.
    package static let attributeCondition = FindingCode(rawValue: "attribute.condition")
    /// A status that says "no value" beside a value.
    package static let statusValuePresent = FindingCode(rawValue: "status.value-present")
    /// A status that speaks of a value where there is none.
    package static let statusValueAbsent = FindingCode(rawValue: "status.value-absent")
    /// An embargoed value without the time of its embargo.
    package static let embargoMissing = FindingCode(rawValue: "embargo.missing")
    /// An embargo time beside a value that is not marked as embargoed.
    package static let embargoUnmarked = FindingCode(rawValue: "embargo.unmarked")
    /// A code of a list that was no longer valid in the period.
    package static let codeExpired = FindingCode(rawValue: "code.expired")
    /// An observation given in several datasets of a message with the same action.
    package static let keyRepeated = FindingCode(rawValue: "key.repeated")
    /// Datasets of a message whose actions work against each other.
    package static let actionConflict = FindingCode(rawValue: "action.conflict")
    /// A dataset for information beside others that change data.
    package static let actionMixed = FindingCode(rawValue: "action.mixed")
    /// Rows of a deletion that carry values, so that only those are deleted.
    package static let actionPartialDelete = FindingCode(rawValue: "action.partial-delete")
    /// Rows of a merge that carry nothing to merge.
    package static let actionNothingGiven = FindingCode(rawValue: "action.nothing-given")
    /// A message whose header names another sender than the one who gives it.
    package static let headerSender = FindingCode(rawValue: "header.sender")
}
