/// Every combination of codes as one number, so that the neighbour in a dimension is an addition away.
public struct KeySpace {
    public let batch: Batch
    /// Columns of the dimensions.
    public let dimensions: Range<Int>
    private let weights: [UInt128]

    /// - Throws: `tooLarge` where there are more combinations than 128 bits can number.
    public init(_ batch: Batch) throws(ProtectionError) {
        self.batch = batch
        dimensions = batch.schema.dimensions
        var weights: [UInt128] = []
        var product: UInt128 = 1
        for column in dimensions {
            weights.append(product)
            let (next, overflow) = product.multipliedReportingOverflow(by: UInt128(batch.dictionary(column).count + 1))
            guard !overflow else { throw ProtectionError(.tooLarge, detail: "the dimensions have too many combinations of codes; split the table") }
            product = next
        }
        self.weights = weights
    }

    /// Of a row with a full key.
    public func key(ofRow row: Int) -> UInt128 {
        var key: UInt128 = 0
        for (at, column) in dimensions.enumerated() { key += weights[at] * UInt128(batch.codes(column)[row]) }
        return key
    }

    /// Of a row of another table with the same dimensions; nil where it has a code that this one does not have.
    public func key(ofRow row: Int, in other: Batch) -> UInt128? {
        var key: UInt128 = 0
        for (at, column) in dimensions.enumerated() {
            guard let text = other.string(column, row), let code = batch.dictionary(column).code(of: text) else { return nil }
            key += weights[at] * UInt128(code)
        }
        return key
    }

    /// The code of one dimension in a key.
    public func code(_ key: UInt128, _ dimension: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: key / weights[dimension] % UInt128(batch.dictionary(dimensions.lowerBound + dimension).count + 1))
    }

    /// The key with another code in one dimension.
    public func replacing(_ key: UInt128, _ dimension: Int, _ old: UInt32, with new: UInt32) -> UInt128 {
        key - weights[dimension] * UInt128(old) + weights[dimension] * UInt128(new)
    }

    /// Codes joined by dots, for messages.
    public func text(_ key: UInt128) -> String {
        dimensions.enumerated().map { at, column in
            let code = code(key, at)
            return code < UInt32(batch.dictionary(column).count) ? batch.dictionary(column).string(code) : ""
        }.joined(separator: ".")
    }

    /// - Throws: `keyPartial` where a row leaves a dimension open: it speaks of several cells at once.
    public static func refusePartialKeys(_ batch: Batch) throws(ProtectionError) {
        for column in batch.schema.dimensions {
            for row in 0..<batch.rowCount where PartialKey.isOpen(batch.cell(column, row)) {
                throw ProtectionError(
                    .keyPartial,
                    detail:
                        "row \(row + 1) leaves \(batch.schema.components[column].id) open; what it tells of several cells cannot be protected: give each value with its full key"
                )
            }
        }
    }

    /// Row numbers in the order of the keys' text, time last.
    public static func rowsByKey(_ batch: Batch) -> [Int] {
        let ranks: [[UInt32]] = batch.schema.dimensions.map { column in
            let dictionary = batch.dictionary(column)
            let order = (0..<UInt32(dictionary.count)).sorted { dictionary.bytes($0).lexicographicallyPrecedes(dictionary.bytes($1)) }
            var rank = Array(repeating: UInt32(0), count: dictionary.count)
            for (position, code) in order.enumerated() { rank[Int(code)] = UInt32(position) }
            return rank
        }
        func rank(_ column: Int, _ row: Int) -> UInt32 {
            let code = batch.codes(column)[row]
            return code == ValueDictionary.absent ? .max : ranks[column][Int(code)]
        }
        return (0..<batch.rowCount).sorted { left, right in
            for column in batch.schema.dimensions {
                let one = rank(column, left)
                let other = rank(column, right)
                if one != other { return one < other }
            }
            return left < right
        }
    }
}
