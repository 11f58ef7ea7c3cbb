import SluiceKit

/// The gate: judges a table of records that is about to leave by what stands in it, and holds every value of it against the original.
///
/// It is told neither the levels nor the records that were chosen; it finds out from the released table alone.
struct RecordAudit {
    private(set) var risk: RiskSummary
    private let plan: RecordPlan

    /// - Parameters:
    ///   - makers: nil where nothing is a pseudonym.
    ///   - made: the original's pseudonyms, where they have just been made; else they are made anew.
    /// - Throws: `auditNotClean` where the released table is not what the rules allow; `tooLarge`, `deadline`.
    init(
        _ released: Table, against original: Table, _ plan: RecordPlan, _ makers: Pseudonyms?, made: [Variable]? = nil, limits: RecordLimits,
        _ deadline: Deadline
    ) throws(ProtectionError) {
        self.plan = plan
        let (new, old) = (released.batch, original.batch)
        let schema = plan.schema
        guard new.schema.components.map(\.id) == old.schema.components.map(\.id) else { throw Self.failure("it has other components than the original") }
        guard new.rowCount <= old.rowCount else { throw Self.failure("it has more records than the original") }
        try Self.checkIdentifiers(new, plan, deadline)
        try Self.checkOthers(new, old, plan)
        let records = try Records(old, plan, limits: limits, deadline)

        // Everything that is released, in numbers that the original's values have too.
        var quasi: [Variable] = []
        var levels: [Int] = []
        for (at, column) in plan.quasi.enumerated() {
            try deadline.check()
            let variable = try Self.translated(try Variable(new, column), to: records.ladders[at].dictionary, schema.components[column])
            levels.append(try Self.level(of: variable, records.ladders[at], records.quasi[at], schema.components[column]))
            quasi.append(variable)
        }
        var sensitive: [Variable] = []
        for (at, column) in plan.sensitive.enumerated() {
            sensitive.append(try Self.translated(try Variable(new, column), to: records.sensitive[at].dictionary, schema.components[column]))
        }
        var pseudonyms: [Variable] = []
        var expected: [Variable] = []
        if let makers {
            for (at, column) in plan.pseudonyms.enumerated() {
                try deadline.check()
                if let made {
                    expected.append(made[at])
                } else {
                    expected.append(try makers.replace(records.pseudonyms[at], schema.components[column], schema.structure))
                }
                pseudonyms.append(try Self.translated(try Variable(new, column), to: expected[at].dictionary, schema.components[column]))
            }
        }
        for (columns, variables) in [(plan.quasi, quasi), (plan.sensitive, sensitive)] {
            for (column, variable) in zip(columns, variables) { try Self.checkBounds(variable, schema.components[column], plan.rules) }
        }

        try deadline.check()
        // The classes as whoever receives the table sees them: a value that is not there is a value of its own.
        let grouping = Grouping(quasi.map { Grouping.Digit(codes: $0.codes, map: nil, width: $0.width) }, recordCount: new.rowCount)
        var values: [SensitiveValues] = []
        for (at, column) in plan.sensitive.enumerated() { values.append(try SensitiveValues(sensitive[at], schema.components[column])) }
        let figures = ClassFigures(grouping, sensitive: values, pseudonyms: pseudonyms.map(\.codes))
        risk = figures.summary
        let faulty = figures.faultyRecords(under: plan.rules, isMonotone: false)
        guard faulty == 0 else {
            throw Self.failure(
                "\(faulty) records stand in classes of fewer than \(plan.rules.k), or in classes whose sensitive values are too much alike")
        }
        let absent = Self.absentPatterns(quasi, count: new.rowCount)
        try checkSuppressed(absent, records)
        guard Set(absent).count <= limits.absentPatternsMax else {
            throw ProtectionError(
                .tooLarge,
                detail:
                    "what is missing of the quasi-identifiers, in the source or withheld here, makes more than \(limits.absentPatternsMax) combinations, and each would have to be held against all records; complete the records, name fewer quasiIdentifiers, or broader codes of them"
            )
        }
        try checkExplained(quasi, sensitive, pseudonyms, records, expected, levels, absent, deadline)
    }

    private static func failure(_ what: String) -> ProtectionError {
        ProtectionError(.auditNotClean, detail: "the records to be released did not pass the gate: \(what). Nothing was released")
    }

