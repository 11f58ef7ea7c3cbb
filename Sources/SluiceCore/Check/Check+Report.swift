internal import SluiceKit

/// The slow path: wording the findings of rows that are known to be suspect.
extension Check {
    func report(_ batch: Batch, _ count: Int, _ suspects: Suspects) {
        for row in 0..<count {
            for index in runs.indices where runs[index].isOpen && !runs[index].continues(batch, row) { runs[index].end(batch, into: findings) }
            guard isMarked(row) else { continue }
            for column in suspects.columns { report(batch, row, column) }
            if suspects.frequency { reportFrequency(batch, row) }
            for index in suspects.constraints where !constraints[index].allows(batch, row) {
                for breach in constraints[index].breach(batch, row) { report(breach, constraint: index, batch, row) }
            }
        }
    }

    private func report(_ batch: Batch, _ row: Int, _ column: Int) {
        let component = schema.components[column]
        if let judge = judges[column] {
            let code = batch.codes(column)[row]
            let isAbsent = code == ValueDictionary.absent || judge.verdicts[Int(code)] == .empty
            if isAbsent {
                if demanded[column], !isAllowedHole(batch, row, column) { add(missing(component), column, code: ValueDictionary.absent, batch, row) }
            } else if judge.verdicts[Int(code)] == .wrong {
                if case .run(let index) = levels[column], runs[index].count(FaultRun.Identity(column: column, code: code), batch, row) { return }
                add(judge.fault(code, in: batch.dictionary(column)), column, code: code, batch, row)
            }
            return
        }
        let span = batch.spans(column)[row]
        if span.isAbsent || span.count == 0 {
            if demanded[column], !isAllowedHole(batch, row, column) { add(missing(component), column, code: ValueDictionary.absent, batch, row) }
        } else if let fault = rules[column]?.fault(batch.bytes(span), component: component.id) {
            add(fault, column, code: 0, batch, row)
        }
    }

    /// Rows that merge or delete may name part of the key only: they carry attributes of that part (SDMX 3.0, section 2, "partial key").
    private func isAllowedHole(_ batch: Batch, _ row: Int, _ column: Int) -> Bool {
        guard schema.components[column].isDimension else { return false }
        if action == .delete { return true }
        guard action == .merge else { return false }
        return !schema.components.indices.contains { other in
            !schema.components[other].isDimension && levels[other] == .observation && !batch.isAbsent(other, row)
        }
    }

    private func missing(_ component: Component) -> ValueFault {
        let name = component.names.text().map { "\(component.id) (\($0))" } ?? component.id
        switch component.role {
        case .timeDimension:
            return ValueFault(
                .dimensionMissing, message: "The observation has no time period (\(component.id)).", advice: "Give the period of the observation, such as 2024."
            )
        case .dimension:
            return ValueFault(
                .dimensionMissing, message: "The key has no value for \(name).",
                advice: component.codelist?.contains("_T") == true
                    ? "Give its code; where there is no breakdown, write _T." : "Give its code: every dimension needs a value.")
        case .measure:
            return ValueFault(
                .measureMissing, message: "The observation has no \(name), which the structure demands.", advice: "Give the value, or leave the row out.")
        case .attribute:
            let merges = action == .merge
            return ValueFault(
                .attributeMissing, severity: merges ? .warning : .error, message: "\(name) is mandatory and has no value.",
                advice: advice(forMissing: component) + (merges ? " A merge may leave it out only where the receiver holds it already." : ""))
        }
    }

    private func advice(forMissing component: Component) -> String {
        if component.id == "OBS_STATUS", component.codelist?.contains("A") == true { return "Give the status of the observation; A is a normal value." }
        guard let codelist = component.codelist else { return "Give its value." }
        return "Give a code of \(codelist.reference), such as \(codelist.codes.prefix(3).map(\.id).joined(separator: ", "))."
    }

    private func reportFrequency(_ batch: Batch, _ row: Int) {
        guard let rule = frequency, !rule.fits(batch.codes(rule.frequencyColumn)[row], batch.codes(rule.timeColumn)[row]),
            let code = batch.string(rule.frequencyColumn, row), let time = batch.string(rule.timeColumn, row)
        else { return }
        let name = schema.components[rule.frequencyColumn].codelist?[code]?.names.text().map { " (\($0))" } ?? ""
        let id = schema.components[rule.frequencyColumn].id
        let fault = ValueFault(
            .timeFrequency, severity: .warning, message: "The period \(quoted(time)) does not fit the frequency \(id)=\(code)\(name).",
            advice: "Write \(FrequencyRule.example(code)), or correct \(id).")
        add(fault, rule.timeColumn, code: 0, batch, row)
    }

    private func report(_ breach: ConstraintRule.Breach, constraint: Int, _ batch: Batch, _ row: Int) {
        // The finding belongs to the series only when nothing of the observation takes part.
        let isOfObservation = breach.columns.isEmpty || breach.columns.contains { levels[$0] == .observation }
        let column = breach.columns.first ?? schema.dimensions.lowerBound
        var level = isOfObservation ? Level.observation : .run(Check.series)
        if breach.columns.count == 1 { level = levels[column] }
        add(
            breach.fault, column, code: batch.codes(column)[row], batch, row, level: level, identityColumn: -1 - (constraint * schema.components.count + column)
        )
    }

    private func add(_ fault: ValueFault, _ column: Int, code: UInt32, _ batch: Batch, _ row: Int, level: Level? = nil, identityColumn: Int? = nil) {
        let level = level ?? levels[column]
        func finding(_ seriesKey: String?, _ timePeriod: String?) -> Finding {
            let text = batch.string(column, row)
            return Finding(
                fault.code, severity: fault.severity,
                at: Position(line: Int(truncatingIfNeeded: batch.lines[row]), row: rowsBefore + row + 1, dataset: dataset), seriesKey: seriesKey,
                timePeriod: timePeriod,
                component: schema.components[column].id, offendingText: text?.isEmpty == true ? nil : text, message: fault.message, advice: fault.advice)
        }
        guard case .run(let index) = level else {
            findings.add(finding(batch.seriesKey(row), schema.timeDimension.flatMap { batch.string($0, row) }))
            return
        }
        let identity = FaultRun.Identity(column: identityColumn ?? column, code: code)
        if runs[index].count(identity, batch, row) { return }
        let columns = Set(runs[index].columns)
        let key = columns.isEmpty ? nil : schema.seriesDimensions.map { columns.contains($0) ? batch.string($0, row) ?? "" : "" }.joined(separator: ".")
        runs[index].begin(identity, finding(key, nil), batch, row, into: findings)
    }

    func report(_ duplicate: DuplicateCheck.Duplicate, _ batch: Batch) {
        func text(_ column: Int) -> String { batch.dictionary(column).string(duplicate.key[column - schema.dimensions.lowerBound]) }
        let key = schema.seriesDimensions.map(text).joined(separator: ".")
        let time = schema.timeDimension.map(text)
        let first = duplicate.firstLine > 0 ? "line \(duplicate.firstLine)" : "observation \(duplicate.firstRow)"
        let agreement = duplicate.valuesAgree ? "with the same value" : "with another value"
        findings.add(
            Finding(
                .keyDuplicate, at: Position(line: Int(truncatingIfNeeded: duplicate.line), row: Int(truncatingIfNeeded: duplicate.row), dataset: dataset),
                seriesKey: key,
                timePeriod: time, message: "This observation was given before, in \(first), \(agreement).",
                advice: duplicate.valuesAgree ? "Leave one of the two out." : "Find out which value is right and leave the other out."))
    }
}
