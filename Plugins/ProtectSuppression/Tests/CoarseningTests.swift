import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectSuppression

@Suite struct CoarseningTests {
    private let obligations = ProtectionObligations(method: "coarsening", minimumCell: 5)

    private func lines(_ table: Table) -> [String] {
        (0..<table.batch.rowCount).map { row in table.batch.schema.components.indices.map { table.batch.string($0, row) ?? "-" }.joined(separator: " ") }
    }

    private static let source: TestTable = {
        let areas: [(id: String, parent: String?)] = [("_T", nil), ("A", "_T"), ("B", "_T"), ("A1", "A"), ("A2", "A"), ("B1", "B"), ("B2", "B")]
        return TestTable.cube(
            [.init(id: "AREA", codes: areas), .init(id: "SEX", codes: [("_T", nil), ("M", "_T"), ("F", "_T")])],
            leaves: [
                ["A1", "M"]: 3, ["A1", "F"]: 30, ["A2", "M"]: 20, ["A2", "F"]: 40, ["B1", "M"]: 50, ["B1", "F"]: 60, ["B2", "M"]: 70, ["B2", "F"]: 80,
            ])
    }()

    @Test func goesUpTheHierarchyThatCostsLeast() throws {
        let protection = SuppressionPlugin.makeCoarsening()
        let table = Self.source.table
        let (released, report) = try protection.protect(table, under: obligations)
        // Areas to level 1 keep 9 cells, the total of sexes alone keeps 7.
        #expect(released.batch.rowCount == 9)
        #expect(lines(released).allSatisfy { !$0.contains("A1") && !$0.contains("B2") })
        #expect(report.words.first == "AREA is published to level 1 of 2 below its total.")
        #expect(report.withheld == 0)
        _ = try protection.audit(released, against: table, under: obligations)
        #expect(lines(try protection.protect(table, under: obligations).0) == lines(released))
    }

    @Test func gateRefusesAnUnsafeOrAlteredCell() throws {
        let protection = SuppressionPlugin.makeCoarsening()
        let table = Self.source.table
        #expect(throws: ProtectionError.self) { try protection.audit(table, against: table, under: obligations) }
        let (released, _) = try protection.protect(table, under: obligations)
        try Array("1".utf8).withUnsafeBytes { try released.batch.set(released.batch.schema.measures.lowerBound, 0, $0) }
        #expect(throws: ProtectionError.self) { try protection.audit(released, against: table, under: obligations) }
    }

    @Test func leavesASafeTableAndRefusesAHopelessOne() throws {
        let protection = SuppressionPlugin.makeCoarsening()
        #expect(try protection.protect(IntervalTests.twoWay([[14, 30], [20, 40]]).table, under: obligations).0.batch.rowCount == 9)
        let error = #expect(throws: ProtectionError.self) { try protection.protect(IntervalTests.twoWay([[1, 1], [1, 1]]).table, under: obligations) }
        #expect(error?.code == .auditNotClean)
    }

    @Test func looksAtTheClockAndAtSoManyCombinations() throws {
        let table = IntervalTests.twoWay([[1, 1], [1, 1]]).table
        var limits = SuppressionLimits.ofCoarsening
        limits.deadline = .zero
        let late = #expect(throws: ProtectionError.self) { try SuppressionPlugin.makeCoarsening(limits: limits).protect(table, under: obligations) }
        #expect(late?.code == .deadline)
        var search = try CoarseningSearch(table, under: obligations, limits: .ofCoarsening)
        search.combinationsMax = 2
        let error = #expect(throws: ProtectionError.self) { try search.run(WorkBudget(.ofCoarsening)) }
        #expect(error?.code == .tooLarge)
    }

    @Test func suppressionThatRunsOutOfTimeNamesASafeCut() throws {
        var limits = SuppressionLimits()
        limits.pivotsMax = 2
        let error = #expect(throws: ProtectionError.self) {
            try SuppressionPlugin.make(limits: limits).protect(Self.source.table, under: ProtectionObligations(minimumCell: 5))
        }
        #expect(error?.code == .tooLarge)
        #expect(error?.detail.contains("AREA to level 1 of 2") == true)
    }
}
