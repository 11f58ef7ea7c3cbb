package import SluiceKit

/// What the first pass over a dataset found out: that it is readable, whether it is right, and which codes it holds.
package struct Survey: Sendable {
    package var schema: DatasetSchema
    package var datasets: Int
    package var observations: Int
    /// Distinct values of each dimension, over all datasets.
    package var codes: [String: Set<String>]

    /// Reads and checks every dataset of the message. All datasets must have one data structure.
    package static func run(_ read: Read, findings: any FindingSink, limits: CorridorLimits, temporaryDirectory: String) throws -> Survey {
        var schema: DatasetSchema?
        var observations = 0
        var codes: [String: Set<String>] = [:]
        let result = try read.eachDataset(atMost: limits.datasetsMax) { description, ordinal in
            if let known = schema, known.structure.reference != description.schema.structure.reference {
                throw Refusal("read.unsupported", "the message mixes data of \(known.structure.reference) and \(description.schema.structure.reference); send them one by one")
            }
            schema = description.schema
            let check = Check(schema: description.schema, findings: findings, temporaryDirectory: temporaryDirectory)
            return Read.Visitor(
                batch: { batch in
                    try check.check(batch, dataset: ordinal)
                    observations += batch.rowCount
                },
                end: { batch in
                    try check.finish()
                    for column in description.schema.dimensions {
                        let dictionary = batch.dictionary(column)
                        let values = (0..<dictionary.count).map { dictionary.string(UInt32($0)) }
                        codes[description.schema.components[column].id, default: []].formUnion(values)
                    }
                })
        }
        guard let schema else { throw Refusal("read.empty", "the message holds no dataset") }
        return Survey(schema: schema, datasets: result.datasets, observations: observations, codes: codes)
    }
}
