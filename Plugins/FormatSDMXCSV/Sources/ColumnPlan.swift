import SluiceKit

/// Which cell of a row goes into which column of the batch, for one structure.
struct ColumnPlan {
    enum Treatment {
        /// The cell is the value.
        case plain
        /// The cell may read `ID: Name`.
        case labelled
        /// The cell may hold several values, or one per language.
        case subfields(Subfields)
    }
    struct Step {
        let cell: Int
        let column: Int
        let isCoded: Bool
        let treatment: Treatment
    }

    let schema: DatasetSchema
    let hasLabels: Bool
    let steps: [Step]
    /// How many cells, the first ones, stand for the dataset or the series.
    let leadingCells: Int
    /// Cells of columns that are no component of this structure.
    let unknownCells: [Int]
    /// Dimensions that have no column and should.
    let missingDimensions: [String]
    /// Cells that name a component a second time.
    let repeatedCells: [Int]

    init(_ header: HeaderRow, schema: DatasetSchema) {
        self.schema = schema
        hasLabels = header.hasLabels
        var steps: [Step] = []
        var unknown: [Int] = []
        var repeated: [Int] = []
        var taken: Set<Int> = []
        var previous: Int?
        for (cell, column) in header.columns.enumerated() where !header.control.contains(cell) {
            let position = Self.position(of: column.id, in: schema, header)
            if header.hasNameColumns, let before = previous, position == nil || position == before {
                previous = nil
                continue
            }
            previous = position
            guard let position else {
                unknown.append(cell)
                continue
            }
            guard taken.insert(position).inserted else {
                repeated.append(cell)
                continue
            }
            let subfields = Subfields(column.shape, separator: header.opening.subfieldSeparator ?? Opening.subfieldSeparatorDefault)
            let treatment: Treatment = !column.shape.isPlain ? .subfields(subfields) : header.hasLabels ? .labelled : .plain
            steps.append(Step(cell: cell, column: position, isCoded: schema.components[position].storage == .coded, treatment: treatment))
        }
        self.steps = steps
        let ofObservations = steps.filter { !schema.seriesDimensions.contains($0.column) }.map(\.cell)
        leadingCells = min(ofObservations.min() ?? header.columns.count, header.columns.count - 1)
        unknownCells = unknown
        repeatedCells = repeated
        let needed = Self.neededDimensions(taken, schema)
        missingDimensions = schema.dimensions.filter { !taken.contains($0) }.map { schema.components[$0].id }.filter { needed?.contains($0) ?? true }
    }

    /// The dimensions without which the columns' values belong to nothing, nil for all: "only all those dimension columns have to be present, that are
    /// required to uniquely identify the concerned attributes and/or measures" (field guides 2.x, "Columns").
    private static func neededDimensions(_ columns: Set<Int>, _ schema: DatasetSchema) -> Set<String>? {
        var needed: Set<String> = []
        for column in columns where !schema.dimensions.contains(column) {
            guard case .attribute(let relationship) = schema.components[column].role else { return nil }
            switch relationship {
            case .dataset: break
            case .dimensions(let ids): needed.formUnion(ids)
            case .group: needed.formUnion(schema.groupDimensions(of: column) ?? [])
            case .observation: if !schema.components[column].isMetadata { return nil }
            }
        }
        return columns.contains { !schema.dimensions.contains($0) } ? needed : nil
    }

    private static func position(of id: String, in schema: DatasetSchema, _ header: HeaderRow) -> Int? {
        if let position = schema.index(of: id) { return position }
        // SDMX-CSV 1.0: "For the measure column, always is the term OBS_VALUE", whatever the structure calls its one measure.
        return header.opening.generation == .first && id == "OBS_VALUE" && schema.measures.count == 1 ? schema.measures.lowerBound : nil
    }
}
