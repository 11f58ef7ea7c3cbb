import SluiceKit
import SluiceKitTesting

/// Tables of any size with hierarchies and mostly small counts: persons fall on leaves at random, some leaves being far likelier. The seed replays one.
enum LargeTable {
    /// - Parameters:
    ///   - shape: of each dimension, children of the total and of each code below, level by level.
    ///   - persons: how many fall on the leaves.
    static func make(shape: [[Int]], persons: Int, seed: UInt64) -> Table {
        var random = SplitMix(state: seed)
        var codes: [[(id: String, parent: Int)]] = []
        var leaves: [[Int]] = []
        for levels in shape {
            var list: [(id: String, parent: Int)] = [("_T", -1)]
            var level = [0]
            for children in levels {
                var next: [Int] = []
                for parent in level {
                    for child in 0..<children {
                        next.append(list.count)
                        list.append((parent == 0 ? "c\(child)" : "\(list[parent].id)_\(child)", parent))
                    }
                }
                level = next
            }
            codes.append(list)
            leaves.append(level)
        }
        // The product of two even draws makes low numbers likelier, as in real breakdowns.
        var counts: [UInt64: Int] = [:]
        var weights: [UInt64] = [1]
        for list in codes { weights.append(weights[weights.count - 1] * UInt64(list.count)) }
        for _ in 0..<persons {
            let chosen = leaves.map { list in list[Int(random.fraction() * random.fraction() * Double(list.count))] }
            var keys: [UInt64] = [0]
            for (dimension, leaf) in chosen.enumerated() {
                var chain: [UInt64] = []
                var code = leaf
                while code >= 0 {
                    chain.append(UInt64(code) * weights[dimension])
                    code = codes[dimension][code].parent
                }
                keys = keys.flatMap { key in chain.map { key + $0 } }
            }
            for key in keys { counts[key, default: 0] += 1 }
        }
        return table(codes, weights, counts)
    }

    private static func table(_ codes: [[(id: String, parent: Int)]], _ weights: [UInt64], _ counts: [UInt64: Int]) -> Table {
        var empty = TestTable(
            dimensions: codes.enumerated().map { at, list in
                .init(id: "D\(at)", codes: list.map { ($0.id, $0.parent < 0 ? nil : list[$0.parent].id) })
            })
        empty.rows = []
        let description = empty.table.description
        let batch = Batch(schema: description.schema, capacity: max(1, counts.count))
        func set(_ column: Int, _ row: Int, _ text: String) {
            var copy = text
            copy.withUTF8 { bytes in do { try batch.set(column, row, UnsafeRawBufferPointer(bytes)) } catch { fatalError("test data") } }
        }
        let measure = description.schema.measures.lowerBound
        let status = description.schema.index(of: "OBS_STATUS")
        for key in counts.keys.sorted() {
            let row = batch.appendRow()
            for dimension in codes.indices { set(dimension, row, codes[dimension][Int(key / weights[dimension] % UInt64(codes[dimension].count))].id) }
            set(measure, row, String(counts[key] ?? 0))
            if let status { set(status, row, "A") }
        }
        return Table(description: description, batch: batch)
    }
}
