import CLibxml2
import SluiceKit

/// Structure-specific data: dimensions, measures and attributes are XML attributes of `Series`, `Obs`, `Group` and the dataset.
extension SDMXMLDataReader {
    /// XML attributes of a dataset that are about the message and not about the data; they should be qualified, but often are not.
    private static let setAttributes: Set<String> = [
        "structureRef", "setID", "action", "reportingBeginDate", "reportingEndDate", "validFromDate", "validToDate", "publicationYear", "publicationPeriod",
        "dataScope",
    ]

    /// Reads the attributes of the dataset's own element, which is under the cursor.
    func readDatasetAttributes(_ assembler: DatasetAssembler) {
        let event = xml.event
        for index in Int(event.first)..<Int(event.first) + Int(event.count) {
            let attribute = xml.attributes[index]
            let column = columns[Int(attribute.name)]
            if column >= 0 {
                assembler.dataset.set(Int(column), xml.slice(attribute.first, attribute.count))
            } else if column == PartState.unknown {
                let name = xml.names[Int(attribute.name)].local
                if Self.setAttributes.contains(name) { continue }
                assembler.reportUnknown(name, xml.string(attribute.first, attribute.count), line: event.line, in: .dataset)
            }
        }
    }

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
            if event.kind == UInt32(SLUICE_XML_START) {
                if parts.skipping > 0 {
                    parts.skipping += 1
                } else {
                    switch roles[Int(event.name)] {
                    case .observation:
                        if batch.isFull {
                            xml.position = position - 1
                            return
                        }
                        xml.position = position
                        try readObservation(event, assembler, batch, columns, &parts)
                    case .series: beginSeries(event, assembler, columns, &parts)
                    case .group: try readGroup(event, assembler, columns, parts)
                    case .component:
                        reportComplexValue(event, parts)
                        parts.skipping = 1
                    default: parts.skipping = 1
                    }
                }
                parts.depth += 1
            } else if event.kind == UInt32(SLUICE_XML_END) {
                if parts.skipping > 0 {
                    parts.skipping -= 1
                } else if parts.isInSeries, roles[Int(event.name)] == .series {
                    if !parts.seriesHasObservations, !assembler.series.isEmpty {
                        if batch.isFull {
                            xml.position = position - 1
                            return
                        }
                        try addSeriesAlone(assembler, batch, &parts)
                    }
                    parts.isInSeries = false
                    parts.isSeriesSealed = false
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

    private func beginSeries(_ event: sluice_xml_event, _ assembler: DatasetAssembler, _ columns: [Int32], _ parts: inout PartState) {
        parts.isInSeries = true
        parts.isSeriesSealed = false
        parts.seriesHasObservations = false
        parts.seriesLine = event.line
        parts.hasSeenData = true
        assembler.beginSeries()
        var hasUnknowns = false
        let attributes = xml.attributes + Int(event.first)
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

    private func readObservation(
        _ event: sluice_xml_event, _ assembler: DatasetAssembler, _ batch: Batch, _ columns: [Int32], _ parts: inout PartState
    ) throws(ReadError) {
        sealIfNeeded(assembler, &parts)
        let row = try assembler.beginRow(batch, line: event.line)
        let attributes = xml.attributes + Int(event.first)
        let bytes = xml.bytes
        var hasUnknowns = false
        for index in 0..<Int(event.count) {
            let attribute = attributes[index]
            let column = columns[Int(attribute.name)]
            if column >= 0 {
                try batch.set(Int(column), row, UnsafeRawBufferPointer(start: bytes + Int(attribute.first), count: Int(attribute.count)))
            } else if column == PartState.unknown {
                hasUnknowns = true
            }
        }
        if parts.hasExplicitMeasures, let column = parts.observationColumn, batch.isAbsent(column, row) { try setExplicitMeasure(event, column, batch, row) }
        try assembler.endRow(batch, row)
        if hasUnknowns { reportUnknowns(event, columns, assembler, in: .observation(batch, row)) }
    }

    /// With explicit measures the observation's type names its measure (SDMX 2.1, section 3A, `ObsType`).
    private func setExplicitMeasure(_ event: sluice_xml_event, _ column: Int, _ batch: Batch, _ row: Int) throws(ReadError) {
        for index in Int(event.first)..<Int(event.first) + Int(event.count) {
            let attribute = xml.attributes[index]
            let name = xml.names[Int(attribute.name)]
            guard name.local == "type", name.namespace == .schemaInstance || name.namespace == .none else { continue }
            let value = xml.slice(attribute.first, attribute.count)
            let local = value.lastIndex(of: UInt8(ascii: ":")).map { UnsafeRawBufferPointer(rebasing: value[($0 + 1)...]) } ?? value
            try batch.set(column, row, local)
            if name.namespace == .none { return }
        }
    }

    private func readGroup(_ event: sluice_xml_event, _ assembler: DatasetAssembler, _ columns: [Int32], _ parts: PartState) throws(ReadError) {
        var group = GroupIndex.Group(id: "", line: Int(event.line), key: ValueStore(), attributes: ValueStore())
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
        if parts.hasSeenData { reportLateGroup(group) }
        try assembler.groups.add(group)
    }

    private func reportUnknowns(_ event: sluice_xml_event, _ columns: [Int32], _ assembler: DatasetAssembler, in place: DatasetAssembler.Place) {
        for index in Int(event.first)..<Int(event.first) + Int(event.count) {
            let attribute = xml.attributes[index]
            guard columns[Int(attribute.name)] == PartState.unknown else { continue }
            assembler.reportUnknown(xml.names[Int(attribute.name)].local, xml.string(attribute.first, attribute.count), line: event.line, in: place)
        }
    }

    /// SDMX-ML 3.0 gives several or XHTML values in `Comp` elements, for which a row has no place.
    private func reportComplexValue(_ event: sluice_xml_event, _ parts: PartState) {
        var id = ""
        for index in Int(event.first)..<Int(event.first) + Int(event.count) where xml.names[Int(xml.attributes[index].name)].local == "id" {
            id = xml.string(xml.attributes[index].first, xml.attributes[index].count)
        }
        context.findings.add(
            Finding(
                .structureNotKept, at: Position(line: Int(event.line)), component: id,
                message: "The component \(id) has several or structured values, which cannot be kept.", advice: "Ask the sender for one plain value."))
    }
}
