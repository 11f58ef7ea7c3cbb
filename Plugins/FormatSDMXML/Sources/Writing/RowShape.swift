import SluiceKit

/// As what a row is written. Absent dimensions are how values for part of a key travel; each of these is read back as the same row.
enum RowShape {
    case observation
    /// A series without observations, also with part of its key.
    case series
    /// A declared group: its dimensions and nothing else of the key.
    case group(String)
    /// `Atts` of 3.x: part of the key that is no declared group.
    case partialKey
    /// Attributes of the dataset and nothing else.
    case dataset

    var isGroup: Bool {
        switch self {
        case .group, .partialKey: true
        default: false
        }
    }
}

extension DatasetLayout {
    /// The shape of a row. Almost every row is an observation with its whole key, which is seen first.
    @inline(__always)
    func shape(_ batch: Batch, _ row: Int) -> RowShape {
        if let observationColumn {
            if batch.codes(observationColumn)[row] != ValueDictionary.absent { return .observation }
        } else if isComplete(observationKey, batch, row) {
            return .observation
        }
        return unusualShape(batch, row)
    }

    @inline(__always)
    private func isComplete(_ columns: [Int], _ batch: Batch, _ row: Int) -> Bool {
        for column in columns where batch.isAbsent(column, row) { return false }
        return true
    }

    private func isAbsent(_ columns: [Int], _ batch: Batch, _ row: Int) -> Bool {
        for column in columns where !batch.isAbsent(column, row) { return false }
        return true
    }

    @inline(never)
    private func unusualShape(_ batch: Batch, _ row: Int) -> RowShape {
        guard isAbsent(measures, batch, row) else { return .observation }
        // Generic data have no observation without its dimension; what it says is said of its series.
        guard isFlat || isGeneric || isAbsent(observationAttributes, batch, row) else { return .observation }
        let key = isFlat ? observationKey : seriesKey
        let attributes = isFlat ? observationAttributes : seriesAttributes
        let present = key.filter { !batch.isAbsent($0, row) }
        let hasAttributes = !isAbsent(attributes, batch, row) || !isAbsent(observationAttributes, batch, row)
        let otherwise = isFlat ? RowShape.observation : .series
        if present.isEmpty {
            if hasAttributes { return otherwise }
            // Nothing at all: to delete, it names everything (3.1, `Delete`); an empty series says nothing elsewhere.
            return isAbsent(datasetAttributes, batch, row) ? (isDelete ? otherwise : .observation) : .dataset
        }
        guard hasAttributes, present.count < key.count else { return otherwise }
        if let group = groups.first(where: { $0.columns == present }) { return .group(group.id) }
        return version >= .v3_0 ? .partialKey : otherwise
    }
}
