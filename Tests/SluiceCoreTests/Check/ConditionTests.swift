import SluiceKit
import Testing

@testable import SluiceCore

/// Status against value, confidentiality against embargo, and what else one attribute asks of another.
@Suite struct ConditionTests {
    private static let schema = CheckSample.schema(adding: [
        CheckSample.attribute("CONF_STATUS", list: "CL_CONF"), CheckSample.attribute("EMBARGO_TIME"), CheckSample.attribute("CONF_REDIST"),
        CheckSample.attribute("OBS_PRE_BREAK"), CheckSample.attribute("COMMENT_OBS"),
    ])

    private func check(_ changes: [String: String?], action: DatasetAction = .information, standard: SDMXStandard = .unknown) throws -> [Finding] {
        try CheckSample.check([CheckSample.row(changes)], schema: Self.schema, action: action, standard: standard)
    }

    @Test(
        arguments: [
            (["OBS_STATUS": "M"], "status.value-present"), (["OBS_STATUS": "Q", "OBS_VALUE": "0"], "status.value-present"),
            (["OBS_STATUS": "M", "OBS_VALUE": nil], nil), (["OBS_STATUS": "Q", "OBS_VALUE": "NaN"], nil), (["OBS_VALUE": nil], "status.value-absent"),
            (["OBS_VALUE": "NaN"], "status.value-absent"), (["OBS_STATUS": "J", "OBS_VALUE": nil], nil), (["OBS_STATUS": "J"], nil),
            // The list of this structure gives the letter another meaning.
            (["OBS_STATUS": "O"], nil),
            (["CONF_STATUS": "E"], "embargo.missing"), (["CONF_STATUS": "E", "EMBARGO_TIME": ""], "embargo.missing"),
            (["CONF_STATUS": "E", "EMBARGO_TIME": "2026-03-01T09:00:00"], nil), (["CONF_STATUS": "C"], nil),
            (["EMBARGO_TIME": "2026-03-01T09:00:00"], "embargo.unmarked"), (["CONF_STATUS": "F", "EMBARGO_TIME": "2026"], "embargo.unmarked"),
            (["CONF_REDIST": "X"], "attribute.condition"), (["CONF_REDIST": "X", "CONF_STATUS": "F"], "attribute.condition"),
            (["CONF_REDIST": "X", "CONF_STATUS": "C"], nil), (["OBS_PRE_BREAK": "9"], "attribute.condition"),
            (["OBS_PRE_BREAK": "9", "OBS_STATUS": "B"], nil), (["OBS_STATUS": "K", "OBS_VALUE": nil], "attribute.condition"),
            (["OBS_STATUS": "K", "OBS_VALUE": nil, "COMMENT_OBS": "in 51"], nil),
        ] as [([String: String?], String?)])
    func holdsEachConditionOfTheTable(changes: [String: String?], code: String?) throws {
        #expect(try check(changes).map(\.code.rawValue) == (code.map { [$0] } ?? []))
    }

    @Test func saysBothValues() throws {
        let finding = try #require(check(["CONF_STATUS": "E"]).first)
        #expect(finding.severity == .error)
        #expect(finding.component == "EMBARGO_TIME")
        #expect(finding.message == "CONF_STATUS is \"E\" and EMBARGO_TIME has no value: an embargoed value needs the time at which the embargo ends.")
        let status = try #require(check(["OBS_STATUS": "Q"]).first)
        #expect(status.message == "OBS_STATUS is \"Q\" (Missing value; suppressed), and there is a value.")
        #expect(status.severity == .error)
    }

    @Test func asksLessOfAMergeAndNothingOfADeletion() throws {
        #expect(try check(["CONF_STATUS": "E"], action: .merge).map(\.severity) == [.warning])
        #expect(try check(["OBS_VALUE": nil], action: .merge).isEmpty)
        #expect(try check(["CONF_STATUS": "E", "OBS_STATUS": "M", "OBS_VALUE": nil], action: .delete).isEmpty)
    }

    @Test func takesTheMarksOfMissingValuesWhereTheStandardHasThem() throws {
        #expect(try check(["OBS_VALUE": "#N/A", "OBS_STATUS": "M"], standard: .v3).isEmpty)
        #expect(try check(["OBS_STATUS": "#N/A", "CONF_STATUS": "#N/A"], standard: .v3).isEmpty)
        #expect(try check(["UPPER_BOUND": "NaN"], standard: .v2_1).isEmpty)
        #expect(
            try check(["OBS_VALUE": "#N/A", "OBS_STATUS": "M"], standard: .v2_1).map(\.code) == [.valueType])
        #expect(try check(["OBS_STATUS": "#N/A"], standard: .v2_1).map(\.code) == [.codeUnknown])
        // A dimension is never missing on purpose.
        #expect(try check(["SEX": "#N/A"], standard: .v3).map(\.code) == [.codeUnknown])
    }

    @Test(arguments: [
        ("sdmx-ml-2.1", SDMXStandard.v2_1), ("sdmx-ml-2.1-generic", .v2_1), ("sdmx-ml-3.0", .v3), ("sdmx-csv-1.0", .v2_1), ("sdmx-csv-2.0", .v3),
        ("sdmx-csv-2.1", .v3), ("sdmx-json-1.0", .v2_1), ("sdmx-json-2.0", .v3), ("csv", .unknown), ("", .unknown), ("other-2.1", .unknown),
    ])
    func knowsTheStandardOfAFormat(id: String, standard: SDMXStandard) {
        #expect(SDMXStandard(formatID: id) == standard)
    }

    @Test func judgesEveryElementOfAnArray() throws {
        let schema = CheckSample.schema(adding: [
            CheckSample.attribute("FLAGS", list: "CL_CONF", occursMax: 2), CheckSample.attribute("BOUNDS", type: .double, occursMax: 2),
        ])
        func check(_ changes: [String: String?]) throws -> [Finding] { try CheckSample.check([CheckSample.row(changes)], schema: schema) }
        func cell(_ texts: String...) -> String { CellValues.cell(texts.map { CellValues.Element($0) }) }
        #expect(try check(["FLAGS": cell("F", "C"), "BOUNDS": cell("1", "2.5")]).isEmpty)
        let findings = try check(["FLAGS": cell("F", "X"), "BOUNDS": cell("1", "2,5")])
        #expect(findings.map(\.code) == [.codeUnknown, .valueType])
        #expect(findings[0].message.hasPrefix("FLAGS is \"X\"") && findings[1].message.hasPrefix("BOUNDS is \"2,5\""))
        #expect(try check(["FLAGS": cell("F", "C", "E"), "BOUNDS": cell("1", "2", "3")]).map(\.code) == [.valueMultiple, .valueMultiple])
    }
}
