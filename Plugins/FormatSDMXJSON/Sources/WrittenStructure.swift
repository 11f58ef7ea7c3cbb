import SluiceKit

/// A structure as it will stand behind the data: which component is written at which level, and the values met so far.
///
/// Values are numbered as they are written, not taken over from the batch's dictionaries: these also hold values of rows that were withheld,
/// which must not leave the node in a list.
final class WrittenStructure {
    enum Layout { case series, flat }
    /// A component in the order in which its value stands in a key or an array.
    struct Column {
        let column: Int
        let isCoded: Bool
        /// Values are listed and referred to by position; else they stand in the dataset as strings.
        let dictionary: ValueDictionary?
        fileprivate(set) var numbers: Numbers
    }
    /// What most cells need of a column; nothing in it is counted, so that a loop over cells touches no reference.
    struct Outlet {
        let index: Int
        let column: Int
        let isListed: Bool
        let codes: UnsafeMutablePointer<UInt32>?
        let spans: UnsafeMutablePointer<Batch.Span>?
        let numbers: UnsafeMutablePointer<UInt32>

        fileprivate init(_ index: Int, _ column: Column, _ batch: Batch) {
            self.index = index
            self.column = column.column
            isListed = column.dictionary != nil
            codes = batch.isCoded[column.column] ? batch.codes(column.column) : nil
            spans = batch.isCoded[column.column] ? nil : batch.spans(column.column)
            numbers = column.numbers.table
        }
    }
    /// The position of each of the batch's codes in the list.
    struct Numbers {
        static let unknown = UInt32.max
        fileprivate(set) var table: UnsafeMutablePointer<UInt32>
        fileprivate(set) var capacity: Int
    }

    let schema: DatasetSchema
    let reference: ArtefactReference
    let layout: Layout
    private(set) var seriesDimensions: [Column]
    private(set) var observationDimensions: [Column]
    private(set) var dataSet: [Column]
    private(set) var series: [Column]
    private(set) var observation: [Column]
    /// The columns of observations once more, for the batch in use.
    private(set) var outlets = UnsafeMutableBufferPointer<Outlet>(start: nil, count: 0)
    /// Those that make a series one: its dimensions and attributes.
    private(set) var seriesOutlets = UnsafeMutableBufferPointer<Outlet>(start: nil, count: 0)
    private var batch: Batch?

    init(_ description: DatasetDescription, _ layout: Layout) {
        schema = description.schema
        reference = description.reference
        self.layout = layout
        let limits = ReadLimits()
        let schema = description.schema
        func columns(_ indexes: some Sequence<Int>, listed: Bool = true) -> [Column] {
            indexes.map { index in
                let isCoded = schema.components[index].storage == .coded
                return Column(
                    column: index, isCoded: isCoded, dictionary: isCoded && listed ? ValueDictionary(limits: limits) : nil,
                    numbers: Numbers(table: .allocate(capacity: 64), capacity: 64))
            }
        }
        let isSeries = layout == .series
        seriesDimensions = columns(isSeries ? schema.seriesDimensions : 0..<0)
        observationDimensions = columns(isSeries ? schema.dimensions.dropFirst(schema.seriesDimensions.count) : schema.dimensions[...])
        let levels = schema.attributes.map { ($0, Self.level(of: $0, in: schema, layout)) }
        // Attributes of the dataset are written as they are: one value each, so a list would save nothing.
        dataSet = columns(levels.filter { $0.1 == .dataSet }.map(\.0), listed: false)
        series = columns(levels.filter { $0.1 == .series }.map(\.0))
        observation = columns(schema.measures) + columns(levels.filter { $0.1 == .observation }.map(\.0))
    }

    deinit {
        for column in all { column.numbers.table.deallocate() }
        outlets.deallocate()
        seriesOutlets.deallocate()
    }

    private var all: [Column] { seriesDimensions + observationDimensions + dataSet + series + observation }

    /// Group attributes go to the series: "an attribute value can be attached physically in the message at a lower level" (field guide, "component").
    private static func level(of column: Int, in schema: DatasetSchema, _ layout: Layout) -> MessageComponent.Level {
        switch schema.components[column].role {
        case .attribute(.dataset): return .dataSet
        case .attribute(.observation): return .observation
        default:
            guard layout == .series else { return .observation }
            let time = schema.timeDimension.map { schema.components[$0].id }
            return schema.groupDimensions(of: column)?.contains { $0 == time } ?? false ? .observation : .series
        }
    }

