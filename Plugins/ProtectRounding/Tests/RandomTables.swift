import SluiceKit
import SluiceKitTesting

@testable import ProtectRounding

/// Tables of counts with every margin, as many shapes as rounding has to deal with.
enum RandomTables {
    enum Shape: CaseIterable { case twoWay, threeWay, hierarchical, hierarchicalCube }

    static func make(_ shape: Shape, sizes: ClosedRange<Int> = 2...4, _ random: inout SeededGenerator) -> TestTable {
        let dimensions = (0..<(shape == .threeWay || shape == .hierarchicalCube ? 3 : 2)).map { at -> TestTable.TestDimension in
            var codes: [(id: String, parent: String?)] = [("_T", nil)]
            for group in 0..<Int.random(in: sizes, using: &random) {
                codes.append(("g\(group)", "_T"))
                guard shape == .hierarchical || (shape == .hierarchicalCube && at == 0), random.chance(percent: 60) else { continue }
                for leaf in 0..<Int.random(in: 2...3, using: &random) { codes.append(("g\(group)l\(leaf)", "g\(group)")) }
            }
            return .init(id: "D\(at)", codes: codes)
        }
        return filled(dimensions) {
            if random.chance(percent: 20) { return 0 }
            return random.chance(percent: 60) ? Int.random(in: 1...9, using: &random) : Int.random(in: 10...200, using: &random)
        }
    }

    /// A two-way table of so many rows and columns, margins beside.
    static func twoWay(rows: Int, columns: Int, _ random: inout SeededGenerator) -> TestTable {
        filled([
            .init(id: "ROW", codes: [("_T", nil)] + (0..<rows).map { ("r\($0)", "_T") }),
            .init(id: "COLUMN", codes: [("_T", nil)] + (0..<columns).map { ("c\($0)", "_T") }),
        ]) { Int.random(in: 0...99, using: &random) }
    }

    static func filled(_ dimensions: [TestTable.TestDimension], _ count: () -> Int) -> TestTable {
        let leafLists = dimensions.map { dimension in
            let parents = Set(dimension.codes.compactMap(\.parent))
            return dimension.codes.map(\.id).filter { !parents.contains($0) }
        }
        var leaves: [[String]: Int] = [:]
        func fill(_ prefix: [String]) {
            guard prefix.count < dimensions.count else {
                leaves[prefix] = count()
                return
            }
            for code in leafLists[prefix.count] { fill(prefix + [code]) }
        }
        fill([])
        return TestTable.cube(dimensions, leaves: leaves)
    }
}

extension TestTable {
    /// Whether the counts of a released table add up, in the eyes of a reader who only has the code lists.
    func addsUp(_ values: [[String]: Int]) -> Bool {
        for (key, value) in values {
            for (at, dimension) in dimensions.enumerated() {
                let parts = dimension.codes.filter { $0.parent == key[at] }.map(\.id)
                let found = parts.compactMap { part -> Int? in
                    var other = key
                    other[at] = part
                    return values[other]
                }
                guard found.isEmpty || found.count < parts.count || found.reduce(0, +) == value else { return false }
            }
        }
        return true
    }
}

extension Table {
    /// The counts that it shows, by key.
    var shown: [[String]: Int] {
        var values: [[String]: Int] = [:]
        for row in 0..<batch.rowCount {
            guard let text = batch.string(batch.schema.measures.lowerBound, row), let value = Int(text) else { continue }
            values[batch.schema.dimensions.map { batch.string($0, row) ?? "" }] = value
        }
        return values
    }
}
