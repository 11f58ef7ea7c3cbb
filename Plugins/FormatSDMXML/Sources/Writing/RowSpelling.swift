import SluiceKit

/// How rows and the elements around them are spelled: structure-specific (XML attributes) or generic (`Value` elements).
struct RowSpelling {
    let cells: CellWriter
    let writer: ByteWriter
    let version: SDMXMLVersion
    let isGeneric: Bool
    let isTimeSeries: Bool

    init(_ format: SDMXMLDataFormat, _ writer: ByteWriter) {
        self.writer = writer
        cells = CellWriter(writer, version: format.version)
        version = format.version
        isGeneric = format.content == .genericData
        isTimeSeries = format.isTimeSeries
    }

    // MARK: Datasets

    /// The dataset's start tag up to, but without, the attributes that a row has and its `>`.
    func openDataset(_ description: DatasetDescription, structureID: String) throws(WriteError) {
        try writer.write("<mes:DataSet")
        let dates = description.dates
        let setID = description.setID.flatMap { $0.isEmpty ? nil : HeaderValues.id($0, otherwise: "_") }
        let action = ActionMeaning.name(description.action, in: version)
        let reportingBegin = HeaderValues.period(dates.reportingBegin)
        let reportingEnd = HeaderValues.period(dates.reportingEnd)
        let validFrom = HeaderValues.dateTime(dates.validFrom, allowsDate: false)
        let validTo = HeaderValues.dateTime(dates.validTo, allowsDate: false)
        let publicationYear = HeaderValues.period(dates.publicationYear)
        let publicationPeriod = HeaderValues.period(dates.publicationPeriod)
        if isGeneric {
            try writer.write(attribute: "structureRef", structureID)
            try writer.write(attribute: "setID", setID)
            try writer.write(attribute: "action", action)
            try writer.write(attribute: "reportingBeginDate", reportingBegin)
            try writer.write(attribute: "reportingEndDate", reportingEnd)
            try writer.write(attribute: "validFromDate", validFrom)
            try writer.write(attribute: "validToDate", validTo)
            try writer.write(attribute: "publicationYear", publicationYear)
            try writer.write(attribute: "publicationPeriod", publicationPeriod)
        } else {
            if version == .v2_1 { try writer.write(" ss:dataScope=\"DataStructure\"") }
            try writer.write(" xsi:type=\"ns1:DataSetType\"")
            try writer.write(attribute: "ss:structureRef", structureID)
            try writer.write(attribute: "ss:setID", setID)
            try writer.write(attribute: "ss:action", action)
            try writer.write(attribute: "ss:reportingBeginDate", reportingBegin)
            try writer.write(attribute: "ss:reportingEndDate", reportingEnd)
            try writer.write(attribute: "ss:validFromDate", validFrom)
            try writer.write(attribute: "ss:validToDate", validTo)
            try writer.write(attribute: "ss:publicationYear", publicationYear)
            try writer.write(attribute: "ss:publicationPeriod", publicationPeriod)
        }
    }

    /// Ends the start tag of a dataset, with the dataset attributes that a row has.
    func finishDatasetStart(_ batch: Batch, _ row: Int, _ layout: DatasetLayout, provider: ArtefactReference?) throws(WriteError) {
        if !isGeneric { try cells.write(layout.datasetAttributes, batch, row, layout, closing: "\"") }
        try finishDatasetStart(provider: provider)
        if isGeneric {
            try writeAttributes(layout.datasetAttributes, batch, row, layout)
        } else if cells.hasWaiting {
            try writer.write("<Atts>")
            try cells.writeElements(batch, row, layout)
            try writer.write("</Atts>\n")
        }
    }

    /// Ends the start tag of a dataset without attributes.
    func finishDatasetStart(provider: ArtefactReference?) throws(WriteError) {
        try writer.write(">\n")
        guard let provider, !provider.agency.isEmpty, HeaderValues.isID(provider.id) else { return }
        try writer.write(isGeneric ? "<gen:DataProvider>" : "<DataProvider>")
        if version == .v2_1 {
            try writer.write("<Ref")
            try writer.write(attribute: "agencyID", provider.agency)
            try writer.write(attribute: "id", provider.id)
            try writer.write(attribute: "maintainableParentID", "DATA_PROVIDERS")
            try writer.write(attribute: "maintainableParentVersion", provider.version ?? "1.0")
            try writer.write(" class=\"DataProvider\"/>")
        } else {
            try writer.write(
                escaped: "urn:sdmx:org.sdmx.infomodel.base.DataProvider=\(provider.agency):DATA_PROVIDERS(\(provider.version ?? "1.0")).\(provider.id)")
        }
        try writer.write(isGeneric ? "</gen:DataProvider>\n" : "</DataProvider>\n")
    }

    // MARK: Series

