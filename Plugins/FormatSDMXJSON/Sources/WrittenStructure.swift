import SluiceKit

/// A structure as it will stand behind the data: which component is written at which level, and the values met so far.
///
/// Values are numbered as they are written, not taken over from the batch's dictionaries: these also hold values of rows that were withheld,
/// which must not leave the node in a list.
final class WrittenStructure {
    enum Layout { case series, flat }
    /// Which dimensions its keys have; a row that leaves out some, and still has a measure, needs a structure of its own.
    let dimensionsKept: [Int]
    /// A component in the order in which its value stands in a key or an array.
    struct Column {
        let column: Int
        let isCoded: Bool
        /// Values are listed and referred to by position; else they stand in the dataset themselves.
        let dictionary: ValueDictionary?
        /// The single codes of a coded component that holds several: they are listed, and a cell refers to each ("flat-listed", field guide 2.1, "component").
        let elements: ValueDictionary?
        /// A number in the data is written as one.
        let isNumeric: Bool
        fileprivate(set) var numbers: Numbers
        /// For each listed cell of several codes the array of their positions.
        fileprivate let arrays: CellArrays?
        /// 1.0 has one value per place.
        let refusesSeveral: Bool
        let id: String

        var hasArrays: Bool { arrays != nil }
        /// What stands in the data for the cell with this number.
        func writeArray(_ number: UInt32, to out: ByteWriter) throws(WriteError) { try arrays?.write(number, to: out) }
    }
    /// The arrays of positions that stand for listed cells of several codes.
    final class CellArrays {
        fileprivate var texts: [[UInt8]] = []
        fileprivate func write(_ number: UInt32, to out: ByteWriter) throws(WriteError) {
            guard Int(number) < texts.count else { return }
            for byte in texts[Int(number)] { try out.write(byte) }
        }
    }
    /// What most cells need of a column; nothing in it is counted, so that a loop over cells touches no reference.
    struct Outlet {
        let index: Int
        let column: Int
        let isListed: Bool
        let hasArrays: Bool
        let isNumeric: Bool
        /// The component holds several values: each cell is an array.
        let isArray: Bool
        let codes: UnsafeMutablePointer<UInt32>?
        let spans: UnsafeMutablePointer<Batch.Span>?
        let numbers: UnsafeMutablePointer<UInt32>

