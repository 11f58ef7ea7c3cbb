public import SluiceKit

extension MappingProposal {
    /// What was placed and how, for programs.
    public var json: JSONValue {
        .object([
            JSONMember(reference.artefactClass == .dataflow ? "flow" : "structure", .string(reference.description)),
            JSONMember("confidenceMin", .integer(Int64(options.confidenceMin))), JSONMember("summary", ProposalCounts(self).json),
            JSONMember(
                "assumed", .array(defaults.map { .object([JSONMember("component", .string($0.component)), JSONMember("code", .string($0.guess.code))]) })),
            JSONMember("tables", .array(tables.map(json))),
        ])
    }

    private func json(_ table: TablePlacement) -> JSONValue {
        var members = [JSONMember("file", .string(table.file)), JSONMember("rows", .integer(Int64(table.rowCount)))]
        if let failure = table.failure {
            members.append(JSONMember("failure", .string(failure)))
            return .object(members)
        }
        members.append(JSONMember("fullyPlaced", .bool(table.isFullyPlaced(options.confidenceMin))))
        members.append(JSONMember("columns", .array(table.columns.map(json))))
        if let unpivot = table.unpivot {
            members.append(
                JSONMember(
                    "unpivot",
                    .object([
                        JSONMember("columns", .array(unpivot.columns.map(JSONValue.string))), JSONMember("into", .string(unpivot.into)),
                        JSONMember("confidence", .integer(Int64(unpivot.confidence))),
                    ])))
        }
        members.append(
            JSONMember(
                "constants",
                .array(
                    table.constants.map { constant in
                        var parts = [JSONMember("component", .string(constant.component))]
                        if let code = constant.code(options.confidenceMin) { parts.append(JSONMember("code", .string(code.code))) }
                        parts.append(JSONMember("guesses", .array(constant.guesses.map(json))))
                        return .object(parts)
                    })))
        if !table.strangeValues.isEmpty { members.append(JSONMember("strangeValues", .array(table.strangeValues.prefix(100).map(JSONValue.string)))) }
        if !table.remarks.isEmpty { members.append(JSONMember("remarks", .array(table.remarks.map(JSONValue.string)))) }
        return .object(members)
    }

    private func json(_ column: ColumnPlacement) -> JSONValue {
        var members = [JSONMember("column", .string(column.column)), JSONMember("placed", .bool(column.isPlaced(options.confidenceMin)))]
        if !column.components.isEmpty {
            members.append(JSONMember("components", .array(column.components.map(JSONValue.string))))
            members.append(JSONMember("confidence", .integer(Int64(column.confidence))))
            if let method = column.method { members.append(JSONMember("how", .string(method.rawValue))) }
        }
        if column.isEmpty { members.append(JSONMember("empty", .bool(true))) }
        if column.isOverflowing { members.append(JSONMember("tooManyLabels", .bool(true))) }
        if !column.candidates.isEmpty {
            members.append(
                JSONMember(
                    "candidates",
                    .array(
                        column.candidates.map {
                            .object([
                                JSONMember("component", .string($0.component)), JSONMember("confidence", .integer(Int64($0.confidence))),
                                JSONMember("why", .string($0.why)),
                            ])
                        })))
        }
        let labels = column.isCoded ? column.labels : []
        members.append(
            JSONMember(
                "labels",
                .array(
                    labels.map { label in
                        var parts = [JSONMember("label", .string(label.label)), JSONMember("rows", .integer(Int64(label.rowCount)))]
                        if column.isPlaced(options.confidenceMin), let code = label.code(options.confidenceMin) {
                            if let component = label.component { parts.append(JSONMember("component", .string(component))) }
                            parts.append(JSONMember("code", .string(code.code)))
                            parts.append(JSONMember("confidence", .integer(Int64(code.confidence))))
                            parts.append(JSONMember("how", .string(code.how)))
                            if let power = label.power, power != 0 { parts.append(JSONMember("power", .integer(Int64(power)))) }
                        } else if !label.guesses.isEmpty {
                            parts.append(JSONMember("guesses", .array(label.guesses.map(json))))
                        }
                        return .object(parts)
                    })))
        return .object(members)
    }

