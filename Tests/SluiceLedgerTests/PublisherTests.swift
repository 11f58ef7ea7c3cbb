import Foundation
import SluiceKit
import SluiceLedger
import Testing

@Suite struct PublisherTests {
    @Test(arguments: [
        (TilePath.tile(level: 0, index: 0), "tile/0/000"), (.tile(level: 2, index: 1_234_067), "tile/2/x001/x234/067"),
        (.tile(level: 1, index: 273, width: 112), "tile/1/273.p/112"),
        (.entries(1000, width: 1), "tile/entries/x001/000.p/1"), (.entries(999), "tile/entries/999"),
    ]) func tilesAreNamedAsTheSpecificationSays(path: TilePath, text: String) {
        #expect(path.text == text)
        #expect(TilePath(text: text) == path)
    }

    @Test(arguments: [
        "", "tile", "tile/0", "tile/0/0", "tile/00/000", "tile/8/000", "tile/-1/000", "tile/+1/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
        "tile/0/x000/000", "tile/0/001/000",
        "tile/0/x001/x000", "tile/0/000.p", "tile/0/000.p/1/2", "tile/entries/0000", "tile/entries/000/", "/tile/0/000", "tile/0/x9999/000", "tile/0/xx01/000",
        "checkpoint",
        "tile/0/x018/x446/x744/x073/x709/x551/x616/x000/000",
    ]) func refusesOtherNames(text: String) {
        #expect(TilePath(text: text) == nil)
    }

    @Test func seventyThousandEntriesMakeTheTilesOfTheSpecificationsExample() throws {
        let source = MemoryEntries(entries: (0..<70_000).map { Array(String($0).utf8) })
        let files = try Fixture.published(source, sizes: [70_000]).files
        let names = files.keys.compactMap { TilePath(text: $0) }
        #expect(files.count == names.count + 1)
        func count(_ level: Int, full: Bool) -> Int { names.count { $0.content == .hashes(level: level) && $0.isFull == full } }
        #expect(
            (count(0, full: true), count(0, full: false), count(1, full: true), count(1, full: false), count(2, full: true), count(2, full: false)) == (
                273, 1, 1, 1, 0, 1
            ))
        #expect(files["tile/0/273.p/112"]?.count == 112 * 32)
        #expect(files["tile/1/001.p/17"]?.count == 17 * 32)
        #expect(files["tile/2/000.p/1"]?.count == 32)
        #expect(names.count { $0.content == .entries } == 274)
        let report = try LedgerVerifier.verify(files: MemoryFiles(files: files), key: Fixture.key().verifier, form: .any)
        #expect(report.isIntact && report.entriesVerified == 70_000, "\(report.damages)")

