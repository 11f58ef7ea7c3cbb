import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectRounding

/// Perturbation tables as files.
enum TestPerturbation {
    static func csv(_ change: (_ count: Int, _ key: Int) -> Int) -> [UInt8] {
        var bytes = Array("pcv,ckey,pvalue\n".utf8)
        let keys = (0..<PerturbationTable.keys).map { Array(",\($0),".utf8) }
        for count in 1...PerturbationTable.rowsMax {
            let own = Array("\(count)".utf8)
            for key in 0..<PerturbationTable.keys {
                bytes += own
                bytes += keys[key]
                bytes += Array("\(change(count, key))\n".utf8)
            }
        }
        return bytes
    }
}

@Suite struct CellKeyTests {
    private let protection = CellKeyMethod(limits: RoundingLimits())
    private static let plain = TestPerturbation.csv { count, key in count == 1 ? 0 : key % 3 - 1 }

    private func obligations(_ component: String?, minimumCell: Int? = nil) -> ProtectionObligations {
        var obligations = ProtectionObligations(method: CellKeyMethod.method, rules: PrimaryRules(minimumCell: minimumCell))
        obligations.cellKey = .init(table: "T", component: component)
        return obligations
    }

    private func code(_ table: Table, _ obligations: ProtectionObligations, _ file: [UInt8]? = CellKeyTests.plain) -> ProtectionError.Code? {
        do throws(ProtectionError) {
            _ = try protection.protect(table, under: obligations, in: ProtectionContext(resources: file.map { ["T": .bytes($0)] } ?? [:]))
            return nil
        } catch {
            return error.code
        }
    }

    private func keyed(_ rows: [(String, String?, String?)]) -> TestTable {
        var table = TestTable(dimensions: [.init(id: "SEX", codes: rows.map { ($0.0, nil) })])
        table.attributes.append(.init(id: "CELL_KEY"))
        for (code, value, key) in rows { table.add([code], value, key.map { ["OBS_STATUS": "A", "CELL_KEY": $0] } ?? ["OBS_STATUS": "A"]) }
        return table
    }

    /// The perturbation table of the corpus with the pairs that it leaves out because they change nothing.
    private static func completed() throws -> [UInt8] {
        let data = try Corpus.bytes("disclosure/expected/ckm_ptable_10_5_nonzero.csv")
        var changes = Array(repeating: 0, count: PerturbationTable.rowsMax * PerturbationTable.keys)
        let scanner = CSVScanner(MemoryByteSource(data))
        _ = try scanner.nextRow()
        while try scanner.nextRow() {
            let cells = (0..<3).map { Int(String(decoding: scanner.cell($0), as: UTF8.self)) ?? .min }
            changes[(cells[0] - 1) * PerturbationTable.keys + cells[1]] = cells[2]
        }
        return TestPerturbation.csv { changes[($0 - 1) * PerturbationTable.keys + $1] }
    }

    /// Counts and keys from the same records as the ONS package's, and its own results, cell by cell. The file leaves out pairs that change nothing.
    @Test(.enabled(if: Corpus.isPresent, "there is no corpus"), arguments: [true, false])
    func equalsTheONSPackageCellByCell(_ asComponent: Bool) throws {
        let file = try Self.completed()
        var records: [[String]: (count: Int64, key: UInt8)] = [:]
        for row in try Corpus.rows("disclosure/expected/ckm_micro.csv") {
            let key = try #require(UInt8(row[3]))
            let cell = records[Array(row[0..<3])] ?? (0, 0)
            records[Array(row[0..<3])] = (cell.count + 1, cell.key &+ key)
        }
        var source = TestTable(
            dimensions: ["REGION", "SEX", "COB"].enumerated().map { at, id in
                .init(id: id, codes: Set(records.keys.map { $0[at] }).sorted().map { ($0, nil) })
            })
        source.attributes.append(.init(id: "CELL_KEY"))
        var contributions = CellContributions(depth: 0)
        for (key, cell) in records.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            source.add(key, String(cell.count), asComponent ? ["OBS_STATUS": "A", "CELL_KEY": String(cell.key)] : ["OBS_STATUS": "A"])
            contributions.append(count: cell.count, largest: [ExactDecimal](), cellKey: cell.key)
        }
        var table = source.table
        if !asComponent { table.contributions = contributions }
        let context = ProtectionContext(resources: ["T": .bytes(file)])
        let terms = obligations(asComponent ? "CELL_KEY" : nil, minimumCell: 10)
        let (released, report) = try protection.protect(table, under: terms, in: context)
        let shown = released.shown
        let expected = try Corpus.rows("disclosure/expected/ckm_ons_result.csv")
        try #require(expected.count == records.count && !expected.isEmpty)
        for row in expected { #expect(shown[Array(row[0..<3])] == Int(row[7]), "\(row)") }
        #expect(report.withheldByReason[.smallCount] == expected.filter { $0[7].isEmpty }.count)
        #expect(try protection.audit(released, against: table, under: terms, in: context).cells == expected.count)
    }

