import Foundation
import SluiceCore
import SluiceKit
import SluiceKitTesting
import StoreSQLite
import Testing

@testable import SluiceLedger
@testable import SluiceNode

/// Any single bit flipped in the store's file or the published files is found and named, or changes nothing that can be read; it never ends the process.
@Suite(.serialized) struct BitFlipTests {
    private let ledger: SmallLedger
    private static let count = 600

    init() throws { ledger = try SmallLedger() }

    /// What can be read of the ledger in the store, each entry by its number and all in a row.
    private func reading(_ store: SQLiteStore) async throws -> [[UInt8]] {
        try await store.read { store in
            let (size, head) = (try store.ledgerSize(), try store.ledgerHead())
            var all = [Array("\(size) \(head.map { "\($0.size) \($0.root)" } ?? "none")".utf8)]
            for index in 0..<min(size, Int64(Self.count) + 10) { all += try store.ledgerEntries(from: index, limit: 1) }
            for from in [0, 256, 512] as [Int64] { all += try store.ledgerEntries(from: from, limit: 256) }
            return all
        }
    }

    private func verify(_ opened: SmallLedger.Opened) async throws {
        _ = try await opened.check(ledger.statePath, 1, FakeClock()).wholeRound()
        try await opened.ledger.recompute()
    }

    /// Flips, opens, reads and verifies; nil where what is read is the same and nothing was said, else the words it was found with.
    /// - Parameter bit: nil flips none.
    private func flip(_ bytes: [UInt8], _ place: Int, _ bit: UInt8?, wal: [UInt8]? = nil, isQuick: Bool, _ whole: [[UInt8]]) async throws -> String? {
        let path = ledger.folder.file("copy.sqlite")
        var (main, log) = (bytes, wal)
        if let bit { if log == nil { main[place] ^= 1 << bit } else { log?[place] ^= 1 << bit } }
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try Data(main).write(to: URL(fileURLWithPath: path))
        if let log { try Data(log).write(to: URL(fileURLWithPath: path + "-wal")) }
        var limits = SQLiteStoreLimits()
        // As of a file too large to be looked at whole when it is opened: what is wrong has to be found by reading.
        if !isQuick { limits.quickCheckBytesMax = 0 }
        let opened: SmallLedger.Opened
        do { opened = try ledger.open(limits: limits, at: path) } catch { return "\(error)" }
        var said: String?
        var read: [[UInt8]]?
        do { read = try await reading(opened.store) } catch {
            // SQLite complains of some bits that it does not use when it first reads their page, and of nothing afterwards.
            said = "\(error)"
            read = try? await reading(opened.store)
        }
        var found: String?
        do { try await verify(opened) } catch { found = "\(error)" }
        try? await opened.close()
        // It may be found where nothing changed for the reader; it must be found where something did.
        #expect(read == whole || found != nil, "byte \(place) bit \(bit ?? 8) changed what is read, and was not found: \(said ?? "")")
        return found ?? said
    }

