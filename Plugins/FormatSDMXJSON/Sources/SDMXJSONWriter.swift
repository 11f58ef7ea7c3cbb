import SluiceKit

/// Writes SDMX-JSON 2.0 data in one pass: observations as they come, the lists of their values behind them.
///
/// An object may hold a key once only. Where a series (or, flat, an observation) comes again later, the dataset ends and another one of the same
/// structure and action begins, so that nothing is lost; when that happens often, the rest is written flat.
final class SDMXJSONWriter: DatasetWriter {
    /// Most keys remembered per dataset object; past that another object begins.
    static let keysPerDatasetMax = 1 << 21
    /// Most dataset objects in a message; a reader keeps the heads of all.
    static let datasetsMax = OutlineReader.datasetsMax
    /// How often a series may come again before the rest is written flat.
    static let seriesReturnsMax = 64

    private let out: ByteWriter
    private let options: WriteOptions
    private var description: DatasetDescription?
    private var structures: [WrittenStructure] = []
    /// The dataset objects of each structure.
    private var datasetsOfStructure: [[Int]] = []
    private var current = 0
    private var datasetCount = 0
    private var hasBegun = false
    private var isDatasetOpen = false
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

    init(_ sink: any ByteSink, options: WriteOptions) {
        out = ByteWriter(sink)
        self.options = options
    }

    deinit { keys.deallocate() }

    // MARK: The message

    func beginDataset(_ description: DatasetDescription) throws(WriteError) {
        if !hasBegun { try writeMeta() }
        try closeDataset()
        self.description = description
        let isFlat = options.isFlat || description.schema.timeDimension == nil || seriesReturns > Self.seriesReturnsMax
        choose(description, isFlat ? .flat : .series)
        try openDataset()
    }

    func write(_ batch: Batch) throws(WriteError) {
        guard !batch.isEmpty else { return }
        structures[current].use(batch)
        for row in 0..<batch.rowCount {
            try keepDatasetAttributes(batch, row)
            if structures[current].layout == .series { try writeInSeries(batch, row) } else { try writeFlat(batch, row) }
        }
    }

    func finish() throws(WriteError) {
        if !hasBegun { try writeMeta() }
        try closeDataset()
        try out.write("],\n\"structures\":[")
        for (index, structure) in structures.enumerated() {
            if index > 0 { try out.write(",\n") }
            try structure.write(to: out, dataSets: datasetsOfStructure[index])
        }
        try out.write("]}}\n")
        try out.flush()
    }

    private func writeMeta() throws(WriteError) {
        hasBegun = true
        let header = options.header
        try out.write("{\"meta\":{\"schema\":")
        try JSONText.write(SDMXJSONFormat.schemaAddress, to: out)
        try out.write(",\"id\":")
        try JSONText.write(header.id.isEmpty ? "unset" : header.id, to: out)
        try out.write(text: ",\"test\":\(header.isTest),\"prepared\":")
        try JSONText.write(PreparedTime.dateTime(header.prepared), to: out)
        try out.write(",\"contentLanguages\":[\"en\"]")
        if let name = header.names.text() {
            try out.write(",\"name\":")
            try JSONText.write(name, to: out)
        }
        try out.write(",\"sender\":{\"id\":")
        try JSONText.write(header.senders.first?.id ?? "unset", to: out)
        try out.write("}")
        if !header.receivers.isEmpty {
            try out.write(",\"receivers\":[")
            for (index, receiver) in header.receivers.enumerated() {
                try out.write(text: "\(index > 0 ? "," : ""){\"id\":")
                try JSONText.write(receiver.id, to: out)
                try out.write("}")
            }
            try out.write("]")
        }
        try out.write("},\n\"data\":{\"dataSets\":[")
    }

    // MARK: Datasets

    private func choose(_ description: DatasetDescription, _ layout: WrittenStructure.Layout) {
        if let known = structures.firstIndex(where: { $0.fits(description, layout) }) {
            current = known
        } else {
            current = structures.count
            structures.append(WrittenStructure(description, layout))
            datasetsOfStructure.append([])
        }
        datasetTexts = Array(repeating: nil, count: structures[current].dataSet.count)
    }

    private func openDataset() throws(WriteError) {
        guard let description else { return }
        guard datasetCount < Self.datasetsMax else {
            throw WriteError(
                .limitExceeded,
                detail:
                    "the same keys come again so often that the message would have more than \(Self.datasetsMax) datasets; remove the duplicates or sort the rows"
            )
        }
        try out.write(text: "\(datasetCount > 0 ? "," : "")\n{\"structure\":\(current),\"action\":\"\(Self.action(description.action))\",\"links\":")
        try WrittenStructure.writeLinks(description.reference, description.schema, to: out)
        datasetsOfStructure[current].append(datasetCount)
        datasetCount += 1
        isDatasetOpen = false
        keys.removeAll()
    }

    /// SDMX-JSON 2.0 belongs to SDMX 3.0, where `Append` has the meaning that 3.1 calls `Merge`.
    private static func action(_ action: DatasetAction) -> String { action == .merge ? DatasetAction.append.rawValue : action.rawValue }

