import SluiceKit

/// Series and observations of whole keys.
extension SDMXJSONWriter {
    // MARK: Series

    func writeFull(_ batch: Batch, _ row: Int) throws(WriteError) {
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

    func writeInSeries(_ batch: Batch, _ row: Int) throws(WriteError) {
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

    func beginSeries(_ structure: WrittenStructure, _ batch: Batch, _ row: Int, isBare: Bool) throws(WriteError) {
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

    func closeSeries() throws(WriteError) {
        if isSeriesOpen { try out.write("}}") }
        isSeriesOpen = false
    }

    // MARK: Observations

    func writeFlat(_ batch: Batch, _ row: Int) throws(WriteError) {
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
        if version == .v1, !CellValues.isPlain(bytes) { throw Self.severalIn1(structure.schema.components[outlet.column].id) }
        try CellJSON.write(bytes, isArray: outlet.isArray && version != .v1, to: out)
    }

    @inline(__always)
    func number(_ column: WrittenStructure.Column, _ batch: Batch, _ row: Int) throws(WriteError) -> UInt32 {
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