    private static func checkIdentifiers(_ new: Batch, _ plan: RecordPlan, _ deadline: Deadline) throws(ProtectionError) {
        for column in plan.cleared {
            try deadline.check()
            guard (0..<new.rowCount).allSatisfy({ new.cell(column, $0)?.isEmpty ?? true }) else {
                throw failure("\(new.schema.components[column].id) is an identifier and still there")
            }
        }
        for column in plan.numbered {
            try deadline.check()
            let component = new.schema.components[column]
            let width = RecordNumber.width(component, recordCount: new.rowCount)
            let variable = try Variable(new, column)
            let counts = variable.counts
            for number in 0..<new.rowCount {
                let text = RecordNumber.text(number + 1, width: width)
                let code = text.withUnsafeBytes { variable.dictionary.known($0) }
                guard code != ValueDictionary.absent, counts[Int(code)] == 1 else {
                    throw failure("\(component.id) is an identifier, and is not a number of this release")
                }
            }
        }
    }

    /// What no rule names has to be the same everywhere, as it was.
    private static func checkOthers(_ new: Batch, _ old: Batch, _ plan: RecordPlan) throws(ProtectionError) {
        guard new.rowCount > 0 else { return }
        for column in plan.others {
            let (one, other) = (new.cell(column, 0), old.cell(column, 0))
            let isSame: Bool
            if let one, let other, !one.isEmpty, !other.isEmpty {
                isSame = one.elementsEqual(other) || ExactDecimal(one).map { $0 == ExactDecimal(other) } ?? false
            } else {
                isSame = (one?.isEmpty ?? true) && (other?.isEmpty ?? true)
            }
            guard isSame, Records.isConstant(new, column) else {
                throw failure("\(new.schema.components[column].id), of which no rule speaks, is not as it was")
            }
        }
    }

    /// The same records in the numbers of another dictionary. A format may spell a number in another way on its own (`2.50`, `2.5`).
    private static func translated(_ variable: Variable, to dictionary: ValueDictionary, _ component: Component) throws(ProtectionError) -> Variable {
        var map = [UInt32](repeating: ValueDictionary.absent, count: variable.dictionary.count)
        var byNumber: [ExactDecimal: UInt32]?
        for (code, count) in variable.counts.enumerated() where count > 0 {
            let bytes = variable.dictionary.bytes(UInt32(code))
            map[code] = dictionary.known(bytes)
            if map[code] == ValueDictionary.absent, component.role == .measure, let number = ExactDecimal(bytes) {
                if byNumber == nil { byNumber = numbers(dictionary) }
                map[code] = byNumber?[number] ?? ValueDictionary.absent
            }
            guard map[code] != ValueDictionary.absent else {
                throw failure("\(component.id) has a value that nothing in the original explains")
            }
        }
        return variable.mapped(to: dictionary, map)
    }

    private static func numbers(_ dictionary: ValueDictionary) -> [ExactDecimal: UInt32] {
        var numbers: [ExactDecimal: UInt32] = [:]
        for code in 0..<UInt32(dictionary.count) {
            if let number = ExactDecimal(dictionary.bytes(code)), numbers[number] == nil { numbers[number] = code }
        }
        return numbers
    }

    /// The coarsest level that has all values of a column. Where a finer one was chosen too, both say the same of every record that is shown.
    private static func level(of variable: Variable, _ ladder: Ladder, _ original: Variable, _ component: Component) throws(ProtectionError) -> Int {
        let used = variable.counts
        let counts = original.counts
        for (level, step) in ladder.levels.enumerated().reversed() {
            var isImage = [Bool](repeating: false, count: ladder.dictionary.count)
            for code in counts.indices where counts[code] > 0 { isImage[Int(step.map[code])] = true }
            if used.indices.allSatisfy({ used[$0] == 0 || isImage[$0] }) { return level }
        }
        throw failure("\(component.id) has values of several levels")
    }