    /// Writes the dataset's own attributes and opens the object of its keys, once the first row is there.
    private func openKeys() throws(WriteError) {
        isDatasetOpen = true
        if datasetTexts.contains(where: { $0 != nil }) {
            try out.write(",\"attributes\":[")
            let last = datasetTexts.lastIndex { $0 != nil } ?? 0
            for (index, text) in datasetTexts[...last].enumerated() {
                if index > 0 { try out.write(",") }
                if let text { try JSONText.write(String(decoding: text, as: UTF8.self), to: out) } else { try out.write("null") }
            }
            try out.write("]")
        }
        try out.write(structures[current].layout == .series ? ",\"series\":{" : ",\"observations\":{")
    }

    private func closeDataset() throws(WriteError) {
        guard description != nil else { return }
        try closeSeries()
        if isDatasetOpen { try out.write("}") }
        try out.write("}")
        isDatasetOpen = false
        description = nil
    }

    /// Ends the dataset object and begins another one of the same kind.
    private func reopenDataset(_ layout: WrittenStructure.Layout? = nil, _ batch: Batch? = nil) throws(WriteError) {
        guard let description else { return }
        let texts = datasetTexts
        try closeDataset()
        self.description = description
        if let layout, let batch {
            choose(description, layout)
            structures[current].use(batch)
        }
        datasetTexts = texts
        try openDataset()
    }

    /// An attribute of the dataset has one value per object: where it changes, another object begins.
    private func keepDatasetAttributes(_ batch: Batch, _ row: Int) throws(WriteError) {
        let columns = structures[current].dataSet
        guard !columns.isEmpty else { return }
        var hasChanged = false
        for (index, column) in columns.enumerated() {
            let cell = batch.cell(column.column, row)
            if let cell, let kept = datasetTexts[index], cell.elementsEqual(kept) { continue }
            if cell == nil, datasetTexts[index] == nil { continue }
            hasChanged = true
        }
        guard hasChanged else { return }
        if isDatasetOpen { try reopenDataset() }
        datasetTexts = columns.map { batch.cell($0.column, row).map { Array($0) } }
    }

    // MARK: Series

    private func writeInSeries(_ batch: Batch, _ row: Int) throws(WriteError) {
        let structure = structures[current]
        let hasTime = structure.observationDimensions.allSatisfy { batch.codes($0.column)[row] != ValueDictionary.absent }
        let isBare = !hasTime && structure.observation.allSatisfy { batch.isAbsent($0.column, row) }
        let continues = try continuesSeries(structure, batch, row)
        if isBare || !continues {
            try closeSeries()
            try beginSeries(structure, batch, row, isBare: isBare)
            // So many series came again that the layout has changed.
            if structures[current] !== structure { return try writeFlat(batch, row) }
            if isBare { return }
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

    private var observationSeparator: StaticString = "\""

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
        if row > 0 {
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
            let isAbsent = batch.codes(column.column)[row] == ValueDictionary.absent
            nextNumbers.append(isAbsent ? WrittenStructure.Numbers.unknown : try number(column, batch, row))
        }
    }

    private func beginSeries(_ structure: WrittenStructure, _ batch: Batch, _ row: Int, isBare: Bool) throws(WriteError) {
        try collectNumbers(structure, batch, row)
        let dimensionCount = structure.seriesDimensions.count
        var hash: UInt64 = 0
        for number in nextNumbers[..<dimensionCount] { hash = HashSet64.mix(hash, number) }
        if keys.isFull { try reopenDataset() }
        if !keys.insert(hash) {
            seriesReturns += 1
            if seriesReturns > Self.seriesReturnsMax { return try reopenDataset(.flat, batch) }
            try reopenDataset()
            _ = keys.insert(hash)
        }
        let isFirst = !isDatasetOpen
        if isFirst { try openKeys() }
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
                if attributes[index] == WrittenStructure.Numbers.unknown { try out.write("null") } else { try out.write(decimal: Int(attributes[index])) }
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
        if keys.isFull { try reopenDataset() }
        if !keys.insert(hash) {
            try reopenDataset()
            _ = keys.insert(hash)
        }
        let isFirst = !isDatasetOpen
        if isFirst { try openKeys() }
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
                var number = outlet.numbers[Int(code)]
                if number == WrittenStructure.Numbers.unknown { number = try self.number(structure.observation[outlet.index], batch, row) }
                try out.write(decimal: Int(number))
            } else if let spans = outlet.spans {
                try JSONText.write(batch.bytes(spans[row]), to: out)
            }
        }
        try out.write(UInt8(ascii: "]"))
    }

    @inline(__always)
    private func number(_ column: WrittenStructure.Column, _ batch: Batch, _ row: Int) throws(WriteError) -> UInt32 {
        guard let dictionary = column.dictionary else { return 0 }
        let code = batch.codes(column.column)[row]
        return code == ValueDictionary.absent ? try WrittenStructure.numberOfAbsent(dictionary) : try WrittenStructure.number(column, dictionary, code, batch)
    }
}
