import CLibxml2
import SluiceKit

/// Generic data: every value is a `Value` element with an `id` and a `value`.
extension SDMXMLDataReader {
    /// Adds rows until the batch is full or the dataset ends.
    func readGeneric(_ assembler: DatasetAssembler, into batch: Batch) throws(ReadError) {
        let xml = self.xml
        var parts = self.parts
        defer { self.parts = parts }
        var roles = self.roles
        while true {
            var position = xml.position + 1
            if position >= xml.eventCount {
                guard try xml.refill() else { return }
                position = 0
                roles = self.roles
            }
            let event = xml.events[position]
            if event.kind == UInt32(SLUICE_XML_START) {
                if parts.skipping > 0 {
                    parts.skipping += 1
                } else {
                    let role = roles[Int(event.name)]
                    if role == .observation, batch.isFull {
                        xml.position = position - 1
                        return
                    }
                    xml.position = position
                    try beginPart(role, event, assembler, batch, &parts)
                }
                parts.depth += 1
            } else if event.kind == UInt32(SLUICE_XML_END) {
                if parts.skipping > 0 {
                    parts.skipping -= 1
                } else {
                    let role = roles[Int(event.name)]
                    if role == .series, parts.isInSeries, !parts.seriesHasObservations, !assembler.series.isEmpty, batch.isFull {
                        xml.position = position - 1
                        return
                    }
                    try endPart(role, assembler, batch, &parts)
                }
                parts.depth -= 1
                if parts.depth < 0 {
                    xml.position = position
                    parts.isDatasetEnded = true
                    xml.leaveElement()
                    return
                }
            }
            xml.position = position
        }
    }

    private func beginPart(
        _ role: ElementRole, _ event: sluice_xml_event, _ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState
    ) throws(ReadError) {
        switch role {
        case .value: try readValue(event, assembler, batch, &parts)
        case .observation:
            sealIfNeeded(assembler, &parts)
            reportSeriesUnknowns(assembler, &parts)
            parts.row = try assembler.beginRow(batch, line: event.line)
        case .observationDimension: try readObservationPart(event, parts.observationColumn, assembler, batch, &parts)
        case .observationValue: try readObservationPart(event, parts.measureColumn, assembler, batch, &parts)
        case .attributes: parts.holder = parts.group != nil ? .group : parts.row >= 0 ? .observation : parts.isInSeries ? .series : .dataset
        case .seriesKey: parts.holder = .seriesKey
        case .observationKey: parts.holder = .observation
        case .groupKey: parts.holder = .groupKey
        case .series:
            parts.isInSeries = true
            parts.isSeriesSealed = false
            parts.seriesHasObservations = false
            parts.seriesLine = event.line
            parts.hasSeenData = true
            assembler.beginSeries()
        case .group:
            parts.group = GroupIndex.Group(id: xml.attribute("type") ?? "", line: Int(event.line), key: ValueStore(), attributes: ValueStore())
        default: parts.skipping = 1
        }
    }

    private func endPart(_ role: ElementRole, _ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState) throws(ReadError) {
        switch role {
        case .observation:
            if parts.row >= 0 {
                try assembler.endRow(batch, parts.row)
                for unknown in parts.unknowns { assembler.reportUnknown(unknown.id, unknown.text, line: unknown.line, in: .observation(batch, parts.row)) }
                parts.unknowns.removeAll()
                parts.row = -1
            }
        case .attributes, .seriesKey, .observationKey, .groupKey:
            if parts.holder == .dataset {
                for unknown in parts.unknowns { assembler.reportUnknown(unknown.id, unknown.text, line: unknown.line, in: .dataset) }
                parts.unknowns.removeAll()
            }
            parts.holder = .none
        case .series:
            reportSeriesUnknowns(assembler, &parts)
            if !parts.seriesHasObservations, !assembler.series.isEmpty { try addSeriesAlone(assembler, batch, &parts) }
            parts.isInSeries = false
            parts.isSeriesSealed = false
        case .group:
            if let group = parts.group {
                for unknown in parts.unknowns { assembler.reportUnknown(unknown.id, unknown.text, line: unknown.line, in: .group(group.id)) }
                parts.unknowns.removeAll()
                if parts.hasSeenData { reportLateGroup(group) }
                try assembler.groups.add(group)
                parts.group = nil
            }
        default: break
        }
    }

    private func reportSeriesUnknowns(_ assembler: DatasetAssembler, _ parts: inout PartState) {
        guard !parts.unknowns.isEmpty else { return }
        for unknown in parts.unknowns { assembler.reportUnknown(unknown.id, unknown.text, line: unknown.line, in: .series) }
        parts.unknowns.removeAll()
    }

    /// The `id` and `value` of the element under the cursor.
    private func idAndValue(_ event: sluice_xml_event) -> (id: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?) {
        var id: UnsafeRawBufferPointer?
        var value: UnsafeRawBufferPointer?
        let attributes = xml.attributes + Int(event.first)
        for index in 0..<Int(event.count) {
            let attribute = attributes[index]
            if attribute.name == idName {
                id = xml.slice(attribute.first, attribute.count)
            } else if attribute.name == valueName {
                value = xml.slice(attribute.first, attribute.count)
            }
        }
        return (id, value)
    }

    private func readObservationPart(
        _ event: sluice_xml_event, _ implied: Int?, _ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState
    ) throws(ReadError) {
        let (id, value) = idAndValue(event)
        guard let value, parts.row >= 0 else { return }
        if let column = implied ?? id.flatMap({ lookup?.column($0) }) {
            try batch.set(column, parts.row, value)
        } else {
            try noteUnknown(id.map { String(decoding: $0, as: UTF8.self) } ?? xml.name.local, value, event.line, &parts)
        }
    }

    private func readValue(_ event: sluice_xml_event, _ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState) throws(ReadError) {
        let (id, value) = idAndValue(event)
        guard let id, let value else { return }
        guard let column = lookup?.column(id) else { return try noteUnknown(String(decoding: id, as: UTF8.self), value, event.line, &parts) }
        switch parts.holder {
        case .observation: if parts.row >= 0 { try batch.set(column, parts.row, value) }
        case .seriesKey, .series: assembler.series.set(column, value)
        case .dataset: assembler.dataset.set(column, value)
        case .groupKey: parts.group?.key.set(column, value)
        case .group: parts.group?.attributes.set(column, value)
        case .none: break
        }
    }

    private func noteUnknown(_ id: String, _ value: UnsafeRawBufferPointer, _ line: UInt32, _ parts: inout PartState) throws(ReadError) {
        guard parts.unknowns.count < context.limits.columnsMax else {
            throw ReadError(
                .limitExceeded, line: Int(line),
                detail: "one series or observation has more than \(context.limits.columnsMax) values for components that do not exist (columnsMax)")
        }
        parts.unknowns.append((id, String(decoding: value.prefix(Finding.textBytesMax), as: UTF8.self), line))
    }
}
