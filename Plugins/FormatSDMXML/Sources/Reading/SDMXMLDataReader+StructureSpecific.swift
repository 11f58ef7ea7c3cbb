import CLibxml2
import SluiceKit

/// Structure-specific (2.0: compact) data: dimensions, measures and attributes are XML attributes of `Series`, `Obs`, `Group` and the dataset.
extension SDMXMLDataReader {
    /// Adds rows until the batch is full or the dataset ends.
    func readStructureSpecific(_ assembler: DatasetAssembler, into batch: Batch) throws(ReadError) {
        let xml = self.xml
        var parts = self.parts
        defer { self.parts = parts }
        var roles = self.roles
        var columns = self.columns
        while true {
            var position = xml.position + 1
            if position >= xml.eventCount {
                guard try xml.refill() else { return }
                position = 0
                roles = self.roles
                columns = self.columns
            }
            let event = xml.events[position]
            if event.kind == XMLEvents.empty || event.kind == XMLEvents.start {
                if parts.skipping == 0 {
                    let role = roles[Int(event.name)]
                    if role == .observation {
                        if batch.isFull { return stop(before: position, &parts) }
                        xml.position = position
                        try readObservation(event, assembler, batch, columns, &parts)
                        if event.kind == XMLEvents.empty { continue }
                    } else {
                        // A group or metadata of the dataset may give a row of their own, and so does a series without content.
                        if batch.isFull, parts.depth == 0, role != .series || event.kind == XMLEvents.empty { return stop(before: position, &parts) }
                        xml.position = position
                        if try beginPart(role, event, assembler, batch, columns, &parts) {
                            // It has been read to its end, and may have brought new names.
                            roles = self.roles
                            columns = self.columns
                            continue
                        }
                        if event.kind == XMLEvents.empty {
                            parts.depth += 1
                            try endPart(role, assembler, batch, &parts)
                            continue
                        }
                    }
                } else if event.kind == XMLEvents.start {
                    parts.skipping += 1
                } else {
                    xml.position = position
                    continue
                }
                parts.depth += 1
            } else if event.kind == XMLEvents.end {
                if parts.depth == 0 {
                    xml.position = position
                    parts.isDatasetEnded = true
                    xml.leaveElement()
                    return
                }
                let role = roles[Int(event.name)]
                if role == .series, parts.skipping == 0, parts.isInSeries, batch.isFull, needsRow(assembler, parts) { return stop(before: position, &parts) }
                xml.position = position
                try endPart(role, assembler, batch, &parts)
            }
            xml.position = position
        }
    }

    /// Leaves an element of the dataset.
    @inline(__always)
    private func endPart(_ role: ElementRole, _ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState) throws(ReadError) {
        parts.depth -= 1
        if parts.skipping > 0 {
            parts.skipping -= 1
        } else if role == .series {
            if parts.isInSeries { try endSeries(assembler, batch, &parts) }
        } else if parts.depth == 0, role != .observation {
            try endGroup(assembler, batch, &parts)
        }
    }

    /// Leaves the loop with the event at `position` unread.
    func stop(before position: Int, _ parts: inout PartState) {
        xml.position = position - 1
        parts.row = -1
        parts.rowDepth = -1
    }

    /// Begins what is no observation; true when it has been read to its end.
    private func beginPart(
        _ role: ElementRole, _ event: sluice_xml_event, _ assembler: DatasetAssembler, _ batch: Batch, _ columns: [Int32], _ parts: inout PartState
    ) throws(ReadError) -> Bool {
        switch role {
        case .series:
            beginSeries(event, assembler, &parts)
            readSeries(event, assembler, columns)
        case .group where parts.depth == 0, .partialKey where parts.depth == 0:
            parts.group = readGroup(event, assembler, columns, id: "")
        case .component:
            try readComponent(event, assembler, batch, &parts)
            return true
        case .metadata:
            try readMetadata(assembler, batch, &parts)
            return true
        case .other where version < .v2_1 && parts.depth == 0:
            // Compact data name a group's element like the group (SDMX 2.0, Implementor's Guide, "Compact").
            parts.group = readGroup(event, assembler, columns, id: xml.names[Int(event.name)].local)
        default: parts.skipping = 1
        }
        return false
    }

