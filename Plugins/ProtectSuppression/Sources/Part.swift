/// A connected part of the cells: no sum leads out of it, so it is protected and audited alone. Periods mostly make parts of their own.
struct Part {
    /// Cells of the table in this part, ascending; the position is the column of `system`.
    var cells: [Int]
    var system: SparseSystem

    /// - Parameter isMember: cells that take part; the others are known and drop out of the sums.
    static func split(_ table: CellSystem, where isMember: [Bool]) -> [Part] {
        var parent = Array(table.cells.indices)
        func root(_ cell: Int) -> Int {
            var cell = cell
            while parent[cell] != cell {
                parent[cell] = parent[parent[cell]]
                cell = parent[cell]
            }
            return cell
        }
        for equation in table.equations {
            var first = -1
            for term in equation where isMember[Int(term.cell)] {
                let other = root(Int(term.cell))
                if first < 0 { first = other } else { parent[max(first, other)] = min(first, other) }
                first = min(first, other)
            }
        }
        var partOfRoot: [Int: Int] = [:]
        var cells: [[Int]] = []
        var column = Array(repeating: Int32(-1), count: table.cells.count)
        for cell in table.cells.indices where isMember[cell] {
            let top = root(cell)
            let part = partOfRoot[top] ?? cells.count
            if part == cells.count {
                partOfRoot[top] = part
                cells.append([])
            }
            column[cell] = Int32(cells[part].count)
            cells[part].append(cell)
        }
        var rows: [[[(column: Int32, sign: Double)]]] = Array(repeating: [], count: cells.count)
        for equation in table.equations {
            let terms = equation.filter { isMember[Int($0.cell)] }
            guard let first = terms.first, let part = partOfRoot[root(Int(first.cell))] else { continue }
            rows[part].append(terms.map { (column[Int($0.cell)], Double($0.sign)) })
        }
        return cells.indices.map { part in
            Part(cells: cells[part], system: SparseSystem(rows: rows[part], x: cells[part].map(table.double)))
        }
    }
}
