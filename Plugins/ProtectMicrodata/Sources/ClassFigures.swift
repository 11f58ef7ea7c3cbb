import SluiceKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What can be learnt of the records of each class: k, l and t as PyPI's pycanon counts them, over all classes of a grouping.
struct ClassFigures {
    /// Of each class: how many records, and of every pseudonymised component at least so many different pseudonyms.
    private(set) var sizes: [Int]
    private(set) var persons: [Int]
    /// Of each class the least of all sensitive components: different values, and their entropy (natural logarithm).
    private(set) var distinct: [Int] = []
    private(set) var entropy: [Double] = []
    /// Of each class the greatest distance of all sensitive components.
    private(set) var closeness: [Double] = []

    /// What is wanted of the sensitive components.
    enum Depth { case none, distinct, all }

    /// - Parameters:
    ///   - pseudonyms: components of which one value may stand in several records.
    ///   - sensitive: of the same records as the grouping.
    ///   - distributions: of all records, where the grouping has only some of them.
    init(
        _ grouping: Grouping, sensitive: [SensitiveValues], pseudonyms: [[UInt32]], depth: Depth = .all, distributions: [SensitiveDistribution]? = nil
    ) {
        sizes = grouping.sizes
        persons = sizes
        let isDeep = depth != .none && !sensitive.isEmpty
        guard isDeep || !pseudonyms.isEmpty else { return }
        let (records, begins) = grouping.ordered()
        for values in pseudonyms {
            Self.eachHistogram(values.map { $0 == ValueDictionary.absent ? nil : $0 }, records, begins) { group, histogram, missing in
                // A record without a pseudonym may be anybody's, so that all of them together may be one person's.
                persons[group] = min(persons[group], histogram.count + (missing > 0 && histogram.isEmpty ? 1 : 0))
            }
        }
        guard isDeep else { return }
        distinct = Array(repeating: .max, count: grouping.count)
        if depth == .all {
            entropy = Array(repeating: .infinity, count: grouping.count)
            closeness = Array(repeating: 0, count: grouping.count)
        }
        for (at, values) in sensitive.enumerated() {
            let distribution = depth == .all ? distributions?[at] ?? SensitiveDistribution(values) : nil
            Self.eachHistogram(values.numbers.map(Optional.some), records, begins) { group, histogram, _ in
                distinct[group] = min(distinct[group], histogram.count)
                guard let distribution else { return }
                let size = sizes[group]
                var sum = 0.0
                for (_, count) in histogram {
                    let share = Double(count) / Double(size)
                    sum -= share * log(share)
                }
                entropy[group] = min(entropy[group], sum)
                let distance =
                    values.isOrdered ? distribution.orderedDistance(histogram, size: size) : distribution.equalDistance(histogram, size: size)
                closeness[group] = max(closeness[group], distance)
            }
        }
    }

    /// Passes each class's distinct values with their counts, and how many records have none.
    private static func eachHistogram(
        _ values: [UInt32?], _ records: [UInt32], _ begins: [Int], _ body: (Int, [(value: UInt32, count: Int)], Int) -> Void
    ) {
        let width = values.reduce(0) { max($0, $1.map { Int($0) + 1 } ?? 0) }
        // Where a value stands in the histogram of the class that was met last with it.
        var place = [Int32](repeating: 0, count: width)
        var stamp = [Int32](repeating: -1, count: width)
        var histogram: [(value: UInt32, count: Int)] = []
        for group in 0..<(begins.count - 1) {
            histogram.removeAll(keepingCapacity: true)
            var missing = 0
            for at in begins[group]..<begins[group + 1] {
                guard let value = values[Int(records[at])] else {
                    missing += 1
                    continue
                }
                if stamp[Int(value)] == Int32(group) {
                    histogram[Int(place[Int(value)])].count += 1
                } else {
                    stamp[Int(value)] = Int32(group)
                    place[Int(value)] = Int32(histogram.count)
                    histogram.append((value, 1))
                }
            }
            body(group, histogram, missing)
        }
    }

    /// Why a class may not leave.
    enum Fault { case tooSmall, tellsTooMuch }

    static let tolerance = 1e-9

    /// - Parameter isMonotone: only what a coarser level can never make worse.
    func fault(_ group: Int, under rules: RecordRules, isMonotone: Bool = false) -> Fault? {
        if min(sizes[group], persons[group]) < rules.k { return .tooSmall }
        switch rules.diversity {
        case .distinct(let l)? where distinct[group] < l: return .tellsTooMuch
        // At least log l of entropy needs at least l values.
        case .entropy(let l)? where distinct[group] < l: return .tellsTooMuch
        case .entropy(let l)? where !isMonotone && entropy[group] < log(Double(l)) - Self.tolerance: return .tellsTooMuch
        default: break
        }
        if !isMonotone, let percent = rules.closenessPercent, closeness[group] * 100 > Double(percent) + Self.tolerance { return .tellsTooMuch }
        return nil
    }

    /// Records of classes that may not leave.
    func faultyRecords(under rules: RecordRules, isMonotone: Bool) -> Int {
        sizes.indices.reduce(0) { $0 + (fault($1, under: rules, isMonotone: isMonotone) == nil ? 0 : sizes[$1]) }
    }

    var summary: RiskSummary {
        RiskSummary(
            records: sizes.reduce(0, +), classes: sizes.count, k: sizes.min() ?? 0, persons: persons.min() ?? 0, distinct: distinct.min(),
            entropy: entropy.min().map(exp), closeness: closeness.max(), uniques: sizes.reduce(0) { $0 + ($1 == 1 ? 1 : 0) })
    }
}

/// The risk of a whole table of records.
struct RiskSummary: Hashable {
    var records: Int
    var classes: Int
    /// Fewest records of a class; 0 where there are none.
    var k: Int
    /// Fewest different pseudonyms in a class.
    var persons: Int
    /// l as distinct values; nil where no component is sensitive.
    var distinct: Int?
    /// l as the exponential of the entropy.
    var entropy: Double?
    /// t, from 0 to 1.
    var closeness: Double?
    /// Records that are alone in their class.
    var uniques: Int
}