    private func closedStore() async throws -> (bytes: [UInt8], whole: [[UInt8]]) {
        let opened = try await ledger.filled(Self.count)
        let whole = try await reading(opened.store)
        // Into the file, which is then all there is.
        try await opened.store.forget()
        try await opened.close()
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: ledger.storePath)))
        #expect(try await flip(bytes, 0, nil, isQuick: true, whole) == nil, "the copy is whole before a bit is flipped")
        return (bytes, whole)
    }

    private static let pageBytes = 4_096

    /// Root pages of the ledger's tables, and what stands below the ledger's own.
    private func pages(_ bytes: [UInt8]) -> [(page: Int, kind: String)] {
        let entry = Array("exchange-100".utf8)
        let count = bytes.count / Self.pageBytes
        func page(_ number: Int) -> ArraySlice<UInt8> { bytes[number * Self.pageBytes..<(number + 1) * Self.pageBytes] }
        func holds(_ slice: ArraySlice<UInt8>) -> Bool { slice.indices.dropLast(entry.count).contains { slice[$0...].starts(with: entry) } }
        // The kind of a b-tree page is its first byte: 13 a table's leaf, 5 a table's inner page.
        let leaf = (1..<count).first { page($0).first == 13 && holds(page($0)) }
        let inner = (1..<count).filter { page($0).first == 5 }
        return [(0, "header and schema")] + inner.prefix(2).map { ($0, "inner") } + (leaf.map { [($0, "leaf")] } ?? [])
    }

    @Test func aFlipAtARandomPlaceOfTheStoreIsFoundOrChangesNothing() async throws {
        var random = SeededGenerator.announced(for: "aFlipAtARandomPlaceOfTheStoreIsFoundOrChangesNothing")
        let (bytes, whole) = try await closedStore()
        #expect(whole.count == 1 + 2 * Self.count)
        var found = 0
        for number in 0..<160 {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            if try await flip(bytes, place, UInt8.random(in: 0..<8, using: &random), isQuick: number % 2 == 0, whole) != nil { found += 1 }
        }
        print("\(found) of 160 flips found")
        #expect(found > 60, "most of the file is entries")
    }

    @Test func aFlipAtEveryByteOfAPageIsFoundOrChangesNothing() async throws {
        var random = SeededGenerator.announced(for: "aFlipAtEveryByteOfAPageIsFoundOrChangesNothing")
        let (bytes, whole) = try await closedStore()
        let pages = pages(bytes)
        #expect(pages.map(\.kind).contains("leaf") && pages.map(\.kind).contains("inner"))
        // Every byte of all of them takes ten minutes: with SLUICE_SOAK, and else every byte of the headers and first cell pointers, and some of the rest.
        let isWhole = ProcessInfo.processInfo.environment["SLUICE_SOAK"] != nil
        for (page, kind) in pages {
            var found = 0
            for byte in 0..<Self.pageBytes where isWhole || byte < 48 || byte % 61 == 0 {
                let place = page * Self.pageBytes + byte
                if try await flip(bytes, place, UInt8.random(in: 0..<8, using: &random), isQuick: false, whole) != nil { found += 1 }
            }
            #expect(found > 0)
            print("page \(page), \(kind): \(found) flips found")
        }
    }

    @Test func aFlipInTheLogOfTheStoreIsFoundOrChangesNothing() async throws {
        var random = SeededGenerator.announced(for: "aFlipInTheLogOfTheStoreIsFoundOrChangesNothing")
        let opened = try await ledger.filled(Self.count)
        let whole = try await reading(opened.store)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: ledger.storePath)))
        let wal = [UInt8](try Data(contentsOf: URL(fileURLWithPath: ledger.storePath + "-wal")))
        try #require(wal.count > 100_000)
        for _ in 0..<50 {
            let place = Int.random(in: 0..<wal.count, using: &random)
            _ = try await flip(bytes, place, UInt8.random(in: 0..<8, using: &random), wal: wal, isQuick: true, whole)
        }
        try await opened.close()
    }

    @Test func aFlipUnderAnOpenStoreIsFoundOrChangesNothing() async throws {
        var random = SeededGenerator.announced(for: "aFlipUnderAnOpenStoreIsFoundOrChangesNothing")
        let (bytes, whole) = try await closedStore()
        for _ in 0..<50 {
            let opened = try ledger.open()
            let file = try #require(FileHandle(forUpdatingAtPath: ledger.storePath))
            let (place, bit) = (Int.random(in: 0..<bytes.count, using: &random), UInt8.random(in: 0..<8, using: &random))
            func put(_ byte: UInt8) throws {
                try file.seek(toOffset: UInt64(place))
                try file.write(contentsOf: Data([byte]))
            }
            try put(bytes[place] ^ 1 << bit)
            let check = opened.check(ledger.folder.file("open.check"), 1, FakeClock())
            for _ in 0..<6 { _ = await check.next() }
            let same = (try? await reading(opened.store)) == whole
            let status = await check.status
            #expect(same || !status.damage.isEmpty || !status.trouble.isEmpty, "byte \(place) bit \(bit)")
            #expect(status.damage.isEmpty == (opened.ledger.gate.whyShut == nil))
            try? await opened.close()
            try Data(bytes).write(to: URL(fileURLWithPath: ledger.storePath))
            try? FileManager.default.removeItem(atPath: ledger.folder.file("open.check"))
        }
    }

    @Test func aFlipInAnyPublishedFileIsFoundAndTheFileIsNamed() async throws {
        var random = SeededGenerator.announced(for: "aFlipInAnyPublishedFileIsFoundAndTheFileIsNamed")
        let opened = try await ledger.filled(Self.count)
        let names = try #require(FileManager.default.enumerator(atPath: ledger.directory)).compactMap { $0 as? String }
        let files = names.sorted().filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: ledger.directory + "/" + name, isDirectory: &isFolder) && !isFolder.boolValue
        }
        #expect(files.count == 11, "full, partial and superseded tiles: \(files)")
        for name in files {
            let url = URL(fileURLWithPath: ledger.directory + "/" + name)
            let whole = try Data(contentsOf: url)
            let places = name == "checkpoint" ? Array(0..<whole.count) : (0..<25).map { _ in Int.random(in: 0..<whole.count, using: &random) }
            for place in places {
                var changed = whole
                changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                try changed.write(to: url)
                do {
                    _ = try await opened.check(ledger.statePath, 1, FakeClock()).wholeRound()
                    Issue.record("\(name) byte \(place) was not found")
                } catch { #expect("\(error)".hasPrefix("\(name): "), "byte \(place) of \(name): \(error)") }
            }
            try whole.write(to: url)
        }
        _ = try await opened.check(ledger.statePath, 1, FakeClock()).wholeRound()
        try await opened.close()
    }
}
