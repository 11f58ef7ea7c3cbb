import SluiceKit

/// Tells whether a row continues the dataset element and the series of the row before it, across batches too.
struct RowTracker {
    private let datasetColumns: [Int]
    private let seriesColumns: [Int]
    private var datasetCodes: [UnsafeMutablePointer<UInt32>] = []
    private var seriesCodes: [UnsafeMutablePointer<UInt32>] = []
    /// The last row of the batch before: one byte for presence, the bytes, and their count, per column.
    private var lastDataset: [UInt8]?
    private var lastSeries: [UInt8] = []

    init(_ layout: DatasetLayout) {
        datasetColumns = layout.datasetAttributes
        seriesColumns = layout.seriesKey + layout.seriesAttributes
    }

    mutating func begin(_ batch: Batch) {
        datasetCodes = datasetColumns.map { batch.codes($0) }
        seriesCodes = seriesColumns.map { batch.codes($0) }
    }

    func continuesDataset(_ batch: Batch, _ row: Int) -> Bool {
        if row == 0 { return lastDataset.map { $0 == Self.image(batch, row, datasetColumns) } ?? false }
        for codes in datasetCodes where codes[row] != codes[row - 1] { return false }
        return true
    }

    func continuesSeries(_ batch: Batch, _ row: Int) -> Bool {
        if row == 0 { return lastDataset != nil && lastSeries == Self.image(batch, row, seriesColumns) }
        for codes in seriesCodes where codes[row] != codes[row - 1] { return false }
        return true
    }

    mutating func end(_ batch: Batch) {
        guard batch.rowCount > 0 else { return }
        lastDataset = Self.image(batch, batch.rowCount - 1, datasetColumns)
        lastSeries = Self.image(batch, batch.rowCount - 1, seriesColumns)
    }

    private static func image(_ batch: Batch, _ row: Int, _ columns: [Int]) -> [UInt8] {
        var image: [UInt8] = []
        for column in columns {
            guard let cell = batch.cell(column, row) else {
                image.append(0)
                continue
            }
            image.append(1)
            withUnsafeBytes(of: cell.count) { image.append(contentsOf: $0) }
            image.append(contentsOf: cell)
        }
        return image
    }
}
