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
    var status: StatusRule?
    var validity: ValidityRule?
    var conditions: [ResolvedCondition]
    var constraints: [ConstraintRule]
    var runs: [FaultRun]
    private let relationships: RelationshipCheck?
    private var duplicates: DuplicateCheck?
    /// In place of those, where the rows are records.
    private let records: RecordKeyCheck?
    /// Whether the duplicates are those of this dataset alone, so that they are reported with it.
    private let ownsDuplicates: Bool
    private let standard: SDMXStandard
    private let strictReportingYear: Bool
    private let temporaryDirectory: String

    var batch: Batch?
    private(set) var dataset = 0
    private(set) var rowsBefore = 0
    /// Rows of a deletion that name no dimension, and so mean everything.
    private(set) var wholeDeletions = 0
    var marks: ContiguousArray<UInt8> = []
    private var lastSeries: ContiguousArray<UInt32>
    private var sameSeries: UnsafeMutablePointer<Bool>
    private var sameValues: UnsafeMutablePointer<Bool>
    private var seriesNumbers: UnsafeMutablePointer<UInt32>
    private var sameCapacity = 1
    private var saidUnchecked = false

    /// - Parameters:
    ///   - action: of a dataset that deletes, only keys and codes are checked; one that merges need not repeat mandatory attributes.
    ///   - standard: of the message; decides what `#N/A` means, and how datasets of one message go together.
    ///   - duplicates: shared by the datasets of one message; its owner finishes it. Without one the check has its own.
    ///   - temporaryDirectory: takes nameless files when a dataset has more rows than are held in memory to find duplicates.
    init(
        schema: DatasetSchema, action: DatasetAction, standard: SDMXStandard, findings: any FindingSink, limits: CheckLimits, temporaryDirectory: String,
        sharing shared: DuplicateCheck?, records: RecordKeyCheck? = nil
    ) {
        self.schema = schema
        self.records = records
        self.action = action
        self.standard = standard
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
        let levels = schema.components.indices.map { column in
            Self.level(column, schema, &groups) { columns in
                runs.append(FaultRun(columns: columns, timeColumn: schema.timeDimension, openMax: limits.openFaultsMax))
                return runs.count - 1
            }
        }
        self.levels = levels
        self.runs = runs
        judges = []
        let deletes = action == .delete
        rules = schema.components.map { component in
            guard component.storage == .text, !deletes else { return nil }
            let rule = ValueRule(
                component.textFormat, isMeasure: component.role == .measure, strictReportingYear: strict, acceptsMissingMark: standard == .v3)
            return rule.acceptsAnything && rule.unchecked.isEmpty ? nil : rule
        }
        demanded = schema.components.map { $0.isDimension || ($0.isMandatory && !deletes) }
        constraints = []
        conditions = []
        relationships =
            deletes
            ? nil
            : RelationshipCheck(schema, levels: levels, columnsOfRun: { runs[$0].columns }, limits: limits, directory: temporaryDirectory)
        ownsDuplicates = shared == nil
        duplicates =
            shared ?? (deletes || schema.isOfRecords ? nil : DuplicateCheck(schema: schema, standard: standard, limits: limits, directory: temporaryDirectory))
        lastSeries = ContiguousArray(repeating: ValueDictionary.absent, count: schema.seriesDimensions.count)
        sameSeries = .allocate(capacity: sameCapacity)
        sameValues = .allocate(capacity: sameCapacity)
        seriesNumbers = .allocate(capacity: sameCapacity)
        self.temporaryDirectory = temporaryDirectory
    }

    package convenience init(
        schema: DatasetSchema, action: DatasetAction = .information, standard: SDMXStandard = .unknown, findings: any FindingSink,
        limits: CheckLimits = CheckLimits(), temporaryDirectory: String
    ) {
        self.init(
            schema: schema, action: action, standard: standard, findings: findings, limits: limits, temporaryDirectory: temporaryDirectory, sharing: nil)
    }

    deinit {
        sameSeries.deallocate()
        sameValues.deallocate()
        seriesNumbers.deallocate()
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

    /// What is judged by codes begins anew with every dataset's dictionaries.
    private func beginDictionaries() {
        judges = schema.components.enumerated().map { column, component in
            guard component.storage == .coded else { return nil }
            return CodeJudge(
                column: column, component: component, strictReportingYear: strictReportingYear, acceptsMissingMark: standard == .v3, limits: limits)
        }
        frequency = FrequencyRule(schema, strictReportingYear: strictReportingYear)
        constraints = schema.constraints.map { ConstraintRule($0, schema: schema, limits: limits) }
        status = StatusRule(schema, action: action)
        validity = ValidityRule(schema)
        conditions = action == .delete ? [] : ConditionRule.standard.compactMap { ResolvedCondition($0, schema) }
    }

    /// Checks the rows of one filling.
    /// - Parameter dataset: the dataset's ordinal in its message, for positions.
    package func check(_ batch: Batch, dataset: Int) throws(CheckError) {
        precondition(self.batch == nil || self.batch === batch, "a check is given one and the same batch throughout a dataset")
        if self.batch == nil {
            beginDictionaries()
            duplicates?.beginDataset(dataset, action)
        }
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

    /// Ends the dataset: reports what was still open, what differs within series and groups, and the duplicates where they are its own.
    package func finish() throws(CheckError) {
        guard let batch else { return }
        for index in runs.indices { runs[index].end(batch, into: findings) }
        try relationships?.finish { self.report($0, key: $1, batch) }
        if ownsDuplicates, let duplicates {
            try duplicates.finish { duplicates.report($0, into: self.findings) }
            self.duplicates = DuplicateCheck(schema: schema, standard: standard, limits: limits, directory: temporaryDirectory)
        }
        // The next dataset brings its own dictionaries.
        self.batch = nil
        rowsBefore = 0
        wholeDeletions = 0
        saidUnchecked = false
    }

    // MARK: Keys

    private func addKeys(_ batch: Batch, _ count: Int) throws(CheckError) {
        if action != .delete { try records?.add(batch, count, dataset: dataset, ordinalBefore: rowsBefore) }
        guard duplicates != nil || relationships != nil else { return }
        if sameCapacity < count {
            sameSeries.deallocate()
            sameValues.deallocate()
            seriesNumbers.deallocate()
            sameCapacity = max(count, batch.capacity)
            sameSeries = .allocate(capacity: sameCapacity)
            sameValues = .allocate(capacity: sameCapacity)
            seriesNumbers = .allocate(capacity: sameCapacity)
        }
        let hasHoles = markSameSeries(batch, count)
        seriesNumbers.update(repeating: KeyTable.none, count: count)
        if let duplicates {
            try duplicates.keys.update(batch, count)
            try addWholeKeys(batch, count, hasHoles, duplicates)
        }
        if let relationships { try addValues(batch, count, relationships) }
    }

    private func addWholeKeys(_ batch: Batch, _ count: Int, _ hasHoles: Bool, _ duplicates: DuplicateCheck) throws(CheckError) {
        var start = 0
        while start < count {
            // Rows with a hole in the key are left out; what follows one cannot lean on it.
            if hasHoles, !hasWholeKey(batch, start) {
                duplicates.breakSeries()
                // Without its period a row still belongs to its series.
                if !schema.seriesDimensions.contains(where: { isHole(batch, $0, start) }) { seriesNumbers[start] = duplicates.seriesNumber(start) }
                if action == .delete, schema.dimensions.allSatisfy({ isHole(batch, $0, start) }) { wholeDeletions += 1 }
                start += 1
                continue
            }
            var end = hasHoles ? start + 1 : count
            while end < count, hasWholeKey(batch, end) { end += 1 }
            try duplicates.add(batch, rows: start..<end, ordinalBefore: UInt64(rowsBefore), sameSeries: sameSeries, numbers: seriesNumbers)
            start = end
        }
    }

    /// Rows that share the series and every value of more than one observation are looked at once.
    private func addValues(_ batch: Batch, _ count: Int, _ relationships: RelationshipCheck) throws(CheckError) {
        sameValues.update(from: sameSeries, count: count)
        relationships.markChanges(batch, count, sameValues)
        let judges = judges
        let mayBeEmpty = judges.contains { $0?.hasFaults == true }
        var start = 0
        while start < count {
            var end = start + 1
            while end < count, sameValues[end] { end += 1 }
            try relationships.add(batch, rows: start..<end, ordinalBefore: UInt64(rowsBefore), series: seriesNumbers[start]) { column, code in
                mayBeEmpty && judges[column]?.verdicts[Int(code)] == .empty
            }
            start = end
        }
    }

    /// Column by column: whether each row repeats the series of the row before. Returns whether any key may have a hole.
    private func markSameSeries(_ batch: Batch, _ count: Int) -> Bool {
        let same = sameSeries
        same.update(repeating: true, count: count)
        var hasHoles = false
        for (position, column) in schema.seriesDimensions.enumerated() {
            let codes = batch.codes(column)
            var greatest = codes[0]
            same[0] = same[0] && codes[0] == lastSeries[position]
            for row in 1..<max(1, count) {
                same[row] = same[row] && codes[row] == codes[row - 1]
                greatest = max(greatest, codes[row])
            }
            if greatest == ValueDictionary.absent || judges[column]?.hasFaults == true { hasHoles = true }
            lastSeries[position] = codes[count - 1]
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
    private func hasWholeKey(_ batch: Batch, _ row: Int) -> Bool { !schema.dimensions.contains { isHole(batch, $0, row) } }

    private func isHole(_ batch: Batch, _ column: Int, _ row: Int) -> Bool {
        let code = batch.codes(column)[row]
        return code == ValueDictionary.absent || judges[column]?.verdicts[Int(code)] == .empty
    }

    // MARK: What cannot be checked

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
