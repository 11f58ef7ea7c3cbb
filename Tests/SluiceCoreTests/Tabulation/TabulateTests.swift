import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct TabulateTests {
    private typealias Sample = TabulationSample

    @Test func countsRecordsWithEveryMarginAndInTheOrderOfCodes() throws {
        let (table, report) = try Sample.run(["1 F RU 17 2026-01-31", "2 M RU 18 2026-01-01", "3 F FR 17 2026-02-01T23:59:59"])
        #expect(
            Sample.cells(table).filter { $0.hasPrefix("F.") } == [
                "F.Y_LT18.CIS.2026-01=1", "F.Y_LT18.EU.2026-02=1", "F.Y_LT18.FR.2026-02=1", "F.Y_LT18.RU.2026-01=1", "F.Y_LT18._T.2026-01=1",
                "F.Y_LT18._T.2026-02=1", "F._T.CIS.2026-01=1", "F._T.EU.2026-02=1", "F._T.FR.2026-02=1", "F._T.RU.2026-01=1", "F._T._T.2026-01=1",
                "F._T._T.2026-02=1",
            ])
        #expect(Sample.cells(table).contains("_T._T._T.2026-01=2") && Sample.cells(table).contains("_T._T.CIS.2026-01=2"))
        #expect(report == TabulationReport(records: 3, cells: table.batch.rowCount, cellsMostDetailed: 3))
        #expect(table.batch.string(6, 0) == "A" && table.batch.string(7, 0) == "CROSSINGS" && table.batch.string(0, 0) == "M")
    }

    @Test func theOrderOfRecordsLeavesNoTrace() throws {
        let lines = ["1 F RU 17 2026-01-31", "2 M RU 18 2026-01-01", "3 F FR 17 2026-02-01", "4 M DE 70 2026-02-01"]
        let (one, other) = (try Sample.run(lines).table, try Sample.run(lines.reversed()).table)
        #expect(Sample.cells(one) == Sample.cells(other) && one.contributions == other.contributions)
        for column in one.batch.schema.dimensions {
            let codes = [one, other].map { table in (0..<UInt32(table.batch.dictionary(column).count)).map { table.batch.dictionary(column).string($0) } }
            #expect(codes[0] == codes[1])
        }
    }

    @Test func aContributorInSeveralCellsIsOneInTheirTotal() throws {
        let lines = ["1 F RU 17 2026-01-31 P1 10", "2 F RU 17 2026-01-01 P1 1.50", "3 F KZ 17 2026-01-02 P1 2", "4 F RU 17 2026-01-02 P2 5"]
        let tabulation = Sample.tabulation {
            $0.measure = .sum(of: "AMOUNT", weight: nil)
            $0.contributor = "PERSON"
        }
        let protection = ProtectionObligations(rules: PrimaryRules(dominance: [.init(n: 2, k: 80)]))
        let table = try Sample.run(lines, tabulation, protection: protection).table
        let contributions = try #require(table.contributions)
        func row(_ cell: String) throws -> Int { try #require(Sample.cells(table).firstIndex { $0.hasPrefix(cell + "=") }) }
        let (russia, cis) = (try row("F.Y_LT18.RU.2026-01"), try row("_T._T.CIS.2026-01"))
        #expect(Sample.cells(table)[russia] == "F.Y_LT18.RU.2026-01=16.50" && Sample.cells(table)[cis] == "_T._T.CIS.2026-01=18.50")
        #expect(contributions.counts[russia] == 2 && contributions.counts[cis] == 2)
        #expect(contributions.largest(russia).map(\.description) == ["11.50", "5"] && contributions.largest(cis).map(\.description) == ["13.50", "5"])
    }

    @Test func weightsMultiplyExactly() throws {
        let tabulation = Sample.tabulation { $0.measure = .sum(of: "AMOUNT", weight: "WEIGHT") }
        let table = try Sample.run(["1 F RU 17 2026-01-31 P 0.1 0.2", "2 F RU 17 2026-01-31 P 3 1.25"], tabulation).table
        #expect(Sample.cells(table).contains("F.Y_LT18.RU.2026-01=3.77"))
    }

    @Test func countsAtTheAgreedDepth() throws {
        let depth = CubeObligations(coarsening: ["CITIZENSHIP": ["RU": "CIS", "KZ": "CIS", "FR": "EU", "DE": "EU"]])
        let tabulation = Sample.tabulation { $0.contributor = "PERSON" }
        let table = try Sample.run(["1 F RU 17 2026-01-31 P1", "2 F KZ 17 2026-01-31 P1", "3 F FR 17 2026-01-31 P2"], tabulation, depth: depth).table
        let row = try #require(Sample.cells(table).firstIndex(of: "F.Y_LT18.CIS.2026-01=2"))
        #expect(table.contributions?.counts[row] == 1)
        #expect(!Sample.cells(table).contains { $0.contains("RU") || $0.contains("KZ") || $0.contains("FR") })
    }

    @Test func spellsPeriodsAsSDMXDoes() throws {
        for (period, expected) in zip(Tabulation.Period.allCases, ["2026-05-09", "2026-05", "2026-Q2", "2026"]) {
            let tabulation = Sample.tabulation { Sample.changing(&$0, "TIME_PERIOD") { $0.period = period } }
            #expect(Sample.cells(try Sample.run(["1 F RU 17 2026-05-09"], tabulation).table).allSatisfy { $0.contains(expected + "=") })
        }
        let yearly = Sample.tabulation { Sample.changing(&$0, "TIME_PERIOD") { $0.period = .year } }
        #expect(Sample.cells(try Sample.run(["1 F RU 17 2026-Q2", "2 F RU 17 2026"], yearly).table).contains("F.Y_LT18.RU.2026=2"))
    }

    @Test func aTimeZoneDoesNotMoveTheDayThatIsWritten() throws {
        let table = try Sample.run(["1 F RU 17 2026-01-31T23:30:00-05:00"]).table
        #expect(Sample.cells(table).allSatisfy { $0.contains(".2026-01=") })
    }

    @Test func declaredCodesStandForWhatIsMissingOrFallsIntoNoClass() throws {
        let tabulation = Sample.tabulation {
            Sample.changing(&$0, "SEX") {
                $0.missing = "_U"
                $0.codes = ["F": "M"]
            }
            Sample.changing(&$0, "AGE") {
                $0.classes = [Sample.ages[1]]
                $0.other = "_O"
                $0.missing = "_U"
                $0.codes = ["?": "_U"]
            }
        }
        let table = try Sample.run(["1 - RU 17 2026-01-31", "2 F RU - 2026-01-31", "3 F RU ? 2026-01-31", "4 F RU 18 2026-01-31"], tabulation).table
        let detailed = Sample.cells(table).filter { $0.contains("RU") && !$0.contains("_T") }
        #expect(detailed == ["M.Y18T64.RU.2026-01=1", "M._U.RU.2026-01=2", "_U._O.RU.2026-01=1"])
    }

    @Test func zerosAreEveryCombinationOfCodesThatThereAre() throws {
        let tabulation = Sample.tabulation {
            $0.zeros = true
            $0.contributor = "PERSON"
        }
        let (table, report) = try Sample.run(["1 F RU 17 2026-01-31 P", "2 M FR 18 2026-02-01 P"], tabulation)
        // 3 sexes, 3 ages and their total, 2 countries with two regions and the total, 2 months.
        #expect(report.cells == 3 * 4 * 5 * 2 && Set(Sample.cells(table)).count == report.cells)
        let row = try #require(Sample.cells(table).firstIndex(of: "F.Y_GE65.RU.2026-01=0"))
        #expect(table.contributions?.counts[row] == 0)
        #expect(Sample.error { _ = try Sample.run(["1 F RU 17 2026-01-31 P"], tabulation, limits: Self.limits { $0.cellsMax = 20 }) }?.code == .tooLarge)
    }

    private static func limits(_ change: (inout TabulationLimits) -> Void) -> TabulationLimits {
        var limits = TabulationLimits()
        change(&limits)
        return limits
    }

    @Test(
        arguments: [
            ("1 F RU - 2026-01-31", TabulationError.Code.valueMissing), ("1 - RU 17 2026-01-31", .valueMissing), ("1 F RU 17 -", .valueMissing),
            ("1 F RU 17.5 2026-01-31", .valueMalformed), ("1 F RU 1e1 2026-01-31", .valueMalformed),
            ("1 F RU 9999999999999999999999 2026-01-31", .valueMalformed),
            ("1 F RU 17 2026-02-30", .valueMalformed), ("1 F RU 17 yesterday", .valueMalformed), ("1 F RU 17 2026", .valueMalformed),
            ("1 F RU 17 2026-01-31junk", .valueMalformed), ("1 F CIS 17 2026-01-31", .notAdditive), ("1 F XX 17 2026-01-31", .codeUnknown),
        ]) func refusesWithTheCountAndLineOfRecords(_ line: String, _ code: TabulationError.Code) throws
    {
        let lines = ["0 M RU 40 2026-03-01", line, line.replacing("1 ", with: "2 ", maxReplacements: 1)]
        let error = try #require(Sample.error { _ = try Sample.run(lines) })
        #expect(error.code == code)
        if code != .codeUnknown { #expect(error.detail.contains("2 records"), "\(error)") }
        if code == .valueMissing || code == .valueMalformed { #expect(error.detail.contains("line 3"), "\(error)") }
    }

    @Test func aNumberInNoClassRefuses() throws {
        let tabulation = Sample.tabulation { Sample.changing(&$0, "AGE") { $0.classes.removeFirst() } }
        let error = try #require(Sample.error { _ = try Sample.run(["1 F RU 17 2026-01-31", "2 F RU 18 2026-01-31"], tabulation) })
        #expect(error.code == .classNone && error.detail.contains("1 record (the first in line 2)"))
        #expect(!error.detail.contains("17"), "a refusal names no value")
    }

    @Test(
        arguments: [
            ("1 F RU 17 2026-01-31 P -", TabulationError.Code.valueMissing), ("1 F RU 17 2026-01-31 P NaN", .valueMissing),
            ("1 F RU 17 2026-01-31 P ten", .valueMalformed), ("1 F RU 17 2026-01-31 P -1", .valueNegative), ("1 F RU 17 2026-01-31 - 1", .valueMissing),
        ]) func refusesWhatCannotBeAddedUp(_ line: String, _ code: TabulationError.Code) throws
    {
        let tabulation = Sample.tabulation {
            $0.measure = .sum(of: "AMOUNT", weight: nil)
            $0.contributor = "PERSON"
        }
        let protection = ProtectionObligations(rules: PrimaryRules(dominance: [.init(n: 1, k: 80)]))
        #expect(Sample.error { _ = try Sample.run([line], tabulation, protection: protection) }?.code == code)
    }

    @Test func limitsAreRefusalsWithAdvice() throws {
        let lines = (0..<40).map { "\($0) F RU \($0) 2026-01-\($0 % 28 + 1 < 10 ? "0" : "")\($0 % 28 + 1) P\($0)" }
        let daily = Sample.tabulation {
            $0.contributor = "PERSON"
            Sample.changing(&$0, "TIME_PERIOD") { $0.period = .day }
        }
        for limits in [Self.limits { $0.cellsMax = 20 }, Self.limits { $0.contributionsMax = 39 }, Self.limits { $0.codesMax = 20 }] {
            let error = try #require(Sample.error { _ = try Sample.run(lines, daily, limits: limits) })
            #expect(error.code == .tooLarge && !error.detail.isEmpty)
        }
        #expect(Sample.error { _ = try Sample.run(lines, daily, limits: Self.limits { $0.contributionsMax = 40 }) } == nil)
    }

    @Test func whatCannotBeBoundIsRefusedBeforeARecordIsRead() throws {
        let changes: [(inout Tabulation) -> Void] = [
            { $0.dimensions["SEX"] = nil }, { $0.dimensions["REGION"] = .constant("X") }, { $0.dimensions["SEX"] = Sample.reading("SEXX") },
            { $0.contributor = "NOBODY" }, { $0.measure = .sum(of: "NOTHING", weight: nil) }, { $0.measure = .sum(of: "AMOUNT", weight: "NOTHING") },
            { $0.attributes["OBS_STATUS"] = nil }, { $0.attributes["COLOUR"] = "RED" }, { $0.attributes["OBS_VALUE"] = "1" },
            { Sample.changing(&$0, "TIME_PERIOD") { $0.rollUp = true } },
            { Sample.changing(&$0, "AGE") { $0.classes.append(Tabulation.Class(code: "X", lower: 10, upper: 20)) } },
        ]
        for change in changes {
            let error = Sample.error { _ = try Tabulate(Sample.tabulation(change), records: Sample.records, cells: Sample.cells) }
            #expect(error?.code == .unbound, "\(error.debugDescription)")
        }
        let keys = ProtectionObligations(rules: PrimaryRules(), cellKey: "table")
        #expect(Sample.error { _ = try Sample.run([], protection: keys) }?.code == .keyMissing)
    }

    @Test func aDeletionIsRefused() throws {
        let step = try Tabulate(Sample.tabulation(), records: Sample.records, cells: Sample.cells)
        let batch = Batch(schema: Sample.records, capacity: 1)
        try Sample.fill(batch, ["1 F RU 17 2026-01-31"])
        #expect(Sample.error { try step.add(batch, action: .delete) }?.code == .deletion)
    }

    @Test func cellKeysAreSumsOfTheKeysOfThoseWhoAreCounted() throws {
        let lines = ["1 F RU 17 2026-01-31 P1", "2 F KZ 17 2026-01-31 P1", "3 F FR 17 2026-01-31 P2"]
        let keys = ProtectionObligations(rules: PrimaryRules(), cellKey: "table")
        func key(_ text: String) -> UInt8 { PlainCodes().code(Array(text.utf8), for: "record key").bytes[0] }
        for (contributor, expected) in [("PERSON" as String?, key("P1") &+ key("P2")), (nil, key("1") &+ key("2") &+ key("3"))] {
            let table = try Sample.run(lines, Sample.tabulation { $0.contributor = contributor }, protection: keys, codes: PlainCodes()).table
            let row = try #require(Sample.cells(table).firstIndex { $0.hasPrefix("_T._T._T.2026-01=") })
            #expect(table.contributions?.cellKeys[row] == expected)
        }
    }
}

extension ProtectionObligations {
    init(rules: PrimaryRules, cellKey table: String) {
        self.init(rules: rules)
        cellKey = CellKey(table: table)
    }
}

extension TabulationReport {
    init(records: Int, cells: Int, cellsMostDetailed: Int) {
        self.init()
        self.records = records
        self.cells = cells
        self.cellsMostDetailed = cellsMostDetailed
    }
}
