import SluiceKit

/// Looks through batches of a dataset for codes that may not stand together, as they came. Costs a look at each code's number, none at its text.
struct CombinationGate {
    private let combinations: [[(column: Int, codes: Set<String>)]]

    init(_ schema: DatasetSchema, _ forbidden: Set<ForbiddenCombination>) {
        combinations = forbidden.compactMap { combination in
            let columns = combination.codes.compactMap { id, codes in schema.index(of: id).map { (column: $0, codes: codes) } }
            return columns.count == combination.codes.count ? columns : nil
        }
    }

    /// The key of the first observation with such codes.
    func firstForbidden(in batch: Batch) -> String? {
        for combination in combinations {
            let tests = combination.map { column, codes -> (column: Int, isNamed: [Bool]) in
                let dictionary = batch.dictionary(column)
                return (column, (0..<dictionary.count).map { codes.contains(dictionary.string(UInt32($0))) })
            }
            for row in 0..<batch.rowCount {
                let stands = tests.allSatisfy { column, isNamed in
                    let code = batch.codes(column)[row]
                    return code != ValueDictionary.absent && isNamed[Int(code)]
                }
                if stands { return batch.seriesKey(row) }
            }
        }
        return nil
    }
}