    /// The host summed cells, so that the keys it brings are those of the sums; the component may have been dropped on the way.
    @Test func takesTheKeysOfSumsThatTheTableBrings() throws {
        for key in ["3", nil] {
            var table = keyed([("A", "10", key)]).table
            var contributions = CellContributions(depth: 0)
            contributions.append(count: 10, largest: [ExactDecimal](), cellKey: 5)
            table.contributions = contributions
            let context = ProtectionContext(resources: ["T": .bytes(Self.plain)])
            let (released, _) = try protection.protect(table, under: obligations("CELL_KEY"), in: context)
            #expect(released.lines == ["A 11 A - -"])
            #expect(try protection.audit(released, against: table, under: obligations("CELL_KEY"), in: context).cells == 1)
        }
    }

    @Test func largeCountsShareTheLastRows() {
        #expect([1, 750, 751, 1_000, 1_001, 1_250, 1_251].map(PerturbationTable.row) == [1, 750, 501, 750, 501, 750, 501])
        #expect((1...5_000).allSatisfy { (1...750).contains(PerturbationTable.row(Int64($0))) })
        #expect((501...750).contains(PerturbationTable.row(Counts.countMax)))
    }

    @Test func zeroStaysZeroAndMissingMissing() throws {
        let source = keyed([("A", "0", nil), ("B", nil, nil), ("C", "5", "3"), ("D", "900", "5")])
        let (released, report) = try protection.protect(
            source.table, under: obligations("CELL_KEY"), in: ProtectionContext(resources: ["T": .bytes(Self.plain)]))
        #expect(released.lines == ["A 0 A - -", "B - A - -", "C 4 A - -", "D 901 A - -"])
        #expect(report.figures.contains(JSONMember("greatestChange", .integer(1))))
        #expect(report.words.contains { $0.contains("no longer add up") })
    }

    @Test func refusesKeysThatAreNone() {
        for key in ["256", "-1", "1.5", "x", "99999999999999999999999999999999999999999"] {
            #expect(code(keyed([("A", "5", key)]).table, obligations("CELL_KEY")) == .measureNotNumeric, "\(key)")
        }
        #expect(code(keyed([("A", "5", nil)]).table, obligations("CELL_KEY")) == .keyMissing)
        #expect(code(keyed([("A", "5", "1")]).table, obligations(nil)) == .keyMissing)
        #expect(code(keyed([("A", "5", "1")]).table, obligations("SEX")) == .unsupported)
        #expect(code(keyed([("A", "5", "1")]).table, obligations("NOT_THERE")) == .unsupported)
        #expect(code(keyed([("A", "5", "1")]).table, obligations("CELL_KEY"), nil) == .keyMissing)
        // Contributions of another table.
        var table = keyed([("A", "5", "1")]).table
        table.contributions = CellContributions(depth: 0)
        #expect(code(table, obligations(nil)) == .keyMissing)
        var terms = obligations("CELL_KEY")
        terms.rounding = .init(base: 5)
        #expect(code(keyed([("A", "5", "1")]).table, terms) == .unsupported)
        terms = obligations("CELL_KEY")
        terms.cellKey = nil
        #expect(code(keyed([("A", "5", "1")]).table, terms) == .unsupported)
    }

    @Test func refusesEveryFileThatIsNoPerturbationTable() {
        let header = Array("pcv,ckey,pvalue\n".utf8)
        // The first pair stands in the second line.
        let rest = Array(Self.plain.dropFirst(header.count + "1,0,0\n".utf8.count))
        let short = rest.dropLast("750,255,-1\n".utf8.count)
        var files: [(String, [UInt8])] = [
            ("empty", []), ("header only", header), ("header in another order", Array("ckey,pcv,pvalue\n".utf8) + Self.plain.dropFirst(header.count)),
            ("no UTF-8", [0xFF, 0xFE] + Self.plain), ("NUL", Self.plain + [0]), ("twice", Self.plain + Array("1,0,0\n".utf8)),
            ("a hole", header + Array("1,0,0\n".utf8) + short), ("all zero", TestPerturbation.csv { _, _ in 0 }),
        ]
        for line in [
            "0,0,1", "751,0,1", "-1,0,1", "1,256,1", "1,-1,1", "1,0,1.5", "1,0,+1", "1,0, 1", "1,0,", "1,0", "1,0,1,1", "1,0,1001", "1,0,99999999999",
            "01,0,1", "x,y,z", "1,0,-2",
        ] {
            files.append((line, header + Array((line + "\n").utf8) + rest))
        }
        for (name, file) in files { #expect(code(keyed([("A", "5", "1")]).table, obligations("CELL_KEY"), file) == .keyMissing, "\(name)") }
        #expect(code(keyed([("A", "5", "1")]).table, obligations("CELL_KEY")) == nil)
    }
}
