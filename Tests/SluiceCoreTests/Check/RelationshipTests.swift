import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct RelationshipTests {
    private typealias Sample = CheckSample

    @Test func saysWhereTheOtherValueStandsAndHowManyRowsDiffer() throws {
        let rows =
            (2000..<2003).map { Sample.row(["TIME_PERIOD": "\($0)"]) } + [Sample.row(["SEX": "F"])]
            + (2003..<2007).map { Sample.row(["TIME_PERIOD": "\($0)", "UNIT_MEASURE": "NUMBER"]) }
        let findings = try Sample.check(rows)
        #expect(findings.map(\.code) == [.attributeInconsistent])
        let finding = try #require(findings.first)
        #expect(finding.severity == .error)
        #expect(finding.position == Position(line: 15, row: 5, dataset: 1))
        #expect(finding.seriesKey == "A.51._T._T")
        #expect(finding.timePeriod == "2003…2006")
        #expect(finding.observations == 4)
        #expect(finding.offendingText == "NUMBER")
        #expect(finding.message == "UNIT_MEASURE is \"NUMBER\" here and \"PT\" in line 11; it has one value per series.")
    }

    @Test func seesGroupsAndTheDatasetAsWell() throws {
        let findings = try Sample.check([Sample.row(), Sample.row(["SEX": "F", "AREA_NOTE": "else", "TITLE": "other"])])
        #expect(findings.map(\.component) == ["AREA_NOTE", "TITLE"])
        #expect(findings.map(\.seriesKey) == [".51..", nil])
        #expect(findings[0].message.hasSuffix("per group.") && findings[1].message.hasSuffix("per dataset."))
        // Another group may have another value.
        #expect(try Sample.check([Sample.row(), Sample.row(["REF_AREA": "8", "AREA_NOTE": "else"])]).isEmpty)
    }

    @Test func takesAnAbsentValueForOneThatIsNotRepeated() throws {
        let rows = [Sample.row(), Sample.row(["TIME_PERIOD": "2021", "COMMENT_TS": "c"]), Sample.row(["TIME_PERIOD": "2022", "COMMENT_TS": ""])]
        #expect(try Sample.check(rows).isEmpty)
        #expect(try Sample.check(rows + [Sample.row(["TIME_PERIOD": "2023", "COMMENT_TS": "d"])]).map(\.component) == ["COMMENT_TS"])
    }

    @Test func beginsAnewWithEveryDatasetOfAMessage() throws {
        let other = Sample.row(["TIME_PERIOD": "2021", "UNIT_MEASURE": "NUMBER"])
        #expect(try Sample.checkMessage([(.replace, [Sample.row()]), (.replace, [other])]).isEmpty)
        #expect(try Sample.checkMessage([(.replace, [Sample.row(), other])]).map(\.code) == [.attributeInconsistent])
    }
}
