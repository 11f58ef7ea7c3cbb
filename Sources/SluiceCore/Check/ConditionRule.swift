internal import SluiceKit

/// A condition between two attributes: where one has a certain value, the other has to have one too. It holds wherever a structure has both.
///
/// The table is what the cross-domain code lists and concepts of SDMX say in words (`CL_CONF_STATUS` 1.3, `CL_OBS_STATUS` 2.3, SDMX glossary 2.1);
/// the ids are those of the glossary and what large structures call the same.
struct ConditionRule {
    struct Side {
        /// The first of these that the structure has is meant.
        var ids: [String]
        var wanted: ColumnTest.Wanted
    }
    var code: FindingCode
    var severity: Finding.Severity
    var when: Side
    var then: Side
    /// What is wrong, behind the values of both.
    var reason: String
    var advice: String

    static let standard: [ConditionRule] = [
        ConditionRule(
            code: .embargoMissing, severity: .error, when: Side(ids: confidentiality, wanted: .codes(["E"])), then: Side(ids: embargo, wanted: .present),
            reason: "an embargoed value needs the time at which the embargo ends",
            advice: "Give the embargo time, such as 2026-03-01T09:00:00, or the confidentiality status that the value has for good."),
        ConditionRule(
            code: .embargoUnmarked, severity: .warning, when: Side(ids: embargo, wanted: .present), then: Side(ids: confidentiality, wanted: .codes(["E"])),
            reason: "an embargo time belongs to values with the confidentiality status E, and to others says nothing",
            advice: "Give the status E, or leave the embargo time out."),
        ConditionRule(
            code: .attributeCondition, severity: .warning, when: Side(ids: ["CONF_REDIST"], wanted: .present),
            then: Side(ids: confidentiality, wanted: .otherThan(["F"])), reason: "to whom a value may be passed on is said of confidential values",
            advice: "Give the confidentiality status, or leave the attribute out."),
        ConditionRule(
            code: .attributeCondition, severity: .warning, when: Side(ids: ["OBS_PRE_BREAK", "PRE_BREAK_VALUE"], wanted: .present),
            then: Side(ids: status, wanted: .codes(["B"])), reason: "a value before the break belongs to an observation at a break (OBS_STATUS B)",
            advice: "Give the status B, or leave the value before the break out."),
        ConditionRule(
            code: .attributeCondition, severity: .note, when: Side(ids: status, wanted: .codes(["K", "W"])),
            then: Side(ids: ["COMMENT_OBS", "OBS_COM", "COMMENT"], wanted: .present),
            reason: "data that are in another category need a comment that says in which", advice: "Name the other category in the comment."),
        ConditionRule(
            code: .attributeCondition, severity: .warning, when: Side(ids: ["UNIT_MULT"], wanted: .present),
            then: Side(ids: ["UNIT_MEASURE", "UNIT"], wanted: .present), reason: "a multiplier without its unit cannot be read",
            advice: "Give the unit of measure."),
    ]

    static let confidentiality = ["CONF_STATUS", "OBS_CONF"]
    static let embargo = ["EMBARGO_TIME"]
    static let status = ["OBS_STATUS"]
}

/// A rule of the table, resolved against one structure.
struct ResolvedCondition {
    let rule: ConditionRule
    var when: ColumnTest
    var then: ColumnTest

    /// Nil where the structure does not have both, or asks for the second one anyway.
    init?(_ rule: ConditionRule, _ schema: DatasetSchema) {
        func column(_ side: ConditionRule.Side) -> Int? { side.ids.lazy.compactMap { schema.index(of: $0) }.first }
        guard let when = column(rule.when), let then = column(rule.then) else { return nil }
        if rule.then.wanted == .present, schema.components[then].isMandatory || schema.components[then].isDimension { return nil }
        self.rule = rule
        self.when = ColumnTest(when, rule.when.wanted, in: schema)
        self.then = ColumnTest(then, rule.then.wanted, in: schema)
    }

    mutating func extend(_ batch: Batch) {
        when.extend(batch)
        then.extend(batch)
    }

    @inline(__always)
    func isBroken(_ batch: Batch, _ row: Int) -> Bool { when.holds(batch, row) && !then.holds(batch, row) }

    func fault(_ batch: Batch, _ row: Int, merges: Bool) -> ValueFault {
        func value(_ column: Int) -> String {
            let id = batch.schema.components[column].id
            let text = batch.string(column, row) ?? ""
            return text.isEmpty ? "\(id) has no value" : "\(id) is \(quoted(text))"
        }
        return ValueFault(
            rule.code, severity: merges ? min(rule.severity, .warning) : rule.severity,
            message: "\(value(when.column)) and \(value(then.column)): \(rule.reason).",
            advice: rule.advice + (merges ? " A merge may leave it out only where the receiver holds it already." : ""))
    }
}