        fileprivate init(_ index: Int, _ column: Column, _ batch: Batch) {
            self.index = index
            self.column = column.column
            isListed = column.dictionary != nil
            hasArrays = column.hasArrays
            isNumeric = column.isNumeric
            isArray = batch.schema.components[column.column].isArray
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

    let version: SDMXJSONFormat.Version
    let schema: DatasetSchema
    let reference: ArtefactReference
    let layout: Layout
    /// In a Delete each attribute stands where its row does: at the dataset or series it would be one more thing to delete.
    let isDelete: Bool
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

    init(_ description: DatasetDescription, _ layout: Layout, _ version: SDMXJSONFormat.Version, dimensions: [Int]) {
        isDelete = description.action == .delete && version != .v1
        self.version = version
        schema = description.schema
        reference = description.reference
        self.layout = layout
        dimensionsKept = dimensions
        let limits = ReadLimits()
        let schema = description.schema
        func columns(_ indexes: some Sequence<Int>, listed: Bool = true) -> [Column] {
            indexes.map { index in
                let component = schema.components[index]
                let isCoded = component.storage == .coded
                // 1.0 lists the values of all attributes; 2.x those that would repeat.
                let isListed = listed && (isCoded || (version == .v1 && component.isAttribute))
                let hasElements = isListed && component.isArray && component.codelistReference != nil && version != .v1
                return Column(
                    column: index, isCoded: isCoded, dictionary: isListed ? ValueDictionary(limits: limits) : nil,
                    elements: hasElements ? ValueDictionary(limits: limits) : nil, isNumeric: JSONNumber.isUsed(by: component),
                    numbers: Numbers(table: .allocate(capacity: 64), capacity: 64), arrays: hasElements ? CellArrays() : nil,
                    refusesSeveral: version == .v1, id: component.id)
            }
        }
        let isSeries = layout == .series
        seriesDimensions = columns(isSeries ? dimensions.filter(schema.seriesDimensions.contains) : [])
        observationDimensions = columns(isSeries ? dimensions.filter { !schema.seriesDimensions.contains($0) } : dimensions)
        let isDelete = isDelete
        let levels = schema.attributes.map { ($0, isDelete ? .observation : Self.level(of: $0, in: schema, layout)) }
        // Attributes of the dataset are written as they are: one value each, so a list would save nothing. 1.0 has the list only.
        dataSet = columns(levels.filter { $0.1 == .dataSet }.map(\.0), listed: version == .v1)
        series = columns(levels.filter { $0.1 == .series }.map(\.0))
        observation = columns(schema.measures) + columns(levels.filter { $0.1 == .observation }.map(\.0))
    }

    /// Whether rows of a series can be told by the batch's codes alone.
    var comparesByCode: Bool { series.allSatisfy(\.isCoded) }

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

    func fits(_ description: DatasetDescription, _ layout: Layout, dimensions: [Int]) -> Bool {
        schema === description.schema && reference == description.reference && self.layout == layout && dimensionsKept == dimensions
            && isDelete == (description.action == .delete)
    }

    /// Makes the tables ready for the codes of a batch, which may have grown since the last filling.
    func use(_ batch: Batch) {
        let isNew = self.batch !== batch
        self.batch = batch
        func prepare(_ columns: inout [Column]) {
            for index in columns.indices where columns[index].dictionary != nil && columns[index].isCoded {
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
        prepare(&dataSet)
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
        let number = try numberOfText(column, dictionary, bytes)
        column.numbers.table[Int(code)] = number
        return number
    }

    /// The position of a text that has no code in the batch.
    static func numberOfText(_ column: Column, _ dictionary: ValueDictionary, _ bytes: UnsafeRawBufferPointer) throws(WriteError) -> UInt32 {
        if column.refusesSeveral, !CellValues.isPlain(bytes) { throw SDMXJSONWriter.severalIn1(column.id) }
        let number = try intern(dictionary, bytes)
        if let arrays = column.arrays, let elements = column.elements, Int(number) == arrays.texts.count {
            var text = "["
            for (index, element) in bytes.split(separator: CellValues.elementSeparator, omittingEmptySubsequences: false).enumerated() {
                if index > 0 { text += "," }
                text += element.isEmpty ? "null" : String(try intern(elements, UnsafeRawBufferPointer(rebasing: element)))
            }
            arrays.texts.append(Array((text + "]").utf8))
        }
        return number
    }

    private static func intern(_ dictionary: ValueDictionary, _ bytes: UnsafeRawBufferPointer) throws(WriteError) -> UInt32 {
        do { return try dictionary.intern(bytes) } catch { throw WriteError(.limitExceeded, detail: error.detail) }
    }

    /// Writes it with all values that were met.
    func write(to out: ByteWriter, dataSets: [Int]) throws(WriteError) {
        func level(_ name: String, _ columns: [Column]) -> StructureJSON.Level {
            // Where each cell is an array of codes, the codes are listed.
            (name, columns.map { (column: $0.column, values: $0.elements ?? $0.dictionary) })
        }
        // An object that was never filled lists no values, and dimensions of 2.0 have to have some: then the levels stay out.
        let dimensions = [level("series", seriesDimensions), level("observation", observationDimensions)].filter { level in
            version != .v2 || level.columns.allSatisfy { ($0.values?.count ?? 0) > 0 }
        }
        let measures = observation.filter { schema.components[$0.column].role == .measure }
        let attributes = observation.filter { schema.components[$0.column].isAttribute }
        try StructureJSON(version: version, schema: schema, reference: reference, out: out).write(
            dimensions: dimensions, measures: [level("observation", measures)],
            attributes: [level("dataSet", dataSet), level("series", series), level("observation", attributes)], dataSets: dataSets)
    }
}
