import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

@Suite struct DuplicateTests {
    @Test func namesBothLinesAndWhetherTheValuesAgree() throws {
        let rows = [
            CheckSample.row(), CheckSample.row(["TIME_PERIOD": "2021"]), CheckSample.row(["OBS_VALUE": "12.50"]), CheckSample.row(["SEX": "F"]),
            CheckSample.row(["OBS_VALUE": "1"]),
        ]
        let findings = try CheckSample.check(rows)
        #expect(findings.map(\.code) == [.keyDuplicate, .keyDuplicate])
        #expect(findings.map(\.position) == [Position(line: 13, row: 3, dataset: 1), Position(line: 15, row: 5, dataset: 1)])
        #expect(findings[0].message == "This observation was given before, in line 11, with the same value.")
        #expect(findings[1].message == "This observation was given before, in line 11, with another value.")
        #expect(findings.allSatisfy { $0.seriesKey == "A.51._T._T" && $0.timePeriod == "2020" })
    }

    @Test func givesTheSameAnswersFromMemoryAndFromFiles() throws {
        var generator = SeededGenerator.announced(for: "duplicates from memory and files")
        let seed = generator.seed
        for size in [1, 7, 50, 400] {
            let rows = (0..<size).map { _ in
                CheckSample.row([
                    "REF_AREA": ["51", "8", "31"].randomElement(using: &generator)!, "SEX": ["_T", "F", "M"].randomElement(using: &generator)!,
                    "TIME_PERIOD": "\(2000 + Int.random(in: 0..<20, using: &generator))",
                    "OBS_VALUE": ["1", "1.0", "2", nil].randomElement(using: &generator)!,
                    "AREA_NOTE": "n",
                ])
            }
            let inMemory = try CheckSample.check(rows).filter { $0.code == .keyDuplicate }
            #expect(inMemory == oracle(rows), "seed \(seed)")
            for (rowsMax, filesMax) in [(1, 2), (3, 2), (10, 3), (64, 64)] {
                var limits = CheckLimits()
                limits.duplicateRowsInMemoryMax = rowsMax
                limits.spillFilesMax = filesMax
                #expect(
                    try CheckSample.check(rows, limits: limits).filter { $0.code == .keyDuplicate } == inMemory,
                    "seed \(seed), \(size) rows, \(rowsMax) in memory")
            }
        }
    }

    /// A dictionary of all keys: what the check must say of rows that are otherwise clean.
    private func oracle(_ rows: [[String: String]]) -> [Finding] {
        var first: [String: (line: Int, value: Double?)] = [:]
        var findings: [Finding] = []
        for (ordinal, row) in rows.enumerated() {
            let series = ["FREQ", "REF_AREA", "SEX", "AGE"].map { row[$0] ?? "" }.joined(separator: ".")
            let key = series + "/" + (row["TIME_PERIOD"] ?? "")
            let value = row["OBS_VALUE"].flatMap { Double($0) }
            guard let known = first[key] else {
                first[key] = (ordinal + 11, value)
                continue
            }
            let agrees = known.value == value
            findings.append(
                Finding(
                    .keyDuplicate, at: Position(line: ordinal + 11, row: ordinal + 1, dataset: 1), seriesKey: series, timePeriod: row["TIME_PERIOD"],
                    message: "This observation was given before, in line \(known.line), with \(agrees ? "the same" : "another") value.",
                    advice: agrees ? "Leave one of the two out." : "Find out which value is right and leave the other out."))
        }
        return findings
    }

    @Test func refusesToFillTheDisk() throws {
        var limits = CheckLimits()
        limits.duplicateRowsInMemoryMax = 2
        limits.spillBytesMax = 100
        let rows = (2000..<2010).map { CheckSample.row(["TIME_PERIOD": "\($0)"]) }
        #expect { try CheckSample.check(rows, limits: limits) } throws: { ($0 as? CheckError)?.code == .limitExceeded }
    }

    @Test func saysWhichFolderCannotBeWritten() throws {
        var limits = CheckLimits()
        limits.duplicateRowsInMemoryMax = 1
        let schema = CheckSample.schema()
        let check = Check(schema: schema, findings: Collector(), limits: limits, temporaryDirectory: "/nowhere/at/all")
        let batch = Batch(schema: schema)
        for _ in 0..<2 {
            let row = batch.appendRow()
            for (id, value) in CheckSample.row() {
                if let column = schema.index(of: id) { try Array(value.utf8).withUnsafeBytes { try batch.set(column, row, $0) } }
            }
        }
        #expect { try check.check(batch, dataset: 1) } throws: { ($0 as? CheckError)?.detail.contains("/nowhere/at/all") == true }
    }
}
