import SluiceKit

/// A sensitive component of all records, ready for judging classes: its distinct values as numbers in order, and how they are distributed.
struct SensitiveValues {
    /// Of each record; a missing value is a value like others.
    let numbers: [UInt32]
    let width: Int
    /// By which distance t-closeness is measured.
    let isOrdered: Bool

    /// Values of a component that holds numbers are ordered, and equal however they are written. Where one of them is missing, the distance is that of
    /// categories, which is never less.
    /// - Throws: `measureNotNumeric` where a component of numbers holds something else.
    init(_ variable: Variable, _ component: Component) throws(ProtectionError) {
        let counts = variable.counts
        let hasMissing = variable.codes.contains(ValueDictionary.absent)
        var numbers = [UInt32](repeating: 0, count: counts.count + 1)
        var next: UInt32 = 0
        if RecordPlan.isNumeric(component) {
            var values: [(value: ExactDecimal, code: Int)] = []
            for code in counts.indices where counts[code] > 0 {
                guard let value = ExactDecimal(variable.dictionary.bytes(UInt32(code))) else {
                    throw ProtectionError(
                        .measureNotNumeric,
                        detail: "\(component.id) holds numbers by its structure, and a value of it is none; correct it, or leave it empty where it is missing")
                }
                values.append((value, code))
            }
            values.sort { $0.value < $1.value }
            for (at, entry) in values.enumerated() {
                if at > 0, values[at - 1].value < entry.value { next += 1 }
                numbers[entry.code] = next
            }
            next += values.isEmpty ? 0 : 1
            isOrdered = !hasMissing
        } else {
            for code in counts.indices where counts[code] > 0 {
                numbers[code] = next
                next += 1
            }
            isOrdered = false
        }
        numbers[counts.count] = next
        width = Int(next) + (hasMissing ? 1 : 0)
        self.numbers = variable.codes.map { numbers[min(Int($0), counts.count)] }
    }

    /// Those of some of the records.
    init(_ whole: SensitiveValues, keeping records: [Int]) {
        numbers = records.map { whole.numbers[$0] }
        width = whole.width
        isOrdered = whole.isOrdered
    }
}

/// How the values of a sensitive component are distributed over all records: what t-closeness compares classes with.
struct SensitiveDistribution {
    /// Value → share of all records.
    let shares: [Double]
    /// Place among the values that at least one record has.
    private let places: [Int]
    private let valueCount: Int
    /// Up to each of those places: the share of all records, and the sum of such shares.
    private var cumulated: [Double] = [0]
    private var summed: [Double] = [0]

    init(_ values: SensitiveValues) {
        var counts = [Int](repeating: 0, count: max(1, values.width))
        for number in values.numbers { counts[Int(number)] += 1 }
        let total = Double(max(1, values.numbers.count))
        shares = counts.map { Double($0) / total }
        var places = [Int](repeating: 0, count: counts.count)
        var seen = 0
        var records = 0
        for value in counts.indices where counts[value] > 0 {
            places[value] = seen
            seen += 1
            records += counts[value]
            cumulated.append(Double(records) / total)
            summed.append(summed[seen - 1] + cumulated[seen])
        }
        self.places = places
        valueCount = seen
    }

    /// Earth mover's distance where every two values are equally far: half the sum of the differences of shares.
    /// - Parameter histogram: values of a class with their counts, each once.
    func equalDistance(_ histogram: [(value: UInt32, count: Int)], size: Int) -> Double {
        var difference = 0.0
        var met = 0.0
        for (value, count) in histogram {
            difference += abs(Double(count) / Double(size) - shares[Int(value)])
            met += shares[Int(value)]
        }
        return 0.5 * (difference + max(0, 1 - met))
    }

    /// Earth mover's distance of ordered values: the sum of the absolute differences of cumulated shares, by the number of steps between values.
    func orderedDistance(_ histogram: [(value: UInt32, count: Int)], size: Int) -> Double {
        guard valueCount > 1 else { return 0 }
        var sum = 0.0
        var records = 0
        var place = 0
        for (value, count) in histogram.sorted(by: { $0.value < $1.value }) {
            sum += difference(Double(records) / Double(size), from: place, to: places[Int(value)])
            place = places[Int(value)]
            records += count
        }
        sum += difference(Double(records) / Double(size), from: place, to: valueCount)
        return sum / Double(valueCount - 1)
    }

    /// Sum of |share − cumulated share| over places, where the class's share does not change.
    private func difference(_ share: Double, from: Int, to: Int) -> Double {
        guard from < to else { return 0 }
        // Cumulated shares only grow: those below the class's share come first.
        var (low, high) = (from, to)
        while low < high {
            let middle = (low + high) / 2
            if cumulated[middle + 1] < share { low = middle + 1 } else { high = middle }
        }
        let below = share * Double(low - from) - (summed[low] - summed[from])
        let above = (summed[to] - summed[low]) - share * Double(to - low)
        return below + above
    }
}
