import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectMicrodata

/// k, l and t against pycanon's.
@Suite struct RiskTests {
    static func risk(_ table: Table, quasi: [String], sensitive: [String]) throws -> RiskSummary {
        let schema = table.batch.schema
        func variables(_ ids: [String]) throws -> [Variable] { try ids.map { try Variable(table.batch, #require(schema.index(of: $0))) } }
        let grouping = Grouping(try variables(quasi).map { Grouping.Digit(codes: $0.codes, map: nil, width: $0.width) }, recordCount: table.batch.rowCount)
        let values = try variables(sensitive).map { try SensitiveValues($0, schema.components[$0.column]) }
        return ClassFigures(grouping, sensitive: values, pseudonyms: []).summary
    }

    static func expectEqual(_ ours: RiskSummary, _ theirs: Oracle.Figures, _ what: Comment) {
        #expect(ours.k == theirs.k, what)
        #expect(ours.distinct == theirs.l, what)
        // Theirs is cut to a whole number after rounding in binary, so log 2 may come out as 1.
        if let entropy = theirs.entropy, let own = ours.entropy { #expect(entropy == Int(own + 1e-9) || entropy == Int(own - 1e-9), what) }
        if let t = theirs.t, let own = ours.closeness { #expect(abs(t - own) < 1e-9, "\(what): \(t) and \(own)") }
    }

    @Test(.enabled(if: Corpus.isPresent, "the reference corpus is not at hand"))
    func equalsTheReferenceFiguresOfTheCorpus() throws {
        let lines = String(decoding: try Corpus.bytes("disclosure/expected/kanon_micro.csv"), as: UTF8.self).split(whereSeparator: \.isNewline)
        let names = lines[0].split(separator: ",").map(String.init)
        var records = TestRecords(columns: [.init(id: "RECORD", kind: .dimension)] + names.map { .init(id: $0) })
        for (number, line) in lines.dropFirst().enumerated() { records.rows.append(["\(number)"] + line.split(separator: ",").map { Optional(String($0)) }) }
        let expected = try #require(
            try JSONSerialization.jsonObject(with: Data(Corpus.bytes("disclosure/expected/kanon_result.json"))) as? [String: String])
        let risk = try Self.risk(records.table, quasi: ["age", "sex", "cob"], sensitive: ["status"])
        #expect("\(risk.k)" == expected["k"])
        #expect(risk.distinct.map { "\($0)" } == expected["l"])
        #expect(risk.entropy.map { "\(Int($0 + 1e-9))" } == expected["entropy_l"])
        #expect(risk.closeness.map { RecordReport.decimal($0, digits: 4) } == expected["t"])
    }

    @Test(.enabled(if: OraclePython.interpreter != nil, "SLUICE_ORACLE_PYTHON is not set"))
    func equalsPycanonOnRandomRecords() throws {
        var generator = SeededGenerator.announced(for: "records against pycanon")
        var problems: [Oracle.Problem] = []
        var ours: [RiskSummary] = []
        for round in 0..<40 {
            let records = TestRecords.register(Int.random(in: 20...400, using: &generator), using: &generator, missingPercent: round % 3 * 5)
            let quasi = [["SEX"], ["SEX", "CITIZENSHIP"], ["CITIZENSHIP"], ["SEX", "AGE", "CITIZENSHIP"]][round % 4]
            let sensitive = [["EXPLOITATION"], ["DEBT"], ["EXPLOITATION", "DEBT"]][round % 3]
            let table = records.table
            problems.append(Oracle.Problem(table, quasi: quasi, sensitive: sensitive, numeric: sensitive.filter { $0 == "DEBT" }))
            ours.append(try Self.risk(table, quasi: quasi, sensitive: sensitive))
        }
        let theirs = try Oracle.figures(problems)
        try #require(theirs.count == ours.count)
        for (round, pair) in zip(ours, theirs).enumerated() { Self.expectEqual(pair.0, pair.1, "round \(round)") }
    }

    @Test func measuresTheDistanceOfOrderedNumbersAsInThePaper() throws {
        // Li, Li and Venkatasubramanian (2007), section 5: incomes 3k to 11k; classes {3k, 4k, 5k} and {6k, 8k, 11k} are 0.375 and 0.167 away.
        var records = TestRecords(columns: [.init(id: "RECORD", kind: .dimension), .init(id: "CLASS"), .init(id: "INCOME", kind: .measure, type: .decimal)])
        for (number, row) in [
            ("a", "3000"), ("a", "4000"), ("a", "5000"), ("b", "6000"), ("b", "11000"), ("b", "8000"), ("c", "7000"), ("c", "9000.0"), ("c", "10000"),
        ]
        .enumerated() {
            records.rows.append(["\(number)", row.0, row.1])
        }
        let table = records.table
        let variable = try Variable(table.batch, #require(table.batch.schema.index(of: "CLASS")))
        let income = try #require(table.batch.schema.index(of: "INCOME"))
        let figures = ClassFigures(
            Grouping([.init(codes: variable.codes, map: nil, width: variable.width)], recordCount: 9),
            sensitive: [try SensitiveValues(try Variable(table.batch, income), table.batch.schema.components[income])], pseudonyms: [])
        #expect(abs(figures.closeness[0] - 0.375) < 1e-12)
        #expect(abs(figures.closeness[1] - 1.0 / 6) < 1e-12)
    }

    @Test func aClassOfOnePersonsRecordsIsOfOnePerson() throws {
        let grouping = Grouping([.init(codes: [0, 0, 0, 1, 1, 1], map: nil, width: 2)], recordCount: 6)
        let figures = ClassFigures(grouping, sensitive: [], pseudonyms: [[7, 7, 7, 1, 2, 3]])
        #expect(figures.sizes == [3, 3])
        #expect(figures.persons == [1, 3])
        let rules = RecordRules(quasiIdentifiers: ["X"], k: 3)
        #expect(figures.fault(0, under: rules) == .tooSmall)
        #expect(figures.fault(1, under: rules) == nil)
    }

    /// By hashing, by a table, and in several stages the same classes come out.
    @Test func classesDoNotDependOnHowTheyAreFound() {
        var generator = SeededGenerator.announced(for: "grouping")
        let count = 3_000
        let columns = (0..<6).map { column in (0..<count).map { _ in UInt32.random(in: 0..<UInt32(2 + column % 3), using: &generator) } }
        func grouping(_ spread: UInt32) -> Grouping {
            Grouping(columns.map { codes in .init(codes: codes.map { $0 * spread }, map: nil, width: Int(5 * spread)) }, recordCount: count)
        }
        let reference = grouping(1)
        #expect(Set((0..<count).map { row in columns.map { $0[row] } }).count == reference.count)
        for spread: UInt32 in [1_000, 100_000, 500_000_000] {
            let other = grouping(spread)
            #expect(other.classes == reference.classes)
            #expect(other.count == reference.count)
        }
        #expect(Grouping([], recordCount: 3).classes == [0, 0, 0])
        #expect(Grouping([], recordCount: 0).count == 0)
    }
}