    private func json(_ guess: CodeGuess) -> JSONValue {
        .object([
            JSONMember("code", .string(guess.code)), JSONMember("name", .string(guess.name)), JSONMember("confidence", .integer(Int64(guess.confidence))),
            JSONMember("how", .string(guess.how)),
        ])
    }
}

/// How much of the tables a proposal placed.
public struct ProposalCounts: Hashable, Sendable {
    public var tableCount = 0
    public var tablesUnreadable = 0
    public var tablesWithRows = 0
    /// Every column, label and dimension has its place.
    public var tablesFullyPlaced = 0
    /// Every column and label has its place; a dimension or mandatory attribute that the table says nothing of is open.
    public var tablesLackingConstants = 0
    /// Columns that hold a value, over all tables.
    public var columnCount = 0
    public var columnsPlaced = 0
    public var columnsByMethod: [String: Int] = [:]
    /// Distinct labels of a component (or of an unplaced column).
    public var labelCount = 0
    public var labelsPlaced = 0
    public var labelsByMethod: [String: Int] = [:]

    public init(_ proposal: MappingProposal) {
        let least = proposal.options.confidenceMin
        var placed: [String: PlacementMethod] = [:]
        var all = Set<String>()
        for table in proposal.tables {
            tableCount += 1
            if table.failure != nil { tablesUnreadable += 1 }
            if table.rowCount > 0 { tablesWithRows += 1 }
            if table.rowCount > 0 {
                if table.isFullyPlaced(least) { tablesFullyPlaced += 1 } else if table.hasPlacedColumns(least) { tablesLackingConstants += 1 }
            }
            for column in table.columns where !column.isEmpty {
                columnCount += 1
                let isPlaced = column.isPlaced(least)
                if isPlaced {
                    columnsPlaced += 1
                    columnsByMethod[column.method?.rawValue ?? "", default: 0] += 1
                }
                guard column.isCoded else { continue }
                for label in column.labels {
                    let key = "\(isPlaced ? label.component ?? "" : column.column)\u{1}\(label.label)"
                    all.insert(key)
                    if isPlaced, let guess = label.code(least) { placed[key] = guess.method }
                }
            }
            if let unpivot = table.unpivot { columnCount += unpivot.columns.count; columnsPlaced += unpivot.columns.count }
        }
        labelCount = all.count
        labelsPlaced = placed.count
        for method in placed.values { labelsByMethod[method.rawValue, default: 0] += 1 }
    }

    public var json: JSONValue {
        func number(_ name: String, _ value: Int) -> JSONMember { JSONMember(name, .integer(Int64(value))) }
        func counts(_ name: String, _ values: [String: Int]) -> JSONMember {
            JSONMember(name, .object(values.sorted { $0.key < $1.key }.map { number($0.key, $0.value) }))
        }
        return .object([
            number("tables", tableCount), number("tablesUnreadable", tablesUnreadable), number("tablesWithRows", tablesWithRows),
            number("tablesFullyPlaced", tablesFullyPlaced), number("tablesLackingConstants", tablesLackingConstants), number("columns", columnCount),
            number("columnsPlaced", columnsPlaced),
            counts("columnsByMethod", columnsByMethod), number("labels", labelCount), number("labelsPlaced", labelsPlaced),
            counts("labelsByMethod", labelsByMethod),
        ])
    }

    /// One line for people.
    public var description: String {
        let placed = "\(columnsPlaced) of \(columnCount) columns and \(labelsPlaced) of \(labelCount) labels placed; "
        guard tableCount > 1 else {
            return placed
                + (tablesFullyPlaced == 1
                    ? "nothing is open"
                    : tablesLackingConstants == 1 ? "a code for the whole table is open" : tablesWithRows == 0 ? "the table has no rows" : "the rest is open")
        }
        return placed
            + "of \(tablesWithRows) tables with rows \(tablesFullyPlaced) are fully placed, \(tablesLackingConstants) lack only a code for the whole table"
            + (tablesUnreadable > 0 ? ", \(tablesUnreadable) could not be used" : "")
    }
}