    private static func checkBounds(_ variable: Variable, _ component: Component, _ rules: RecordRules) throws(ProtectionError) {
        guard let bounds = rules.bounds[component.id] else { return }
        for (code, count) in variable.counts.enumerated() where count > 0 {
            let bytes = variable.dictionary.bytes(UInt32(code))
            // A band is no single number; that it is explained by the bounded values is checked with all others.
            let isNumber = component.codelistReference == nil ? ExactDecimal(bytes) != nil : NumberRange(bytes, isCode: true) != nil
            let isBeyond = isNumber ? try BoundedValues.position(of: bytes, bounds, component) != .within : false
            guard !isBeyond else {
                throw failure("\(component.id) has a number beyond its bounds")
            }
        }
    }

    /// Of each record: one bit for each quasi-identifier that it lacks.
    private static func absentPatterns(_ quasi: [Variable], count: Int) -> [UInt32] {
        var patterns = [UInt32](repeating: 0, count: count)
        for (at, variable) in quasi.enumerated() {
            for row in 0..<count where variable.codes[row] == ValueDictionary.absent { patterns[row] |= 1 << UInt32(at) }
        }
        return patterns
    }

    /// At least so many records were left out or lack a value that they had: whoever was left as it was still lacks the same ones.
    private func checkSuppressed(_ absent: [UInt32], _ records: Records) throws(ProtectionError) {
        var countOf: [UInt32: (before: Int, after: Int)] = [:]
        for pattern in Self.absentPatterns(records.quasi, count: records.count) { countOf[pattern, default: (0, 0)].before += 1 }
        for pattern in absent { countOf[pattern, default: (0, 0)].after += 1 }
        let asTheyWere = countOf.values.reduce(0) { $0 + min($1.before, $1.after) }
        guard records.count - asTheyWere <= plan.affectedMax(of: records.count) else {
            throw Self.failure("more than \(plan.rules.suppressedPercentMax) % of the records are left out or lack a quasi-identifier")
        }
    }

    /// Of every row that is released the original has at least as many records that it can stand for.
    private func checkExplained(
        _ quasi: [Variable], _ sensitive: [Variable], _ pseudonyms: [Variable], _ records: Records, _ expected: [Variable], _ levels: [Int],
        _ absent: [UInt32], _ deadline: Deadline
    ) throws(ProtectionError) {
        let explained = records.quasi.indices.map { at in
            records.quasi[at].mapped(to: records.ladders[at].dictionary, records.ladders[at].levels[levels[at]].map)
        }
        let (left, right) = (sensitive + pseudonyms, records.sensitive + expected)
        var rowsOf: [UInt32: [Int]] = [:]
        for (row, pattern) in absent.enumerated() { rowsOf[pattern, default: []].append(row) }
        for (pattern, shown) in rowsOf.sorted(by: { $0.key < $1.key }) {
            try deadline.check()
            var digits: [Grouping.Digit] = []
            for at in quasi.indices where pattern & (1 << UInt32(at)) == 0 {
                digits.append(Self.joined(explained[at], quasi[at], shown, isMeasure: isMeasure(at: quasi[at].column)))
            }
            for (one, other) in zip(right, left) { digits.append(Self.joined(one, other, shown, isMeasure: isMeasure(at: other.column))) }
            let grouping = Grouping(digits, recordCount: records.count + shown.count)
            var balance = [Int](repeating: 0, count: grouping.count)
            for row in 0..<records.count { balance[Int(grouping.classes[row])] += 1 }
            for row in 0..<shown.count { balance[Int(grouping.classes[records.count + row])] -= 1 }
            guard balance.allSatisfy({ $0 >= 0 }) else { throw Self.failure("it has records that nothing in the original explains") }
        }
    }

    private func isMeasure(at column: Int) -> Bool { plan.schema.components[column].role == .measure }

    /// The original's records and after them those shown, in one row of numbers.
    private static func joined(_ original: Variable, _ released: Variable, _ shown: [Int], isMeasure: Bool) -> Grouping.Digit {
        var codes = original.codes
        codes.reserveCapacity(codes.count + shown.count)
        for row in shown { codes.append(released.codes[row]) }
        guard isMeasure else { return Grouping.Digit(codes: codes, map: nil, width: original.width) }
        // Numbers that are written in two ways are one.
        let byNumber = numbers(original.dictionary)
        var map = (0..<UInt32(original.dictionary.count)).map { code in ExactDecimal(original.dictionary.bytes(code)).flatMap { byNumber[$0] } ?? code }
        map.append(UInt32(original.dictionary.count))
        return Grouping.Digit(codes: codes, map: map, width: original.width)
    }
}
