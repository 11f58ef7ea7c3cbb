import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

/// Random records and declarations against a tabulation that knows no numbers, no batches and no order: every record into every cell it counts for.
@Suite struct TabulateOracleTests {
    private typealias Sample = TabulationSample

    private struct Record {
        var id: String
        var sex: String
        var citizenship: String
        var age: Int?
        var date: (year: Int, month: Int, day: Int)
        var person: String
        var amount: String
        var weight: String

        var line: String {
            func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
            return "\(id) \(sex) \(citizenship) \(age.map(String.init) ?? "-") \(date.year)-\(two(date.month))-\(two(date.day)) \(person) \(amount) \(weight)"
        }
    }

    private struct Cell {
        var records = 0
        var sum = Decimal(0)
        var contributors: [String: Decimal] = [:]
    }

    private struct Case {
        var records: [Record]
        var isSum = Bool.random()
        var isWeighted = false
        var hasContributor = false
        var isRolledUp = false
        var hasTotals = false
        var isCoarsened = false
        var hasZeros = false
        var period = Tabulation.Period.month

        init(_ random: inout SeededGenerator) {
            isSum = random.chance(percent: 50)
            isWeighted = random.chance(percent: 50)
            hasContributor = random.chance(percent: 60)
            isRolledUp = random.chance(percent: 60)
            hasTotals = random.chance(percent: 70)
            isCoarsened = random.chance(percent: 30)
            hasZeros = random.chance(percent: 20)
            period = Tabulation.Period.allCases.randomElement(using: &random)!
            records = []
            for number in 0..<Int.random(in: 0...120, using: &random) {
                records.append(
                    Record(
                        id: "R\(number)", sex: ["M", "F"].randomElement(using: &random)!,
                        citizenship: ["RU", "KZ", "FR", "DE"].randomElement(using: &random)!,
                        age: random.chance(percent: 10) ? nil : Int.random(in: -3...99, using: &random),
                        date: (2025 + Int.random(in: 0...1, using: &random), Int.random(in: 1...12, using: &random), Int.random(in: 1...28, using: &random)),
                        person: "P\(Int.random(in: 0...25, using: &random))",
                        amount: "\(Int.random(in: 0...900, using: &random)).\(Int.random(in: 0...99, using: &random))",
                        weight: "\(Int.random(in: 0...3, using: &random)).\(Int.random(in: 1...999, using: &random))"))
            }
        }

        var tabulation: Tabulation {
            Sample.tabulation {
                $0.measure = isSum ? .sum(of: "AMOUNT", weight: isWeighted ? "WEIGHT" : nil) : .count
                $0.contributor = hasContributor ? "PERSON" : nil
                $0.zeros = hasZeros
                Sample.changing(&$0, "SEX") { $0.total = hasTotals ? "_T" : nil }
                Sample.changing(&$0, "AGE") {
                    $0.total = hasTotals ? "_T" : nil
                    $0.missing = "_U"
                }
                Sample.changing(&$0, "CITIZENSHIP") { $0.rollUp = isRolledUp }
                Sample.changing(&$0, "TIME_PERIOD") { $0.period = period }
            }
        }

        var depth: CubeObligations {
            isCoarsened ? CubeObligations(coarsening: ["CITIZENSHIP": ["RU": "CIS", "KZ": "CIS", "FR": "EU", "DE": "EU"]]) : CubeObligations()
        }

        /// Codes that a record counts for, by dimension.
        private func codes(_ record: Record) -> [[String]] {
            let total = hasTotals ? ["_T"] : []
            let region = record.citizenship == "RU" || record.citizenship == "KZ" ? "CIS" : "EU"
            let citizenship = (isCoarsened ? [region] : [record.citizenship, region]).prefix(isCoarsened || isRolledUp ? 2 : 1) + (isRolledUp ? ["_T"] : [])
            let age = record.age.map { $0 < 18 ? "Y_LT18" : $0 < 65 ? "Y18T64" : "Y_GE65" } ?? "_U"
            let date = record.date
            let month = "\(date.year)-\(date.month < 10 ? "0" : "")\(date.month)"
            let time =
                switch period {
                case .day: "\(month)-\(date.day < 10 ? "0" : "")\(date.day)"
                case .month: month
                case .quarter: "\(date.year)-Q\((date.month + 2) / 3)"
                case .year: "\(date.year)"
                }
            return [[record.sex] + total, [age] + total, Array(citizenship), [time]]
        }

        func cells() -> [String: Cell] {
            var cells: [String: Cell] = [:]
            var known = [Set<String>](repeating: [], count: 4)
            known[1] = Set(["Y_LT18", "Y18T64", "Y_GE65"] + (hasTotals ? ["_T"] : []))
            for record in records {
                let codes = codes(record)
                for position in 0..<4 { known[position].formUnion(codes[position]) }
                let amount = isSum ? Decimal(string: record.amount)! * (isWeighted ? Decimal(string: record.weight)! : 1) : 1
                for key in Self.product(codes) {
                    var cell = cells[key] ?? Cell()
                    cell.records += 1
                    cell.sum += amount
                    cell.contributors[hasContributor ? record.person : record.id, default: 0] += amount
                    cells[key] = cell
                }
            }
            if hasZeros { for key in Self.product(known.map { Array($0) }) where cells[key] == nil { cells[key] = Cell() } }
            return cells
        }

        private static func product(_ lists: [[String]]) -> [String] {
            lists.reduce([""]) { keys, codes in keys.flatMap { key in codes.map { key.isEmpty ? $0 : key + "." + $0 } } }
        }
    }

    @Test func equalsATabulationRecordByRecord() throws {
        var random = SeededGenerator.announced(for: "equalsATabulationRecordByRecord")
        for round in 0..<300 {
            let sample = Case(&random)
            let depth = Int.random(in: 0...3, using: &random)
            var protection = ProtectionObligations(rules: PrimaryRules(dominance: depth > 0 ? [.init(n: depth, k: 80)] : []))
            protection.cellKey = ProtectionObligations.CellKey(table: "t")
            let (table, report) = try Sample.run(
                sample.records.map(\.line), sample.tabulation, depth: sample.depth, protection: protection, codes: PlainCodes(),
                batchRows: Int.random(in: 1...40, using: &random))
            let expected = sample.cells()
            try #require(report.cells == expected.count && report.records == sample.records.count, "round \(round)")
            let contributions = try #require(table.contributions)
            for (row, text) in Sample.cells(table).enumerated() {
                let parts = text.split(separator: "=", maxSplits: 1)
                let cell = try #require(expected[String(parts[0])], "round \(round): \(parts[0])")
                #expect(Decimal(string: String(parts[1])) == (sample.isSum ? cell.sum : Decimal(cell.records)), "round \(round): \(text)")
                #expect(contributions.counts[row] == Int64(cell.contributors.count), "round \(round): \(text)")
                let largest = cell.contributors.values.sorted(by: >).prefix(depth).filter { $0 != 0 }
                #expect(contributions.largest(row).map { Decimal(string: $0.description) } == largest, "round \(round): \(text)")
                let key = cell.contributors.keys.reduce(UInt8(0)) { $0 &+ PlainCodes().code(Array($1.utf8), for: "record key").bytes[0] }
                #expect(contributions.cellKeys[row] == key, "round \(round): \(text)")
            }
        }
    }
}
