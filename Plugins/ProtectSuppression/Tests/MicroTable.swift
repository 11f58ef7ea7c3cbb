import SluiceKit
import SluiceKitTesting

/// A table with all margins made of records, with what is known of their contributors.
struct MicroTable {
    var source: TestTable
    var contributions: CellContributions

    var table: Table {
        var table = source.table
        table.contributions = contributions
        return table
    }

    /// - Parameter records: codes of the lowest level, and a contribution.
    init(_ dimensions: [TestTable.TestDimension], records: [(key: [String], value: String)], depth: Int = 3) {
        let margins = Margins(dimensions)
        var sums: [[String]: [ExactDecimal]] = [:]
        for record in records {
            guard let value = ExactDecimal(record.value) else { continue }
            for key in margins.keys(from: record.key) { sums[key, default: []].append(value) }
        }
        source = TestTable(dimensions: dimensions)
        contributions = CellContributions(depth: depth)
        for key in sums.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let values = sums[key] ?? []
            source.add(key, values.reduce(ExactDecimal.zero) { sum, value in sum.adding(value) ?? sum }.description)
            contributions.append(count: Int64(values.count), largest: values)
        }
    }

    static func regionsBySectors(_ records: [(key: [String], value: String)]) -> MicroTable {
        func list(_ at: Int) -> [(id: String, parent: String?)] { [("Total", nil)] + Set(records.map { $0.key[at] }).sorted().map { ($0, "Total") } }
        // "Total" is not among the codes that mean a total by themselves; the parents say it.
        return MicroTable([.init(id: "REGION", codes: list(0)), .init(id: "SECTOR", codes: list(1))], records: records)
    }
}
