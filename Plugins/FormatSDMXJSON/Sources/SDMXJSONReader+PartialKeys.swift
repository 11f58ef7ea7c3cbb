import SluiceKit

/// What a message says of part of the key: attributes of the dataset, of groups, and in a Delete of series.
extension SDMXJSONReader {
    var isDelete: Bool { action == .delete }

    /// The dataset's own attributes, where no row carries them: there is none, or the dataset deletes.
    func appendOwnAttributes(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        state = .leftGroups(0)
        let hasValues = head.attributes.contains { !$0.isNone }
        // A Delete without keys and attributes is one of all data ("whole datasets … can be deleted", field guide 2.1, "dataSet").
        let deletesAll = isDelete && !head.hasKeys && head.groups.isEmpty && !hasValues
        guard deletesAll || (hasValues && (isDelete || !hasRows)) else { return }
        let row = batch.appendRow(line: UInt64(truncatingIfNeeded: head.line))
        rowOrdinal += 1
        for (slot, value) in zip(binding.dataSet, head.attributes) { binding.put(try binding.cell(slot, value, batch, place), slot, batch, row) }
    }

    /// The next group whose partial key fits no row of the dataset.
    func appendLeftGroup(_ number: Int, _ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        guard let groups, number < groups.groups.count else {
            state = .outside
            return
        }
        state = .leftGroups(number + 1)
        guard !groups.isUsed(number) else { return }
        let group = groups.groups[number]
        let row = batch.appendRow(line: UInt64(truncatingIfNeeded: group.line))
        rowOrdinal += 1
        for (position, index) in group.key.enumerated() {
            let dimension = groups.dimensionOrder[position]
            if index == IndexKey.switchedOff {
                if let column = binding.dimensions[dimension].column { batch.codes(column)[row] = try batch.dictionary(column).intern(PartialKey.switchedOff) }
            } else if index >= 0, try !binding.setDimension(dimension, index, batch, row) {
                binding.reportIndex(binding.dimensions[dimension], String(index), place)
            }
        }
        try setGroup(group, binding, batch) { (slot, cell) in binding.put(cell, slot, batch, row) }
    }

    /// In a Delete the attributes of a series name what is taken from the series, not from its observations: a row of its own.
    func readDeletedSeriesAttributes(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        var values: [MessageValue] = []
        while true {
            let token = try scanner.next()
            if token == .arrayEnd { break }
            values.append(try MessageValue(scanner, token))
        }
        guard values.contains(where: { !$0.isNone }) else { return }
        for position in binding.observationDimensions { indexes[position] = IndexKey.leftOut }
        let row = try appendRow(binding, batch)
        for (slot, value) in zip(binding.series, values) { binding.put(try binding.cell(slot, value, batch, place), slot, batch, row) }
    }

    func setGroup(_ group: DatasetHead.Group, _ binding: MessageBinding, _ batch: Batch, _ put: (MessageBinding.Slot, MessageBinding.Cell) -> Void)
        throws(ReadError)
    {
        var place = place
        place.line = group.line
        for (slot, value) in zip(binding.dimensionGroup, group.values) { put(slot, try binding.cell(slot, value, batch, place)) }
    }
}
