import SluiceKit

/// Writes SDMX-JSON data in one pass: observations as they come, the lists of their values behind them.
///
/// An object may hold a key once only. Where a series (or, flat, an observation) comes again later, the dataset ends and another one of the same
/// structure and action begins, so that nothing is lost; when that happens often, the rest is written flat (2.x). Rows with part of the key are held
/// back and become a dataset of their own (`PendingGroups`).
final class SDMXJSONWriter: DatasetWriter {
    /// Most keys remembered per dataset object; past that another object begins.
    static let keysPerDatasetMax = 1 << 21
    /// Most dataset objects in a message; a reader keeps the heads of all.
    static let datasetsMax = OutlineReader.datasetsMax
    /// How often a series may come again before the rest is written flat.
    static let seriesReturnsMax = 64

    /// Most structures whose keys leave out dimensions.
    static let fewerDimensionsMax = 32

    let out: ByteWriter
    let version: SDMXJSONFormat.Version
    private let options: WriteOptions
    private(set) var description: DatasetDescription?
    /// The elements of `structures`, which are written last.
    private(set) var structures: [WrittenStructure] = []
    /// The position of each among the message's structures.
    private var structureNumbers: [Int] = []
    /// The dataset objects of each structure.
    private var datasetsOfStructure: [[Int]] = []
    /// Structures of partial keys, written already, by their position.
    private var finishedStructures: [Int: [UInt8]] = [:]
    private var finishedBytes = 0
    private var structureCount = 0
    private(set) var current = 0
    private(set) var datasetCount = 0
    private var hasBegun = false
    private var isDatasetOpen = false
    private var hasDatasetObject = false
    private var isSeriesOpen = false
    private var seriesReturns = 0
    private var keys = HashSet64(countMax: SDMXJSONWriter.keysPerDatasetMax)
    /// The positions that make up the open series: its dimensions, then its attributes (`Numbers.unknown` where absent).
    private var seriesNumbers: [UInt32] = []
    private var nextNumbers: [UInt32] = []
    /// The dataset's own attributes as the open object has them.
    private var datasetTexts: [[UInt8]?] = []
    /// For each time position the ordinal of the series in which it was written last.
    private var timeStamps: [UInt64] = []
    private var seriesOrdinal: UInt64 = 0
    private var observationSeparator: StaticString = "\""
    /// Rows with part of the key, and the row with nothing of it.
    private var groups = PendingGroups()
    private var whole = PendingGroups()
    /// Structures whose keys leave out dimensions.
    private var fewerDimensionsCount = 0
    /// Something of the dataset has been written: an empty one still has to say that it is there.
    private var hasWritten = false

    init(_ sink: any ByteSink, version: SDMXJSONFormat.Version, options: WriteOptions) {
        out = ByteWriter(sink)
        self.version = version
        self.options = options
    }

    deinit { keys.deallocate() }

    static func severalIn1(_ id: String) -> WriteError {
        WriteError(.unsupported, detail: "\(id) holds several values or languages, and SDMX-JSON 1.0 has one value per place; use sdmx-json-2.0")
    }

    // MARK: The message

    func beginDataset(_ description: DatasetDescription) throws(WriteError) {
        if !hasBegun { try begin() }
        try endDataset()
        if version == .v1, let first = structures.first, first.schema !== description.schema,
            first.schema.structure.reference != description.schema.structure.reference
        {
            throw WriteError(
                .unsupported,
                detail:
                    "SDMX-JSON 1.0 has one structure per message, and this is the second (\(description.schema.structure.reference)); write one message each, or use sdmx-json-2.0"
            )
        }
        self.description = description
        hasWritten = false
        let isFlat = options.isFlat || description.schema.timeDimension == nil || (seriesReturns > Self.seriesReturnsMax && version != .v1)
        try choose(description, isFlat ? .flat : .series, Array(description.schema.dimensions))
    }

    func write(_ batch: Batch) throws(WriteError) {
        guard !batch.isEmpty else { return }
        structures[current].use(batch)
        for row in 0..<batch.rowCount {
            if Self.isPartial(batch, row) {
                try writePartial(batch, row)
            } else {
                if structures[current].dimensionsKept.count != batch.schema.dimensions.count { try returnToFullKeys(batch) }
                try writeFull(batch, row)
            }
        }
    }

