import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct CheckTests {
    private typealias Sample = CheckSample

    @Test func findsNothingInCleanRows() throws {
        let rows = (2000..<2030).flatMap { year in ["51", "8"].map { Sample.row(["REF_AREA": $0, "TIME_PERIOD": "\(year)"]) } }
        #expect(try Sample.check(rows).isEmpty)
    }

    @Test func acceptsMissingValuesAndNaN() throws {
        let rows = [
            Sample.row(["OBS_VALUE": nil, "OBS_STATUS": "M"]), Sample.row(["OBS_VALUE": "NaN", "OBS_STATUS": "M", "TIME_PERIOD": "2021"]),
            Sample.row(["OBS_VALUE": "-1.5e-3", "TIME_PERIOD": "2022"]),
        ]
        #expect(try Sample.check(rows).isEmpty)
    }

    @Test(arguments: [
        ("SEX", " F", "Write \"F\" (Female), without the blanks around it."),
        ("REF_AREA", "am", "Write \"AM\" (Hayastan); codes are written in exactly this case."),
        ("REF_AREA", "armenia", "Write \"51\" (Armenia), the code with that name."),
        ("AGE", "Y15T65", "Write \"Y15T64\" (15 to 64), if that was meant."),
        ("SEX", "X", "Use a code of TEST:CL_SEX(1.0), such as _T, F, M."),
    ])
    func namesTheNearestCode(component: String, text: String, advice: String) throws {
        let findings = try Sample.check([Sample.row([component: text])])
        #expect(findings.map(\.code) == [.codeUnknown])
        let finding = try #require(findings.first)
        #expect(finding.component == component)
        #expect(finding.offendingText == text)
        #expect(finding.message.contains("\"\(text)\""))
        #expect(finding.advice == advice)
        #expect(finding.position == Position(line: 11, row: 1, dataset: 1))
        #expect(finding.timePeriod == "2020")
    }

    @Test func reportsAFaultOfTheSeriesOncePerRun() throws {
        let bad = (2000..<2012).map { Sample.row(["AGE": "Y_NOSUCH", "TIME_PERIOD": "\($0)"]) }
        let clean = (2000..<2005).map { Sample.row(["TIME_PERIOD": "\($0)"]) }
        let findings = try Sample.check(bad + clean + [Sample.row(["AGE": "Y_NOSUCH", "TIME_PERIOD": "2012"])])
        #expect(findings.map(\.observations) == [12, 1])
        #expect(findings.map(\.position.line) == [11, 28])
        #expect(findings.map(\.timePeriod) == ["2000…2011", "2012"])
        #expect(findings.map(\.seriesKey) == ["A.51._T.Y_NOSUCH", "A.51._T.Y_NOSUCH"])
    }

    @Test func countsAMissingSeriesAttributeByTheRowsThatLackIt() throws {
        let rows = (2000..<2010).map { Sample.row(["UNIT_MEASURE": ($0 % 2 == 0 ? nil : "PT") as String?, "TIME_PERIOD": "\($0)"]) }
        let findings = try Sample.check(rows)
        #expect(findings.map(\.code) == [.attributeMissing])
        #expect(findings.first?.observations == 5)
        #expect(findings.first?.component == "UNIT_MEASURE")
        #expect(findings.first?.timePeriod == "2000…2008")
    }

    @Test func reportsAMissingAttributeAtItsOwnLevel() throws {
        let rows = (0..<4).map { Sample.row(["TITLE": nil, "AREA_NOTE": nil, "OBS_STATUS": nil, "SEX": $0 < 2 ? "F" : "M", "TIME_PERIOD": "\(2000 + $0)"]) }
        let findings = try Sample.check(rows)
        let byComponent = Dictionary(grouping: findings, by: { $0.component ?? "" })
        #expect(byComponent["OBS_STATUS"]?.map(\.observations) == [1, 1, 1, 1])
        #expect(byComponent["OBS_STATUS"]?.map(\.timePeriod) == ["2000", "2001", "2002", "2003"])
        #expect(byComponent["AREA_NOTE"]?.map(\.observations) == [4])
        #expect(byComponent["AREA_NOTE"]?.first?.seriesKey == ".51..")
        #expect(byComponent["TITLE"]?.map(\.observations) == [4])
        #expect(byComponent["TITLE"]?.first?.seriesKey == nil)
        #expect(findings.allSatisfy { $0.code == .attributeMissing && $0.severity == .error })
    }

    @Test func takesAnEmptyTextForAMissingOne() throws {
        #expect(try Sample.check([Sample.row(["OBS_STATUS": ""])]).map(\.code) == [.attributeMissing])
        #expect(try Sample.check([Sample.row(["SEX": ""])]).map(\.code) == [.dimensionMissing])
        #expect(try Sample.check([Sample.row(["OBS_VALUE": "", "OBS_STATUS": "M"])]).isEmpty)
    }

    @Test func reportsMissingDimensions() throws {
        let findings = try Sample.check([Sample.row(["SEX": nil]), Sample.row(["TIME_PERIOD": nil])])
        #expect(findings.map(\.code) == [.dimensionMissing, .dimensionMissing])
        #expect(findings.map(\.component) == ["SEX", "TIME_PERIOD"])
        #expect(findings[0].advice.contains("_T"))
        #expect(findings[0].seriesKey == "A.51.._T")
    }

    @Test func takesRowsThatCarryOnlyAttributesOfPartOfTheKey() throws {
        #expect(try Sample.check([["REF_AREA": "51", "AREA_NOTE": "note"], ["TITLE": "title"]]).isEmpty)
        #expect(try Sample.check([["REF_AREA": "51", "AREA_NOTE": "no te"]]).map(\.code) == [.valueType])
        // The group's own dimension has to be there, and an observation needs its whole key.
        #expect(try Sample.check([["AREA_NOTE": "note"]]).contains { $0.code == .dimensionMissing })
        #expect(try Sample.check([Sample.row(["SEX": nil])]).map(\.code) == [.dimensionMissing])
    }

    @Test(arguments: [
        ("12,5", "Write 12.5."), ("1 234.5", "Write 1234.5."), ("1,234.5", "Write 1234.5."), ("1.234,5", "Write 1234.5."), ("12%", "Write 12."),
        ("\u{2212}3", "Write -3."), ("..", "Leave the value empty and say why in OBS_STATUS (M, O, L or Q of CL_OBS_STATUS)."),
    ])
    func saysHowToWriteANumber(text: String, advice: String) throws {
        let findings = try Sample.check([Sample.row(["OBS_VALUE": text])])
        #expect(findings.map(\.code) == [.valueType])
        #expect(findings.first?.advice == advice)
        #expect(findings.first?.offendingText == text)
    }

    @Test func checksTypedAttributes() throws {
        #expect(try Sample.check([Sample.row(["UPPER_BOUND": "x"])]).map(\.component) == ["UPPER_BOUND"])
        #expect(try Sample.check([Sample.row(["BASE_PER": "2010-01"])]).map(\.code) == [.valueType])
        #expect(try Sample.check([Sample.row(["AREA_NOTE": "a b"])]).map(\.code) == [.valueType])
        #expect(try Sample.check([Sample.row(["TITLE": "longer"])]).map(\.code) == [.valueFacet])
        #expect(try Sample.check([Sample.row(["TITLE": "Ելքեր", "BASE_PER": "2010", "UPPER_BOUND": "INF"])]).isEmpty)
    }

    @Test func takesAMeasureForTextOnlyWhenTheStructureSaysSo() throws {
        #expect(try Sample.check([Sample.row(["OBS_VALUE": "yes"])], schema: Sample.schema(measure: TextFormat(type: .string))).isEmpty)
        #expect(try Sample.check([Sample.row(["OBS_VALUE": "yes"])]).map(\.code) == [.valueType])
    }

    @Test(arguments: [
        ("2013-13", "Write a period"), ("2020Q1", "Write 2020-Q1."), ("31.03.2020", "Write 2020-03-31."), ("2020-02-30", "check that the month"),
        (" 2020", "Write 2020."),
    ])
    func reportsWhatIsNoTimePeriodPerRow(text: String, advice: String) throws {
        let findings = try Sample.check([Sample.row(["TIME_PERIOD": text, "FREQ": "A"])])
        #expect(findings.map(\.code) == [.timePeriod])
        #expect(findings.first?.timePeriod == text)
        #expect(findings.first?.offendingText == text)
        #expect(findings.first?.seriesKey == "A.51._T._T")
        #expect(findings.first?.advice.contains(advice) == true, "\(findings.first?.advice ?? "")")
    }

    @Test func warnsOfAPeriodThatDoesNotFitTheFrequency() throws {
        let findings = try Sample.check([
            Sample.row(["TIME_PERIOD": "2020-03"]), Sample.row(["FREQ": "Q", "TIME_PERIOD": "2020-Q1"]), Sample.row(["FREQ": "M", "TIME_PERIOD": "2020-M03"]),
        ])
        #expect(findings.map(\.code) == [.timeFrequency])
        #expect(findings.first?.severity == .warning)
        #expect(findings.first?.message == "The period \"2020-03\" does not fit the frequency FREQ=A (Annual).")
    }

    @Test func onlyWarnsWhereTheCodeListIsPartial() throws {
        let findings = try Sample.check([Sample.row(["REF_AREA": "999"])], schema: Sample.schema(partialAreas: true))
        #expect(findings.map(\.severity) == [.warning])
    }

    @Test func looksOnlyAtKeysWhereADatasetDeletes() throws {
        let row = ["FREQ": "A", "REF_AREA": "51", "SEX": "X", "AGE": "_T", "TIME_PERIOD": "2020"]
        #expect(try Sample.check([row, row], action: .delete).map(\.code) == [.codeUnknown])
        let merged = try Sample.check([Sample.row(["OBS_STATUS": nil])], action: .merge)
        #expect(merged.map(\.severity) == [.warning])
    }

    @Test func countsEveryFaultWhateverTheirNumber() throws {
        let tally = FindingTally(samplesPerCodeMax: 1)
        let schema = Sample.schema()
        let check = Check(schema: schema, findings: tally, temporaryDirectory: "/tmp")
        let batch = Batch(schema: schema)
        let area = try #require(schema.index(of: "REF_AREA"))
        let year = try batch.dictionary(4).intern("2020")
        var done = 0
        while done < 20_000 {
            while !batch.isFull {
                let row = batch.appendRow()
                try Array("Z\(done)".utf8).withUnsafeBytes { try batch.set(area, row, $0) }
                batch.codes(4)[row] = year
                done += 1
            }
            try check.check(batch, dataset: 1)
            batch.removeAllRows()
        }
        try check.finish()
        #expect(tally.countByCode[.codeUnknown] == done)
        // FREQ, SEX and AGE are missing in each series; UNIT_MEASURE too, AREA_NOTE once per area, OBS_STATUS in each row, TITLE once.
        #expect(tally.countByCode[.dimensionMissing] == 3 * done)
        #expect(tally.countByCode[.attributeMissing] == 3 * done + 1)
        #expect(tally.samples.count == 3)
    }
}
