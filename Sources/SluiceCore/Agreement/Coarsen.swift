package import SluiceKit

/// The step that brings a table to the agreed depth: sums narrower codes to broader ones, leaves out what is not granted, drops attributes.
///
/// Sums are exact decimals of the values' own text. A broader code's own observation is kept as it is where the code list says that it
/// contains the narrower ones; it is never added to them.
package enum Coarsen {
    /// - Parameter protection: names the components that speak of contributors; they are read before they are summed or dropped.
    package static func run(_ table: Table, _ cube: CubeObligations, protection: ProtectionObligations? = nil) throws(CoarsenError) -> (
        table: Table, report: CoarsenReport
    ) {
        if table.contributions != nil, isFit(table, cube) { return (table, CoarsenReport(unchanged: table.batch.rowCount, cube)) }
        var grouping = try CellGrouping(table.batch)
        for column in table.batch.schema.dimensions {
            let id = table.batch.schema.components[column].id
            if let map = cube.coarsening[id] { try grouping.coarsen(column, map) }
        }
        try grouping.leaveOut(cube)
        let groups = grouping.groups
        let speaking = Set([protection?.frequencyComponent, protection?.cellKey?.component].compactMap(\.self) + (protection?.largestComponents ?? []))
        let needsContributions = table.contributions != nil || !speaking.isDisjoint(with: cube.dropped) || groups.contains { $0.rows.count > 1 }
        let contributions = needsContributions ? try CoarsenedContributions(table, protection) : nil
        let writer = SummedTable(table, groups, dropped: cube.dropped, isSummed: !cube.coarsening.isEmpty, contributions: contributions)
        var result = try writer.write()
        result.contributions = contributions?.merged(groups)
        if let most = cube.observationsMax, result.batch.rowCount > most {
            throw CoarsenError(.observationsTooMany, detail: TermJudge.tooMany(result.batch.rowCount, most))
        }
        var report = grouping.report
        report.observationsAfter = result.batch.rowCount
        report.summed = groups.reduce(0) { $0 + ($1.rows.count > 1 ? $1.rows.count : 0) }
        report.droppedAttributes = cube.dropped.sorted()
        return (result, report)
    }

    /// Whether a table that was made here, of distinct keys, is at the agreed depth already: nothing to sum, to leave out or to drop.
    private static func isFit(_ table: Table, _ cube: CubeObligations) -> Bool {
        let batch = table.batch
        // Single observations are looked at one by one, and so is their number.
        guard cube.forbidden.isEmpty, cube.endedBy == nil, cube.observationsMax == nil else { return false }
        for column in batch.schema.dimensions {
            let id = batch.schema.components[column].id
            let (map, granted) = (cube.coarsening[id] ?? [:], cube.granted[id])
            for code in 0..<UInt32(batch.dictionary(column).count) {
                let text = batch.dictionary(column).string(code)
                guard map[text] ?? text == text, granted?.contains(text) ?? true else { return false }
            }
        }
        return cube.dropped.compactMap(batch.schema.index(of:)).allSatisfy { column in (0..<batch.rowCount).allSatisfy { batch.isAbsent(column, $0) } }
    }
}

/// Observations that become one, under the key they will have.
struct CellGroup: Hashable {
    var key: [String?]
    /// Rows of the source.
    var rows: [Int]
}

/// Finds which observations become one.
struct CellGrouping {
    var groups: [CellGroup] = []
    var report = CoarsenReport()
    let batch: Batch

    init(_ batch: Batch) throws(CoarsenError) {
        self.batch = batch
        groups.reserveCapacity(batch.rowCount)
        for row in 0..<batch.rowCount { groups.append(CellGroup(key: batch.schema.dimensions.map { batch.string($0, row) }, rows: [row])) }
        report.observationsBefore = batch.rowCount
        var seen: Set<[String?]> = []
        for group in groups where !seen.insert(group.key).inserted {
            throw CoarsenError(.keyDuplicate, detail: "two observations have the key \(Self.name(group.key)); remove one")
        }
    }

    static func name(_ key: [String?]) -> String { key.map { $0 ?? "" }.joined(separator: ".") }

    mutating func coarsen(_ column: Int, _ map: [String: String]) throws(CoarsenError) {
        let component = batch.schema.components[column]
        let levels = component.codelist.flatMap(CodeLevels.init)
        // Everything that ends at one key, in the order of the table.
        var members: [[String?]: [Int]] = [:]
        var order: [[String?]] = []
        for (index, group) in groups.enumerated() {
            var key = group.key
            if let code = key[column], let broader = map[code] { key[column] = broader }
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(index)
        }
        var result: [CellGroup] = []
        result.reserveCapacity(order.count)
        for key in order {
            let indices = members[key] ?? []
            guard indices.count > 1, let target = key[column] else {
                result.append(CellGroup(key: key, rows: indices.flatMap { groups[$0].rows }))
                continue
            }
            let own = indices.first { groups[$0].key[column] == target }
            let narrower = indices.filter { $0 != own }
            if let own, map[target] == nil {
                let isContained = narrower.allSatisfy { index in groups[index].key[column].map { levels?.isAncestor(target, of: $0) ?? false } ?? false }
                guard isContained else {
                    throw CoarsenError(
                        .ambiguous,
                        detail:
                            "\(Self.name(key)) is in the data, and \(component.id) is to be summed to \(target) as well: whether the former contains the latter cannot be told. Make \(target) their parent in the code list, or name it among its own parts in the agreement"
                    )
                }
                report.superseded += narrower.reduce(0) { $0 + groups[$1].rows.count }
                result.append(groups[own])
                continue
            }
            // A code whose ancestor is summed too is in that ancestor already.
            let codes = Set(indices.compactMap { groups[$0].key[column] })
            let topmost = indices.filter { index in
                groups[index].key[column].map { code in !codes.contains { levels?.isAncestor($0, of: code) ?? false } } ?? true
            }
            report.superseded += indices.filter { !topmost.contains($0) }.reduce(0) { $0 + groups[$1].rows.count }
            result.append(CellGroup(key: key, rows: topmost.flatMap { groups[$0].rows }))
        }
        groups = result
    }
}
