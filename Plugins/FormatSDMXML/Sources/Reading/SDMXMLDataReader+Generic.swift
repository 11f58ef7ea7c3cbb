import CLibxml2
import SluiceKit

/// Generic data: every value is a `Value` element with an `id` (2.0: `concept`) and a `value`.
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
            if event.kind == XMLEvents.empty || event.kind == XMLEvents.start {
                let isEmpty = event.kind == XMLEvents.empty
                if parts.skipping == 0 {
                    let role = roles[Int(event.name)]
                    xml.position = position
                    switch role {
                    case .value:
                        try readValue(event, assembler, batch, &parts)
                        if isEmpty { continue }
                    case .observationDimension:
                        try readObservationPart(event, parts.observationColumn, assembler, batch, &parts)
                        if isEmpty { continue }
                    case .observationValue:
                        try readObservationPart(event, parts.measureColumn, assembler, batch, &parts)
                        if isEmpty { continue }
                    default:
                        if batch.isFull, role == .observation || role == .group || role == .series && isEmpty { return stop(before: position, &parts) }
                        try beginPart(role, event, assembler, batch, &parts)
                        if isEmpty {
                            parts.depth += 1
                            try endPart(role, assembler, batch, &parts)
                            continue
                        }
                    }
                } else if !isEmpty {
                    parts.skipping += 1
                }
                if !isEmpty { parts.depth += 1 }
            } else if event.kind == XMLEvents.end {
                if parts.depth == 0 {
                    xml.position = position
                    parts.isDatasetEnded = true
                    xml.leaveElement()
                    return
                }
                let role = roles[Int(event.name)]
                if role == .series, parts.skipping == 0, parts.isInSeries, batch.isFull, needsRow(assembler, parts) { return stop(before: position, &parts) }
                try endPart(role, assembler, batch, &parts)
            } else if parts.row >= 0, parts.holder == .time {
                try readTime(xml.slice(event.first, event.count), event, assembler, batch, &parts)
            }
            xml.position = position
        }
    }

    private func beginPart(
        _ role: ElementRole, _ event: sluice_xml_event, _ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState
    ) throws(ReadError) {
        switch role {
        case .observation:
            if !parts.isSeriesSealed { seal(assembler, &parts) }
            if !parts.unknowns.isEmpty { reportSeriesUnknowns(assembler, &parts) }
            parts.row = try assembler.beginRow(batch, line: event.line)
        case .attributes: parts.holder = parts.group != nil ? .group : parts.row >= 0 ? .observation : parts.isInSeries ? .series : .dataset
        case .seriesKey: parts.holder = .seriesKey
        case .observationKey: parts.holder = .observation
        case .groupKey: parts.holder = .groupKey
        case .time: parts.holder = .time
        case .series: beginSeries(event, assembler, &parts)
        case .group where parts.depth == 0:
            parts.group = GroupIndex.Group(id: xml.attribute("type") ?? "", line: Int(event.line), key: ValueStore(), attributes: ValueStore())
        default: parts.skipping = 1
        }
    }

    private func endPart(_ role: ElementRole, _ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState) throws(ReadError) {
        parts.depth -= 1
        if parts.skipping > 0 {
            parts.skipping -= 1
            return
        }
        switch role {
        case .value, .observationDimension, .observationValue: break
        case .observation:
            guard parts.row >= 0 else { return }
            try assembler.endRow(batch, parts.row)
            for unknown in parts.unknowns { assembler.reportUnknown(unknown.id, unknown.text, line: unknown.line, in: .observation(batch, parts.row)) }
            if !parts.unknowns.isEmpty { parts.unknowns.removeAll() }
            parts.row = -1
        case .attributes, .seriesKey, .observationKey, .groupKey, .time:
            if parts.holder == .dataset { report(.dataset, assembler, &parts) }
            parts.holder = .none
        case .series where parts.isInSeries:
            reportSeriesUnknowns(assembler, &parts)
            try endSeries(assembler, batch, &parts)
        case .group where parts.depth == 0:
            if let group = parts.group { report(.group(group.id), assembler, &parts) }
            try endGroup(assembler, batch, &parts)
        default: break
        }
    }

    private func report(_ place: DatasetAssembler.Place, _ assembler: DatasetAssembler, _ parts: inout PartState) {
        for unknown in parts.unknowns { assembler.reportUnknown(unknown.id, unknown.text, line: unknown.line, in: place) }
        parts.unknowns.removeAll()
    }

    private func reportSeriesUnknowns(_ assembler: DatasetAssembler, _ parts: inout PartState) {
        if !parts.unknowns.isEmpty { report(.series, assembler, &parts) }
    }

    /// The `id` and `value` of the element under the cursor.
    @inline(__always)
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
            try assembler.set(column, parts.row, value, batch)
        } else {
            try noteUnknown(id.map { String(decoding: $0, as: UTF8.self) } ?? xml.name.local, value, event.line, &parts)
        }
    }

    /// The time of an observation of 2.0, without the blanks that may stand around it (`xs:whiteSpace`).
    private func readTime(
        _ text: UnsafeRawBufferPointer, _ event: sluice_xml_event, _ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState
    ) throws(ReadError) {
        guard let first = text.firstIndex(where: { $0 > 0x20 }), let last = text.lastIndex(where: { $0 > 0x20 }) else { return }
        let value = UnsafeRawBufferPointer(rebasing: text[first...last])
        if let column = assembler.schema.timeDimension ?? parts.observationColumn {
            try assembler.set(column, parts.row, value, batch)
        } else {
            try noteUnknown("Time", value, event.line, &parts)
        }
    }

    private func readValue(_ event: sluice_xml_event, _ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState) throws(ReadError) {
        let (id, value) = idAndValue(event)
        guard let id, let value else { return }
        guard let column = lookup?.column(id) else { return try noteUnknown(String(decoding: id, as: UTF8.self), value, event.line, &parts) }
        switch parts.holder {
        case .observation: if parts.row >= 0 { try assembler.set(column, parts.row, value, batch) }
        case .seriesKey, .series: assembler.series.set(column, value)
        case .dataset: assembler.dataset.set(column, value)
        case .groupKey: parts.group?.key.set(column, value)
        case .group: parts.group?.attributes.set(column, value)
        case .none, .time: break
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
