package import SluiceKit

/// What the first pass over a dataset found out: that it is readable, whether it is right, and which codes it holds.
package struct Survey: Sendable {
    package var schema: DatasetSchema
    package var datasets: Int
    package var observations: Int
    /// What each dataset holds, in their order.
    package var summaries: [DatasetSummary]
    /// What the observations are, whatever their order and spelling; nil where nobody asked.
    var content: ContentCode?

    /// Reads and checks every dataset of the message. All datasets must have one data structure.
    /// - Parameters:
    ///   - standard: of the message's format, where it is known.
    ///   - contentKey: for a code of the content; nil where nobody will ask for it.
    ///   - expectedSenders: ids of whoever gives the message, one of which its header has to name; empty where nobody knows.
    ///   - records: takes every batch of an input of records, of which no codes are noted: there are as many as there are records.
    package static func run(
        _ read: Read, findings: any FindingSink, limits: CorridorLimits, temporaryDirectory: String, standard: SDMXStandard = .unknown,
        expectedSenders: [String] = [], contentKey: [UInt8]? = nil, records: ((DatasetDescription, Batch) -> Void)? = nil
    ) throws -> Survey {
        let message = MessageCheck(findings: findings, standard: standard, expectedSenders: expectedSenders, temporaryDirectory: temporaryDirectory)
        var schema: DatasetSchema?
        var observations = 0
        var summaries: [DatasetSummary] = []
        var content = contentKey.map { ContentCode(key: $0) }
        let result = try read.eachDataset(atMost: limits.datasetsMax) { description, ordinal in
            if let known = schema, known.structure.reference != description.schema.structure.reference {
                throw Refusal(
                    "read.unsupported",
                    "the message mixes data of \(known.structure.reference) and \(description.schema.structure.reference); send them one by one")
            }
            schema = description.schema
            summaries.append(DatasetSummary(description.schema))
            content?.begin(description.schema)
            let check = message.check(for: description)
            return Read.Visitor(
                batch: { batch in
                    try check.check(batch, dataset: ordinal)
                    if let records { records(description, batch) } else { summaries[summaries.count - 1].add(batch) }
                    content?.add(batch)
                    observations += batch.rowCount
                },
                end: { _ in try message.finish(check) })
        }
        try message.finish(header: result.header)
        guard let schema else { throw Refusal("read.empty", "the message holds no dataset") }
        return Survey(schema: schema, datasets: result.datasets, observations: observations, summaries: summaries, content: content)
    }
}
