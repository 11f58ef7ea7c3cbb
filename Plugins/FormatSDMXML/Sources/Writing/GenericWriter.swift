import SluiceKit

/// Writes generic data of SDMX-ML 2.1: one `Value` element per value, the same schema for every structure.
final class GenericWriter: DatasetWriter {
    private var message: DataMessageWriter
    private let writer: ByteWriter
    private var layout: DatasetLayout?
    private var tracker: RowTracker?
    private var isDatasetOpen = false
    private var isSeriesOpen = false

    init(to sink: any ByteSink, options: WriteOptions) {
        message = DataMessageWriter(.generic, to: sink, options: options)
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
        if layout.isEmptyRow(batch, row) { return }
        if layout.isFlat {
            try writer.write("<gen:Obs>")
            try writeKey(layout.observationKey, "<gen:ObsKey>", "</gen:ObsKey>", batch, row, layout)
            return try writeObservationRest(batch, row, layout)
        }
        let isAlone = layout.isSeriesAlone(batch, row)
        if isAlone || !isSeriesOpen || tracker?.continuesSeries(batch, row) != true {
            try closeSeries()
            try openSeries(batch, row, layout)
        }
        if isAlone { return try closeSeries() }
        try writer.write("<gen:Obs><gen:ObsDimension value=\"")
        if let column = layout.observationColumn, let cell = batch.cell(column, row) { try writer.write(escaped: cell) }
        try writer.write("\"/>")
        try writeObservationRest(batch, row, layout)
    }

    private func writeObservationRest(_ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        if let measure = layout.measures.first, let cell = batch.cell(measure, row) {
            try writer.write("<gen:ObsValue value=\"")
            try writer.write(escaped: cell)
            try writer.write("\"/>")
        }
        // A structure of SDMX 3.x may have further measures, for which the 2.1 format has no element of their own.
        try writeAttributes(layout.measures.dropFirst() + layout.observationAttributes, batch, row, layout)
        try writer.write("</gen:Obs>\n")
    }

    private func openSeries(_ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        try writer.write("<gen:Series>")
        try writeKey(layout.seriesKey, "<gen:SeriesKey>", "</gen:SeriesKey>", batch, row, layout)
        try writeAttributes(layout.seriesAttributes[...], batch, row, layout)
        try writer.write("\n")
        isSeriesOpen = true
    }

    /// `ValuesType` has to hold a value, so a key of which nothing is known is written with an empty one.
    private func writeKey(_ columns: [Int], _ start: StaticString, _ end: StaticString, _ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError)
    {
        try writer.write(start)
        var isEmpty = true
        for column in columns {
            guard let cell = batch.cell(column, row) else { continue }
            isEmpty = false
            try writeValue(column, cell, layout)
        }
        if isEmpty, let first = columns.first { try writeValue(first, UnsafeRawBufferPointer(start: nil, count: 0), layout) }
        try writer.write(end)
    }

    private func writeAttributes(_ columns: ArraySlice<Int>, _ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        var isOpen = false
        for column in columns {
            guard let cell = batch.cell(column, row) else { continue }
            if !isOpen { try writer.write("<gen:Attributes>") }
            isOpen = true
            try writeValue(column, cell, layout)
        }
        if isOpen { try writer.write("</gen:Attributes>") }
    }

    @inline(__always)
    private func writeValue(_ column: Int, _ cell: UnsafeRawBufferPointer, _ layout: DatasetLayout) throws(WriteError) {
        try writer.write(raw: layout.openings[column])
        try writer.write(escaped: cell)
        try writer.write("\"/>")
    }

    // MARK: Elements around rows

    /// An attribute of the dataset that changes its value begins a further `DataSet`: there is no other place for it.
    private func openDataset(_ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        try closeDataset()
        try message.writeDatasetStart()
        try writer.write(">\n")
        try writeAttributes(layout.datasetAttributes[...], batch, row, layout)
        isDatasetOpen = true
    }

    private func closeSeries() throws(WriteError) {
        if isSeriesOpen { try writer.write("</gen:Series>\n") }
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
