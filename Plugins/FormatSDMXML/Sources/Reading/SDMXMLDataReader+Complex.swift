import CLibxml2
import SluiceKit

/// `Comp` and `Metadata` elements of SDMX-ML 3.x.
extension SDMXMLDataReader {
    /// Reads the `Comp` under the cursor, which `next` has not entered, to its end.
    func readComponent(_ event: sluice_xml_event, _ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState) throws(ReadError) {
        let id = xml.attribute("id") ?? ""
        xml.enterElement()
        let elements = try xml.componentValues(limits: context.limits) {}
        try take(id, CellValues.cell(elements), line: event.line, assembler, batch, &parts, isMetadata: false)
    }

    /// Reads the `Metadata` under the cursor, which `next` has not entered, to its end: metadata attributes, nested ones named by their path.
    func readMetadata(_ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState) throws(ReadError) {
        let line = xml.event.line
        xml.enterElement()
        // Not an inout parameter, since closures must not escape with it.
        var values: [(id: String, cell: String)] = []
        try xml.eachChild { () throws(ReadError) in
            if xml.name.local == "Attribute" { try readMetadataAttribute(path: "", into: &values) }
        }
        let isOfDataset = parts.depth == 0
        for value in values { try take(value.id, value.cell, line: line, assembler, batch, &parts, isMetadata: true) }
        // The dataset's metadata stand after its observations.
        if isOfDataset, parts.hasSeenData, !parts.trailing.isEmpty {
            try assembler.addRow([parts.trailing, assembler.dataset], batch, line: line)
            parts.trailing.removeAll()
            parts.isSeriesSealed = false
        }
    }

    private func readMetadataAttribute(path: String, into values: inout [(id: String, cell: String)]) throws(ReadError) {
        guard values.count < context.limits.columnsMax else {
            throw ReadError(.limitExceeded, line: xml.line, detail: "more than \(context.limits.columnsMax) metadata attributes stand together (columnsMax)")
        }
        let id = path + (xml.attribute("id") ?? "")
        var inner: [(id: String, cell: String)] = []
        let elements = try xml.componentValues(limits: context.limits) { () throws(ReadError) in try readMetadataAttribute(path: id + ".", into: &inner) }
        if !elements.isEmpty { values.append((id, CellValues.cell(elements))) }
        values += inner
    }

    /// Gives a value to what the cursor is in: an observation, a group, a series or the dataset.
    private func take(
        _ id: String, _ cell: String, line: UInt32, _ assembler: DatasetAssembler, _ batch: Batch, _ parts: inout PartState, isMetadata: Bool
    ) throws(ReadError) {
        let isOfObservation = parts.row >= 0 && parts.depth == parts.rowDepth + 1
        guard let column = assembler.schema.index(of: id) else {
            let place: DatasetAssembler.Place =
                isOfObservation ? .observation(batch, parts.row) : parts.group.map { .group($0.id) } ?? (parts.isInSeries ? .series : .dataset)
            return assembler.reportUnknown(id, cell, line: line, in: place)
        }
        if isOfObservation {
            let bytes = Array(cell.utf8)
            let result: Result<Void, ReadError> = bytes.withUnsafeBytes { buffer in
                do throws(ReadError) { return .success(try assembler.set(column, parts.row, buffer, batch)) } catch { return .failure(error) }
            }
            try result.get()
        } else if parts.group != nil {
            parts.group?.attributes.set(column, cell)
        } else if parts.isInSeries {
            // Metadata stand after the observations to which they would belong.
            if parts.seriesHasObservations { parts.trailing.set(column, cell) } else { assembler.series.set(column, cell) }
        } else if isMetadata, parts.hasSeenData {
            parts.trailing.set(column, cell)
        } else {
            assembler.dataset.set(column, cell)
        }
    }
}
