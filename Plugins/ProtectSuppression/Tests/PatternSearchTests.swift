import SluiceKit
import Testing

@testable import ProtectSuppression

@Suite struct PatternSearchTests {
    /// A published total 5 of an unsafe 3 and a 2.
    private func search(_ difference: Double, secondPrice: Double = 1, programPivotsMax: Int = 50_000) -> PatternSearch {
        var limits = SuppressionLimits()
        limits.programPivotsMax = programPivotsMax
        let system = SparseSystem(rows: [[(column: 0, sign: -1), (column: 1, sign: 1), (column: 2, sign: 1)]], x: [5, 3, 2])
        return PatternSearch(
            system, isUnknown: [false, true, false], fullPrice: [.infinity, 1, secondPrice], demands: [.init(cell: 1, difference: difference)],
            limits: limits, budget: WorkBudget(limits))
    }

    @Test func tellsThatNoPatternProtectsFromThatNoneWasFound() throws {
        #expect(try search(2).run(improvementPivotsMax: 0) == [false, true, true])
        #expect(try search(2, secondPrice: .infinity).run(improvementPivotsMax: 0) == nil)
        let error = #expect(throws: ProtectionError.self) { try search(2, programPivotsMax: 1).run(improvementPivotsMax: 0) }
        #expect(error?.code == .tooLarge)
    }

    /// The 3 can grow by the 2 beside it and no further.
    @Test func aRepairThatCannotWidenKeepsToWhatTheRulesAskFor() throws {
        let search = search(2)
        _ = try search.run(improvementPivotsMax: 0)
        #expect(try search.repair(idle: [], weak: [1]) == [false, true, true])
    }

    @Test func aMoveBelowZeroIsImpossible() throws {
        let system = SparseSystem(rows: [[(column: 0, sign: 1), (column: 1, sign: -1)]], x: [3, 3])
        let simplex = LocalSimplex(system, costs: [1, 1], equationsMax: 64, budget: WorkBudget(SuppressionLimits()))
        #expect(try simplex.witness(moving: 0, by: -4) == nil && simplex.isInfeasible)
        #expect(try simplex.witness(moving: 0, by: -3) != nil && !simplex.isInfeasible)
    }
}
