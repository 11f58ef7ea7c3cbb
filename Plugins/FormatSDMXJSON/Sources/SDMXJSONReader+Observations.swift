import SluiceKit

extension SDMXJSONReader {
    /// Reads observations until their object ends (false) or the batch is full.
    func readObservations(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) -> Bool {
        // Constants: variables of the class would be retained for each token.
        let scanner = self.scanner
        let template = rowTemplate
        repeat {
            guard try scanner.next() == .name else { return false }
            try readObservation(scanner, template, binding, batch)
        } while !batch.isFull
        return true
    }

    private func readObservation(
        _ scanner: JSONScanner, _ template: RowTemplate?, _ binding: MessageBinding, _ batch: Batch
    ) throws(ReadError) {
        let range = isInSeries ? binding.observationDimensions : binding.seriesDimensions.lowerBound..<binding.dimensions.count
        guard IndexKey.parse(scanner.text, into: indexes + range.lowerBound, count: range.count) else {
            reportKey(range.count)
            return try scanner.skipValue()
        }
        let isRepeated = try isRepeated(range, binding)
        let row = try appendRow(template, binding, batch)
        if isRepeated { reportDuplicate("observation", binding) }
        try readValues(scanner, binding, batch, row)
    }

    /// Remembers the observation's key within its object and says whether it was there.
    private func isRepeated(_ range: Range<Int>, _ binding: MessageBinding) throws(ReadError) -> Bool {
        if isInSeries, range.count == 1 {
            let index = Int(indexes[range.lowerBound])
            guard index < observationStamps.count else { return false }
            defer { observationStamps[index] = seriesOrdinal }
            return observationStamps[index] == seriesOrdinal
        }
        guard !observationKeys.isFull else { return false }
        var hash = hash(range)
        if isInSeries { hash = HashSet64.mix(hash, seriesOrdinal) }
        return !observationKeys.insert(hash)
    }

    /// Adds a row with all that is known before its own array is read.
    func appendRow(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) -> Int { try appendRow(rowTemplate, binding, batch) }

    /// What the next row has before anything is read of it.
    private var rowTemplate: RowTemplate? { isInSeries ? seriesRow : common }

    @inline(__always)
    private func appendRow(_ template: RowTemplate?, _ binding: MessageBinding, _ batch: Batch) throws(ReadError) -> Int {
        // A template sets every cell.
        let row = batch.appendRowUnset(line: UInt64(truncatingIfNeeded: scanner.line))
        rowOrdinal += 1
        hasRows = true
        template?.apply(to: row)
        if isInSeries {
            try setDimensions(binding.observationDimensions, binding, batch, row)
        } else {
            try setDimensions(binding.seriesDimensions.lowerBound..<binding.dimensions.count, binding, batch, row)
        }
        if let groups, !isDelete {
            for ofSeries in isInSeries ? [false] : [true, false] {
                try groups.forEachMatch(indexes, ofSeries: ofSeries) { (group) throws(ReadError) in
                    try setGroup(group, binding, batch) { (slot, cell) in binding.put(cell, slot, batch, row) }
                }
            }
        }
        return row
    }

    @inline(__always)
    func setDimensions(_ range: Range<Int>, _ binding: MessageBinding, _ batch: Batch, _ row: Int) throws(ReadError) {
        for position in range where indexes[position] >= 0 {
            if try !binding.setDimension(position, indexes[position], batch, row) {
                binding.reportIndex(binding.dimensions[position], String(indexes[position]), place)
            }
        }
    }

    func setDimensions(_ range: Range<Int>, _ binding: MessageBinding, _ batch: Batch, _ put: (Int, UInt32) -> Void) throws(ReadError) {
        for position in range where indexes[position] >= 0 {
            if let known = binding.knownCode(position, indexes[position]) {
                put(known.column, known.code)
                continue
            }
            let slot = binding.dimensions[position]
            guard let column = slot.column else { continue }
            if let code = try binding.code(slot, indexes[position], column, batch) {
                put(column, code)
            } else {
                binding.reportIndex(slot, String(indexes[position]), place)
            }
        }
    }

    func setDefaults(_ slots: ArraySlice<MessageBinding.Slot>, _ binding: MessageBinding, _ template: RowTemplate) throws(ReadError) {
        for slot in slots { if let column = slot.column, template.isAbsent(column) { template.set(column, try binding.defaultCell(slot, template.batch)) } }
    }

    /// Reads the measures and attributes of an observation into its row. What stands behind them are positions of annotations.
    @inline(__always)
    private func readValues(_ scanner: JSONScanner, _ binding: MessageBinding, _ batch: Batch, _ row: Int) throws(ReadError) {
        switch try scanner.next() {
        case .null: return
        case .arrayStart: break
        default: throw scanner.malformed("the values of an observation are no array")
        }
        let slotCount = binding.observationTargets.count
        var count = 0
        while true {
            if count < slotCount, let index = scanner.takeIndex() {
                if let value = index.value { try binding.setObservation(count, value, batch, row, place) }
                count += 1
                continue
            }
            let token = try scanner.next()
            if token == .arrayEnd { break }
            if count < slotCount {
                try binding.setObservation(count, token, scanner, batch, row, place)
            } else if token == .objectStart || token == .arrayStart {
                try scanner.leave(toDepth: scanner.depth - 1)
            }
            count += 1
        }
        guard count > 0, count < slotCount, binding.hasObservationDefaults, action != .delete else { return }
        for slot in binding.observation[count...] where slot.defaultValue != nil {
            if let column = slot.column, batch.isAbsent(column, row) { binding.put(try binding.defaultCell(slot, batch), slot, batch, row) }
        }
    }

    // MARK: What rows have in common

    /// Makes the templates of the dataset, or carries them over to another batch.
    func prepareTemplates(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        if let common, common.batch === batch { return }
        let fresh = RowTemplate(for: batch)
        try setDimensions(0..<binding.seriesDimensions.lowerBound, binding, batch) { (column, code) in fresh.set(column, .code(code)) }
        for (slot, value) in zip(binding.dataSet, isDelete ? [] : head.attributes) {
            if let column = slot.column { fresh.set(column, try binding.cell(slot, value, batch, place)) }
        }
        if !head.attributes.isEmpty, action != .delete { try setDefaults(binding.dataSet.dropFirst(head.attributes.count), binding, fresh) }
        let series = RowTemplate(for: batch)
        if let old = seriesRow { try series.carryOver(old) }
        common = fresh
        seriesRow = series
    }
}
