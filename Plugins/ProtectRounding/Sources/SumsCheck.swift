import SluiceKit

/// Holds what a table shows against every sum that it can be held against, those over cells that nobody publishes too.
///
/// Such a cell is what one sum leaves for it: not less than nothing, and every other sum has to agree. Where a sum has two of them and no other sum tells
/// of either, it says nothing; it is not counted.
struct SumsCheck {
    /// Sums that were looked at.
    private(set) var count = 0
    private let sums: TableSums
    /// Of each cell; nil where nothing has told of it yet.
    private var values: [Int64?]

    /// - Parameter shown: of each row of the table.
    /// - Throws: `auditNotClean` where a sum does not hold.
    init(_ sums: TableSums, shown: [Int64?]) throws(ProtectionError) {
        self.sums = sums
        values = sums.cells.map { $0.row >= 0 ? shown[Int($0.row)] : nil }
        var mentions: [Int32: [Int]] = [:]
        var openCount = Array(repeating: 0, count: sums.equations.count)
        for (index, equation) in sums.equations.enumerated() {
            for term in equation where values[Int(term.cell)] == nil {
                mentions[term.cell, default: []].append(index)
                openCount[index] += 1
            }
        }
        var waiting = sums.equations.indices.filter { openCount[$0] <= 1 }
        var isDone = Array(repeating: false, count: sums.equations.count)
        while let index = waiting.popLast() {
            guard !isDone[index] else { continue }
            isDone[index] = true
            count += 1
            guard let settled = try settle(sums.equations[index]) else { continue }
            for other in mentions[settled] ?? [] where !isDone[other] {
                openCount[other] -= 1
                if openCount[other] <= 1 { waiting.append(other) }
            }
        }
    }

    /// The cell that the sum tells of; nil where all of its cells are known.
    private mutating func settle(_ equation: [(cell: Int32, sign: Int8)]) throws(ProtectionError) -> Int32? {
        var sum: Int64 = 0
        var open: (cell: Int32, sign: Int8)?
        for term in equation {
            guard let value = values[Int(term.cell)] else {
                open = term
                continue
            }
            let (next, overflow) = sum.addingReportingOverflow(Int64(term.sign) * value)
            guard !overflow else { throw ReleaseComparison.failure("a sum is too large") }
            sum = next
        }
        guard let open else {
            guard sum == 0 else { throw ReleaseComparison.failure("parts do not add up to their total") }
            return nil
        }
        let value = open.sign > 0 ? -sum : sum
        guard value >= 0 else { throw ReleaseComparison.failure("parts are more than their total") }
        values[Int(open.cell)] = value
        return open.cell
    }
}