    func finish() throws(WriteError) {
        if !hasBegun { try begin() }
        try endDataset()
        try out.write(version == .v1 ? "],\n\"structure\":" : "],\n\"structures\":[")
        for number in 0..<structureCount {
            if number > 0 { try out.write(",\n") }
            if let finished = finishedStructures[number] {
                try write(finished)
            } else if let index = structureNumbers.firstIndex(of: number) {
                try structures[index].write(to: out, dataSets: datasetsOfStructure[index])
            }
        }
        if version == .v1, structureCount == 0 { try out.write("{\"dimensions\":{}}") }
        try out.write(version == .v1 ? "}}\n" : "]}}\n")
        try out.flush()
    }

    private func begin() throws(WriteError) {
        hasBegun = true
        try HeaderJSON(version: version, out: out).write(options.header)
        try out.write(",\n\"data\":{\"dataSets\":[")
    }

    private func write(_ bytes: [UInt8]) throws(WriteError) {
        var failure: WriteError?
        bytes.withUnsafeBytes { bytes in do throws(WriteError) { try out.write(bytes) } catch { failure = error } }
        if let failure { throw failure }
    }

    // MARK: Datasets

    private func choose(_ description: DatasetDescription, _ layout: WrittenStructure.Layout, _ dimensions: [Int]) throws(WriteError) {
        let isKnown = { (structure: WrittenStructure) in
            self.version == .v1 ? structure.schema === description.schema : structure.fits(description, layout, dimensions: dimensions)
        }
        if let known = structures.firstIndex(where: isKnown) {
            current = known
        } else {
            guard structures.count < OutlineReader.datasetsMax, version != .v1 || structures.isEmpty else {
                throw WriteError(.unsupported, detail: "SDMX-JSON 1.0 has one structure per message; write one message each, or use sdmx-json-2.0")
            }
            current = structures.count
            structures.append(WrittenStructure(description, layout, version, dimensions: dimensions))
            structureNumbers.append(structureCount)
            structureCount += 1
            datasetsOfStructure.append([])
        }
        datasetTexts = Array(repeating: nil, count: structures[current].dataSet.count)
    }

    /// Opens a dataset object up to where its attributes and keys come.
    private func openObject(structure: Int) throws(WriteError) {
        guard let description else { return }
        guard datasetCount < Self.datasetsMax else {
            throw WriteError(
                .limitExceeded,
                detail:
                    "the same keys come again so often that the message would have more than \(Self.datasetsMax) datasets; remove the duplicates or sort the rows"
            )
        }
        try out.write(text: "\(datasetCount > 0 ? "," : "")\n{")
        if version != .v1 { try out.write(text: "\"structure\":\(structure),") }
        try out.write(text: "\"action\":\"\(ActionName.name(description.action, version))\",\"links\":")
        try StructureJSON.writeLinks(description.reference, description.schema, to: out)
        let dates = description.dates
        for (name, text) in [
            ("reportingBegin", dates.reportingBegin), ("reportingEnd", dates.reportingEnd), ("validFrom", dates.validFrom), ("validTo", dates.validTo),
            ("publicationYear", dates.publicationYear), ("publicationPeriod", dates.publicationPeriod),
        ] {
            guard let text else { continue }
            try out.write(text: ",\"\(name)\":")
            try JSONText.write(text, to: out)
        }
        datasetCount += 1
        hasWritten = true
    }

    /// Opens the object of the current structure, once its first row is there.
    private func openKeys() throws(WriteError) {
        try openObject(structure: structureNumbers[current])
        datasetsOfStructure[current].append(datasetCount - 1)
        keys.removeAll()
        hasDatasetObject = true
        isDatasetOpen = true
        try writeDatasetAttributes()
        try out.write(structures[current].layout == .series ? ",\"series\":{" : ",\"observations\":{")
    }

