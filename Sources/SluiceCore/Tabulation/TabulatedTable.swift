import SluiceKit

/// Writes the cells of a cube as a table of the dataflow's structure.
struct TabulatedTable {
    private let plan: TabulationPlan
    private let cube: Cube

    init(_ plan: TabulationPlan, _ cube: Cube) {
        self.plan = plan
        self.cube = cube
    }

    func table() throws(ReadError) -> Table {
        let batch = Batch(schema: plan.cells, capacity: max(1, cube.count))
        var ranks: [[Int]] = []
        var dictionaryCodes: [[UInt32]] = []
        for (position, column) in plan.cells.dimensions.enumerated() {
            let codes = cube.dimensions[position].codes
            let sorted = codes.indices.sorted { codes[$0].utf8.lexicographicallyPrecedes(codes[$1].utf8) }
            var ranksOfCodes = [Int](repeating: 0, count: codes.count)
            var interned = [UInt32](repeating: 0, count: codes.count)
            for (rank, number) in sorted.enumerated() {
                ranksOfCodes[number] = rank
                interned[number] = try batch.dictionary(column).intern(codes[number])
            }
            ranks.append(ranksOfCodes)
            dictionaryCodes.append(interned)
        }
        let attributes = try plan.attributes.map { (attribute) throws(ReadError) in try Constant(attribute.text, attribute.column, batch) }
        var contributions = CellContributions(depth: cube.tally.wanted.depth)
        var digits: [UInt8] = []
        for cell in cube.ordered(ranks) {
            let row = batch.appendRow()
            for (position, column) in plan.cells.dimensions.enumerated() {
                batch.codes(column)[row] = dictionaryCodes[position][Int(cube.keys.code(UInt32(cell), position))]
            }
            if cube.tally.wanted.isSum { digits = Array(cube.tally.sums[cell].description.utf8) } else { Self.spell(cube.tally.records[cell], into: &digits) }
            if batch.isCoded[plan.measure] {
                batch.codes(plan.measure)[row] = try batch.dictionary(plan.measure).intern(String(decoding: digits, as: UTF8.self))
            } else {
                batch.spans(plan.measure)[row] = digits.withUnsafeBytes { batch.store($0) }
            }
            for attribute in attributes { attribute.set(row, batch) }
            contributions.append(
                count: cube.tally.contributors[cell], largest: cube.tally.largest(cell), cellKey: cube.tally.wanted.hasKeys ? cube.tally.keys[cell] : nil)
        }
        let description = DatasetDescription(schema: plan.cells, reference: plan.cells.structure.reference, action: .replace)
        return Table(description: description, batch: batch, contributions: contributions)
    }

    private static func spell(_ number: Int64, into digits: inout [UInt8]) {
        digits.removeAll(keepingCapacity: true)
        var rest = number
        repeat {
            digits.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        digits.reverse()
    }

    /// A value that all rows share.
    private struct Constant {
        let column: Int
        let code: UInt32
        let span: Batch.Span

        init(_ text: String, _ column: Int, _ batch: Batch) throws(ReadError) {
            self.column = column
            code = batch.isCoded[column] ? try batch.dictionary(column).intern(text) : 0
            let bytes = Array(text.utf8)
            span = batch.isCoded[column] ? .absent : bytes.withUnsafeBytes { batch.store($0) }
        }

        func set(_ row: Int, _ batch: Batch) { if batch.isCoded[column] { batch.codes(column)[row] = code } else { batch.spans(column)[row] = span } }
    }
}
