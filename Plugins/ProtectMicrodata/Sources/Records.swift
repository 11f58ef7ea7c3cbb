import SluiceKit

/// A table of records as protection sees it: quasi-identifiers with their ladders, sensitive values, and who is whom.
struct Records {
    let count: Int
    /// After top and bottom coding, in the order of the plan.
    let quasi: [Variable]
    let ladders: [Ladder]
    let sensitive: [Variable]
    let sensitiveValues: [SensitiveValues]
    /// As they stand in the original.
    let pseudonyms: [Variable]
    /// Of those pseudonyms of which one may stand in several records.
    private let repeated: [[UInt32]]
    /// Risk of the records as they came, without their identifiers.
    let before: RiskSummary

    /// - Throws: what makes the table unfit: too many records, two of one key, open keys, components that no rule names and that differ.
    init(_ batch: Batch, _ plan: RecordPlan, limits: RecordLimits, _ deadline: Deadline) throws(ProtectionError) {
        count = batch.rowCount
        guard count <= limits.recordsMax else {
            throw ProtectionError(.tooLarge, detail: "the table has more than \(limits.recordsMax) records; split it by period")
        }
        let schema = plan.schema
        try Self.checkKeys(batch)
        for column in plan.others where !Self.isConstant(batch, column) {
            let component = schema.components[column]
            throw ProtectionError(
                .attributeReveals,
                detail:
                    "\(component.id) differs between records, and the agreement does not say what it is; name it among identifiers, pseudonyms, quasiIdentifiers or sensitive\(component.isAttribute && !component.isMandatory ? ", or drop it" : "")"
            )
        }
        let raw = try Self.read(batch, plan.quasi, deadline)
        let rawSensitive = try Self.read(batch, plan.sensitive, deadline)
        pseudonyms = try Self.read(batch, plan.pseudonyms, deadline)
        var repeated: [[UInt32]] = []
        for variable in pseudonyms where variable.counts.contains(where: { $0 > 1 }) || variable.codes.contains(ValueDictionary.absent) {
            repeated.append(variable.codes)
        }
        self.repeated = repeated
        let grouping = Grouping(raw.map { Grouping.Digit(codes: $0.codes, map: nil, width: $0.width) }, recordCount: count)
        var values: [SensitiveValues] = []
        for variable in rawSensitive { values.append(try SensitiveValues(variable, schema.components[variable.column])) }
        try deadline.check()
        before = ClassFigures(grouping, sensitive: values, pseudonyms: repeated).summary

        quasi = try Self.bound(raw, plan)
        sensitive = try Self.bound(rawSensitive, plan)
        var bounded: [SensitiveValues] = []
        for variable in sensitive { bounded.append(try SensitiveValues(variable, schema.components[variable.column])) }
        sensitiveValues = bounded
        var ladders: [Ladder] = []
        for variable in quasi {
            try deadline.check()
            ladders.append(try Ladder(variable, schema.components[variable.column], plan.rules, limits: limits))
        }
        self.ladders = ladders
    }

    private static func read(_ batch: Batch, _ columns: [Int], _ deadline: Deadline) throws(ProtectionError) -> [Variable] {
        var variables: [Variable] = []
        for column in columns {
            try deadline.check()
            variables.append(try Variable(batch, column))
        }
        return variables
    }

    private static func bound(_ variables: [Variable], _ plan: RecordPlan) throws(ProtectionError) -> [Variable] {
        var result: [Variable] = []
        for variable in variables {
            let component = plan.schema.components[variable.column]
            if let bounds = plan.rules.bounds[component.id] {
                result.append(try BoundedValues.apply(bounds, to: variable, component))
            } else {
                result.append(variable)
            }
        }
        return result
    }

    private static func checkKeys(_ batch: Batch) throws(ProtectionError) {
        let schema = batch.schema
        for column in schema.dimensions {
            let dictionary = batch.dictionary(column)
            let isOpen = (0..<UInt32(dictionary.count)).map { PartialKey.isOpen(dictionary.bytes($0)) }
            let codes = batch.codes(column)
            for row in 0..<batch.rowCount where codes[row] == ValueDictionary.absent || isOpen[Int(codes[row])] {
                throw ProtectionError(
                    .keyPartial, detail: "record \(row + 1) leaves \(schema.components[column].id) open; give each record its full key")
            }
        }
        guard Self.hasDistinctKeys(batch) else {
            throw ProtectionError(
                .keyDuplicate,
                detail:
                    "two records have the same \(schema.dimensions.map { schema.components[$0].id }.joined(separator: ", ")); give each record an id of its own, or remove one"
            )
        }
    }

    static func hasDistinctKeys(_ batch: Batch) -> Bool {
        let digits = batch.schema.dimensions.map { column in
            Grouping.Digit(
                codes: Array(UnsafeBufferPointer(start: batch.codes(column), count: batch.rowCount)), map: nil, width: batch.dictionary(column).count + 1)
        }
        return Grouping(digits, recordCount: batch.rowCount).count == batch.rowCount
    }

    static func isConstant(_ batch: Batch, _ column: Int) -> Bool {
        guard batch.rowCount > 1 else { return true }
        if batch.isCoded[column] {
            let codes = batch.codes(column)
            return (1..<batch.rowCount).allSatisfy { codes[$0] == codes[0] }
        }
        let first = batch.cell(column, 0)
        return (1..<batch.rowCount).allSatisfy { row in
            guard let cell = batch.cell(column, row), let first else { return batch.isAbsent(column, row) && first == nil }
            return cell.elementsEqual(first)
        }
    }

    /// What grouping needs at a combination of levels: the number of each record's value, the last for "no value".
    func digits(at node: [Int]) -> [Grouping.Digit] {
        quasi.indices.map { at in
            let level = ladders[at].levels[node[at]]
            let last = level.digits.count - 1
            return Grouping.Digit(codes: quasi[at].codes.map { level.digits[min(Int($0), last)] }, map: nil, width: level.width)
        }
    }

    func grouping(at node: [Int]) -> Grouping {
        Grouping(
            quasi.indices.map { at in
                let level = ladders[at].levels[node[at]]
                return Grouping.Digit(codes: quasi[at].codes, map: level.digits, width: level.width)
            }, recordCount: count)
    }

    func figures(at node: [Int], depth: ClassFigures.Depth) -> ClassFigures {
        ClassFigures(grouping(at: node), sensitive: sensitiveValues, pseudonyms: repeated, depth: depth)
    }

    /// The sensitive values and the pseudonyms of some records.
    func view(of records: [Int]) -> (sensitive: [SensitiveValues], pseudonyms: [[UInt32]]) {
        (sensitiveValues.map { SensitiveValues($0, keeping: records) }, repeated.map { codes in records.map { codes[$0] } })
    }
}
