import SluiceKit

/// A tabulation bound to the records' structure and to the table's: every name is looked up, and what cannot be meant is refused before a record is read.
struct TabulationPlan {
    let tabulation: Tabulation
    let records: DatasetSchema
    let cells: DatasetSchema
    /// Column of the records → one for each dimension of the table, -1 for a constant.
    private(set) var columns: [Int] = []
    private(set) var sources: [Tabulation.Source] = []
    let measure: Int
    /// Attribute's column of the table → its value.
    private(set) var attributes: [(column: Int, text: String)] = []
    private(set) var value: Int?
    private(set) var weight: Int?
    private(set) var contributor: Int?

    init(_ tabulation: Tabulation, records: DatasetSchema, cells: DatasetSchema) throws(TabulationError) {
        self.tabulation = tabulation
        self.records = records
        self.cells = cells
        measure = try Self.measure(of: cells)
        for id in tabulation.dimensions.keys.sorted() where cells.index(of: id).map({ !cells.components[$0].isDimension }) ?? true {
            throw Self.unbound("tabulates into the dimension \(id), which \(cells.structure.reference) does not have")
        }
        for dimension in cells.components[cells.dimensions] {
            guard let source = tabulation.dimensions[dimension.id] else {
                throw Self.unbound(
                    "does not say where the dimension \(dimension.id) of \(cells.structure.reference) comes from; name a component, or a constant")
            }
            sources.append(source)
            switch source {
            case .constant: columns.append(-1)
            case .component(let reading):
                columns.append(try component(reading.component, "dimensions.\(dimension.id)"))
                try bind(reading, to: dimension)
            }
        }
        if case .sum(let of, let by) = tabulation.measure {
            value = try component(of, "measure.sum")
            weight = try by.map { (id) throws(TabulationError) in try component(id, "measure.weight") }
        }
        contributor = try tabulation.contributor.map { (id) throws(TabulationError) in try component(id, "contributor") }
        try bindAttributes()
    }

    private static func unbound(_ words: String) -> TabulationError { TabulationError(.unbound, "the agreement \(words)") }

    /// The measure that takes the value: the only one, or OBS_VALUE.
    private static func measure(of cells: DatasetSchema) throws(TabulationError) -> Int {
        if cells.measures.count == 1 { return cells.measures.lowerBound }
        if let column = cells.index(of: "OBS_VALUE"), cells.measures.contains(column) { return column }
        throw unbound("tabulates into \(cells.structure.reference), which has \(cells.measures.count) measures and none called OBS_VALUE")
    }

    private func component(_ id: String, _ term: String) throws(TabulationError) -> Int {
        guard let column = records.index(of: id) else {
            let near = Nearest.text(to: id, among: records.components.map(\.id)).map { "; did you mean \($0)?" } ?? ""
            throw Self.unbound("names \(id) under records.tabulate.\(term), which \(records.structure.reference) does not have\(near)")
        }
        guard !records.components[column].isArray else {
            throw Self.unbound("names \(id) under records.tabulate.\(term), which may have several values in one record; tabulate by one that has one")
        }
        return column
    }

    private func bind(_ reading: Tabulation.Reading, to dimension: Component) throws(TabulationError) {
        if let (one, other) = Tabulation.overlap(reading.classes.sorted(by: Tabulation.isBefore)) {
            throw Self.unbound("has classes of \(dimension.id) that share numbers: \(one.code) \(one.range) and \(other.code) \(other.range)")
        }
        guard reading.rollUp else { return }
        guard let codelist = dimension.codelist else {
            throw Self.unbound("rolls \(dimension.id) up along a code list, and \(cells.structure.reference) has none at hand for it; load it, or name a total")
        }
        guard CodeLevels(codelist) != nil else {
            throw TabulationError(.unbound, "the code list of \(dimension.id) has codes that are their own ancestors; correct it")
        }
    }

    private mutating func bindAttributes() throws(TabulationError) {
        for (id, text) in tabulation.attributes.sorted(by: { $0.key < $1.key }) {
            guard let column = cells.index(of: id), cells.components[column].isAttribute else {
                throw Self.unbound("gives the attribute \(id), which \(cells.structure.reference) does not have")
            }
            attributes.append((column, text))
        }
        for column in cells.attributes where cells.components[column].isMandatory && !attributes.contains(where: { $0.column == column }) {
            throw Self.unbound("gives no value for \(cells.components[column].id), which \(cells.structure.reference) makes mandatory; add it under attributes")
        }
    }
}
