import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectSuppression

/// What leaves does not depend on what stays.
@Suite struct SideChannelTests {
    /// Every stored byte: cells as slices of the arena, dictionaries in order, lines.
    private func bytes(_ table: Table) -> [String] {
        let batch = table.batch
        var found = ["\(batch.rowCount) \(batch.arenaByteCount) \(batch.capacity)"]
        for column in batch.schema.components.indices {
            if batch.isCoded[column] {
                let dictionary = batch.dictionary(column)
                found.append((0..<UInt32(dictionary.count)).map(dictionary.string).joined(separator: ","))
                found.append((0..<batch.rowCount).map { String(batch.codes(column)[$0]) }.joined(separator: ","))
            } else {
                found.append((0..<batch.rowCount).map { "\(batch.spans(column)[$0].offset):\(batch.spans(column)[$0].count)" }.joined(separator: ","))
            }
            found.append((0..<batch.rowCount).map { batch.string(column, $0) ?? "-" }.joined(separator: ","))
        }
        return found
    }

    @Test func tablesThatDifferOnlyInWithheldValuesLeaveAsTheSameBytes() throws {
        let obligations = ProtectionObligations(minimumCell: 5)
        let first = IntervalTests.twoWay([[4, 30], [20, 40]])
        // One person moved around the cycle of withheld cells: all published figures are the same.
        let second = IntervalTests.twoWay([[3, 31], [21, 39]])
        let one = try SuppressionPlugin.make().protect(first.table, under: obligations).0
        let other = try SuppressionPlugin.make().protect(second.table, under: obligations).0
        #expect(bytes(one) == bytes(other))
    }

    @Test func theOrderAndTheSpellingOfWithheldValuesTellNothing() throws {
        let obligations = ProtectionObligations(minimumCell: 5)
        var first = IntervalTests.twoWay([[4, 30], [20, 40]])
        let one = try SuppressionPlugin.make().protect(first.table, under: obligations).0
        first.rows.reverse()
        first.rows = first.rows.map { $0.key == ["r1", "c1"] ? ($0.key, "4.00", ["OBS_STATUS": "E"]) : $0 }
        let other = try SuppressionPlugin.make().protect(first.table, under: obligations).0
        #expect(bytes(one) == bytes(other))
    }

    @Test func theReportSaysWhatWasDoneWithoutAValue() throws {
        let (_, report) = try SuppressionPlugin.make().protect(IntervalTests.twoWay([[4, 30], [20, 40]]).table, under: ProtectionObligations(minimumCell: 5))
        #expect(report.words.count == 6)
        #expect(report.words[0] == "4 of 9 cells are withheld.")
        #expect(report.words[1] == "1 is withheld because it has fewer contributors than the minimum.")
        #expect(report.words[2] == "3 are withheld because other withheld cells could be computed from them.")
        #expect(report.words[4].hasPrefix("The narrowest interval of an unsafe cell is 24 wide"))
    }
}
