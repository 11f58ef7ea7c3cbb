import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

@Suite struct ConstraintTests {
    private func constraint(_ regions: [CubeRegion], keySets: [KeySet] = []) -> DataConstraint {
        DataConstraint(identity: ArtefactIdentity(agency: "TEST", id: "CC"), cubeRegions: regions, keySets: keySets)
    }
    private func select(_ component: String, _ values: [String], cascading: Bool = false, included: Bool = true) -> ComponentSelection {
        ComponentSelection(component: component, isIncluded: included, values: values.map { .init($0, cascades: cascading) })
    }
    private func check(_ rows: [[String: String]], _ constraints: DataConstraint...) throws -> [Finding] {
        try CheckSample.check(rows, schema: CheckSample.schema(constraints: constraints))
    }

    @Test func blamesTheCodeThatNoRegionTakes() throws {
        let rule = constraint([CubeRegion(selections: [select("SEX", ["_T", "F"])])])
        #expect(try check([CheckSample.row(), CheckSample.row(["SEX": "F"])], rule).isEmpty)
        let findings = try check((2000..<2004).map { CheckSample.row(["SEX": "M", "TIME_PERIOD": "\($0)"]) }, rule)
        #expect(findings.map(\.code) == [.constraintViolated])
        #expect(findings.first?.component == "SEX")
        #expect(findings.first?.offendingText == "M")
        #expect(findings.first?.observations == 4)
        #expect(findings.first?.advice == "Use one of the codes that the constraint allows: _T, F.")
    }

    @Test func takesNarrowerCodesWhereAValueCascades() throws {
        let rule = constraint([CubeRegion(selections: [select("REF_AREA", ["145"], cascading: true)])])
        #expect(try check([CheckSample.row(["REF_AREA": "51"]), CheckSample.row(["REF_AREA": "145"])], rule).isEmpty)
        #expect(try check([CheckSample.row(["REF_AREA": "8"])], rule).count == 1)
        let without = constraint([CubeRegion(selections: [select("REF_AREA", ["145"])])])
        #expect(try check([CheckSample.row(["REF_AREA": "51"])], without).count == 1)
    }

    @Test func subtractsExcludedRegionsAndSelections() throws {
        let excluded = constraint([CubeRegion(isIncluded: false, selections: [select("SEX", ["F"]), select("AGE", ["Y0T14"])])])
        #expect(try check([CheckSample.row(["SEX": "F"]), CheckSample.row(["AGE": "Y0T14"])], excluded).isEmpty)
        #expect(try check([CheckSample.row(["SEX": "F", "AGE": "Y0T14"])], excluded).map(\.code) == [.constraintViolated])
        let negated = constraint([CubeRegion(selections: [select("SEX", ["F"], included: false)])])
        #expect(try check([CheckSample.row(["SEX": "M"])], negated).isEmpty)
        #expect(try check([CheckSample.row(["SEX": "F"])], negated).count == 1)
    }

    @Test func namesWhatKeepsARowOutOfTheNearestRegion() throws {
        let rule = constraint([
            CubeRegion(selections: [select("SEX", ["F"]), select("AGE", ["Y0T14"]), select("UNIT_MEASURE", ["PT"])]),
            CubeRegion(selections: [select("SEX", ["M"]), select("AGE", ["_T"]), select("UNIT_MEASURE", ["NUMBER"])]),
        ])
        #expect(try check([CheckSample.row(["SEX": "F", "AGE": "Y0T14"]), CheckSample.row(["SEX": "M", "UNIT_MEASURE": "NUMBER"])], rule).isEmpty)
        let findings = try check([CheckSample.row(["SEX": "M"])], rule)
        #expect(findings.map(\.component) == ["UNIT_MEASURE"])
        #expect(findings.first?.advice == "The nearest combination that is allowed has UNIT_MEASURE in NUMBER.")
    }

