import SluiceKit
import SluiceLedger
import Testing

@Suite struct VerifierTests {
    private func verify(_ files: [String: [UInt8]]) throws -> LedgerReport {
        try LedgerVerifier.verify(files: MemoryFiles(files: files), key: Fixture.key().verifier)
    }

    private func log(_ sizes: [Int]) throws -> [String: [UInt8]] {
        try Fixture.published(Fixture.entries(sizes.max() ?? 0), sizes: sizes).files
    }

    @Test func findsEveryFlippedByteOfASmallLog() throws {
        let files = try log([3, 7])
        #expect(files.count == 5)
        let intact = try verify(files)
        #expect(intact.isIntact && intact.entriesVerified == 7 && intact.warnings.isEmpty)
        var flips = 0
        for (name, bytes) in files {
            for place in bytes.indices {
                var changed = files
                changed[name]?[place] ^= 1 << UInt8(place % 8)
                #expect(try !verify(changed).isIntact, "\(name) byte \(place)")
                flips += 1
            }
        }
        #expect(flips > 3000)
    }

    @Test func findsFlippedBytesOfALogWithTwoLevels() throws {
        let files = try log([300])
        for (name, bytes) in files {
            for place in stride(from: 0, to: bytes.count, by: name.contains("entries") ? 8111 : 397) {
                var changed = files
                changed[name]?[place] ^= 0x40
                #expect(try !verify(changed).isIntact, "\(name) byte \(place)")
            }
            var cut = files
            cut[name]?.removeLast()
            #expect(try !verify(cut).isIntact, "\(name) cut")
            var longer = files
            longer[name]?.append(0)
            #expect(try !verify(longer).isIntact, "\(name) longer")
            var without = files
            without[name] = nil
            let report = try verify(without)
            #expect(!report.isIntact || name == "tile/entries/000", "\(name) removed")
        }
    }

    @Test func namesTheChangedEntryAndNothingElse() throws {
        let files = try log([300])
        var changed = files
        // Within the text of entry 3, so that it stays in form.
        let bundle = try #require(files["tile/entries/000"])
        let start = try #require((0..<bundle.count).first { bundle[$0...].starts(with: Array("exchange-3\"".utf8)) })
        changed["tile/entries/000"]?[start] = UInt8(ascii: "E")
        var report = try verify(changed)
        #expect(report.damages.map(\.place) == [.entry(3)])
        #expect(report.entriesVerified == 299)

        changed = files
        changed["tile/0/000"]?[32 * 77] ^= 1
        report = try verify(changed)
        #expect(report.damages.map(\.place) == [.tile(.tile(level: 0, index: 0))])
        #expect(report.damages.first?.detail.contains("entry 77") == true)

        changed = files
        changed["tile/0/001.p/44"]?[32 * 5] ^= 1
        #expect(try verify(changed).damages.map(\.place) == [.tile(.tile(level: 0, index: 1, width: 44))])

        changed = files
        changed["tile/1/000.p/1"]?[0] ^= 1
        #expect(try verify(changed).damages.map(\.place) == [.tile(.tile(level: 1, index: 0, width: 1))])

        changed = files
        changed["tile/entries/000"]?[0] ^= 1
        #expect(try verify(changed).damages.map(\.place) == [.tile(.entries(0))])
    }

    @Test func anEntryRewrittenWithAllItsTilesIsStillFound() throws {
        let source = try Fixture.entries(300)
        let files = try log([300])
        var other = source
        other.entries[3] = try Fixture.entry(9999)
        // Whoever holds the disk but not the key.
        var forged = try Fixture.published(other, sizes: [300]).files
        forged["checkpoint"] = files["checkpoint"]
        let report = try verify(forged)
        #expect(report.damages.map(\.place) == [.checkpoint])
    }

    @Test func anotherKeysLogIsRefused() throws {
        let files = try log([5])
        let key = try LedgerKey(name: Fixture.name, seed: [UInt8](repeating: 9, count: 32)).verifier
        let report = try LedgerVerifier.verify(files: MemoryFiles(files: files), key: key)
        #expect(report.damages.first?.code == .signature && report.entriesVerified == 0 && report.checkpoint == nil)
    }

    @Test func saysWhichEntriesAreWithheldAndThatTheirHashesHold() throws {
        var files = try log([600])
        files["tile/entries/000"] = nil
        var report = try verify(files)
        #expect(report.isIntact && report.entriesWithheld == 256 && report.entriesVerified == 344)
        // The hashes of withheld entries are still checked.
        files["tile/0/000"]?[0] ^= 1
        #expect(try !verify(files).isIntact)
        // A hole is not pruning.
        files = try log([600])
        files["tile/entries/001"] = nil
        report = try verify(files)
        #expect(report.damages.map(\.place) == [.tile(.entries(1))])
        #expect(report.entriesWithheld == 0)
    }

    @Test func namesFilesThatBelongToNoLog() throws {
        var files = try log([5])
        files["tile/0/readme"] = [1]
        files["tile/entries/000.p/5.tmp"] = [1]
        let report = try verify(files)
        #expect(report.damages.map(\.place) == [.file("tile/0/readme")])
        #expect(report.warningCount == 1)
        files = try log([5])
        files["tile/entries/001.p/3"] = [0, 0, 0, 0, 0, 0]
        #expect(try verify(files).isIntact)
        #expect(try verify(files).warnings.count == 1)
    }

    @Test func findsASignedEntryThatIsNoLedgerEntry() throws {
        var source = try Fixture.entries(5)
        source.entries[2] = Array(#"{"data":{}}"#.utf8)
        let report = try verify(Fixture.published(source, sizes: [5]).files)
        #expect(report.damages.map(\.place) == [.entry(2)])
        #expect(report.damages.first?.code == .malformed)
    }

    @Test func warnsOfTimesThatRunBackwards() throws {
        var source = try Fixture.entries(5)
        source.entries.swapAt(1, 3)
        let report = try verify(Fixture.published(source, sizes: [5]).files)
        #expect(report.isIntact && report.warningCount == 2, "\(report.warnings)")
        #expect(report.times?.lowerBound == EntryTime("2026-03-01T00:00:00Z"))
        #expect(report.times?.upperBound == EntryTime("2026-03-01T00:00:04Z"))
    }

    @Test func countsDamagesBeyondTheListedOnes() throws {
        var files = try log([600])
        files["tile/entries/000"]?.withUnsafeMutableBytes { bytes in
            for place in bytes.indices where bytes[place] == UInt8(ascii: "Z") { bytes[place] = UInt8(ascii: "z") }
        }
        let report = try verify(files)
        #expect(report.damages.count == LedgerReport.damagesMax)
        #expect(report.damageCount >= 256)
    }

    @Test func anEmptyLogIsIntactAndAMissingOneIsNot() throws {
        let report = try verify(log([0]))
        #expect(report.isIntact && report.checkpoint?.head == .empty)
        #expect(try verify([:]).damages.map(\.code) == [.missing])
    }

    @Test func progressMayStopTheWork() throws {
        struct Stop: Error {}
        let files = MemoryFiles(files: try log([600]))
        var seen: [UInt64] = []
        _ = try LedgerVerifier.verify(files: files, key: Fixture.key().verifier) { done, all in seen += [done, all] }
        #expect(seen == [256, 600, 512, 600, 600, 600])
        #expect(throws: Stop.self) { try LedgerVerifier.verify(files: files, key: Fixture.key().verifier) { _, _ in throw Stop() } }
    }
}