    /// A series' start tag, key and attributes.
    func openSeries(_ batch: Batch, _ row: Int, _ layout: DatasetLayout, isAlone: Bool = false) throws(WriteError) {
        if isGeneric {
            try writer.write("<gen:Series>")
            try writeKey(layout.seriesKey, "<gen:SeriesKey>", "</gen:SeriesKey>", batch, row, layout)
            try writeAttributes(isAlone ? layout.seriesAttributes + layout.observationAttributes : layout.seriesAttributes, batch, row, layout)
            return try writer.write("\n")
        }
        try writer.write("<Series")
        try cells.write(layout.seriesKey, batch, row, layout, closing: "\"")
        try cells.write(layout.seriesAttributes, batch, row, layout, closing: "\"")
        try writer.write(">\n")
        if cells.hasWaiting { try cells.writeElements(batch, row, layout) }
    }

    func closeSeries() throws(WriteError) { try writer.write(isGeneric ? "</gen:Series>\n" : "</Series>\n") }

    // MARK: Observations

    @inline(__always)
    func writeObservation(_ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        if isGeneric { return try writeGenericObservation(batch, row, layout) }
        if isTimeSeries, let column = layout.observationColumn, batch.isAbsent(column, row) { throw noDimension(layout, column) }
        try writer.write("<Obs")
        try cells.write(layout.observationKey, batch, row, layout, closing: "\"")
        try cells.write(layout.measures, batch, row, layout, closing: "\"")
        try cells.write(layout.observationAttributes, batch, row, layout, closing: "\"")
        if cells.hasWaiting {
            try writer.write(UInt8(ascii: ">"))
            try cells.writeElements(batch, row, layout)
            return try writer.write("</Obs>\n")
        }
        try writer.write("/>\n")
    }

    private func writeGenericObservation(_ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        if let column = layout.observationColumn {
            guard let cell = batch.cell(column, row) else { throw noDimension(layout, column) }
            try writer.write("<gen:Obs><gen:ObsDimension value=\"")
            try writer.write(escaped: cell)
            try writer.write("\"/>")
        } else {
            try writer.write("<gen:Obs>")
            try writeKey(layout.observationKey, "<gen:ObsKey>", "</gen:ObsKey>", batch, row, layout)
        }
        var others = layout.observationAttributes
        if let measure = layout.measures.first {
            if let cell = batch.cell(measure, row) {
                guard CellValues.isPlain(cell) else { throw cells.severalValues(layout.schema.components[measure], cell) }
                try writer.write("<gen:ObsValue value=\"")
                try writer.write(escaped: cell)
                try writer.write("\"/>")
            }
            // A structure of SDMX 3.x may have further measures, for which the 2.1 format has no element of their own.
            if layout.measures.count > 1 { others = layout.measures.dropFirst() + others }
        }
        try writeAttributes(others, batch, row, layout)
        try writer.write("</gen:Obs>\n")
    }

    private func noDimension(_ layout: DatasetLayout, _ column: Int) -> WriteError {
        WriteError(
            .unsupported,
            detail:
                "an observation has no \(layout.schema.components[column].id), for which this form of SDMX-ML has no place; write sdmx-ml-2.1 or sdmx-ml-3.0, which can leave it out"
        )
    }

    // MARK: Groups

    func writeGroup(_ id: String, _ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        let key = layout.isFlat ? layout.observationKey : layout.seriesKey
        let attributes = layout.isFlat ? layout.observationAttributes : layout.seriesAttributes
        if isGeneric {
            try writer.write("<gen:Group")
            try writer.write(attribute: "type", id)
            try writer.write(UInt8(ascii: ">"))
            try writeKey(key, "<gen:GroupKey>", "</gen:GroupKey>", batch, row, layout)
            try writeAttributes(attributes, batch, row, layout)
            return try writer.write("</gen:Group>\n")
        }
        try writer.write("<Group")
        try writer.write(attribute: "xsi:type", "ns1:" + id)
        try writePart(key, attributes, batch, row, layout)
        try writer.write("</Group>\n")
    }

    /// `Atts` of 3.x.
    func writePartialKey(_ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        try writer.write("<Atts")
        try writePart(
            layout.isFlat ? layout.observationKey : layout.seriesKey, layout.isFlat ? layout.observationAttributes : layout.seriesAttributes, batch, row, layout
        )
        try writer.write("</Atts>\n")
    }

    private func writePart(_ key: [Int], _ attributes: [Int], _ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        try cells.write(key, batch, row, layout, closing: "\"")
        try cells.write(attributes, batch, row, layout, closing: "\"")
        try writer.write(UInt8(ascii: ">"))
        try cells.writeElements(batch, row, layout)
    }

    // MARK: Generic values

    /// `ValuesType` has to hold a value, so a key of which nothing is known has no place.
    private func writeKey(_ columns: [Int], _ start: StaticString, _ end: StaticString, _ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError)
    {
        try writer.write(start)
        var isEmpty = true
        for column in columns {
            guard let cell = batch.cell(column, row) else { continue }
            isEmpty = false
            try cells.write(column, cell, layout, closing: "\"/>")
        }
        if isEmpty, let first = columns.first { throw noDimension(layout, first) }
        try writer.write(end)
    }

    private func writeAttributes(_ columns: [Int], _ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        var isOpen = false
        for column in columns {
            guard let cell = batch.cell(column, row) else { continue }
            if !isOpen { try writer.write("<gen:Attributes>") }
            isOpen = true
            try cells.write(column, cell, layout, closing: "\"/>")
        }
        if isOpen { try writer.write("</gen:Attributes>") }
    }
}
