package import SluiceKit

/// The step of the corridor that holds a dataset against its structure and says what is wrong with it.
///
/// Faults of a series, group or dataset are one finding per run of consecutive rows, with the number of observations; faults of an observation are one
/// each. Coded values are judged once per distinct code, so clean rows cost a look-up and no allocation. Memory is bounded however many faults there are.
/// Give one check every batch of one dataset (always the same `Batch`, whose dictionaries give the codes their meaning), then call `finish`; it may then
/// take the next dataset of the same schema. Not shared between tasks.
package final class Check {
    package let schema: DatasetSchema
    let findings: any FindingSink
    let action: DatasetAction
    let limits: CheckLimits

    /// Where a finding belongs.
    enum Level: Hashable {
        case observation
        case run(Int)
    }
    static let series = 0
    static let wholeDataset = 1

    let levels: [Level]
    var judges: [CodeJudge?]
    let rules: [ValueRule?]
    let demanded: [Bool]
    var frequency: FrequencyRule?
    var constraints: [ConstraintRule]
    var runs: [FaultRun]
    private let duplicates: DuplicateCheck?
    private let strictReportingYear: Bool

    private var batch: Batch?
    private(set) var dataset = 0
    private(set) var rowsBefore = 0
    private var marks: ContiguousArray<UInt8> = []
    private var lastRowWasAdded = false
    private var lastSeries: ContiguousArray<UInt32>
    private var sameSeries: ContiguousArray<Bool> = []
    private var saidUnchecked = false

    /// - Parameters:
    ///   - action: of a dataset that deletes, only keys and codes are checked; one that merges need not repeat mandatory attributes.
    ///   - temporaryDirectory: takes nameless files when a dataset has more rows than are held in memory to find duplicates.
    package init(
        schema: DatasetSchema, action: DatasetAction = .information, findings: any FindingSink, limits: CheckLimits = CheckLimits(), temporaryDirectory: String
    ) {
        self.schema = schema
        self.action = action
        self.findings = findings
        self.limits = limits
        // With this attribute in the structure a reporting year may start on any day, so that week 53 and day 366 move to other years.
        let strict = schema.index(of: "REPORTING_YEAR_START_DAY") == nil
        strictReportingYear = strict
        var runs = [
            FaultRun(columns: Array(schema.seriesDimensions), timeColumn: schema.timeDimension, openMax: limits.openFaultsMax),
            FaultRun(columns: [], timeColumn: nil, openMax: limits.openFaultsMax),
        ]
        var groups: [[Int]: Int] = [:]
        levels = schema.components.indices.map { column in
            Self.level(column, schema, &groups) { columns in
                runs.append(FaultRun(columns: columns, timeColumn: schema.timeDimension, openMax: limits.openFaultsMax))
                return runs.count - 1
            }
        }
        self.runs = runs
        judges = schema.components.enumerated().map { column, component in
            component.storage == .coded ? CodeJudge(column: column, component: component, strictReportingYear: strict, limits: limits) : nil
        }
        let deletes = action == .delete
        rules = schema.components.map { component in
            guard component.storage == .text, !deletes else { return nil }
            let rule = ValueRule(component.textFormat, isMeasure: component.role == .measure, strictReportingYear: strict)
            return rule.acceptsAnything && rule.unchecked.isEmpty ? nil : rule
        }
        demanded = schema.components.map { $0.isDimension || ($0.isMandatory && !deletes) }
        frequency = FrequencyRule(schema, strictReportingYear: strict)
        constraints = schema.constraints.map { ConstraintRule($0, schema: schema, limits: limits) }
        duplicates = deletes ? nil : DuplicateCheck(schema: schema, limits: limits, directory: temporaryDirectory)
        lastSeries = ContiguousArray(repeating: ValueDictionary.absent, count: schema.seriesDimensions.count)
    }

    private static func level(_ column: Int, _ schema: DatasetSchema, _ groups: inout [[Int]: Int], add: ([Int]) -> Int) -> Level {
        let component = schema.components[column]
        switch component.role {
        case .dimension: return .run(series)
        case .timeDimension, .measure: return .observation
        case .attribute(.dataset): return .run(wholeDataset)
        case .attribute(.observation): return .observation
        case .attribute:
            guard let ids = schema.groupDimensions(of: column) else { return .run(series) }
            let columns = ids.compactMap { schema.index(of: $0) }.sorted()
            if let time = schema.timeDimension, columns.contains(time) { return .observation }
            if columns.isEmpty { return .run(wholeDataset) }
            if columns == Array(schema.seriesDimensions) { return .run(series) }
            if let known = groups[columns] { return .run(known) }
            let index = add(columns)
            groups[columns] = index
            return .run(index)
        }
    }

    /// Checks the rows of one filling.
    /// - Parameter dataset: the dataset's ordinal in its message, for positions.
    package func check(_ batch: Batch, dataset: Int) throws(CheckError) {
        precondition(self.batch == nil || self.batch === batch, "a check is given one and the same batch throughout a dataset")
        self.batch = batch
        self.dataset = dataset
        let count = batch.rowCount
        guard count > 0 else { return }
        if !saidUnchecked { sayWhatIsUnchecked() }
        if marks.count < count { marks = ContiguousArray(repeating: 0, count: max(count, batch.capacity)) }
        let suspects = mark(batch, count)
        if suspects.isAny || runs.contains(where: \.isOpen) {
            report(batch, count, suspects)
            for row in 0..<count { marks[row] = 0 }
        }
        try addKeys(batch, count)
        rowsBefore += count
    }

    /// Ends the dataset: reports what was still open, and the duplicates.
    package func finish() throws(CheckError) {
        guard let batch else { return }
        for index in runs.indices { runs[index].end(batch, into: findings) }
        try duplicates?.finish { self.report($0, batch) }
        // The next dataset brings its own dictionaries.
        self.batch = nil
        rowsBefore = 0
        lastRowWasAdded = false
        saidUnchecked = false
        for (column, component) in schema.components.enumerated() where component.storage == .coded {
            judges[column] = CodeJudge(column: column, component: component, strictReportingYear: strictReportingYear, limits: limits)
        }
        frequency = FrequencyRule(schema, strictReportingYear: strictReportingYear)
        constraints = schema.constraints.map { ConstraintRule($0, schema: schema, limits: limits) }
    }

    // MARK: Finding suspect rows, column by column

    struct Suspects {
        var columns: [Int] = []
        var constraints: [Int] = []
        var frequency = false
        var isAny: Bool { !columns.isEmpty || !constraints.isEmpty || frequency }
    }

    private func mark(_ batch: Batch, _ count: Int) -> Suspects {
        var suspects = Suspects()
        for column in schema.components.indices {
            let isSuspect: Bool
            if let judge = judges[column] {
                judge.extend(batch.dictionary(column))
                isSuspect = markCodes(batch.codes(column), count, judge, demanded: demanded[column])
            } else {
                isSuspect = markTexts(batch, column, count, rules[column], demanded: demanded[column])
            }
            if isSuspect { suspects.columns.append(column) }
        }
        if frequency != nil { suspects.frequency = markFrequency(batch, count) }
        for index in constraints.indices {
            constraints[index].extend(batch, judges)
            var isSuspect = false
            for row in 0..<count where !constraints[index].allows(batch, row) {
                marks[row] = 1
                isSuspect = true
            }
            if isSuspect { suspects.constraints.append(index) }
        }
        return suspects
    }

    private func markCodes(_ codes: UnsafeMutablePointer<UInt32>, _ count: Int, _ judge: CodeJudge, demanded: Bool) -> Bool {
        if !judge.hasFaults {
            guard demanded else { return false }
            // `absent` is the greatest code, so the greatest of all tells whether any is absent; this loop the compiler vectorises.
            var greatest: UInt32 = 0
            for row in 0..<count { greatest = max(greatest, codes[row]) }
            if greatest != ValueDictionary.absent { return false }
        }
        var isSuspect = false
        judge.verdicts.withUnsafeBufferPointer { verdicts in
            marks.withUnsafeMutableBufferPointer { marks in
                for row in 0..<count {
                    let code = codes[row]
                    let verdict: CodeJudge.Verdict = code == ValueDictionary.absent ? .empty : verdicts[Int(code)]
                    if verdict == .wrong || (verdict == .empty && demanded) {
                        marks[row] = 1
                        isSuspect = true
                    }
                }
            }
        }
        return isSuspect
    }

    private func markTexts(_ batch: Batch, _ column: Int, _ count: Int, _ rule: ValueRule?, demanded: Bool) -> Bool {
        if rule == nil && !demanded { return false }
        let spans = batch.spans(column)
        var isSuspect = false
        marks.withUnsafeMutableBufferPointer { marks in
            for row in 0..<count {
                let span = spans[row]
                let isFine = span.isAbsent || span.count == 0 ? !demanded : rule?.accepts(batch.bytes(span)) ?? true
                if !isFine {
                    marks[row] = 1
                    isSuspect = true
                }
            }
        }
        return isSuspect
    }

    private func markFrequency(_ batch: Batch, _ count: Int) -> Bool {
        guard var rule = frequency else { return false }
        frequency = nil
        rule.extend(batch.dictionary(rule.frequencyColumn), batch.dictionary(rule.timeColumn))
        frequency = rule
        guard rule.restricts else { return false }
        let (frequencies, times) = (batch.codes(rule.frequencyColumn), batch.codes(rule.timeColumn))
        var isSuspect = false
        for row in 0..<count where !rule.fits(frequencies[row], times[row]) {
            marks[row] = 1
            isSuspect = true
        }
        return isSuspect
    }

    func isMarked(_ row: Int) -> Bool { marks[row] != 0 }

    // MARK: Keys

    private func addKeys(_ batch: Batch, _ count: Int) throws(CheckError) {
        guard let duplicates else { return }
        if sameSeries.count < count { sameSeries = ContiguousArray(repeating: true, count: max(count, batch.capacity)) }
        var same = sameSeries
        sameSeries = []
        defer { sameSeries = same }
        var failure: CheckError?
        same.withUnsafeMutableBufferPointer { same in
            let hasHoles = markSameSeries(batch, count, same)
            do throws(CheckError) {
                var start = 0
                while start < count {
                    // Rows with a hole in the key are left out; what follows one cannot lean on it.
                    if hasHoles, !hasWholeKey(batch, start) {
                        lastRowWasAdded = false
                        start += 1
                        continue
                    }
                    var end = start + 1
                    while end < count, !hasHoles || hasWholeKey(batch, end) { end += 1 }
                    if !lastRowWasAdded { same[start] = false }
                    try duplicates.add(batch, rows: start..<end, ordinalBefore: UInt64(rowsBefore), sameSeries: UnsafeBufferPointer(same))
                    lastRowWasAdded = true
                    start = end
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Column by column: whether each row repeats the series of the row before. Returns whether any key may have a hole.
    private func markSameSeries(_ batch: Batch, _ count: Int, _ same: UnsafeMutableBufferPointer<Bool>) -> Bool {
        for row in 0..<count { same[row] = true }
        var hasHoles = false
        for (position, column) in schema.seriesDimensions.enumerated() {
            let codes = batch.codes(column)
            var previous = lastSeries[position]
            var greatest: UInt32 = 0
            for row in 0..<count {
                let code = codes[row]
                same[row] = same[row] && code == previous
                previous = code
                greatest = max(greatest, code)
            }
            if greatest == ValueDictionary.absent || judges[column]?.hasFaults == true { hasHoles = true }
            lastSeries[position] = previous
        }
        if let time = schema.timeDimension {
            let codes = batch.codes(time)
            var greatest: UInt32 = 0
            for row in 0..<count { greatest = max(greatest, codes[row]) }
            if greatest == ValueDictionary.absent || judges[time]?.hasFaults == true { hasHoles = true }
        }
        return hasHoles
    }

    /// A key with a hole in it is reported for that; it is nobody's duplicate.
    private func hasWholeKey(_ batch: Batch, _ row: Int) -> Bool {
        for column in schema.dimensions {
            let code = batch.codes(column)[row]
            if code == ValueDictionary.absent || judges[column]?.verdicts[Int(code)] == .empty { return false }
        }
        return true
    }

    private func sayWhatIsUnchecked() {
        saidUnchecked = true
        for (column, component) in schema.components.enumerated() {
            for facet in judges[column]?.uncheckedFacets ?? rules[column]?.unchecked ?? [] {
                findings.add(
                    Finding(
                        .ruleUnchecked, severity: .note, at: Position(dataset: dataset), component: component.id,
                        message:
                            "The facet \(facet) of \(component.id) was not checked: \(facet == "pattern" ? "the pattern uses what is not understood here" : "sequences are not checked").",
                        advice: "Look at the values of \(component.id) yourself, or ask the maintainer for a simpler rule.", observations: 0))
            }
        }
        for rule in constraints {
            for reason in rule.unchecked {
                findings.add(
                    Finding(
                        .ruleUnchecked, severity: .warning, at: Position(dataset: dataset), component: rule.constraint.reference.description,
                        message: "Constraint \(rule.constraint.reference) was not checked in full: \(reason).",
                        advice: "Check that the constraint belongs to this version of the structure.", observations: 0))
            }
        }
    }
}
