import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectSuppression

/// The audit may use what the search proved, but only after its own check against what is released.
@Suite struct HintTests {
    private static let source = IntervalTests.twoWay([[4, 30], [20, 40]])
    private let obligations = ProtectionObligations(minimumCell: 5)

    /// - Parameters:
    ///   - hidden: values of the cells that are withheld; each is there once.
    ///   - isSorted: the hints give their cells in order.
    private func attack(
        _ hidden: [Int64], hints: [[(value: Int64, difference: Double)]], isSorted: Bool = true, of source: TestTable = Self.source
    ) throws -> (breaches: [Int64], pivots: Int) {
        let limits = SuppressionLimits()
        let problem = try Problem(source.table, under: obligations, limits: limits)
        let cells = problem.system.cells
        let budget = WorkBudget(limits)
        let attack = Attack(problem.system, isUnknown: cells.map { hidden.contains($0.value) }, limits: limits, budget: budget)
        attack.learn(
            hints: hints.map { hint in
                let moved = hint.map { term in (cells.firstIndex { $0.value == term.value } ?? cells.count + 7, term.difference) }.sorted {
                    isSorted ? $0.0 < $1.0 : $0.0 > $1.0
                }
                return Witness(cells: moved.map { Int32($0.0) }, differences: moved.map(\.1))
            })
        return (try attack.run(problem.demands, isWhole: true).map { cells[$0.cell].value }, budget.pivots)
    }

    private static let around: [(value: Int64, difference: Double)] = [(4, 4), (30, -4), (20, -4), (40, 4)]

    @Test func aProofThatFitsSparesTheProgram() throws {
        let (breaches, pivots) = try attack([4, 30, 20, 40], hints: [Self.around])
        #expect(breaches.isEmpty && pivots == 0)
        let alone = try attack([4, 30, 20, 40], hints: [])
        #expect(alone.breaches.isEmpty && alone.pivots > 0)
    }

    @Test func aProofThatDoesNotFitProvesNothing() throws {
        let hints: [[(value: Int64, difference: Double)]] = [
            // Breaks the sums of the columns; moves what is published; moves nothing else; is no cell; is no number; goes below zero.
            [(4, 4), (30, -4)], Self.around, [(4, 4)], [(5, 4)], [(4, .nan), (30, .nan)], [(4, -9), (30, 9)],
        ]
        #expect(try attack([4, 30], hints: hints).breaches == [4, 30])
        for hint in hints { #expect(try attack([4, 30], hints: [hint]).breaches == [4, 30]) }
    }

    @Test func aProofNamesEachCellOnceAndInOrder() throws {
        let twice = Self.around.flatMap { [$0, $0] }
        #expect(try attack([4, 30, 20, 40], hints: [twice]).pivots > 0)
        #expect(try attack([4, 30, 20, 40], hints: [Self.around], isSorted: false).pivots > 0)
    }

    /// The small cell is the only one withheld of its column: what large cells could hide by rounding moves it no further.
    @Test func largeDifferencesElsewhereProveNothingForASmallCell() throws {
        let source = IntervalTests.twoWay([[4, 30, 5_000_000_001, 5_000_000_002], [20, 40, 5_000_000_003, 5_000_000_004]])
        let large: [Int64] = [5_000_000_001, 5_000_000_002, 5_000_000_003, 5_000_000_004]
        let hint = [(value: Int64(4), difference: 4.0)] + zip(large, [4e9, -4e9, -4e9, 4e9]).map { (value: $0, difference: $1) }
        #expect(try attack([4] + large, hints: [hint], of: source).breaches == [4])
    }
}
