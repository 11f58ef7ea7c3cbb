import SluiceKit

extension FindingCode {
    /// A group's key agrees with no observation, so its attributes apply to nothing.
    static let groupUnmatched = FindingCode(rawValue: "group.unmatched")
    /// A group stands after observations to which it belongs.
    static let groupLate = FindingCode(rawValue: "group.late")
}

/// What both spellings of SDMX-ML data share: series, groups and the end of a dataset.
extension SDMXMLDataReader {
    /// Before an observation: all that its series (or, where it stands alone, its dataset) says has been read.
    func sealIfNeeded(_ assembler: DatasetAssembler, _ parts: inout PartState) {
        parts.seriesHasObservations = true
        parts.hasSeenData = true
        guard !parts.isSeriesSealed else { return }
        if !parts.isInSeries { assembler.beginSeries() }
        assembler.sealSeries()
        assembler.matchesGroupsByRow = !parts.isInSeries || parts.observationColumn.map { assembler.groups.names($0) } ?? true
        parts.isSeriesSealed = true
    }

    /// A series without observations still says something of itself (its attributes, or that it is to be deleted): it becomes a row
    /// in which the observation's own dimension and the measures are absent.
    func addSeriesAlone(_ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState) throws(ReadError) {
        assembler.sealSeries()
        parts.isSeriesSealed = true
        _ = try assembler.beginRow(batch, line: parts.seriesLine)
    }

    func reportLateGroup(_ group: GroupIndex.Group) {
        context.findings.add(
            Finding(
                .groupLate, severity: .warning, at: Position(line: group.line), component: group.id,
                message: "The group \(group.id) stands after observations; its attributes were given only to those that follow it.",
                advice: "Put the groups before the series and observations, as SDMX-ML requires."))
    }

    /// At the dataset's end: groups that no observation took are reported, or become rows where the dataset consists of nothing else.
    func settleGroups(_ assembler: DatasetAssembler) {
        let unmatched = assembler.groups.groups.indices.filter { !assembler.groups.groups[$0].isMatched }
        if assembler.rowCount == 0 {
            parts.leftovers = unmatched
            parts.hasOnlyDatasetAttributes = unmatched.isEmpty && !assembler.dataset.isEmpty
            return
        }
        for index in unmatched {
            let group = assembler.groups.groups[index]
            let key = group.key.values.sorted { $0.column < $1.column }.map {
                "\(assembler.schema.components[$0.column].id)=\(group.key.string($0.column) ?? "")"
            }
            context.findings.add(
                Finding(
                    .groupUnmatched, severity: .warning, at: Position(line: group.line), component: group.id, offendingText: key.joined(separator: " "),
                    message: "The group \(group.id) fits no observation of the dataset, so its attributes are not kept.",
                    advice: "Correct the group's key, or leave the group out."))
        }
    }

    /// A dataset of groups (or of nothing but its own attributes) updates attributes: each group becomes a row with the part of the key it has.
    func writeLeftovers(_ assembler: DatasetAssembler, into batch: Batch) throws(ReadError) {
        assembler.matchesGroupsByRow = false
        while parts.nextLeftover < parts.leftovers.count, !batch.isFull {
            let group = assembler.groups.groups[parts.leftovers[parts.nextLeftover]]
            parts.nextLeftover += 1
            assembler.beginSeries()
            for store in [group.key, group.attributes, assembler.dataset] {
                for value in store.values { assembler.series.setIfAbsent(value, of: store) }
            }
            _ = try assembler.beginRow(batch, line: UInt32(clamping: group.line))
        }
        if parts.hasOnlyDatasetAttributes, !batch.isFull {
            parts.hasOnlyDatasetAttributes = false
            assembler.beginSeries()
            assembler.sealSeries()
            _ = try assembler.beginRow(batch, line: 0)
        }
    }
}
