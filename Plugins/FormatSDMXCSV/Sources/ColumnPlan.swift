import SluiceKit

/// Which cell of a row goes into which column of the batch, for one structure.
struct ColumnPlan {
    enum Treatment {
        /// The cell is the value.
        case plain
        /// The cell may read `ID: Name`.
        case labelled
        /// The cell may hold several values behind one another.
        case multiple
        /// The cell holds one text per language.
        case languages([String])
    }
    struct Step {
        let cell: Int
        let column: Int
        let isCoded: Bool
        let treatment: Treatment
    }

    let schema: DatasetSchema
    let steps: [Step]
    /// Cells of columns that are no component of this structure.
    let unknownCells: [Int]
    let missingDimensions: [String]
    /// Cells that name a component a second time.
    let repeatedCells: [Int]

    init(_ header: HeaderRow, schema: DatasetSchema) {
        self.schema = schema
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
            let treatment: Treatment =
                !column.languages.isEmpty ? .languages(column.languages) : column.isMultiple ? .multiple : header.hasLabels ? .labelled : .plain
            steps.append(Step(cell: cell, column: position, isCoded: schema.components[position].storage == .coded, treatment: treatment))
        }
        self.steps = steps
        unknownCells = unknown
        repeatedCells = repeated
        missingDimensions = schema.dimensions.filter { !taken.contains($0) }.map { schema.components[$0].id }
    }

    private static func position(of id: String, in schema: DatasetSchema, _ header: HeaderRow) -> Int? {
        if let position = schema.index(of: id) { return position }
        // SDMX-CSV 1.0: "For the measure column, always is the term OBS_VALUE", whatever the structure calls its one measure.
        return header.opening.version == .v1 && id == "OBS_VALUE" && schema.measures.count == 1 ? schema.measures.lowerBound : nil
    }
}
