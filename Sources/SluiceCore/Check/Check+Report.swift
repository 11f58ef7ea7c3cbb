internal import SluiceKit

/// The slow path: wording the findings of rows that are known to be suspect.
extension Check {
    func report(_ batch: Batch, _ count: Int, _ suspects: Suspects) {
        for row in 0..<count {
            for index in runs.indices where runs[index].isOpen && !runs[index].continues(batch, row) { runs[index].end(batch, into: findings) }
            guard marks[row] != 0 else { continue }
            for column in suspects.columns { report(batch, row, column) }
            if suspects.frequency { reportFrequency(batch, row) }
            if suspects.status, let status, !status.fits(batch, row) {
                add(status.fault(batch, row), status.column, code: 0, batch, row, level: .observation, marked: status.columns)
            }
            if suspects.validity, let validity {
                for (column, fault) in validity.faults(batch, row) {
                    let level = levels[column] == .observation ? Level.observation : .run(Check.series)
                    add(fault, column, code: batch.codes(column)[row], batch, row, level: level, identity: .validity, marked: [column, validity.timeColumn])
                }
            }
            for index in suspects.conditions where conditions[index].isBroken(batch, row) { report(condition: index, batch, row) }
            if suspects.action, breaksAction(batch, row) { reportAction(batch, row) }
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
                if demanded[column], !isAllowedHole(batch, row, column) { addMissing(component, column, batch, row) }
            } else if judge.verdicts[Int(code)] == .wrong {
                if case .run(let index) = levels[column], runs[index].count(FaultRun.Identity(kind: .value, column: column, code: code), batch, row) { return }
                let kind = judge.faultKind(code, in: batch.dictionary(column))
                if findings.detail(for: kind.code) == .count {
                    count(kind.code, kind.severity, column, code: code, batch, row)
                } else {
                    add(judge.fault(code, in: batch.dictionary(column)), column, code: code, batch, row)
                }
            }
            return
        }
        let span = batch.spans(column)[row]
        if span.isAbsent || span.count == 0 {
            if demanded[column], !isAllowedHole(batch, row, column) { addMissing(component, column, batch, row) }
        } else if let rule = rules[column], !rule.accepts(cell: batch.bytes(span), of: component) {
            let code = rule.faultCode(batch.bytes(span))
            if CellValues.isPlain(batch.bytes(span)), findings.detail(for: code) == .count {
                count(code, .error, column, code: 0, batch, row)
            } else if let fault = rule.fault(cell: batch.bytes(span), of: component) {
                add(fault, column, code: 0, batch, row)
            }
        }
    }

    /// Rows that delete or merge may name part of the key only, and so may any that carry nothing but attributes of that part (SDMX-CSV 2.0, "Column
    /// content": "only the components that are part of the partial key need to be filled"; SDMX 3.0, section 2, "partial key").
    private func isAllowedHole(_ batch: Batch, _ row: Int, _ column: Int) -> Bool {
        if action == .delete { return schema.components[column].isDimension }
        guard schema.dimensions.contains(where: { isEmpty(batch, $0, row) }),
            !schema.components.indices.contains(where: {
                !schema.components[$0].isDimension && levels[$0] == .observation && !isEmpty(batch, $0, row)
            })
        else { return false }
        if action == .merge, schema.components[column].isDimension { return true }
        return schema.attributes.contains { attribute in
            guard case .run(let run) = levels[attribute], !isEmpty(batch, attribute, row) else { return false }
            return !runs[run].columns.contains { isEmpty(batch, $0, row) }
        }
    }

    private func isEmpty(_ batch: Batch, _ column: Int, _ row: Int) -> Bool {
        guard let judge = judges[column] else { return batch.spans(column)[row].count == 0 }
        let code = batch.codes(column)[row]
        return code == ValueDictionary.absent || judge.verdicts[Int(code)] == .empty
    }

    private func addMissing(_ component: Component, _ column: Int, _ batch: Batch, _ row: Int) {
        let identity = FaultRun.Identity(kind: .value, column: column, code: ValueDictionary.absent)
        if case .run(let index) = levels[column], runs[index].count(identity, batch, row) { return }
        let kind: FindingCode = component.isDimension ? .dimensionMissing : component.role == .measure ? .measureMissing : .attributeMissing
        if findings.detail(for: kind) == .count {
            count(kind, component.isAttribute && action == .merge ? .warning : .error, column, code: ValueDictionary.absent, batch, row)
        } else {
            add(missing(component), column, code: ValueDictionary.absent, batch, row)
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
        add(fault, rule.timeColumn, code: 0, batch, row, marked: [rule.timeColumn, rule.frequencyColumn])
    }

    private func report(condition index: Int, _ batch: Batch, _ row: Int) {
        let condition = conditions[index]
        let columns = [condition.when.column, condition.then.column]
        // The fault belongs to the narrower of the two.
        let column = columns.first { levels[$0] == .observation } ?? columns[0]
        let code = batch.isCoded[column] ? batch.codes(column)[row] : 0
        add(
            condition.fault(batch, row, merges: action == .merge), columns[1], code: code, batch, row, level: levels[column], identity: .condition(index),
            marked: columns)
    }

    private func reportAction(_ batch: Batch, _ row: Int) {
        let fault: ValueFault
        if action == .delete {
            fault = ValueFault(
                .actionPartialDelete, severity: .warning,
                message: "The row deletes the values it carries and leaves the observation with the rest.",
                advice: "Leave measures and attributes empty where the whole observation is to go.")
        } else {
            fault = ValueFault(
                .actionNothingGiven, severity: .warning, message: "The row is to be merged and carries no measure and no attribute: it changes nothing.",
                advice: "Give what is to change, use Delete to take values away, or leave the row out.")
        }
        let column = schema.measures.first { !batch.isAbsent($0, row) } ?? schema.dimensions.lowerBound
        add(fault, column, code: 0, batch, row, level: .run(Check.series), identity: .action, marked: action == .delete ? Array(schema.measures) : [])
    }

    private func report(_ breach: ConstraintRule.Breach, constraint: Int, _ batch: Batch, _ row: Int) {
        // The finding belongs to the series only when nothing of the observation takes part.
        let isOfObservation = breach.columns.isEmpty || breach.columns.contains { levels[$0] == .observation }
        let column = breach.columns.first ?? schema.dimensions.lowerBound
        var level = isOfObservation ? Level.observation : .run(Check.series)
        if breach.columns.count == 1 { level = levels[column] }
        var fault = breach.fault
        if let reason = constraints[constraint].notInForce(batch, row) {
            fault.severity = .warning
            fault.message += " " + reason
        }
        add(fault, column, code: batch.codes(column)[row], batch, row, level: level, identity: .constraint(constraint), marked: breach.columns)
    }

    // MARK: Handing on

    private func add(
        _ fault: ValueFault, _ column: Int, code: UInt32, _ batch: Batch, _ row: Int, level: Level? = nil, identity: FaultRun.Kind = .value,
        marked: [Int]? = nil
    ) {
        let level = level ?? levels[column]
        let detail = findings.detail(for: fault.code)
        if detail == .count { return count(fault.code, fault.severity, column, code: code, batch, row, level: level, identity: identity) }
        func finding(_ seriesKey: String?, _ timePeriod: String?) -> Finding {
            let text = batch.string(column, row)
            var finding = Finding(
                fault.code, severity: fault.severity,
                at: Position(line: Int(truncatingIfNeeded: batch.lines[row]), row: rowsBefore + row + 1, dataset: dataset), seriesKey: seriesKey,
                timePeriod: timePeriod,
                component: schema.components[column].id, offendingText: text?.isEmpty == true ? nil : text, message: fault.message, advice: fault.advice)
            if detail == .cells { finding.cells = cells(batch, row, marked: marked ?? [column]) }
            return finding
        }
        guard case .run(let index) = level else {
            findings.add(finding(batch.seriesKey(row), schema.timeDimension.flatMap { batch.string($0, row) }))
            return
        }
        let identity = FaultRun.Identity(kind: identity, column: column, code: code)
        if runs[index].count(identity, batch, row) { return }
        let columns = Set(runs[index].columns)
        let key = columns.isEmpty ? nil : schema.seriesDimensions.map { columns.contains($0) ? batch.string($0, row) ?? "" : "" }.joined(separator: ".")
        runs[index].begin(identity, finding(key, nil), batch, row, into: findings)
    }

    /// Counts a finding whose words nobody wants.
    private func count(
        _ kind: FindingCode, _ severity: Finding.Severity, _ column: Int, code: UInt32, _ batch: Batch, _ row: Int, level: Level? = nil,
        identity: FaultRun.Kind = .value
    ) {
        guard case .run(let index) = level ?? levels[column] else { return findings.count(kind, severity, observations: 1) }
        let identity = FaultRun.Identity(kind: identity, column: column, code: code)
        if runs[index].count(identity, batch, row) { return }
        runs[index].begin(identity, Finding(kind, severity: severity, message: "", advice: ""), batch, row, isWorded: false, into: findings)
    }

    private func cells(_ batch: Batch, _ row: Int, marked: [Int]) -> [Finding.Cell] {
        var others = 0
        return schema.components.enumerated().compactMap { column, component in
            let text = batch.string(column, row)
            let isMarked = marked.contains(column)
            if !isMarked { others += text == nil ? 0 : 1 }
            return !isMarked && (text == nil || others > limits.cellsPerFindingMax)
                ? nil : Finding.Cell(component: component.id, text: text ?? "", isMarked: isMarked)
        }
    }

    /// What differs within a series, group or dataset.
    func report(_ deviation: RelationshipCheck.Deviation, key: UnsafeBufferPointer<UInt32>, _ batch: Batch) {
        let detail = findings.detail(for: .attributeInconsistent)
        let observations = Int(truncatingIfNeeded: deviation.rows)
        guard detail != .count, case .run(let run) = levels[deviation.column] else {
            return findings.count(.attributeInconsistent, .error, observations: observations)
        }
        func text(_ column: Int, _ code: UInt32) -> String { code == ValueDictionary.absent ? "" : batch.dictionary(column).string(code) }
        let component = schema.components[deviation.column]
        let columns = runs[run].columns
        let values = Dictionary(zip(columns, key).map { ($0, text($0, $1)) }, uniquingKeysWith: { first, _ in first })
        let owner = run == Check.series ? "series" : run == Check.wholeDataset ? "dataset" : "group"
        let isOrdinal = deviation.truePlace & RelationshipCheck.isOrdinal != 0
        let place = isOrdinal ? "observation \(deviation.truePlace & ~RelationshipCheck.isOrdinal)" : "line \(deviation.truePlace)"
        let value = text(deviation.column, deviation.code)
        let periods = schema.timeDimension.map { time in [deviation.firstPeriod, deviation.lastPeriod].map { text(time, $0) } } ?? []
        var finding = Finding(
            .attributeInconsistent,
            at: Position(line: Int(truncatingIfNeeded: deviation.line), row: Int(truncatingIfNeeded: deviation.ordinal), dataset: dataset),
            seriesKey: columns.isEmpty ? nil : schema.seriesDimensions.map { values[$0] ?? "" }.joined(separator: "."),
            timePeriod: periods.first.flatMap { $0.isEmpty ? nil : $0 == periods.last ? $0 : "\($0)…\(periods.last ?? "")" },
            component: component.id, offendingText: value,
            message:
                "\(component.id) is \(quoted(value)) here and \(quoted(text(deviation.column, deviation.trueCode))) in \(place); it has one value per \(owner).",
            advice: "Write the same value in all rows of the \(owner), or find out which dimension tells them apart.", observations: observations)
        if detail == .cells {
            finding.cells =
                columns.map { Finding.Cell(component: schema.components[$0].id, text: values[$0] ?? "", isMarked: false) }
                + [Finding.Cell(component: component.id, text: value, isMarked: true)]
        }
        findings.add(finding)
    }
}
