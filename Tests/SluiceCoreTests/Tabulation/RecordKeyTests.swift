import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

/// Records given twice, found without a dictionary of their keys.
@Suite struct RecordKeyTests {
    private static let schema = DatasetSchema(TabulationSample.recordStructure, in: TabulationSample.structures, ofRecords: true)

    /// Lines of the records found to be given before, and the lines where that was.
    private func duplicates(_ keys: [String?], limits: CheckLimits = CheckLimits(), batchRows: Int = 4_096) throws -> [(line: Int, message: String)] {
        let tally = FindingTally(samplesPerCodeMax: .max)
        let message = MessageCheck(findings: tally, limits: limits, temporaryDirectory: "/tmp")
        let description = DatasetDescription(schema: Self.schema, reference: Self.schema.structure.reference, action: .replace)
        let check = message.check(for: description)
        let batch = Batch(schema: Self.schema, capacity: batchRows)
        for start in stride(from: 0, to: keys.count, by: batchRows) {
            batch.removeAllRows()
            for place in start..<min(keys.count, start + batchRows) {
                let row = batch.appendRow(line: UInt64(place + 2))
                if let key = keys[place] { batch.spans(0)[row] = Array(key.utf8).withUnsafeBytes { batch.store($0) } }
            }
            try check.check(batch, dataset: 1)
        }
        try message.finish(check)
        try message.finish(header: nil)
        return tally.samples.filter { $0.code == .keyDuplicate }.map { ($0.position.line, $0.message) }
    }

    @Test func aSchemaOfRecordsHasKeysAndNoDimensions() {
        #expect(Self.schema.isOfRecords && Self.schema.dimensions.isEmpty && Self.schema.keys == 0..<1 && Self.schema.components[0].storage == .text)
        #expect(!TabulationSample.records.isOfRecords && TabulationSample.records.keys == TabulationSample.records.dimensions)
        #expect(Self.schema.components.map(\.id) == TabulationSample.records.components.map(\.id))
    }

    @Test func namesTheLineWhereARecordWasGivenBefore() throws {
        let found = try duplicates(["A", "B", nil, "A", "", "C", nil, "A", ""])
        #expect(found.map(\.line) == [5, 9] && found.allSatisfy { $0.message.contains("line 2") }, "\(found)")
    }

    @Test func valuesDoNotRunIntoEachOther() throws {
        let keys =
            ["", "A", "AA", "A\u{0}", "AAAAAAA", "AAAAAAAA", "AAAAAAAAA", "AAAAAAAA\u{0}", "B", "ÀA"]
            + (0..<200).map { String(repeating: "\u{0}", count: $0 + 1) }
        #expect(try duplicates(keys).isEmpty)
    }

    @Test func equalsASetOfKeysHoweverManyThereAre() throws {
        var random = SeededGenerator.announced(for: "equalsASetOfKeysHoweverManyThereAre")
        // More than are noted in memory, so that files are merged.
        let count = RecordKeyCheck.recordsInMemoryMax * 2 + 1_000
        let keys = (0..<count).map { _ in "R\(UInt32.random(in: 0..<50_000_000, using: &random))" }
        var seen: Set<String> = []
        let expected = keys.enumerated().filter { !seen.insert($0.element).inserted }.map { $0.offset + 2 }
        #expect(try duplicates(keys).map(\.line) == expected && !expected.isEmpty)
    }
}
