import CLibxml2
import SluiceKit

extension FindingCode {
    /// A group's key agrees with no observation of its dataset.
    static let groupUnmatched = FindingCode(rawValue: "group.unmatched")
    /// A group stands after observations to which it may belong.
    static let groupLate = FindingCode(rawValue: "group.late")
    /// A group without key: it belongs to the keys of an attachment constraint.
    static let groupKeyless = FindingCode(rawValue: "group.keyless")
}

/// What both spellings of SDMX-ML data share: series, groups and the end of a dataset.
///
/// What belongs to part of a key and cannot be given to observations, since they are absent or have gone by, becomes a row of its own in which
/// the other dimensions and the measures are absent.
extension SDMXMLDataReader {
    // MARK: Series

    func beginSeries(_ event: sluice_xml_event, _ assembler: DatasetAssembler, _ parts: inout PartState) {
        if let group = parts.group {
            // SDMX-ML 2.0 lets series stand inside the group to which they belong.
            var all = group.attributes
            all.setIfAbsent(all: group.key)
            parts.enclosing = all
            parts.group = nil
        }
        parts.isInSeries = true
        parts.isSeriesSealed = false
        parts.seriesHasObservations = false
        parts.seriesLine = event.line
        parts.hasSeenData = true
        parts.row = -1
        parts.rowDepth = -1
        assembler.beginSeries()
    }

    /// Before the first observation: all that its series (or, where it stands alone, its dataset) says has been read.
    func seal(_ assembler: DatasetAssembler, _ parts: inout PartState) {
        parts.seriesHasObservations = true
        parts.hasSeenData = true
        if !parts.isInSeries { assembler.beginSeries() }
        assembler.sealSeries(enclosing: parts.enclosing)
        assembler.matchesGroupsByRow = !parts.isInSeries || parts.observationColumn.map { assembler.groups.names($0) } ?? true
        parts.isSeriesSealed = true
    }

    /// Whether the series' end gives a row.
    func needsRow(_ assembler: DatasetAssembler, _ parts: PartState) -> Bool {
        if parts.seriesHasObservations { return !parts.trailing.isEmpty }
        // A series without key and attributes says nothing, unless it is to be deleted: then all is.
        return !assembler.series.isEmpty || parts.isDelete
    }

    /// A series without observations still says something of itself (its attributes, or that it is to be deleted), and so do metadata that stand
    /// after its observations.
    func endSeries(_ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState) throws(ReadError) {
        if needsRow(assembler, parts), !parts.seriesHasObservations {
            assembler.sealSeries(enclosing: parts.enclosing)
            _ = try assembler.beginRow(batch, line: parts.seriesLine)
        } else if !parts.trailing.isEmpty {
            try assembler.addRow([assembler.seriesKey, parts.trailing, assembler.dataset], batch, line: parts.seriesLine)
        }
        parts.trailing.removeAll()
        parts.isInSeries = false
        parts.isSeriesSealed = false
        parts.row = -1
        parts.rowDepth = -1
    }

    // MARK: Groups

    /// Takes the group that has just been read, or leaves the one around series.
    func endGroup(_ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState) throws(ReadError) {
        parts.enclosing = nil
        guard let group = parts.group else { return }
        parts.group = nil
        if group.key.isEmpty {
            try takeKeyless(group, assembler, batch, &parts)
        } else if parts.hasSeenData {
            if version == .v2_1 { reportLateGroup(group) }
            try assembler.addRow([group.key, group.attributes, assembler.dataset], batch, line: UInt32(clamping: group.line))
            parts.isSeriesSealed = false
        } else {
            try assembler.groups.add(group)
        }
    }

    /// `Atts` of 3.x without a dimension hold attributes of the dataset; a `Group` without key belongs to the keys of an attachment constraint.
    private func takeKeyless(_ group: GroupIndex.Group, _ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState) throws(ReadError) {
        guard group.id.isEmpty || version >= .v3_0 else {
            context.findings.add(
                Finding(
                    .groupKeyless, severity: .warning, at: Position(line: group.line), component: group.id,
                    message: "The group \(group.id) has no key, so it belongs to the keys of an attachment constraint; its attributes are not kept.",
                    advice: "Give the group's dimensions, or its attributes with the series."))
            return
        }
        for value in group.attributes.values { group.attributes.withBytes(of: value) { assembler.dataset.set(value.column, $0) } }
        guard parts.hasSeenData, !group.attributes.isEmpty else { return }
        try assembler.addRow([assembler.dataset], batch, line: UInt32(clamping: group.line))
        parts.isSeriesSealed = false
    }

    private func reportLateGroup(_ group: GroupIndex.Group) {
        context.findings.add(
            Finding(
                .groupLate, severity: .warning, at: Position(line: group.line), component: group.id,
                message: "The group \(group.id) stands after observations; its attributes were kept with its key alone and not given to observations.",
                advice: "Put the groups before the series and observations, as SDMX-ML 2.1 requires."))
    }

    // MARK: The dataset's end

    /// Groups that no observation took, and the attributes of a dataset that has no rows, become rows.
    func settleGroups(_ assembler: DatasetAssembler) {
        parts.leftovers = assembler.groups.groups.indices.filter { !assembler.groups.groups[$0].isMatched }
        if assembler.rowCount == 0 {
            if parts.leftovers.isEmpty, !assembler.dataset.isEmpty { parts.datasetLeftover = assembler.dataset }
            return
        }
        for index in parts.leftovers {
            let group = assembler.groups.groups[index]
            let key = group.key.values.sorted { $0.column < $1.column }.map {
                "\(assembler.schema.components[$0.column].id)=\(group.key.string($0.column) ?? "")"
            }
            context.findings.add(
                Finding(
                    .groupUnmatched, severity: .note, at: Position(line: group.line), component: group.id, offendingText: key.joined(separator: " "),
                    message: "The group \(group.id) fits no observation of the dataset; its attributes are kept with its key alone.",
                    advice: "Correct the group's key if it was meant for observations of this dataset."))
        }
    }

    func writeLeftovers(_ assembler: DatasetAssembler, into batch: Batch) throws(ReadError) {
        assembler.matchesGroupsByRow = false
        while parts.nextLeftover < parts.leftovers.count, !batch.isFull {
            let group = assembler.groups.groups[parts.leftovers[parts.nextLeftover]]
            parts.nextLeftover += 1
            try assembler.addRow([group.key, group.attributes, assembler.dataset], batch, line: UInt32(clamping: group.line))
        }
        if let values = parts.datasetLeftover, !batch.isFull {
            parts.datasetLeftover = nil
            try assembler.addRow([values], batch, line: parts.datasetLine)
        }
    }
}
