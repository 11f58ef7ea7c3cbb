import SluiceKit

/// Writes the cells of rows: plain ones as XML attributes (generic: as `Value` elements), those of 3.x with several values as `Comp` elements.
final class CellWriter {
    let writer: ByteWriter
    let version: SDMXMLVersion
    private let escape = XMLEscape()
    /// Columns of the row in hand that wait for their `Comp` element.
    private var waiting: [Int] = []

    init(_ writer: ByteWriter, version: SDMXMLVersion) {
        self.writer = writer
        self.version = version
    }

    /// Writes what is present of the columns.
    @inline(__always)
    func write(_ columns: [Int], _ batch: Batch, _ row: Int, _ layout: DatasetLayout, closing: StaticString) throws(WriteError) {
        for column in columns {
            guard let cell = batch.cell(column, row) else { continue }
            try write(column, cell, layout, closing: closing)
        }
    }

    @inline(__always)
    func write(_ column: Int, _ cell: UnsafeRawBufferPointer, _ layout: DatasetLayout, closing: StaticString) throws(WriteError) {
        if !layout.needsElement[column], escape.isPlain(cell) {
            try writeOpening(layout.openings[column])
            try writer.write(cell)
            return try writer.write(closing)
        }
        try writeUnusual(column, cell, layout, closing)
    }

    @inline(__always)
    private func writeOpening(_ bytes: [UInt8]) throws(WriteError) {
        let failure: WriteError? = bytes.withUnsafeBytes { buffer in
            do throws(WriteError) { try writer.write(buffer) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }

    @inline(never)
    private func writeUnusual(_ column: Int, _ cell: UnsafeRawBufferPointer, _ layout: DatasetLayout, _ closing: StaticString) throws(WriteError) {
        let isSimple = CellValues.isPlain(cell)
        if layout.needsElement[column] || !isSimple {
            guard version >= .v3_0, !layout.schema.components[column].isDimension else { throw severalValues(layout.schema.components[column], cell) }
            waiting.append(column)
            return
        }
        try writeOpening(layout.openings[column])
        try writer.write(escaped: cell)
        try writer.write(closing)
    }

    func severalValues(_ component: Component, _ cell: UnsafeRawBufferPointer) -> WriteError {
        let elements = CellValues.elements(cell)
        let example = elements.prefix(3).map { ($0.language.map { "\($0): " } ?? "") + $0.text }.joined(separator: "\", \"")
        let what = component.isDimension ? "a dimension" : "SDMX-ML \(version.rawValue)"
        let advice = component.isDimension ? "give the dimension one value" : "write sdmx-ml-3.0, sdmx-ml-3.1 or another format of SDMX 3"
        return WriteError(
            .unsupported,
            detail: "\(component.id) has several values, or values with their language (\"\(example)\"), for which \(what) has no place; \(advice)")
    }

    // MARK: Elements of 3.x

    /// Whether the row in hand has values that wait for `writeElements`.
    var hasWaiting: Bool { !waiting.isEmpty }

    /// Writes the `Comp` elements of the cells that could not be XML attributes.
    func writeElements(_ batch: Batch, _ row: Int, _ layout: DatasetLayout) throws(WriteError) {
        for column in waiting {
            guard let cell = batch.cell(column, row) else { continue }
            try writer.write("<Comp id=\"")
            try writer.write(escaped: layout.schema.components[column].id)
            try writer.write("\">")
            try writeValues(CellValues.elements(cell), layout.schema.components[column])
            try writer.write("</Comp>\n")
        }
        waiting.removeAll(keepingCapacity: true)
    }

    /// One `Value` for each value; texts in different languages that follow each other are one value (SDMX-ML 3.0, `TextValueType`).
    private func writeValues(_ elements: [CellValues.Element], _ component: Component) throws(WriteError) {
        var languages: Set<String> = []
        var isOpen = false
        let isMarkup = component.textFormat?.type == .xhtml
        for element in elements {
            guard let language = element.language else {
                if isOpen { try writer.write("</Value>") }
                isOpen = false
                languages = []
                try writer.write("<Value>")
                try writer.write(escaped: element.text)
                try writer.write("</Value>")
                continue
            }
            if languages.contains(language) {
                try writer.write("</Value>")
                isOpen = false
                languages = []
            }
            if !isOpen { try writer.write("<Value>") }
            isOpen = true
            languages.insert(language)
            try writer.write(isMarkup ? "<com:StructuredText" : "<com:Text")
            try writer.write(attribute: "xml:lang", HeaderValues.language(language))
            try writer.write(UInt8(ascii: ">"))
            if isMarkup { try writer.write(markup: element.text, of: component.id) } else { try writer.write(escaped: element.text) }
            try writer.write(isMarkup ? "</com:StructuredText>" : "</com:Text>")
        }
        if isOpen { try writer.write("</Value>") }
    }
}

extension ByteWriter {
    /// Writes XHTML as it stands, once it is known to be well-formed.
    fileprivate func write(markup text: String, of component: String) throws(WriteError) {
        let document = Array(("<value>" + text + "</value>").utf8)
        do throws(ReadError) {
            let xml = try XMLEvents(MemoryByteSource(document), limits: ReadLimits(), bytesMax: document.count)
            while try xml.next() {}
        } catch {
            throw WriteError(.unsupported, detail: "the value of \(component) is no XHTML (\(error.detail)); correct its markup")
        }
        try write(text: text)
    }
}
