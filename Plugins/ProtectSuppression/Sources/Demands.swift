import SluiceKit

/// Which cells are unsafe, why, and how far each has to be able to move.
struct Demands {
    struct Unsafe {
        /// nil for a cell that no row has.
        var reason: ProtectionReport.Reason?
        /// Protection levels in units of the measure.
        var upper: Double
        var lower: Double
    }
    private(set) var unsafe: [Int: Unsafe] = [:]

    /// Confidentiality codes with which a source says "not for everybody": `E` is an embargo, which the corridor keeps, `F` is free.
    static let declaredCodes: Set<String> = ["A", "C", "D", "G", "M", "N", "O", "S", "T"]

    /// - Parameters:
    ///   - frequency: contributors of each row; nil means that the measure counts them.
    ///   - declared: rows that the source marked confidential.
    init(_ system: CellSystem, under obligations: ProtectionObligations, frequency: [ExactDecimal?]?, declared: [Bool]) throws(ProtectionError) {
        let threshold = ExactDecimal(coefficient: Int128(obligations.rules.minimumCell ?? 0), scale: 0)
        for (index, cell) in system.cells.enumerated() {
            let row = Int(cell.row)
            let count: ExactDecimal?
            if let frequency { count = row >= 0 ? frequency[row] : nil } else { count = ExactDecimal(coefficient: Int128(cell.value), scale: system.scale) }
            let isSmall = count.map { !$0.isZero && $0 < threshold } ?? false
            let isDeclared = row >= 0 && declared[row]
            guard isSmall || isDeclared else { continue }
            let value = system.double(index)
            let upper = max(1, value * Double(obligations.rules.safetyPercent) / 100)
            unsafe[index] = Unsafe(reason: row < 0 ? nil : isSmall ? .smallCount : .declared, upper: upper, lower: min(upper, value))
        }
    }
}