    func fits(_ description: DatasetDescription, _ layout: Layout) -> Bool {
        schema === description.schema && reference == description.reference && self.layout == layout
    }

    /// Makes the tables ready for the codes of a batch, which may have grown since the last filling.
    func use(_ batch: Batch) {
        let isNew = self.batch !== batch
        self.batch = batch
        func prepare(_ columns: inout [Column]) {
            for index in columns.indices where columns[index].dictionary != nil {
                let count = batch.dictionary(columns[index].column).count
                let numbers = columns[index].numbers
                var table = numbers.table
                var capacity = numbers.capacity
                if count > capacity {
                    capacity = max(capacity * 2, count)
                    table = .allocate(capacity: capacity)
                    table.update(from: numbers.table, count: numbers.capacity)
                    (table + numbers.capacity).initialize(repeating: Numbers.unknown, count: capacity - numbers.capacity)
                    numbers.table.deallocate()
                }
                if isNew { table.initialize(repeating: Numbers.unknown, count: capacity) }
                columns[index].numbers = Numbers(table: table, capacity: capacity)
            }
        }
        prepare(&seriesDimensions)
        prepare(&observationDimensions)
        prepare(&series)
        prepare(&observation)
        outlets.deallocate()
        outlets = .allocate(capacity: observation.count)
        _ = outlets.initialize(from: observation.enumerated().map { Outlet($0.offset, $0.element, batch) })
        seriesOutlets.deallocate()
        seriesOutlets = .allocate(capacity: seriesDimensions.count + series.count)
        _ = seriesOutlets.initialize(from: (seriesDimensions + series).enumerated().map { Outlet($0.offset, $0.element, batch) })
    }

    /// The position of a code's value in the list; a value is listed when it is first asked for.
    @inline(__always)
    static func number(_ column: Column, _ dictionary: ValueDictionary, _ code: UInt32, _ batch: Batch) throws(WriteError) -> UInt32 {
        let number = column.numbers.table[Int(code)]
        return number != Numbers.unknown ? number : try list(column, dictionary, batch.dictionary(column.column).bytes(code), code)
    }

    private static func list(_ column: Column, _ dictionary: ValueDictionary, _ bytes: UnsafeRawBufferPointer, _ code: UInt32) throws(WriteError) -> UInt32 {
        let number = try intern(dictionary, bytes)
        column.numbers.table[Int(code)] = number
        return number
    }

    /// The position that stands for a dimension without a value (a partial key): a key of SDMX-JSON cannot leave one out, so an empty value is listed.
    static func numberOfAbsent(_ dictionary: ValueDictionary) throws(WriteError) -> UInt32 {
        try intern(dictionary, UnsafeRawBufferPointer(start: nil, count: 0))
    }

    private static func intern(_ dictionary: ValueDictionary, _ bytes: UnsafeRawBufferPointer) throws(WriteError) -> UInt32 {
        do { return try dictionary.intern(bytes) } catch { throw WriteError(.limitExceeded, detail: error.detail) }
    }

    // MARK: Writing

    func write(to out: ByteWriter, dataSets: [Int]) throws(WriteError) {
        try out.write("{\"links\":")
        try Self.writeLinks(reference, schema, to: out)
        if !dataSets.isEmpty { try out.write(text: ",\"dataSets\":[\(dataSets.map(String.init).joined(separator: ","))]") }
        // An object that was never filled lists no values, and dimensions have to have some: then the levels stay out.
        try out.write(",\"dimensions\":{")
        let dimensions = [("series", seriesDimensions), ("observation", observationDimensions)].filter { level in
            !level.1.isEmpty && level.1.allSatisfy { ($0.dictionary?.count ?? 0) > 0 }
        }
        for (index, (level, columns)) in dimensions.enumerated() { try writeComponents(level, columns, isFirst: index == 0, to: out) }
        try out.write("},\"measures\":{")
        let measures = observation.filter { schema.components[$0.column].role == .measure }
        if !measures.isEmpty { try writeComponents("observation", measures, isFirst: true, to: out) }
        try out.write("},\"attributes\":{")
        let attributes = [("dataSet", dataSet), ("series", series), ("observation", observation.filter { schema.components[$0.column].isAttribute })].filter {
            !$0.1.isEmpty
        }
        for (index, (level, columns)) in attributes.enumerated() { try writeComponents(level, columns, isFirst: index == 0, to: out) }
        try out.write("}}")
    }

