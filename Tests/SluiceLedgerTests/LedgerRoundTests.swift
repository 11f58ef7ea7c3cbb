import SluiceKit
import SluiceKitTesting
import SluiceLedger
import Testing

/// The self check's round over a log in memory.
@Suite struct LedgerRoundTests {
    private func log(_ files: MemoryFiles, _ source: some EntrySource, _ head: LedgerHead?) throws -> LedgerUnderCheck {
        LedgerUnderCheck(files: files, source: source, key: try Fixture.key().verifier, head: { head })
    }

    /// All steps; returns how many there were and how many entries the log had.
    private func walk(_ log: LedgerUnderCheck) throws -> (steps: Int, entries: UInt64) {
        var (round, steps) = (LedgerRound(), 0)
        while true {
            steps += 1
            if case .ended(let entries) = try round.step(log) { return (steps, entries) }
        }
    }

    private func damage(_ log: LedgerUnderCheck) throws -> LedgerError? {
        do { _ = try walk(log) } catch let error as LedgerError { return error }
        return nil
    }

    @Test(arguments: [0, 1, 255, 256, 257, 600, 65_536, 65_800]) func endsForEverySize(_ size: Int) throws {
        // Three entries that take turns: what counts here are the tiles.
        let some = try Fixture.entries(3).entries
        let source = MemoryEntries(entries: (0..<size).map { some[$0 % 3] })
        let files = try Fixture.published(source, sizes: [size / 2, size])
        let walked = try walk(log(files, source, source.head()))
        #expect(walked.entries == UInt64(size))
        #expect(walked.steps <= (size + 255) / 256 + 1 + LedgerRound.olderStepsMax)
    }

    @Test func aLogThatWasNeverPublishedIsWhole() throws {
        #expect(try walk(log(MemoryFiles(), try Fixture.entries(5), nil)).entries == 0)
    }

    @Test func everyFlippedBitOfTheFilesIsFoundAndItsFileIsNamed() throws {
        var random = SeededGenerator.announced(for: "everyFlippedBitOfTheFilesIsFoundAndItsFileIsNamed")
        let source = try Fixture.entries(600)
        let files = try Fixture.published(source, sizes: [100, 530, 600]).files
        #expect(files["tile/0/002.p/18"] != nil && files["tile/entries/002.p/18"] != nil && files["tile/1/000.p/2"] != nil, "superseded tiles are there")
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
            // Every byte of the small files; of the large ones some, with their first and last.
            let places =
                bytes.count <= 4_096
                ? Array(bytes.indices) : [0, 1, bytes.count - 1] + (0..<60).map { _ in Int.random(in: 0..<bytes.count, using: &random) }
            for place in places {
                let changed = MemoryFiles(files: files)
                let bit = UInt8.random(in: 0..<8, using: &random)
                changed.change(name) { $0[place] ^= 1 << bit }
                let found = try damage(log(changed, source, source.head()))
                #expect(found?.place?.description == name, "\(name) byte \(place) bit \(bit): \(found.map { "\($0)" } ?? "nothing")")
                #expect(found?.detail.contains("top the node") == true, "it says how to mend it")
            }
        }
    }

    @Test func aChangedCutOrMissingEntryOfTheStoreIsFoundAndNamed() throws {
        var random = SeededGenerator.announced(for: "aChangedCutOrMissingEntryOfTheStoreIsFoundAndNamed")
        let source = try Fixture.entries(600)
        let files = try Fixture.published(source, sizes: [600])
        for _ in 0..<200 {
            let index = Int.random(in: 0..<600, using: &random)
            var changed = source
            let place = Int.random(in: 0..<changed.entries[index].count, using: &random)
            changed.entries[index][place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(try damage(log(files, changed, source.head()))?.place == .entry(UInt64(index)))
            changed = source
            changed.entries.swapAt(index, (index + 1) % 600)
            #expect(try damage(log(files, changed, source.head()))?.place == .entry(UInt64(min(index, (index + 1) % 600))))
        }
        var short = source
        short.entries.removeLast(3)
        #expect(try damage(log(files, short, source.head()))?.place == .entry(597))
        for (name, missing) in [("checkpoint", "checkpoint"), ("tile/0/001", "tile/0/001"), ("tile/entries/000", "tile/entries/000")] {
            var without = files.files
            without[name] = nil
            #expect(try damage(log(MemoryFiles(files: without), source, source.head()))?.place?.description == missing)
        }
    }

    @Test func aHeadThatTheStoreDoesNotKnowIsFound() throws {
        let source = try Fixture.entries(300)
        let files = try Fixture.published(source, sizes: [300])
        #expect(try damage(log(files, source, nil))?.code == .rollback)
        #expect(try damage(log(files, source, source.head(size: 299)))?.code == .rollback)
        #expect(try damage(log(files, source, LedgerHead(size: 300, root: source.head(size: 299).root)))?.code == .damaged)
        // A publication under way has made its head known before it is signed.
        var longer = source
        longer.entries.append(try Fixture.entry(300))
        #expect(try damage(log(files, longer, longer.head())) == nil)
        // Rewritten with all its tiles, without the key.
        var other = source
        other.entries[3] = try Fixture.entry(9_999)
        let forged = try Fixture.published(other, sizes: [300])
        let signed = try #require(files.files["checkpoint"])
        forged.change("checkpoint") { $0 = signed }
        #expect(try damage(log(forged, other, source.head()))?.place == .checkpoint)
    }

    @Test func aRoundGoesOnWhereItWasWhileTheLogGrows() throws {
        let source = try Fixture.entries(900)
        let files = MemoryFiles()
        _ = try Fixture.published(source, sizes: [300], in: files)
        var round = LedgerRound()
        #expect(try round.step(log(files, source, source.head(size: 300))) == .goesOn)
        _ = try Fixture.published(source, sizes: [700, 900], in: files)
        var resumed = LedgerRound(place: round.place)
        var entries: UInt64?
        while entries == nil {
            if case .ended(let count) = try resumed.step(log(files, source, source.head())) { entries = count }
        }
        #expect(entries == 900)
        #expect(resumed.place == .bundle(0))
        // A place beyond the end, from before the log was begun anew.
        var beyond = LedgerRound(place: .bundle(1 << 40))
        #expect(try beyond.step(log(files, source, source.head())) == .goesOn)
        #expect(beyond.place == .older(0))
    }
}
