import Foundation
import SluiceKit
import Testing

@testable import SluiceCore

@Suite(.serialized) struct MillionFindingsTests {
    /// Resident memory of this process in MB; zero where the system does not say.
    private static var residentMegabytes: Int {
        guard let status = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8), let pages = Int(status.split(separator: " ")[1]) else { return 0 }
        return pages * 4 / 1024
    }

    @Test func countsAMillionErrorsAndKeepsAFewOfEachCode() throws {
        let rowCount = 200_000
        let schema = CheckSample.schema()
        let tally = FindingTally(samplesPerCodeMax: 20, keepsCells: true)
        let check = Check(schema: schema, findings: tally, temporaryDirectory: "/tmp")
        let batch = Batch(schema: schema)
        // In every row: a value, a bound and a base that are of another type, a status that is no code, a time that is no period.
        let wrong = CheckSample.row(["OBS_VALUE": "1,5", "UPPER_BOUND": "x", "BASE_PER": "2010-01", "OBS_STATUS": "a"])
        let cells = wrong.compactMap { id, value in schema.index(of: id).map { (column: $0, bytes: Array(value.utf8)) } }
        let time = try #require(schema.timeDimension)
        let before = Self.residentMegabytes
        var most = 0
        var done = 0
        while done < rowCount {
            while !batch.isFull, done < rowCount {
                let row = batch.appendRow(line: UInt64(done + 1))
                for cell in cells { try cell.bytes.withUnsafeBytes { try batch.set(cell.column, row, $0) } }
                try Array("T\(done)".utf8).withUnsafeBytes { try batch.set(time, row, $0) }
                done += 1
            }
            try check.check(batch, dataset: 1)
            batch.removeAllRows()
            most = max(most, Self.residentMegabytes)
        }
        try check.finish()
        #expect(tally.countByCode == [.valueType: 3 * rowCount, .codeUnknown: rowCount, .timePeriod: rowCount])
        #expect(tally.errorCount == 1_000_000)
        #expect(tally.samples.count == 60)
        #expect(tally.samples.allSatisfy { !$0.message.isEmpty && $0.cells.contains(where: \.isMarked) })
        // A million findings kept would take more than half a gigabyte. Other tests run beside this one.
        #expect(most - before < 250, "\(before) MB before, \(most) MB at most")
    }
}