    static func writeLinks(_ reference: ArtefactReference, _ schema: DatasetSchema, to out: ByteWriter) throws(WriteError) {
        let structure = schema.structure.reference
        var links = [reference]
        if let flow = schema.flow, reference.artefactClass != .dataflow { links.append(flow) }
        if reference.artefactClass != .dataStructure { links.append(structure) }
        try out.write("[")
        for (index, link) in links.enumerated() {
            try out.write(text: "\(index > 0 ? "," : ""){\"rel\":\"\(link.artefactClass.rawValue.lowercased())\",\"urn\":")
            try JSONText.write(link.urn, to: out)
            try out.write("}")
        }
        try out.write("]")
    }

    private func writeComponents(_ level: String, _ columns: [Column], isFirst: Bool, to out: ByteWriter) throws(WriteError) {
        try out.write(text: "\(isFirst ? "" : ",")\"\(level)\":[")
        for (index, column) in columns.enumerated() {
            let component = schema.components[column.column]
            try out.write(text: "\(index > 0 ? "," : ""){\"id\":")
            try JSONText.write(component.id, to: out)
            if let name = component.names.text() {
                try out.write(",\"name\":")
                try JSONText.write(name, to: out)
            }
            if component.isDimension { try out.write(text: ",\"keyPosition\":\(column.column)") }
            if component.role == .measure || component.isAttribute { try out.write(text: ",\"isMandatory\":\(component.isMandatory)") }
            try writeRelationship(component, to: out)
            if let dictionary = column.dictionary, dictionary.count > 0 { try writeValues(dictionary, component, to: out) }
            try out.write("}")
        }
        try out.write("]")
    }

    private func writeRelationship(_ component: Component, to out: ByteWriter) throws(WriteError) {
        guard case .attribute(let relationship) = component.role else { return }
        var dimensions: [String] = []
        switch relationship {
        case .dataset: return try out.write(",\"relationship\":{\"dataflow\":{}}")
        case .observation: break
        case .dimensions(let ids): dimensions = ids
        case .group(let id): dimensions = schema.structure.groups.first { $0.id == id }?.dimensions ?? []
        }
        guard !dimensions.isEmpty else { return try out.write(",\"relationship\":{\"observation\":{}}") }
        try out.write(",\"relationship\":{\"dimensions\":[")
        for (index, id) in dimensions.enumerated() {
            if index > 0 { try out.write(",") }
            try JSONText.write(id, to: out)
        }
        try out.write("]}")
    }

    private func writeValues(_ dictionary: ValueDictionary, _ component: Component, to out: ByteWriter) throws(WriteError) {
        try out.write(",\"values\":[")
        let hasCodes = component.codelistReference != nil || component.isDimension
        for code in 0..<UInt32(dictionary.count) {
            if code > 0 { try out.write(",") }
            let bytes = dictionary.bytes(code)
            // An id has to have a name beside it and a restricted alphabet; what is no such id is listed as a plain value.
            if hasCodes, Self.isID(bytes) {
                try out.write("{\"id\":")
                try JSONText.write(bytes, to: out)
                try out.write(",\"name\":")
                if let name = component.codelist?[String(decoding: bytes, as: UTF8.self)]?.names.text() {
                    try JSONText.write(name, to: out)
                } else {
                    try JSONText.write(bytes, to: out)
                }
            } else {
                try out.write("{\"value\":")
                try JSONText.write(bytes, to: out)
            }
            try out.write("}")
        }
        try out.write("]")
    }

    /// `^[A-Za-z0-9_@$-]+$` (schema, `dimValues` and `compValues`).
    private static func isID(_ bytes: UnsafeRawBufferPointer) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "$"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}