    private func writeDatasetAttributes() throws(WriteError) {
        guard let last = datasetTexts.lastIndex(where: { $0 != nil }) else { return }
        try out.write(",\"attributes\":[")
        for (index, text) in datasetTexts[...last].enumerated() {
            if index > 0 { try out.write(",") }
            guard let text else {
                try out.write("null")
                continue
            }
            let column = structures[current].dataSet[index]
            let isArray = structures[current].schema.components[column.column].isArray
            var failure: WriteError?
            text.withUnsafeBytes { bytes in
                do throws(WriteError) {
                    if let dictionary = column.dictionary {
                        try out.write(decimal: Int(try WrittenStructure.numberOfText(column, dictionary, bytes)))
                    } else {
                        try CellJSON.write(bytes, isArray: isArray, to: out)
                    }
                } catch { failure = error }
            }
            if let failure { throw failure }
        }
        try out.write("]")
    }

    /// Ends the open dataset object.
    private func closeObject() throws(WriteError) {
        guard hasDatasetObject else { return }
        try closeSeries()
        try out.write("}}")
        isDatasetOpen = false
        hasDatasetObject = false
    }

    /// Ends the dataset with all that was held back of it.
    private func endDataset() throws(WriteError) {
        guard description != nil else { return }
        try closeObject()
        try flush(&groups)
        try flush(&whole)
        if !hasWritten {
            // Without its keys a Delete would be one of everything.
            datasetTexts = []
            try openKeys()
            try closeObject()
        }
        description = nil
    }

    /// Ends the dataset object; another one of the same kind begins with the next row.
    private func reopen(_ layout: WrittenStructure.Layout? = nil, _ batch: Batch? = nil) throws(WriteError) {
        guard let description else { return }
        let texts = datasetTexts
        try closeObject()
        if let layout, let batch {
            try choose(description, layout, Array(description.schema.dimensions))
            structures[current].use(batch)
        }
        datasetTexts = texts
    }

    private func returnToFullKeys(_ batch: Batch) throws(WriteError) {
        guard let description else { return }
        try closeObject()
        let isFlat = options.isFlat || description.schema.timeDimension == nil || seriesReturns > Self.seriesReturnsMax
        try choose(description, isFlat ? .flat : .series, Array(description.schema.dimensions))
        structures[current].use(batch)
    }

    /// An attribute of the dataset has one value per object: where it changes, another object begins.
    private func keepDatasetAttributes(_ batch: Batch, _ row: Int) throws(WriteError) {
        guard hasOtherDatasetAttributes(batch, row) else { return }
        try reopen()
        datasetTexts = structures[current].dataSet.map { batch.cell($0.column, row).map { Array($0) } }
    }

    private func hasOtherDatasetAttributes(_ batch: Batch, _ row: Int) -> Bool {
        let columns = structures[current].dataSet
        guard !columns.isEmpty else { return false }
        for (index, column) in columns.enumerated() {
            let cell = batch.cell(column.column, row)
            if let cell, let kept = datasetTexts[index], cell.elementsEqual(kept) { continue }
            if cell != nil || datasetTexts[index] != nil { return true }
        }
        return false
    }

    // MARK: Part of the key

    private static func isPartial(_ batch: Batch, _ row: Int) -> Bool {
        for column in batch.schema.dimensions where batch.codes(column)[row] == ValueDictionary.absent || isSwitchedOff(batch, column, row) { return true }
        return false
    }

    private static func isSwitchedOff(_ batch: Batch, _ column: Int, _ row: Int) -> Bool {
        batch.dictionary(column).bytes(batch.codes(column)[row]).elementsEqual("~".utf8)
    }

