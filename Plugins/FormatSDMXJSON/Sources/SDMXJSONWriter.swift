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
    var finishedStructures: [Int: [UInt8]] = [:]
    var finishedBytes = 0
    var structureCount = 0
    private(set) var current = 0
    private(set) var datasetCount = 0
    private var hasBegun = false
    var isDatasetOpen = false
    var hasDatasetObject = false
    var isSeriesOpen = false
    var seriesReturns = 0
    var keys = HashSet64(countMax: SDMXJSONWriter.keysPerDatasetMax)
    /// The positions that make up the open series: its dimensions, then its attributes (`Numbers.unknown` where absent).
    var seriesNumbers: [UInt32] = []
    var nextNumbers: [UInt32] = []
    /// The dataset's own attributes as the open object has them.
    var datasetTexts: [[UInt8]?] = []
    /// For each time position the ordinal of the series in which it was written last.
    var timeStamps: [UInt64] = []
    var seriesOrdinal: UInt64 = 0
    var observationSeparator: StaticString = "\""
    /// Rows with part of the key, and the row with nothing of it.
    var groups = PendingGroups()
    var whole = PendingGroups()
    /// Structures whose keys leave out dimensions.
    var fewerDimensionsCount = 0
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

    func write(_ bytes: [UInt8]) throws(WriteError) {
        var failure: WriteError?
        bytes.withUnsafeBytes { bytes in do throws(WriteError) { try out.write(bytes) } catch { failure = error } }
        if let failure { throw failure }
    }

    // MARK: Datasets

    func choose(_ description: DatasetDescription, _ layout: WrittenStructure.Layout, _ dimensions: [Int]) throws(WriteError) {
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
    func openObject(structure: Int) throws(WriteError) {
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
    func openKeys() throws(WriteError) {
        try openObject(structure: structureNumbers[current])
        datasetsOfStructure[current].append(datasetCount - 1)
        keys.removeAll()
        hasDatasetObject = true
        isDatasetOpen = true
        try writeDatasetAttributes()
        try out.write(structures[current].layout == .series ? ",\"series\":{" : ",\"observations\":{")
    }

    func writeDatasetAttributes() throws(WriteError) {
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
    func closeObject() throws(WriteError) {
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
    func reopen(_ layout: WrittenStructure.Layout? = nil, _ batch: Batch? = nil) throws(WriteError) {
        guard let description else { return }
        let texts = datasetTexts
        try closeObject()
        if let layout, let batch {
            try choose(description, layout, Array(description.schema.dimensions))
            structures[current].use(batch)
        }
        datasetTexts = texts
    }

    func returnToFullKeys(_ batch: Batch) throws(WriteError) {
        guard let description else { return }
        try closeObject()
        let isFlat = options.isFlat || description.schema.timeDimension == nil || seriesReturns > Self.seriesReturnsMax
        try choose(description, isFlat ? .flat : .series, Array(description.schema.dimensions))
        structures[current].use(batch)
    }

    /// An attribute of the dataset has one value per object: where it changes, another object begins.
    func keepDatasetAttributes(_ batch: Batch, _ row: Int) throws(WriteError) {
        guard hasOtherDatasetAttributes(batch, row) else { return }
        try reopen()
        datasetTexts = structures[current].dataSet.map { batch.cell($0.column, row).map { Array($0) } }
    }

    func hasOtherDatasetAttributes(_ batch: Batch, _ row: Int) -> Bool {
        let columns = structures[current].dataSet
        guard !columns.isEmpty else { return false }
        for (index, column) in columns.enumerated() {
            let cell = batch.cell(column.column, row)
            if let cell, let kept = datasetTexts[index], cell.elementsEqual(kept) { continue }
            if cell != nil || datasetTexts[index] != nil { return true }
        }
        return false
    }
}
