package import SluiceKit

/// The step that makes a table of records, inside the giver's node, as an agreement declares it.
///
/// Takes batch after batch; memory is proportional to the cells, and to the distinct contributors where they are told apart, never to the records.
/// Codes are brought to the agreed depth before anything is counted, so that contributors are counted exactly there. The table has all margins, in the order of
/// its codes; with it comes what is known of the contributors to each cell, which never leaves. Not shared between tasks.
package final class Tabulate {
    private let plan: TabulationPlan
    private let limits: TabulationLimits
    private let cube: Cube
    private let contributors: ContributorTally?
    private let codes: (any KeyedCodes)?
    private let wanted: CellTally.Wanted

    private var capacity = 0
    private var leaves: [UnsafeMutablePointer<UInt32>]
    private let leafColumns: KeyColumns
    private var isCounted: ContiguousArray<Bool> = []
    private var report = TabulationReport()
    private var valueFaults = ValueFaults()

    /// Records whose measure is not what it has to be.
    private struct ValueFaults {
        var missing = 0
        var malformed = 0
        var negative = 0
        var firstLine: UInt64 = 0
    }

    /// - Parameters:
    ///   - depth: what the agreements let travel as what.
    ///   - protection: what will be asked of the table, which says how much has to be known of contributors.
    ///   - codes: of the node, for cell keys.
    package init(
        _ tabulation: Tabulation, records: DatasetSchema, cells: DatasetSchema, depth: CubeObligations = CubeObligations(),
        protection: ProtectionObligations? = nil,
        codes: (any KeyedCodes)? = nil, limits: TabulationLimits = TabulationLimits()
    ) throws(TabulationError) {
        let plan = try TabulationPlan(tabulation, records: records, cells: cells)
        self.plan = plan
        self.limits = limits
        let needsKeys = protection?.cellKey != nil
        guard !needsKeys || codes != nil else {
            throw TabulationError(.keyMissing, "the agreement obliges cell keys, and this node has no protection key to draw record keys from")
        }
        self.codes = needsKeys ? codes : nil
        wanted = CellTally.Wanted(isSum: plan.value != nil, depth: protection?.rules.largestNeeded ?? 0, hasKeys: needsKeys)
        let dimensions = zip(cells.components[cells.dimensions], zip(plan.sources, plan.columns)).map { dimension, source in
            DimensionCodes(dimension, source.0, column: source.1, depth: depth.coarsening[dimension.id] ?? [:], codesMax: limits.codesMax)
        }
        cube = Cube(dimensions, wanted, cellsMax: limits.cellsMax)
        contributors = plan.contributor.map {
            ContributorTally(column: $0, isSum: plan.value != nil, pairsMax: limits.contributionsMax, codes: needsKeys ? codes : nil)
        }
        leaves = []
        leafColumns = .allocate(capacity: max(1, dimensions.count))
    }

    deinit {
        for leaf in leaves { leaf.deallocate() }
        leafColumns.deallocate()
    }

    /// Counts the records of one filling.
    /// - Parameter action: of the dataset that they are in.
    package func add(_ batch: Batch, action: DatasetAction = .replace) throws(TabulationError) {
        let count = batch.rowCount
        guard count > 0 else { return }
        guard action != .delete else {
            throw TabulationError(.deletion, "the input deletes records; a table is made of all records that there are, so give those")
        }
        makeRoom(count)
        for (position, dimension) in cube.dimensions.enumerated() {
            try dimension.read(batch, count, into: leaves[position])
            let codes = leaves[position]
            for row in 0..<count where codes[row] >= DimensionCodes.faultsFrom { isCounted[row] = false }
        }
        for row in 0..<count where isCounted[row] { try countRecord(batch, row) }
        report.records += count
    }

    private func makeRoom(_ count: Int) {
        if capacity < count {
            for leaf in leaves { leaf.deallocate() }
            capacity = count
            leaves = cube.dimensions.map { _ in .allocate(capacity: count) }
            for (position, leaf) in leaves.enumerated() { leafColumns[position] = UnsafePointer(leaf) }
            isCounted = ContiguousArray(repeating: true, count: count)
        }
        for row in 0..<count { isCounted[row] = true }
    }

    private func countRecord(_ batch: Batch, _ row: Int) throws(TabulationError) {
        guard let amount = try amount(batch, row) else { return }
        let contributor = try contributors.map { (tally) throws(TabulationError) in try tally.contributor(batch, row) }
        // A record that names no contributor has been noted, and refuses the table in the end.
        if let contributor, contributor == nil { return }
        let cell = try cube.cell(leafColumns, row)
        try cube.add(cell, amount: amount)
        if let contributors, let number = contributor ?? nil {
            try contributors.add(number, cell: UInt32(cell), amount: amount)
        } else {
            cube.contribute(cell, amount: amount, key: codes.map { recordKey(batch, row, $0) } ?? 0)
        }
    }

    /// What a record adds; nil where it cannot be told, which is noted.
    private func amount(_ batch: Batch, _ row: Int) throws(TabulationError) -> ExactDecimal? {
        guard let value = plan.value else { return ExactDecimal(coefficient: 1, scale: 0) }
        guard var amount = number(batch, row, value) else { return nil }
        if let weight = plan.weight {
            guard let factor = number(batch, row, weight) else { return nil }
            amount = try CellTally.product(amount, factor)
        }
        if amount.isNegative, wanted.depth > 0 {
            note(\.negative, batch, row)
            return nil
        }
        return amount
    }

    private func number(_ batch: Batch, _ row: Int, _ column: Int) -> ExactDecimal? {
        guard let bytes = batch.cell(column, row), !bytes.isEmpty, !bytes.elementsEqual("NaN".utf8) else {
            note(\.missing, batch, row)
            return nil
        }
        guard let number = ExactDecimal(bytes) else {
            note(\.malformed, batch, row)
            return nil
        }
        return number
    }

    private func note(_ fault: WritableKeyPath<ValueFaults, Int>, _ batch: Batch, _ row: Int) {
        if valueFaults.missing + valueFaults.malformed + valueFaults.negative == 0 { valueFaults.firstLine = batch.lines[row] }
        valueFaults[keyPath: fault] += 1
    }

    /// Drawn from the record's whole key.
    private func recordKey(_ batch: Batch, _ row: Int, _ codes: any KeyedCodes) -> UInt8 {
        var message: [UInt8] = []
        for column in plan.records.keys {
            if column > 0 { message.append(CellValues.elementSeparator) }
            if let bytes = batch.cell(column, row) { message.append(contentsOf: bytes) }
        }
        return message.withUnsafeBytes { RecordKey.of($0, codes) }
    }

    // MARK: The table

    /// Makes the table of all records given.
    /// - Throws: what makes the records unfit for the table, each with the number of them.
    package func finish() throws(TabulationError) -> (table: Table, report: TabulationReport) {
        try refuseFaults()
        try refuseMixedLevels()
        report.cellsMostDetailed = cube.count
        let cube = self.cube
        if let contributors {
            try contributors.eachContributor(inSeveralCells: false) { shares, key throws(TabulationError) in
                for share in shares { cube.contribute(share.cell, amount: share.amount, key: key) }
            }
        }
        try cube.rollUp()
        if let contributors { try cube.contribute(contributors) }
        if plan.tabulation.zeros { try cube.addZeros() }
        let table: Table
        do throws(ReadError) { table = try TabulatedTable(plan, cube).table() } catch { throw TabulationError(.tooLarge, error.detail) }
        report.cells = table.batch.rowCount
        return (table, report)
    }

    private static func rows(_ count: Int, _ line: UInt64) -> String {
        "\(count) record\(count == 1 ? "" : "s")\(line > 0 ? " (the first in line \(line))" : "")"
    }

    private func refuseFaults() throws(TabulationError) {
        for (position, dimension) in cube.dimensions.enumerated() {
            guard case .component(let reading) = plan.sources[position] else { continue }
            for fault in DimensionCodes.Fault.allCases where dimension.faults[Int(fault.rawValue)] > 0 {
                let rows = Self.rows(dimension.faults[Int(fault.rawValue)], dimension.firstLines[Int(fault.rawValue)])
                let (code, words): (TabulationError.Code, String) =
                    switch fault {
                    case .missing:
                        (.valueMissing, "\(rows) without \(reading.component); give it, or say in the agreement which code of \(dimension.id) is `missing`")
                    case .notWhole:
                        (
                            .valueMalformed,
                            "\(rows) with a \(reading.component) that is no whole number, and \(dimension.id) is made of classes of whole numbers"
                        )
                    case .unclassed:
                        (
                            .classNone,
                            "\(rows) with a \(reading.component) that falls into no class of \(dimension.id); mend them, add a class, or name a code for `other`"
                        )
                    case .notPeriod: (.valueMalformed, "\(rows) with a \(reading.component) that is no date; write 2026-03-31")
                    case .periodTooLong:
                        (
                            .valueMalformed,
                            "\(rows) with a \(reading.component) that is longer than the \(reading.period?.rawValue ?? "period") that \(dimension.id) asks for"
                        )
                    }
                throw TabulationError(code, words)
            }
            let unknown = dimension.unknownCodes
            if !unknown.isEmpty {
                throw TabulationError(
                    .codeUnknown,
                    "\(dimension.id) would have \(TermJudge.named(unknown)), which its code list does not have; rename them with `codes` in the agreement, or mend the records"
                )
            }
        }
        if let contributors, contributors.missingRows > 0 {
            throw TabulationError(
                .valueMissing,
                "\(Self.rows(contributors.missingRows, contributors.firstMissingLine)) without \(plan.tabulation.contributor ?? ""), by which contributors are told apart"
            )
        }
        try refuseValues(valueFaults.firstLine)
    }

    private func refuseValues(_ line: UInt64) throws(TabulationError) {
        if valueFaults.missing > 0 {
            throw TabulationError(.valueMissing, "\(Self.rows(valueFaults.missing, line)) without the value or weight that is added up")
        }
        if valueFaults.malformed > 0 {
            throw TabulationError(.valueMalformed, "\(Self.rows(valueFaults.malformed, line)) with a value or weight that is no decimal number")
        }
        if valueFaults.negative > 0 {
            throw TabulationError(
                .valueNegative,
                "\(Self.rows(valueFaults.negative, line)) with a negative value; the agreed rules compare the largest contributions, which have to be positive")
        }
    }

    /// A code that some records have and that is the total of another one's would be more than its parts.
    private func refuseMixedLevels() throws(TabulationError) {
        let counts = cube.recordsByCode()
        for (position, dimension) in cube.dimensions.enumerated() {
            var totals: Set<UInt32> = []
            for (number, records) in counts[position].enumerated() where records > 0 { totals.formUnion(dimension.above[number] ?? []) }
            let mixed = totals.filter { counts[position][Int($0)] > 0 }
            guard !mixed.isEmpty else { continue }
            let records = mixed.reduce(0) { $0 + counts[position][Int($1)] }
            throw TabulationError(
                .notAdditive,
                "\(records) record\(records == 1 ? "" : "s") with the \(dimension.id) \(TermJudge.named(mixed.map { dimension.codes[Int($0)] })), of which other records have a part: the parts would not add up. Rename the code with `codes` to one for what is not known in detail, or mend the records"
            )
        }
    }
}