    private func writePartial(_ batch: Batch, _ row: Int) throws(WriteError) {
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

    private func hold(_ batch: Batch, _ row: Int, in pending: inout PendingGroups) throws(WriteError) {
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
    private func flush(_ pending: inout PendingGroups) throws(WriteError) {
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

    // MARK: Series

    private func writeFull(_ batch: Batch, _ row: Int) throws(WriteError) {
        if version == .v1, description?.action == .delete { try refuseAttributesIn1(batch, row) }
        try keepDatasetAttributes(batch, row)
        if structures[current].layout == .series { try writeInSeries(batch, row) } else { try writeFlat(batch, row) }
    }

    /// 1.0 has one structure for all datasets, so an attribute of the series stays there; in a Delete that would delete it from the whole series.
    private func refuseAttributesIn1(_ batch: Batch, _ row: Int) throws(WriteError) {
        let structure = structures[current]
        guard let column = (structure.dataSet + structure.series).first(where: { !batch.isAbsent($0.column, row) }) else { return }
        throw WriteError(
            .unsupported, detail: "a Delete names \(column.id) together with an observation, which SDMX-JSON 1.0 cannot keep apart; use sdmx-json-2.0")
    }

    private func writeInSeries(_ batch: Batch, _ row: Int) throws(WriteError) {
        let structure = structures[current]
        if try !continuesSeries(structure, batch, row) {
            try closeSeries()
            try beginSeries(structure, batch, row, isBare: false)
            // So many series came again that the layout has changed.
            if structures[current] !== structure { return try writeFlat(batch, row) }
        }
        let time = structure.observationDimensions[0]
        var number = try self.number(time, batch, row)
        if isRepeated(number) {
            try closeSeries()
            try beginSeries(structure, batch, row, isBare: false)
            if structures[current] !== structure { return try writeFlat(batch, row) }
            number = try self.number(time, batch, row)
            _ = isRepeated(number)
        }
        try out.write(observationSeparator)
        observationSeparator = ",\""
        try out.write(decimal: Int(number))
        try writeObservation(structure, batch, row)
    }

    /// Remembers the time position of an observation within its series and says whether it was there.
    private func isRepeated(_ number: UInt32) -> Bool {
        while Int(number) >= timeStamps.count { timeStamps += Array(repeating: 0, count: max(64, timeStamps.count)) }
        if timeStamps[Int(number)] == seriesOrdinal { return true }
        timeStamps[Int(number)] = seriesOrdinal
        return false
    }

    /// True when the row belongs to the open series and has its attributes.
    private func continuesSeries(_ structure: WrittenStructure, _ batch: Batch, _ row: Int) throws(WriteError) -> Bool {
        guard isSeriesOpen else { return false }
        if row > 0, structure.comparesByCode {
            for outlet in structure.seriesOutlets { if let codes = outlet.codes, codes[row] != codes[row - 1] { return false } }
            return true
        }
        try collectNumbers(structure, batch, row)
        return nextNumbers == seriesNumbers
    }

    private func collectNumbers(_ structure: WrittenStructure, _ batch: Batch, _ row: Int) throws(WriteError) {
        nextNumbers.removeAll(keepingCapacity: true)
        for column in structure.seriesDimensions { nextNumbers.append(try number(column, batch, row)) }
        for column in structure.series {
            nextNumbers.append(batch.isAbsent(column.column, row) ? WrittenStructure.Numbers.unknown : try number(column, batch, row))
        }
    }

    private func beginSeries(_ structure: WrittenStructure, _ batch: Batch, _ row: Int, isBare: Bool) throws(WriteError) {
        try collectNumbers(structure, batch, row)
        let dimensionCount = structure.seriesDimensions.count
        var hash: UInt64 = 0
        for number in nextNumbers[..<dimensionCount] { hash = HashSet64.mix(hash, number) }
        if keys.isFull { try reopen() }
        if !isDatasetOpen { keys.removeAll() }
        if !keys.insert(hash) {
            seriesReturns += 1
            if seriesReturns > Self.seriesReturnsMax, version != .v1, !isBare { return try reopen(.flat, batch) }
            try reopen()
        }
        let isFirst = !isDatasetOpen
        if isFirst {
            try openKeys()
            _ = keys.insert(hash)
        }
        swap(&seriesNumbers, &nextNumbers)
        try out.write(isFirst ? "\n\"" : ",\n\"")
        for (index, number) in seriesNumbers[..<dimensionCount].enumerated() {
            if index > 0 { try out.write(UInt8(ascii: ":")) }
            try out.write(decimal: Int(number))
        }
        try out.write("\":{")
        let attributes = seriesNumbers[dimensionCount...]
        if let last = attributes.lastIndex(where: { $0 != WrittenStructure.Numbers.unknown }) {
            try out.write("\"attributes\":[")
            for index in attributes.startIndex...last {
                if index > attributes.startIndex { try out.write(",") }
                let column = structure.series[index - dimensionCount]
                if attributes[index] == WrittenStructure.Numbers.unknown {
                    try out.write("null")
                } else if column.hasArrays {
                    try column.writeArray(attributes[index], to: out)
                } else {
                    try out.write(decimal: Int(attributes[index]))
                }
            }
            try out.write(isBare ? "]" : "],")
        }
        if isBare { return try out.write("}") }
        try out.write("\"observations\":{")
        isSeriesOpen = true
        seriesOrdinal += 1
        observationSeparator = "\""
    }

    private func closeSeries() throws(WriteError) {
        if isSeriesOpen { try out.write("}}") }
        isSeriesOpen = false
    }

    // MARK: Observations

    private func writeFlat(_ batch: Batch, _ row: Int) throws(WriteError) {
        let structure = structures[current]
        var hash: UInt64 = 0
        nextNumbers.removeAll(keepingCapacity: true)
        for column in structure.observationDimensions {
            let number = try number(column, batch, row)
            nextNumbers.append(number)
            hash = HashSet64.mix(hash, number)
        }
        if keys.isFull { try reopen() }
        if !isDatasetOpen { keys.removeAll() }
        if !keys.insert(hash) { try reopen() }
        let isFirst = !isDatasetOpen
        if isFirst {
            try openKeys()
            _ = keys.insert(hash)
        }
        try out.write(isFirst ? "\n\"" : ",\n\"")
        for (index, number) in nextNumbers.enumerated() {
            if index > 0 { try out.write(UInt8(ascii: ":")) }
            try out.write(decimal: Int(number))
        }
        try writeObservation(structure, batch, row)
    }

    /// The array of measures and attributes, without the absent ones at its end, which a reader takes for absent anyway.
    @inline(__always)
    private func writeObservation(_ structure: WrittenStructure, _ batch: Batch, _ row: Int) throws(WriteError) {
        try out.write("\":[")
        var isFirst = true
        var skipped = 0
        for outlet in structure.outlets {
            let code = outlet.codes?[row] ?? ValueDictionary.absent
            if outlet.spans?[row].isAbsent ?? (code == ValueDictionary.absent) {
                skipped += 1
                continue
            }
            while skipped > 0 {
                try out.write(isFirst ? "null" : ",null")
                isFirst = false
                skipped -= 1
            }
            if !isFirst { try out.write(UInt8(ascii: ",")) }
            isFirst = false
            if outlet.isListed {
                var number = WrittenStructure.Numbers.unknown
                if outlet.codes != nil { number = outlet.numbers[Int(code)] }
                if number == WrittenStructure.Numbers.unknown { number = try self.number(structure.observation[outlet.index], batch, row) }
                if outlet.hasArrays {
                    try structure.observation[outlet.index].writeArray(number, to: out)
                } else {
                    try out.write(decimal: Int(number))
                }
            } else if let spans = outlet.spans {
                try writeText(batch.bytes(spans[row]), outlet, structure)
            } else {
                try writeText(batch.dictionary(outlet.column).bytes(code), outlet, structure)
            }
        }
        try out.write(UInt8(ascii: "]"))
    }

    @inline(__always)
    private func writeText(_ bytes: UnsafeRawBufferPointer, _ outlet: WrittenStructure.Outlet, _ structure: WrittenStructure) throws(WriteError) {
        if outlet.isNumeric, JSONNumber.isNumber(bytes) { return try out.write(bytes) }
        if !outlet.isArray, try JSONText.writePlain(bytes, to: out) { return }
        if version == .v1, CellMarks.isFound(in: bytes) { throw Self.severalIn1(structure.schema.components[outlet.column].id) }
        try CellJSON.write(bytes, isArray: outlet.isArray && version != .v1, to: out)
    }

    @inline(__always)
    private func number(_ column: WrittenStructure.Column, _ batch: Batch, _ row: Int) throws(WriteError) -> UInt32 {
        guard let dictionary = column.dictionary else { return 0 }
        guard column.isCoded else {
            let span = batch.spans(column.column)[row]
            return span.isAbsent ? 0 : try WrittenStructure.numberOfText(column, dictionary, batch.bytes(span))
        }
        let code = batch.codes(column.column)[row]
        if code == ValueDictionary.absent { return try WrittenStructure.numberOfText(column, dictionary, UnsafeRawBufferPointer(start: nil, count: 0)) }
        return try WrittenStructure.number(column, dictionary, code, batch)
    }
}
