import SluiceKit

/// Writes data messages of SDMX-ML 2.1 and 3.x: root element, header, datasets, and in them what `RowSpelling` makes of the rows.
///
/// The header names the structure before the first dataset, so a message written as a stream holds data of one structure only.
final class DataMessageWriter: DatasetWriter {
    let format: SDMXMLDataFormat
    let writer: ByteWriter
    let options: WriteOptions
    private let spelling: RowSpelling
    private var layout: DatasetLayout?
    private var tracker: RowTracker?
    private var description: DatasetDescription?
    /// What the header has said.
    private var reference: ArtefactReference?
    private var dimensionAtObservation: String?
    private var isSeriesOpen = false

    /// What the `DataSet` element that is open holds so far.
    private enum Holding { case nothing, groups, data, attributesAlone }
    private var holding: Holding?

    init(format: SDMXMLDataFormat, to sink: any ByteSink, options: WriteOptions) {
        self.format = format
        self.options = options
        writer = ByteWriter(sink)
        spelling = RowSpelling(format, writer)
    }

    func beginDataset(_ next: DatasetDescription) throws(WriteError) {
        try endDataset()
        let layout = try DatasetLayout(next, format: format, isFlat: options.isFlat && !format.isTimeSeries, dimensionAtObservation: dimensionAtObservation)
        if let reference {
            guard reference == Self.reference(of: next), layout.dimensionAtObservation == dimensionAtObservation else {
                throw WriteError(
                    .unsupported,
                    detail:
                        "an SDMX-ML message written as a stream holds data of one structure, and the next dataset is of \(next.reference), not \(reference); write it to a file of its own"
                )
            }
        } else {
            reference = Self.reference(of: next)
            dimensionAtObservation = layout.dimensionAtObservation
            try writeHeader(next, layout, Self.reference(of: next))
        }
        self.layout = layout
        description = next
        tracker = RowTracker(layout)
    }

    func write(_ batch: Batch) throws(WriteError) {
        guard let layout, var tracker, batch.rowCount > 0 else { return }
        tracker.begin(batch)
        for row in 0..<batch.rowCount { try write(batch, row, layout, tracker) }
        tracker.end(batch)
        self.tracker = tracker
    }

    func finish() throws(WriteError) {
        try endDataset()
        guard reference != nil else {
            throw WriteError(
                .unsupported,
                detail: "an SDMX-ML data message names its structure in the header, and there is no dataset to name one; write at least an empty dataset")
        }
        try writeRootEnd()
        try writer.flush()
    }

    /// What the header names: the message's own reference where it is complete, else the data structure.
    private static func reference(of description: DatasetDescription) -> ArtefactReference {
        let own = description.reference
        let isNameable = own.artefactClass == .dataStructure || own.artefactClass == .dataflow || own.artefactClass == .provisionAgreement
        return isNameable && !own.agency.isEmpty && HeaderValues.isID(own.id) ? own : description.schema.structure.reference
    }

    // MARK: Rows

    @inline(__always)
    private func write(_ batch: Batch, _ row: Int, _ layout: DatasetLayout, _ tracker: borrowing RowTracker) throws(WriteError) {
        let shape = layout.shape(batch, row)
        if case .observation = shape, holding == .data, tracker.continuesDataset(batch, row) {
            // The usual case.
        } else {
            try prepare(shape, batch, row, layout, continues: tracker.continuesDataset(batch, row))
        }
        switch shape {
        case .observation:
            if !layout.isFlat, !isSeriesOpen || !tracker.continuesSeries(batch, row) {
                try closeSeries()
                try spelling.openSeries(batch, row, layout)
                isSeriesOpen = true
            }
            try spelling.writeObservation(batch, row, layout)
        case .series:
            try closeSeries()
            try spelling.openSeries(batch, row, layout, isAlone: true)
            try spelling.closeSeries()
        case .group(let id):
            try closeSeries()
            try spelling.writeGroup(id, batch, row, layout)
        case .partialKey:
            try closeSeries()
            try spelling.writePartialKey(batch, row, layout)
        case .dataset: break
        }
    }

    /// Opens another `DataSet` element where the row cannot stand in the one that is open: when an attribute of the dataset changes, for which there
    /// is no other place, and where the row would be taken for something else when read. Up to 2.1 groups come first; and data after a
    /// group would be given its attributes.
    private func prepare(_ shape: RowShape, _ batch: Batch, _ row: Int, _ layout: DatasetLayout, continues: Bool) throws(WriteError) {
        let next: Holding
        switch shape {
        case .dataset: next = .attributesAlone
        case .group, .partialKey: next = holding == .data && format.version >= .v3_0 ? .data : .groups
        default: next = .data
        }
        let fits = continues && (holding == next && next != .attributesAlone)
        if !fits {
            try closeDataset()
            try writeDatasetStart()
            try spelling.finishDatasetStart(batch, row, layout, provider: description?.provider)
        }
        holding = next
    }

    // MARK: Elements around rows

    private func closeSeries() throws(WriteError) {
        if isSeriesOpen { try spelling.closeSeries() }
        isSeriesOpen = false
    }

    private func closeDataset() throws(WriteError) {
        try closeSeries()
        if holding != nil { try writer.write("</mes:DataSet>\n") }
        holding = nil
    }

    private func writeDatasetStart() throws(WriteError) {
        guard let description else { return }
        try spelling.openDataset(description, structureID: Self.structureID)
    }

    private func endDataset() throws(WriteError) {
        guard layout != nil else { return }
        if holding == nil {
            try writeDatasetStart()
            try spelling.finishDatasetStart(provider: description?.provider)
            holding = .nothing
        }
        try closeDataset()
        layout = nil
        tracker = nil
    }

    static let structureID = "S1"
}