    private func readSeries(_ event: sluice_xml_event, _ assembler: DatasetAssembler, _ columns: [Int32]) {
        let attributes = xml.attributes + Int(event.first)
        var hasUnknowns = false
        for index in 0..<Int(event.count) {
            let attribute = attributes[index]
            let column = columns[Int(attribute.name)]
            if column >= 0 {
                assembler.series.set(Int(column), xml.slice(attribute.first, attribute.count))
            } else if column == PartState.unknown {
                hasUnknowns = true
            }
        }
        if hasUnknowns { reportUnknowns(event, columns, assembler, in: .series) }
    }

    @inline(__always)
    private func readObservation(
        _ event: sluice_xml_event, _ assembler: DatasetAssembler, _ batch: Batch, _ columns: [Int32], _ parts: inout PartState
    ) throws(ReadError) {
        if !parts.isSeriesSealed { seal(assembler, &parts) }
        let row = try assembler.beginRow(batch, line: event.line)
        parts.row = row
        parts.rowDepth = parts.depth
        let attributes = xml.attributes + Int(event.first)
        let bytes = xml.bytes
        var hasUnknowns = false
        for index in 0..<Int(event.count) {
            let attribute = attributes[index]
            let column = columns[Int(attribute.name)]
            if column >= 0 {
                try assembler.set(Int(column), row, UnsafeRawBufferPointer(start: bytes + Int(attribute.first), count: Int(attribute.count)), batch)
            } else if column == PartState.unknown {
                hasUnknowns = true
            }
        }
        if parts.hasExplicitMeasures, let column = parts.observationColumn, assembler.isAbsent(column, row, batch) {
            try setExplicitMeasure(event, column, assembler, batch, row)
        }
        try assembler.endRow(batch, row)
        if hasUnknowns { reportUnknowns(event, columns, assembler, in: .observation(batch, row)) }
    }

    /// With explicit measures the observation's type names its measure (SDMX 2.1, section 3A, `ObsType`).
    private func setExplicitMeasure(
        _ event: sluice_xml_event, _ column: Int, _ assembler: DatasetAssembler, _ batch: Batch, _ row: Int
    ) throws(ReadError) {
        for index in Int(event.first)..<Int(event.first) + Int(event.count) {
            let attribute = xml.attributes[index]
            let name = xml.names[Int(attribute.name)]
            guard name.local == "type", name.namespace == .schemaInstance || name.namespace == .none else { continue }
            let value = xml.slice(attribute.first, attribute.count)
            let local = value.lastIndex(of: UInt8(ascii: ":")).map { UnsafeRawBufferPointer(rebasing: value[($0 + 1)...]) } ?? value
            try assembler.set(column, row, local, batch)
            if name.namespace == .none { return }
        }
    }

    private func readGroup(_ event: sluice_xml_event, _ assembler: DatasetAssembler, _ columns: [Int32], id: String) -> GroupIndex.Group {
        var group = GroupIndex.Group(id: id, line: Int(event.line), key: ValueStore(), attributes: ValueStore())
        var hasUnknowns = false
        for index in Int(event.first)..<Int(event.first) + Int(event.count) {
            let attribute = xml.attributes[index]
            let column = columns[Int(attribute.name)]
            if column >= 0 {
                let value = xml.slice(attribute.first, attribute.count)
                if assembler.schema.dimensions.contains(Int(column)) { group.key.set(Int(column), value) } else { group.attributes.set(Int(column), value) }
            } else if column == PartState.unknown {
                hasUnknowns = true
            } else if xml.names[Int(attribute.name)].local == "type" {
                let type = xml.string(attribute.first, attribute.count)
                group.id = type.split(separator: ":").last.map(String.init) ?? type
            }
        }
        if hasUnknowns { reportUnknowns(event, columns, assembler, in: .group(group.id)) }
        return group
    }

    private func reportUnknowns(_ event: sluice_xml_event, _ columns: [Int32], _ assembler: DatasetAssembler, in place: DatasetAssembler.Place) {
        for index in Int(event.first)..<Int(event.first) + Int(event.count) {
            let attribute = xml.attributes[index]
            guard columns[Int(attribute.name)] == PartState.unknown else { continue }
            assembler.reportUnknown(xml.names[Int(attribute.name)].local, xml.string(attribute.first, attribute.count), line: event.line, in: place)
        }
    }
}
