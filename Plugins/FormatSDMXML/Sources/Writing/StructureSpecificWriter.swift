import SluiceKit

/// Writes structure-specific data of SDMX-ML 2.1: one XML attribute per value.
final class StructureSpecificWriter: DatasetWriter {
    private var message: DataMessageWriter
    private let writer: ByteWriter
    private var layout: DatasetLayout?
    private var tracker: RowTracker?
    private var isDatasetOpen = false
    private var isSeriesOpen = false

    init(to sink: any ByteSink, options: WriteOptions) {
        message = DataMessageWriter(.structureSpecific, to: sink, options: options)
        writer = message.writer
    }

    func beginDataset(_ description: DatasetDescription) throws(WriteError) {
        try endDataset()
        let layout = try message.begin(description)
        self.layout = layout
        tracker = RowTracker(layout)
    }

    func write(_ batch: Batch) throws(WriteError) {
        guard let layout, tracker != nil, batch.rowCount > 0 else { return }
        tracker?.begin(batch)
        for row in 0..<batch.rowCount { try write(batch, row, layout) }
        tracker?.end(batch)
    }

    func finish() throws(WriteError) {
        try endDataset()
        try message.finish()
    }

    // MARK: Rows

    private func write(_ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        if tracker?.continuesDataset(batch, row) != true || !isDatasetOpen { try openDataset(batch, row, layout) }
        if layout.isFlat {
            if layout.isEmptyRow(batch, row) { return }
            return try writeObservation(batch, row, layout)
        }
        if layout.isSeriesAlone(batch, row) {
            try closeSeries()
            if !layout.isEmptyRow(batch, row) {
                try openSeries(batch, row, layout)
                try writer.write("/>\n")
            }
            return
        }
        if !isSeriesOpen || tracker?.continuesSeries(batch, row) != true {
            try closeSeries()
            try openSeries(batch, row, layout)
            try writer.write(">\n")
            isSeriesOpen = true
        }
        try writeObservation(batch, row, layout)
    }

    private func writeObservation(_ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        try writer.write("<Obs")
        try write(layout.observationKey, batch, row, layout)
        try write(layout.measures, batch, row, layout)
        try write(layout.observationAttributes, batch, row, layout)
        try writer.write("/>\n")
    }

    private func openSeries(_ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        try writer.write("<Series")
        try write(layout.seriesKey, batch, row, layout)
        try write(layout.seriesAttributes, batch, row, layout)
    }

    private func write(_ columns: [Int], _ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        for column in columns {
            guard let cell = batch.cell(column, row) else { continue }
            try writer.write(raw: layout.openings[column])
            try writer.write(escaped: cell)
            try writer.write(UInt8(ascii: "\""))
        }
    }

    // MARK: Elements around rows

    /// An attribute of the dataset that changes its value begins a further `DataSet`: there is no other place for it.
    private func openDataset(_ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        try closeDataset()
        try message.writeDatasetStart()
        try write(layout.datasetAttributes, batch, row, layout)
        try writer.write(">\n")
        isDatasetOpen = true
    }

    private func closeSeries() throws(WriteError) {
        if isSeriesOpen { try writer.write("</Series>\n") }
        isSeriesOpen = false
    }

    private func closeDataset() throws(WriteError) {
        try closeSeries()
        if isDatasetOpen { try writer.write("</mes:DataSet>\n") }
        isDatasetOpen = false
    }

    private func endDataset() throws(WriteError) {
        guard layout != nil else { return }
        if !isDatasetOpen {
            try message.writeDatasetStart()
            try writer.write(">\n")
            isDatasetOpen = true
        }
        try closeDataset()
        layout = nil
        tracker = nil
    }

}