    @Test func keepsToTimeRanges() throws {
        let range = ComponentSelection(component: "TIME_PERIOD", timeRange: .init(start: "2010", end: "2015", endIsInclusive: false))
        let rule = constraint([CubeRegion(selections: [range])])
        let findings = try check((2008..<2018).map { CheckSample.row(["TIME_PERIOD": "\($0)"]) }, rule)
        #expect(findings.map(\.timePeriod) == ["2008", "2009", "2015", "2016", "2017"])
        #expect(findings.allSatisfy { $0.component == "TIME_PERIOD" && $0.observations == 1 })
    }

    @Test func keepsToKeySets() throws {
        let included = constraint([], keySets: [KeySet(keys: [["REF_AREA": "51", "SEX": "F"], ["AGE": "Y0T14"]])])
        #expect(try check([CheckSample.row(["SEX": "F"]), CheckSample.row(["AGE": "Y0T14", "REF_AREA": "8"])], included).isEmpty)
        #expect(try check([CheckSample.row(["SEX": "M"])], included).map(\.code) == [.constraintViolated])
        let excluded = constraint([], keySets: [KeySet(isIncluded: false, keys: [["REF_AREA": "51", "SEX": "F", "TIME_PERIOD": "2020"]])])
        #expect(try check([CheckSample.row(["SEX": "F", "TIME_PERIOD": "2021"])], excluded).isEmpty)
        #expect(try check([CheckSample.row(["SEX": "F"])], excluded).first?.timePeriod == "2020")
    }

    @Test func reportsAWrongCodeOnceAndNotAlsoAsAViolation() throws {
        let rule = constraint([CubeRegion(selections: [select("SEX", ["F"])])], keySets: [KeySet(keys: [["SEX": "F"]])])
        #expect(try check([CheckSample.row(["SEX": "f"])], rule).map(\.code) == [.codeUnknown])
        #expect(try check([CheckSample.row(["SEX": nil])], rule).map(\.code) == [.dimensionMissing])
    }

    @Test func saysWhatItCouldNotCheck() throws {
        let rule = constraint([CubeRegion(selections: [select("NOT_THERE", ["F"]), select("UPPER_BOUND", ["1"])])])
        let findings = try check([CheckSample.row()], rule)
        #expect(findings.map(\.code) == [.ruleUnchecked, .ruleUnchecked])
        #expect(findings.map(\.severity) == [.warning, .warning])
    }

    @Test func manyRegionsAgreeWithTryingEachInTurn() throws {
        var generator = SeededGenerator.announced(for: "constraints of many regions")
        let seed = generator.seed
        let values = ["REF_AREA": ["51", "8", "31", "AM"], "SEX": ["_T", "F", "M"], "AGE": ["_T", "Y0T14", "Y15T64"], "OBS_STATUS": ["A", "M"]]
        for regionCount in [1, 3, 64, 65, 130] {
            let regions = (0..<regionCount).map { _ in
                CubeRegion(
                    isIncluded: Int.random(in: 0..<5, using: &generator) > 0,
                    selections: values.keys.sorted().compactMap { id in
                        guard Int.random(in: 0..<8, using: &generator) > 0 else { return nil }
                        return select(
                            id, [values[id]!.randomElement(using: &generator)!, values[id]!.randomElement(using: &generator)!],
                            included: Int.random(in: 0..<6, using: &generator) > 0)
                    })
            }
            func allows(_ row: [String: String]) -> Bool {
                func isIn(_ region: CubeRegion) -> Bool {
                    region.selections.allSatisfy { selection in selection.values.contains { $0.id == row[selection.component] } == selection.isIncluded }
                }
                let included = regions.filter(\.isIncluded)
                return (included.isEmpty || included.contains(where: isIn)) && !regions.contains { !$0.isIncluded && isIn($0) }
            }
            let schema = CheckSample.schema(constraints: [constraint(regions)])
            for _ in 0..<60 {
                var row = CheckSample.row(values.mapValues { $0.randomElement(using: &generator) })
                if row["OBS_STATUS"] == "M" { row["OBS_VALUE"] = nil }
                let findings = try CheckSample.check([row], schema: schema)
                #expect(findings.isEmpty == allows(row), "seed \(seed), \(regionCount) regions, \(row)")
                #expect(findings.allSatisfy { $0.code == .constraintViolated && !$0.message.isEmpty && !$0.advice.isEmpty })
            }
        }
    }
}
