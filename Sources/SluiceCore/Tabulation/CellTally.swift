import SluiceKit

/// What is added up of each cell: records, the sum where one is asked for, and who contributes. By number of the cell.
struct CellTally {
    /// What is wanted beside the number of records.
    struct Wanted {
        var isSum: Bool
        /// How many of the largest contributions.
        var depth: Int
        var hasKeys: Bool
    }

    let wanted: Wanted
    private(set) var records: ContiguousArray<Int64> = []
    private(set) var sums: ContiguousArray<ExactDecimal> = []
    private(set) var contributors: ContiguousArray<Int64> = []
    private(set) var keys: ContiguousArray<UInt8> = []
    private var largest: ContiguousArray<ExactDecimal> = []

    init(_ wanted: Wanted) { self.wanted = wanted }

    var count: Int { records.count }

    /// Makes room for cells up to `count`, empty ones.
    mutating func extend(to count: Int) {
        let more = count - records.count
        guard more > 0 else { return }
        records.append(contentsOf: repeatElement(0, count: more))
        contributors.append(contentsOf: repeatElement(0, count: more))
        if wanted.isSum { sums.append(contentsOf: repeatElement(.zero, count: more)) }
        if wanted.hasKeys { keys.append(contentsOf: repeatElement(0, count: more)) }
        if wanted.depth > 0 { largest.append(contentsOf: repeatElement(.zero, count: more * wanted.depth)) }
    }

    /// Adds a record to the value of a cell.
    mutating func add(_ cell: Int, amount: ExactDecimal) throws(TabulationError) {
        records[cell] += 1
        guard wanted.isSum else { return }
        sums[cell] = try Self.sum(sums[cell], amount)
    }

    /// Adds a contributor with all that he contributes to the cell.
    mutating func contribute(_ cell: Int, amount: ExactDecimal, key: UInt8) {
        contributors[cell] += 1
        if wanted.hasKeys { keys[cell] &+= key }
        insert(amount, cell)
    }

    /// Adds one cell's records, sum and contributors to another's; their contributors are different ones.
    mutating func merge(_ cell: Int, into target: Int) throws(TabulationError) {
        records[target] += records[cell]
        contributors[target] += contributors[cell]
        if wanted.isSum { sums[target] = try Self.sum(sums[target], sums[cell]) }
        if wanted.hasKeys { keys[target] &+= keys[cell] }
        for place in 0..<wanted.depth { insert(largest[cell * wanted.depth + place], target) }
    }

    func largest(_ cell: Int) -> ArraySlice<ExactDecimal> { largest[cell * wanted.depth..<(cell + 1) * wanted.depth].prefix { !$0.isZero }[...] }

    private mutating func insert(_ amount: ExactDecimal, _ cell: Int) {
        let end = (cell + 1) * wanted.depth
        guard wanted.depth > 0, Self.isLess(largest[end - 1], amount) else { return }
        var place = end - 1
        while place > cell * wanted.depth, Self.isLess(largest[place - 1], amount) {
            largest[place] = largest[place - 1]
            place -= 1
        }
        largest[place] = amount
    }

    private static func isLess(_ one: ExactDecimal, _ other: ExactDecimal) -> Bool {
        one.scale == other.scale ? one.coefficient < other.coefficient : one < other
    }

    static func sum(_ one: ExactDecimal, _ other: ExactDecimal) throws(TabulationError) -> ExactDecimal {
        guard let sum = one.adding(other) else {
            throw TabulationError(.tooLarge, "a sum has more digits than can be added up exactly; express the component in a larger unit")
        }
        return sum
    }

    static func product(_ one: ExactDecimal, _ other: ExactDecimal) throws(TabulationError) -> ExactDecimal {
        let (coefficient, overflow) = one.coefficient.multipliedReportingOverflow(by: other.coefficient)
        guard !overflow, one.scale + other.scale <= ExactDecimal.scaleMax else {
            throw TabulationError(.tooLarge, "a weighted value has more digits than can be kept exactly; give value and weight fewer decimals")
        }
        return ExactDecimal(coefficient: coefficient, scale: one.scale + other.scale)
    }
}
