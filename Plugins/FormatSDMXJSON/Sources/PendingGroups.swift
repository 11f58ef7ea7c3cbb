import SluiceKit

/// Rows that carry values of part of the key, held back until their dataset ends: `dimensionGroupAttributes` has a member for each partial key.
///
/// They become a dataset object of their own, with the dimensions that they use: among observations a reader would have to take a group's values for
/// those of each observation that it fits.
struct PendingGroups {
    /// Most bytes of rows held back; past that they are written and others begin.
    static let bytesMax = 4 << 20

    private struct Row {
        /// By dimension of the structure; nil where the key leaves it out.
        var key: [UInt32?]
        var values: [(column: Int, text: [UInt8])]
    }
    private var rows: [Row] = []
    private var keys: Set<[UInt32?]> = []
    private var dictionaries: [ValueDictionary] = []
    private(set) var byteCount = 0

    var isEmpty: Bool { rows.isEmpty }
    /// Stands for a dimension that is switched off.
    private static let switchedOff = UInt32.max

    /// Takes a row; false where the same partial key is there already, so that the others have to be written first.
    mutating func append(_ batch: Batch, _ row: Int) throws(WriteError) -> Bool {
        let schema = batch.schema
        if dictionaries.isEmpty { dictionaries = schema.dimensions.map { _ in ValueDictionary() } }
        var key: [UInt32?] = []
        for column in schema.dimensions {
            guard let bytes = batch.cell(column, row) else {
                key.append(nil)
                continue
            }
            if PartialKey.isSwitchedOff(bytes) {
                key.append(Self.switchedOff)
                continue
            }
            do { key.append(try dictionaries[column].intern(bytes)) } catch { throw WriteError(.limitExceeded, detail: error.detail) }
        }
        guard keys.insert(key).inserted else { return false }
        var values: [(Int, [UInt8])] = []
        for column in schema.attributes {
            guard let bytes = batch.cell(column, row) else { continue }
            values.append((column, Array(bytes)))
            byteCount += bytes.count
        }
        byteCount += 64 + key.count * 8
        rows.append(Row(key: key, values: values))
        return true
    }

    /// The dimensions and attributes that the rows use, in their order.
    func columns(of schema: DatasetSchema) -> (dimensions: [Int], attributes: [Int]) {
        let attributes = Set(rows.flatMap { $0.values.map(\.column) })
        return (
            schema.dimensions.filter { column in rows.contains { $0.key[column].map { $0 != Self.switchedOff } ?? false } },
            schema.attributes.filter(attributes.contains)
        )
    }

    /// A dimension that is switched off and never used otherwise has no place among the keys' positions.
    var hasSwitchedOff: Bool { rows.contains { $0.key.contains(Self.switchedOff) } }

    func dictionary(_ dimension: Int) -> ValueDictionary { dictionaries[dimension] }

    /// Writes the array of a dataset's own attributes: the row that has no dimension.
    func writeWhole(attributes: [Int], of schema: DatasetSchema, to out: ByteWriter) throws(WriteError) {
        if let row = rows.first { try writeValues(row, attributes, schema, out) }
    }

    /// Writes the members of `dimensionGroupAttributes`.
    func write(dimensions: [Int], attributes: [Int], of schema: DatasetSchema, to out: ByteWriter) throws(WriteError) {
        for (number, row) in rows.enumerated() {
            try out.write(number > 0 ? ",\n\"" : "\n\"")
            for (index, dimension) in dimensions.enumerated() {
                if index > 0 { try out.write(UInt8(ascii: ":")) }
                guard let code = row.key[dimension] else { continue }
                if code == Self.switchedOff { try out.write(UInt8(ascii: "~")) } else { try out.write(decimal: Int(code)) }
            }
            try out.write("\":")
            try writeValues(row, attributes, schema, out)
        }
    }

    private func writeValues(_ row: Row, _ attributes: [Int], _ schema: DatasetSchema, _ out: ByteWriter) throws(WriteError) {
        try out.write("[")
        let last = row.values.last.flatMap { value in attributes.firstIndex(of: value.column) } ?? -1
        for (index, column) in attributes.prefix(last + 1).enumerated() {
            if index > 0 { try out.write(",") }
            guard let text = row.values.first(where: { $0.column == column })?.text else {
                try out.write("null")
                continue
            }
            var failure: WriteError?
            text.withUnsafeBytes { bytes in
                do throws(WriteError) { try CellJSON.write(bytes, isArray: schema.components[column].isArray, to: out) } catch { failure = error }
            }
            if let failure { throw failure }
        }
        try out.write("]")
    }

    mutating func removeAll() { self = PendingGroups() }
}
