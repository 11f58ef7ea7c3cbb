import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectSuppression

/// What the attack takes for a proof, and what it takes for computed.
@Suite struct AttackTests {
    /// Three cells of two millions, one of them of two contributors: its level is 1.
    @Test func aLevelFarBelowItsCellNeedsAProofAsWell() throws {
        var source = TestTable(dimensions: [.init(id: "AREA", codes: [("_T", nil), ("a", "_T"), ("b", "_T"), ("c", "_T")])])
        source.attributes.append(.init(id: "FIRMS"))
        for (code, value, firms) in [("_T", "6000000", "30"), ("a", "2000000", "2"), ("b", "2000000", "14"), ("c", "2000000", "14")] {
            source.add([code], value, ["OBS_STATUS": "A", "FIRMS": firms])
        }
        let table = source.table
        let obligations = ProtectionObligations(minimumCell: 3, frequencyComponent: "FIRMS")
        let problem = try Problem(table, under: obligations, limits: SuppressionLimits())
        func gate(hiding codes: Set<String>) throws -> Int {
            let released = try ReleasedTable(table, problem.observations, under: obligations).table(
                hiding: source.rows.map { codes.contains($0.key[0]) ? .secondary : nil })
            return try SuppressionPlugin.make().audit(released, against: table, under: obligations).cells
        }
        let error = #expect(throws: ProtectionError.self) { try gate(hiding: ["a"]) }
        #expect(error?.code == .auditNotClean)
        #expect(try gate(hiding: ["a", "b"]) == 2)
    }

    /// a + b, b + c and a + c are published: together they give each, though no sum alone narrows one.
    @Test func aFurtherCellWhoseIntervalIsNotFoundIsNotTakenForComputed() throws {
        var source = TestTable(
            dimensions: [.init(id: "AREA", codes: [("AB", nil), ("BC", nil), ("AC", nil), ("a", nil), ("b", nil), ("c", nil)])])
        for code in ["AB", "BC", "AC"] { source.add([code], 100) }
        for code in ["a", "b", "c"] { source.add([code], 50) }
        let totals = ProtectionObligations.Totals.parts([
            .init(total: "AB", parts: ["a", "b"]), .init(total: "BC", parts: ["b", "c"]), .init(total: "AC", parts: ["a", "c"]),
        ])
        let obligations = ProtectionObligations(minimumCell: 5, totals: ["AREA": totals])
        func breaches(_ limits: SuppressionLimits) throws -> [ReleaseAudit.Breach] {
            let problem = try Problem(source.table, under: obligations, limits: limits)
            let attack = Attack(problem.system, isUnknown: problem.system.cells.map { $0.value == 50 }, limits: limits, budget: WorkBudget(limits))
            return try attack.run(problem.demands, isWhole: true)
        }
        var limits = SuppressionLimits()
        let found = try breaches(limits)
        #expect(found.count == 3 && found.allSatisfy(\.isIdle))
        limits.intervalPivotsMax = 0
        #expect(try breaches(limits).isEmpty)
    }
}
