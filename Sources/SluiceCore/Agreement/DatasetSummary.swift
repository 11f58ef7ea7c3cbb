package import SluiceKit

/// What a decision needs to know of a dataset: which codes and which attributes it uses. Filled batch by batch in constant memory.
package struct DatasetSummary: Sendable {
    package let schema: DatasetSchema
    package private(set) var rowCount = 0
    /// Distinct codes of each dimension, by column.
    private var codes: [Set<String>]
    /// Dictionary codes met so far, by column.
    private var isSeen: [[Bool]]
    private var isPresent: [Bool]
    /// By dimension's column: whether a row leaves it open.
    private var isOpen: [Bool]

    package init(_ schema: DatasetSchema) {
        self.schema = schema
        codes = Array(repeating: [], count: schema.dimensions.count)
        isSeen = Array(repeating: [], count: schema.dimensions.count)
        isPresent = Array(repeating: false, count: schema.components.count)
        isOpen = Array(repeating: false, count: schema.dimensions.count)
    }

    /// As if for a dataset with these codes and attributes, for questions without data.
    package init(_ schema: DatasetSchema, codes named: [String: Set<String>], attributes: Set<String> = [], rowCount: Int) {
        self.init(schema)
        self.rowCount = rowCount
        for column in schema.dimensions { codes[column] = named[schema.components[column].id] ?? [] }
        for column in schema.attributes { isPresent[column] = attributes.contains(schema.components[column].id) }
    }

    /// - Parameter batch: of the same dataset each time: its dictionaries must keep their codes.
    package mutating func add(_ batch: Batch) {
        rowCount += batch.rowCount
        for column in schema.dimensions {
            let dictionary = batch.dictionary(column)
            if isSeen[column].count < dictionary.count { isSeen[column] += Array(repeating: false, count: dictionary.count - isSeen[column].count) }
            let values = batch.codes(column)
            for row in 0..<batch.rowCount {
                let code = values[row]
                guard code != ValueDictionary.absent else {
                    isOpen[column] = true
                    continue
                }
                guard !isSeen[column][Int(code)] else { continue }
                isSeen[column][Int(code)] = true
                if PartialKey.isOpen(dictionary.bytes(code)) { isOpen[column] = true } else { codes[column].insert(dictionary.string(code)) }
            }
        }
        for column in schema.attributes where !isPresent[column] {
            isPresent[column] = (0..<batch.rowCount).contains { !batch.isAbsent(column, $0) }
        }
    }

    package func codes(of dimension: String) -> Set<String> {
        guard let column = schema.index(of: dimension), schema.dimensions.contains(column) else { return [] }
        return codes[column]
    }

    /// Whether at least one row leaves the dimension open, and so speaks of part of a key.
    package func isLeftOpen(_ dimension: String) -> Bool {
        schema.index(of: dimension).map { schema.dimensions.contains($0) && isOpen[$0] } ?? false
    }

    /// Attributes that at least one observation has.
    package var attributesPresent: Set<String> { Set(schema.attributes.filter { isPresent[$0] }.map { schema.components[$0].id }) }
}
