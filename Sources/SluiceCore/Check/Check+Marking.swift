internal import SluiceKit

/// The fast path: finding the rows that need a closer look, column by column.
extension Check {
    struct Suspects {
        var columns: [Int] = []
        var constraints: [Int] = []
        var conditions: [Int] = []
        var frequency = false
        var status = false
        var validity = false
        var action = false
        var isAny: Bool { frequency || status || validity || action || !columns.isEmpty || !constraints.isEmpty || !conditions.isEmpty }
    }

    func mark(_ batch: Batch, _ count: Int) -> Suspects {
        var marks = marks
        // Taken out, so that writing to it copies nothing.
        self.marks = []
        defer { self.marks = marks }
        var suspects = Suspects()
        marks.withUnsafeMutableBufferPointer { marks in
            guard let marks = marks.baseAddress else { return }
            for column in schema.components.indices {
                let isSuspect: Bool
                if let judge = judges[column] {
                    judge.extend(batch.dictionary(column))
                    isSuspect = markCodes(batch.codes(column), count, judge, demanded: demanded[column], marks)
                } else {
                    isSuspect = markTexts(batch, column, count, rules[column], demanded: demanded[column], marks)
                }
                if isSuspect { suspects.columns.append(column) }
            }
            markRules(batch, count, marks, &suspects)
        }
        return suspects
    }

    private func markRules(_ batch: Batch, _ count: Int, _ marks: UnsafeMutablePointer<UInt8>, _ suspects: inout Suspects) {
        if frequency != nil { suspects.frequency = markFrequency(batch, count, marks) }
        if var rule = status {
            rule.extend(batch.dictionary(rule.column))
            status = rule
            if rule.restricts { suspects.status = Self.markRows(count, marks) { !rule.fits(batch, $0) } }
        }
        if var rule = validity {
            rule.extend(batch)
            validity = rule
            if rule.restricts { suspects.validity = Self.markRows(count, marks) { !rule.fits(batch, $0) } }
        }
        for index in conditions.indices {
            conditions[index].extend(batch)
            let condition = conditions[index]
            if condition.when.canHold, Self.markRows(count, marks, where: { condition.isBroken(batch, $0) }) { suspects.conditions.append(index) }
        }
        if action == .delete || action == .merge { suspects.action = Self.markRows(count, marks) { breaksAction(batch, $0) } }
        for index in constraints.indices {
            let constraint = constraints[index]
            constraint.extend(batch, judges)
            if Self.markRows(count, marks, where: { !constraint.allows(batch, $0) }) { suspects.constraints.append(index) }
        }
    }

    @inline(__always)
    private static func markRows(_ count: Int, _ marks: UnsafeMutablePointer<UInt8>, where isSuspect: (Int) -> Bool) -> Bool {
        var isAny = false
        for row in 0..<count where isSuspect(row) {
            marks[row] = 1
            isAny = true
        }
        return isAny
    }

    private func markCodes(
        _ codes: UnsafeMutablePointer<UInt32>, _ count: Int, _ judge: CodeJudge, demanded: Bool, _ marks: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        if !judge.hasFaults {
            guard demanded else { return false }
            // `absent` is the greatest code, so the greatest of all tells whether any is absent; this loop the compiler vectorises.
            var greatest: UInt32 = 0
            for row in 0..<count { greatest = max(greatest, codes[row]) }
            if greatest != ValueDictionary.absent { return false }
        }
        return judge.verdicts.withUnsafeBufferPointer { verdicts in
            Self.markRows(count, marks) { row in
                let code = codes[row]
                let verdict: CodeJudge.Verdict = code == ValueDictionary.absent ? .empty : verdicts[Int(code)]
                return verdict == .wrong || (verdict == .empty && demanded)
            }
        }
    }

    private func markTexts(
        _ batch: Batch, _ column: Int, _ count: Int, _ rule: ValueRule?, demanded: Bool, _ marks: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        let spans = batch.spans(column)
        guard let rule else { return demanded && Self.markRows(count, marks) { spans[$0].isAbsent || spans[$0].count == 0 } }
        if rule.isPlainNumber, !schema.components[column].isArray {
            return Self.markRows(count, marks) { row in
                let span = spans[row]
                if span.isAbsent || span.count == 0 { return demanded }
                let bytes = batch.bytes(span)
                return !NumberText.isPlain(bytes) && !rule.accepts(bytes)
            }
        }
        let component = schema.components[column]
        if component.isArray || component.textFormat?.isMultiLingual == true {
            return Self.markRows(count, marks) { row in
                let span = spans[row]
                return span.isAbsent || span.count == 0 ? demanded : !rule.accepts(cell: batch.bytes(span), of: component)
            }
        }
        return Self.markRows(count, marks) { row in
            let span = spans[row]
            return span.isAbsent || span.count == 0 ? demanded : !rule.accepts(batch.bytes(span))
        }
    }

    private func markFrequency(_ batch: Batch, _ count: Int, _ marks: UnsafeMutablePointer<UInt8>) -> Bool {
        guard var rule = frequency else { return false }
        frequency = nil
        rule.extend(batch.dictionary(rule.frequencyColumn), batch.dictionary(rule.timeColumn))
        frequency = rule
        guard rule.restricts else { return false }
        let (frequencies, times) = (batch.codes(rule.frequencyColumn), batch.codes(rule.timeColumn))
        return rule.withTables { fits in Self.markRows(count, marks) { !fits(frequencies[$0], times[$0]) } }
    }

    // MARK: Actions

    /// Rows that say something else than whoever wrote them probably meant.
    func breaksAction(_ batch: Batch, _ row: Int) -> Bool {
        action == .delete ? deletesValuesOnly(batch, row) : givesNothing(batch, row)
    }

    /// A deletion that names measures deletes those and leaves the observation (SDMX 3.0, `ActionType`: "the lowest level of detail provided").
    func deletesValuesOnly(_ batch: Batch, _ row: Int) -> Bool { schema.measures.contains { isGiven(batch, $0, row) } }

    /// A merge needs at least one measure or attribute (SDMX 3.1, `ActionType`).
    private func givesNothing(_ batch: Batch, _ row: Int) -> Bool {
        !schema.measures.contains { isGiven(batch, $0, row) } && !schema.attributes.contains { isGiven(batch, $0, row) }
    }

    private func isGiven(_ batch: Batch, _ column: Int, _ row: Int) -> Bool { batch.cell(column, row).map { !$0.isEmpty } ?? false }
}
