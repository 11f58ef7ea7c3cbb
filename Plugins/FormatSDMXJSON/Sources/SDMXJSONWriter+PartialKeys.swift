import SluiceKit

/// Rows with part of the key, and the whole dataset's own values.
extension SDMXJSONWriter {
    static func isPartial(_ batch: Batch, _ row: Int) -> Bool {
        for column in batch.schema.dimensions where batch.codes(column)[row] == ValueDictionary.absent || isSwitchedOff(batch, column, row) { return true }
        return false
    }

    private static func isSwitchedOff(_ batch: Batch, _ column: Int, _ row: Int) -> Bool {
        PartialKey.isSwitchedOff(batch.dictionary(column).bytes(batch.codes(column)[row]))
    }

    func writePartial(_ batch: Batch, _ row: Int) throws(WriteError) {
        let schema = batch.schema
        let present = schema.dimensions.filter { batch.codes($0)[row] != ValueDictionary.absent }
        if present.count == schema.dimensions.count || present.contains(where: { Self.isSwitchedOff(batch, $0, row) }) { try refuseSwitchedOff() }
        if isBareSeries(batch, row, present) {
            try keepDatasetAttributes(batch, row)
            try closeSeries()
            return try beginSeries(structures[current], batch, row, isBare: true)
        }
        let hasMeasure = schema.measures.contains { !batch.isAbsent($0, row) }
        if hasMeasure { return try writeWithFewerDimensions(batch, row, present) }
        if version == .v1 { return try writeWholeIn1(batch, row, present) }
        if present.isEmpty { try hold(batch, row, in: &whole) } else { try hold(batch, row, in: &groups) }
    }

    func hold(_ batch: Batch, _ row: Int, in pending: inout PendingGroups) throws(WriteError) {
        if pending.byteCount > PendingGroups.bytesMax { try flush(&pending) }
        if try pending.append(batch, row) { return }
        try flush(&pending)
        _ = try pending.append(batch, row)
    }

    private func refuseSwitchedOff() throws(WriteError) {
        guard version != .v21 else { return }
        guard version == .v2, description?.action != .delete else {
            throw WriteError(
                .unsupported, detail: "a dimension is switched off (~), which SDMX-JSON \(version.rawValue) cannot say; use sdmx-json-2.1")
        }
    }

    /// A row of all dimensions but time, with nothing but what belongs to a series: a series without observations.
    private func isBareSeries(_ batch: Batch, _ row: Int, _ present: [Int]) -> Bool {
        let structure = structures[current]
        guard structure.layout == .series, structure.dimensionsKept.count == batch.schema.dimensions.count, !structure.isDelete,
            present == Array(batch.schema.seriesDimensions), !present.contains(where: { Self.isSwitchedOff(batch, $0, row) }),
            structure.observation.allSatisfy({ batch.isAbsent($0.column, row) })
        else { return false }
        return !hasOtherDatasetAttributes(batch, row) || !hasDatasetObject
    }

    /// A measure belongs to a whole key; a Delete may leave out dimensions all the same, so the row's keys do without them.
    ///
    /// Where they would do without any, or too many structures came of it, what is missing is listed as an empty value, which reads back as absent.
    private func writeWithFewerDimensions(_ batch: Batch, _ row: Int, _ present: [Int]) throws(WriteError) {
        guard let description else { return }
        let isSpelled = version != .v1 && !present.isEmpty && fewerDimensionsCount < Self.fewerDimensionsMax
        if isSpelled, structures[current].dimensionsKept != present {
            try closeObject()
            let count = structures.count
            try choose(description, .flat, present)
            if structures.count > count { fewerDimensionsCount += 1 }
            structures[current].use(batch)
        } else if !isSpelled, structures[current].dimensionsKept.count != batch.schema.dimensions.count {
            try returnToFullKeys(batch)
        }
        try keepDatasetAttributes(batch, row)
        if structures[current].layout == .series { try writeInSeries(batch, row) } else { try writeFlat(batch, row) }
    }

    /// 1.0: values of the whole dataset have a place without observations, those of other parts of the key have none.
    private func writeWholeIn1(_ batch: Batch, _ row: Int, _ present: [Int]) throws(WriteError) {
        let own = Set(structures[current].dataSet.map(\.column))
        guard present.isEmpty, batch.schema.attributes.allSatisfy({ own.contains($0) || batch.isAbsent($0, row) }) else {
            throw WriteError(
                .unsupported, detail: "a row carries values of part of the key, for which SDMX-JSON 1.0 has no place; use sdmx-json-2.0")
        }
        try closeObject()
        datasetTexts = structures[current].dataSet.map { batch.cell($0.column, row).map { Array($0) } }
        try openObject(structure: 0)
        try writeDatasetAttributes()
        try out.write("}")
    }

    /// Writes rows that were held back as a dataset object with a structure of its own.
    func flush(_ pending: inout PendingGroups) throws(WriteError) {
        guard !pending.isEmpty, let description else { return }
        try closeObject()
        let schema = description.schema
        let (used, attributes) = pending.columns(of: schema)
        let dimensions = version == .v21 && pending.hasSwitchedOff ? Array(schema.dimensions) : used
        let isWhole = dimensions.isEmpty
        try openObject(structure: structureCount)
        if !isWhole {
            try out.write(",\"dimensionGroupAttributes\":{")
            try pending.write(dimensions: dimensions, attributes: attributes, of: schema, to: out)
            try out.write("}")
        } else if !attributes.isEmpty {
            try out.write(",\"attributes\":")
            try pending.writeWhole(attributes: attributes, of: schema, to: out)
        }
        try out.write("}")
        let text = MemoryByteSink()
        let writer = ByteWriter(text, bufferBytes: 64 << 10)
        let level = attributes.map { (column: $0, values: ValueDictionary?.none) }
        try StructureJSON(version: version, schema: schema, reference: description.reference, out: writer).write(
            dimensions: [("observation", dimensions.map { (column: $0, values: pending.dictionary($0)) })], measures: [],
            attributes: [(isWhole ? "dataSet" : "dimensionGroup", level)], dataSets: [datasetCount - 1])
        try writer.flush()
        finishedStructures[structureCount] = text.bytes
        structureCount += 1
        finishedBytes += text.bytes.count
        guard finishedBytes <= ReadLimits().groupBytesMax else {
            throw WriteError(
                .limitExceeded, detail: "the rows with values of part of the key are larger than \(ReadLimits().groupBytesMax) bytes; write them apart")
        }
        pending.removeAll()
    }
}
