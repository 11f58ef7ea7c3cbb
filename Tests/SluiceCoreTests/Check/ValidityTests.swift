import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct ValidityTests {
    private func rows(_ years: Range<Int>) -> [[String: String]] { years.map { CheckSample.row(["TIME_PERIOD": "\($0)"]) } }

    @Test func warnsOfPeriodsThatBeginAfterTheListWasGivenUp() throws {
        let schema = CheckSample.schema(areasUntil: "2007-12-31")
        #expect(try CheckSample.check(rows(1990..<2008), schema: schema).isEmpty)
        let findings = try CheckSample.check(rows(2005..<2012), schema: schema)
        #expect(findings.map(\.code) == [.codeExpired])
        #expect(findings.first?.severity == .warning)
        #expect(findings.first?.timePeriod == "2008…2011")
        #expect(findings.first?.observations == 4)
        #expect(findings.first?.component == "REF_AREA")
    }

    @Test func keepsToTheValidityThatAConstraintGivesACode() throws {
        var old = ComponentSelection.Value("51")
        old.validTo = "2010"
        var new = ComponentSelection.Value("8")
        new.validFrom = "2011-06"
        let region = CubeRegion(selections: [ComponentSelection(component: "REF_AREA", values: [old, new, .init("31")])])
        let schema = CheckSample.schema(constraints: [DataConstraint(identity: ArtefactIdentity(agency: "TEST", id: "CC"), cubeRegions: [region])])
        func check(_ area: String, _ year: Int) throws -> [FindingCode] {
            try CheckSample.check([CheckSample.row(["REF_AREA": area, "TIME_PERIOD": "\(year)"])], schema: schema).map(\.code)
        }
        #expect(try check("51", 2010).isEmpty && check("31", 2010).isEmpty && check("31", 2030).isEmpty)
        #expect(try check("51", 2011) == [.codeExpired])
        // A period that the validity covers in part fits it.
        #expect(try check("8", 2011).isEmpty)
        #expect(try check("8", 2010) == [.codeExpired])
    }

    @Test func onlyWarnsWhereAConstraintIsNotInForce() throws {
        var identity = ArtefactIdentity(agency: "TEST", id: "CC")
        identity.validTo = "2009-12-31"
        let constraint = DataConstraint(identity: identity, cubeRegions: [CubeRegion(selections: [ComponentSelection(component: "SEX", values: [.init("F")])])])
        let schema = CheckSample.schema(constraints: [constraint])
        let findings = try CheckSample.check(
            [CheckSample.row(["TIME_PERIOD": "2009"]), CheckSample.row(["AGE": "Y0T14", "TIME_PERIOD": "2010"])], schema: schema)
        #expect(findings.map(\.severity) == [.error, .warning])
        #expect(findings.last?.message.hasSuffix("The constraint is valid to 2009-12-31 only.") == true)
    }

    @Test func takesOnlyTheNarrowerCodesWhereTheRootIsExcluded() throws {
        let selection = ComponentSelection(component: "REF_AREA", values: [.init("145", cascade: .withoutRoot)])
        let schema = CheckSample.schema(constraints: [
            DataConstraint(identity: ArtefactIdentity(agency: "TEST", id: "CC"), cubeRegions: [CubeRegion(selections: [selection])])
        ])
        #expect(try CheckSample.check([CheckSample.row()], schema: schema).isEmpty)
        #expect(try CheckSample.check([CheckSample.row(["REF_AREA": "145"])], schema: schema).map(\.code) == [.constraintViolated])
    }
}