        // Proofs across three levels of tiles.
        let key = try Fixture.key().verifier
        for index: UInt64 in [0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999] {
            let proof = try InclusionProof(index: index, files: MemoryFiles(files: files), key: key)
            #expect(try proof.verify(entry: source.entries[Int(index)], key: key).head.size == 70_000)
        }
        let prover = MerkleProver(nodes: TileReader(files: MemoryFiles(files: files), size: 70_000))
        for old in [1, 255, 256, 257, 65_535, 65_536, 65_537, 69_999, 70_000] {
            let proof = try prover.consistency(from: UInt64(old), to: 70_000)
            #expect(
                MerkleVerification.isConsistent(
                    oldSize: UInt64(old), oldRoot: source.head(size: old).root, size: 70_000, root: source.head().root, proof: proof, with: MerkleHasher()))
        }
    }

    @Test func publishingInStepsGivesTheSameTilesAsPublishingAtOnce() throws {
        var source = try Fixture.entries(600)
        let atOnce = try Fixture.published(source, sizes: [600]).files
        source.batchMax = 7
        for sizes in [[0, 1, 2, 255, 256, 257, 511, 512, 513, 600], [100, 600], [256, 512, 600], [300, 600, 600]] {
            let stepped = try Fixture.published(source, sizes: sizes).files
            #expect(stepped.filter { !$0.key.contains(".p/") } == atOnce.filter { !$0.key.contains(".p/") })
            #expect(atOnce.allSatisfy { stepped[$0.key] == $0.value }, "\(sizes)")
            // What became full lost its partial tiles.
            #expect(!stepped.keys.contains { $0.contains("/000.p/") && !$0.hasPrefix("tile/1/") }, "\(sizes)")
            let report = try LedgerVerifier.verify(files: MemoryFiles(files: stepped), key: Fixture.key().verifier)
            #expect(report.isIntact && report.entriesVerified == 600 && report.warnings.isEmpty, "\(sizes) \(report.damages) \(report.warnings)")
        }
    }

    @Test(.enabled(if: LedgerCorpus.isPresent, "the reference data is absent (SLUICE_CORPUS)")) func rebuildsARealLogTileForTile() throws {
        let folder = "ledger/transparency-dev_tessera/testdata/log"
        let directory = try LedgerDirectory(path: LedgerCorpus.url(folder).path)
        let bundle = try LedgerCorpus.bytes("\(folder)/tile/entries/000.p/15")
        var entries: [[UInt8]] = []
        var offset = 0
        while offset < bundle.count {
            let length = Int(bundle[offset]) << 8 | Int(bundle[offset + 1])
            entries.append(Array(bundle[(offset + 2)..<(offset + 2 + length)]))
            offset += 2 + length
        }
        #expect(entries.count == 15)
        let source = MemoryEntries(entries: entries)
        let key = try VerifierKey(
            text: String(decoding: try LedgerCorpus.bytes("ledger/transparency-dev_tessera/log.vkey"), as: UTF8.self).filter { !$0.isNewline })
        var ours = MemoryFiles()
        for size in 0...15 {
            let head = source.head(size: size)
            let real = try Checkpoint(verifying: SignedNote(parsing: LedgerCorpus.bytes("\(folder)/checkpoint.\(size)")), key: key)
            #expect(real.head == head)
            #expect(try Checkpoint(origin: key.name, head: head).body == real.body)
            ours = try Fixture.published(source, sizes: [size], in: ours)
        }
        var compared = 0
        try directory.walk("tile") { path throws(LedgerError) in
            let real = try directory.read(path, bytesMax: 1 << 20)
            #expect(ours.files[path] == real, "\(path)")
            compared += 1
        }
        #expect(compared == 30 && ours.files.count == 31)

        let report = try LedgerVerifier.verify(files: directory, key: key, form: .any)
        #expect(report.isIntact && report.entriesVerified == 15, "\(report.damages)")
    }

    @Test func everyInterruptedWriteIsMendedByPublishingAgain() throws {
        let source = try Fixture.entries(520)
        let key = try Fixture.key()
        let start = try Fixture.published(source, sizes: [250]).files
        let wanted = try Fixture.published(source, sizes: [250, 515, 520]).files
        let counting = MemoryFiles(files: start)
        _ = try Fixture.published(source, sizes: [515], in: counting)
        let writes = counting.writes
        #expect(writes >= 8)
        for fault in MemoryFiles.Fault.allCases {
            for write in 0..<writes {
                let files = MemoryFiles(files: start)
                files.fail(atWrite: write, fault)
                let publisher = LedgerPublisher(files: files, key: key)
                #expect(throws: LedgerError.self) { try publisher.publish(head: source.head(size: 515), source: source) { _ in } }
                // A reader in between sees a whole log, the old or the new.
                let report = try LedgerVerifier.verify(files: files, key: key.verifier)
                #expect(report.isIntact, "\(fault) \(write): \(report.damages)")
                _ = try publisher.publish(head: source.head(size: 515), source: source) { _ in }
                _ = try publisher.publish(head: source.head(), source: source) { _ in }
                #expect(wanted.allSatisfy { files.files[$0.key] == $0.value }, "\(fault) \(write)")
                #expect(try LedgerVerifier.verify(files: files, key: key.verifier).isIntact)
            }
        }
    }

    @Test func savesTheHeadBeforeAnyoneCanSeeItsSignature() throws {
        struct Refused: Error {}
        let source = try Fixture.entries(3)
        let files = MemoryFiles()
        let publisher = LedgerPublisher(files: files, key: try Fixture.key())
        #expect(throws: Refused.self) { try publisher.publish(head: source.head(), source: source) { _ in throw Refused() } }
        #expect(files.files["checkpoint"] == nil)
        var saved: LedgerHead?
        let text = try publisher.publish(head: source.head(), source: source) { saved = $0 }
        #expect(saved == source.head())
        #expect(files.files["checkpoint"] == Array(text.utf8))
        // Nothing new: nothing is saved or signed again.
        #expect(try publisher.publish(head: source.head(), source: source) { _ in throw Refused() } == text)
    }

    @Test func neverSignsAForkOrARollback() throws {
        let source = try Fixture.entries(300)
        let files = try Fixture.published(source, sizes: [290])
        let publisher = LedgerPublisher(files: files, key: try Fixture.key())
        func code(_ source: MemoryEntries, head: LedgerHead) throws -> LedgerError {
            let error = #expect(throws: LedgerError.self) { try publisher.publish(head: head, source: source) { _ in } }
            return try #require(error)
        }
        #expect(try code(source, head: source.head(size: 289)).code == .rollback)
        var changed = source
        changed.entries[280] = try Fixture.entry(9999)
        let error = try code(changed, head: changed.head())
        #expect(error.code == .damaged && error.place == .entry(280))
        changed = source
        changed.entries[3] = try Fixture.entry(9999)
        #expect(try code(changed, head: changed.head()).code == .damaged)
        #expect(try code(changed, head: changed.head(size: 290)).code == .damaged)
        var short = source
        short.entries.removeLast(5)
        #expect(try code(short, head: source.head()) == LedgerError(.missing, at: .entry(295), "the store has no such entry, though it committed 300"))
        #expect(try Checkpoint(verifying: SignedNote(parsing: files.files["checkpoint"] ?? []), key: Fixture.key().verifier).head == source.head(size: 290))
    }

    @Test func refusesToContinueOnDamagedTiles() throws {
        let source = try Fixture.entries(300)
        for name in ["tile/0/001.p/34", "tile/1/000.p/1", "checkpoint"] {
            let files = try Fixture.published(source, sizes: [290])
            files.change(name) { $0[5] ^= 1 }
            #expect(throws: LedgerError.self, "\(name)") {
                try LedgerPublisher(files: files, key: Fixture.key()).publish(head: source.head(), source: source) { _ in }
            }
        }
        let files = try Fixture.published(source, sizes: [290])
        files.change("tile/entries/001.p/44") { $0 = [1, 2, 3] }
        let error = #expect(throws: LedgerError.self) {
            try LedgerPublisher(files: files, key: Fixture.key()).publish(head: source.head(), source: source) { _ in }
        }
        #expect(error?.place == .tile(.entries(1, width: 44)))
    }

    @Test func theSelfCheckNamesTheFirstChangedEntry() throws {
        let source = try Fixture.entries(300)
        let files = try Fixture.published(source, sizes: [300])
        try LedgerRecomputation.check(head: source.head(), source: source, files: files)
        try LedgerRecomputation.check(head: source.head(), source: source)
        for index in [0, 255, 256, 299] {
            var changed = source
            changed.entries[index] = try Fixture.entry(9999)
            let error = #expect(throws: LedgerError.self) { try LedgerRecomputation.check(head: source.head(), source: changed, files: files) }
            #expect(error?.code == .damaged && error?.place == .entry(UInt64(index)))
            #expect(throws: LedgerError.self) { try LedgerRecomputation.check(head: source.head(), source: changed) }
        }
        var short = source
        short.entries.removeLast()
        let missing = #expect(throws: LedgerError.self) { try LedgerRecomputation.check(head: source.head(), source: short, files: files) }
        #expect(missing?.code == .missing && missing?.place == .entry(299))
        // A whole store beside changed tiles is another finding.
        files.change("tile/0/000") { $0[40] ^= 1 }
        let error = #expect(throws: LedgerError.self) { try LedgerRecomputation.check(head: source.head(), source: source, files: files) }
        #expect(error?.place == .entry(1))
    }

    @Test func theFolderOnDiskHoldsWhatMemoryHolds() throws {
        let source = try Fixture.entries(300)
        let folder = try TemporaryFolder()
        let directory = LedgerDirectory(path: folder.path + "/deep/log")
        let memory = MemoryFiles()
        for size in [1, 250, 300] {
            _ = try LedgerPublisher(files: directory, key: Fixture.key()).publish(head: source.head(size: size), source: source) { _ in }
            _ = try Fixture.published(source, sizes: [size], in: memory)
        }
        var found: [String: [UInt8]] = ["checkpoint": try #require(try directory.read("checkpoint", bytesMax: 1000))]
        try directory.walk("tile") { path throws(LedgerError) in found[path] = try directory.read(path, bytesMax: 1 << 20) }
        #expect(found == memory.files)
        #expect(try directory.read("absent/file", bytesMax: 1) == nil)
        #expect(throws: LedgerError.self) { try directory.read("checkpoint", bytesMax: 10) }
        #expect(throws: LedgerError.self) { try directory.read("tile", bytesMax: 10) }
        #expect(try LedgerVerifier.verify(directory: directory.path, key: Fixture.key().verifier).isIntact)
    }
}
