import SluiceKit

extension SDMXJSONReader {
    func beginSeries(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        let isKey = IndexKey.parse(scanner.text, into: indexes + binding.seriesDimensions.lowerBound, count: binding.seriesDimensions.count)
        if !isKey { reportKey(binding.seriesDimensions.count) }
        if isKey, !seriesKeys.isFull, !seriesKeys.insert(hash(binding.seriesDimensions)) { reportDuplicate("series", binding) }
        guard isKey else { return try scanner.skipValue() }
        guard try scanner.next() == .objectStart else { throw scanner.malformed("a series is no object") }
        isInSeries = true
        seriesHasAttributes = false
        seriesRowCount = 0
        seriesFirstRow = batch.rowCount
        seriesOrdinal &+= 1
        state = .seriesMembers
        guard let common, let seriesRow else { return }
        seriesRow.copy(common)
        try setDimensions(binding.seriesDimensions, binding, batch) { (column, code) in seriesRow.set(column, .code(code)) }
        if !isDelete {
            try groups?.forEachMatch(indexes, ofSeries: true) { (group) throws(ReadError) in
                try setGroup(group, binding, batch) { (slot, cell) in slot.column.map { seriesRow.set($0, cell) } }
            }
        }
    }

    func readSeriesAttributes(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        guard !seriesHasAttributes else { throw scanner.malformed("member “attributes” stands twice in a series; remove one of the two") }
        seriesHasAttributes = true
        guard seriesRowCount == 0 else {
            throw ReadError(
                .unsupported, line: scanner.line, byteOffset: scanner.byteOffset,
                detail: "the attributes of a series stand behind more than \(seriesRowCount) of its observations; write “attributes” before “observations”")
        }
        guard let seriesRow else { return }
        switch try scanner.next() {
        case .arrayStart: break
        case .null: return
        default: throw scanner.malformed("the attributes of a series are no array")
        }
        if isDelete { return try readDeletedSeriesAttributes(binding, batch) }
        var count = 0
        while true {
            let token = try scanner.next()
            if token == .arrayEnd { break }
            let value = try MessageValue(scanner, token)
            if count < binding.series.count, let column = binding.series[count].column {
                seriesRow.set(column, try binding.cell(binding.series[count], value, batch, place))
            }
            count += 1
        }
        if count > 0, action != .delete { try setDefaults(binding.series.dropFirst(count), binding, seriesRow) }
        // Observations that came before their series' attributes are still in this filling.
        for row in seriesFirstRow..<max(batch.rowCount, seriesFirstRow) { seriesRow.apply(to: row, only: binding.series.compactMap(\.column)) }
    }
}
