import Foundation
import SluiceCrypto
import SluiceKit
import SluiceLedger
import Testing

/// Measurements, run by hand: `SLUICE_MEASURE=1000000 swift test -c release --filter SpeedTests`.
@Suite(.serialized) struct SpeedTests {
    /// Seconds of processor time and of waiting: the first says what the work costs even where others use the machine.
    private struct CPUClock {
        func measure(_ work: () throws -> Void) rethrows -> String {
            let start = (ContinuousClock.now, clock())
            try work()
            let spent = Double(clock() - start.1) / Double(CLOCKS_PER_SEC)
            return String(format: "%.2f s (of %.2f s)", spent, (ContinuousClock.now - start.0) / .seconds(1))
        }
    }

    static let entryCount = Int(ProcessInfo.processInfo.environment["SLUICE_MEASURE"] ?? "") ?? 0

    /// Entries made as they are asked for, so that the measure is of the ledger and not of memory.
    private struct MadeEntries: EntrySource {
        let note: String
        func entries(from: UInt64, limit: Int) throws -> [[UInt8]] {
            try (Int(from)..<Int(from) + limit).map { try Fixture.entry($0, note: note) }
        }
    }

    @Test(.enabled(if: entryCount > 0, "set SLUICE_MEASURE to a number of entries")) func measuresPublishingAndVerifying() throws {
        let count = Self.entryCount
        let source = MadeEntries(note: String(repeating: "0123456789", count: 22))
        let folder = try TemporaryFolder()
        let hasher = MerkleHasher()
        var frontier = MerkleFrontier()
        let clock = CPUClock()
        var bytes = 0
        let making = try clock.measure {
            for start in stride(from: 0, to: count, by: 256) {
                for entry in try source.entries(from: UInt64(start), limit: min(256, count - start)) {
                    bytes += entry.count
                    frontier.append(hasher.leaf(entry), with: hasher)
                }
            }
        }
        let publishing = try clock.measure {
            _ = try LedgerPublisher(files: LedgerDirectory(path: folder.path), key: Fixture.key()).publish(head: frontier.head(with: hasher), source: source) {
                _ in
            }
        }
        var report = LedgerReport?.none
        let verifying = try clock.measure { report = try LedgerVerifier.verify(directory: folder.path, key: Fixture.key().verifier) }
        #expect(report?.isIntact == true && report?.entriesVerified == UInt64(count))
        let unchecked = try clock.measure { _ = try LedgerVerifier.verify(directory: folder.path, key: Fixture.key().verifier, form: .any) }
        // The floor: the bare hashes of the same bytes, one leaf at a time and as many nodes.
        let entry = try Fixture.entry(7, note: source.note)
        let hashing = clock.measure {
            for _ in 0..<count { _ = hasher.leaf(entry) }
            for _ in 0..<count { _ = hasher.node(MerkleHasher.emptyRoot, MerkleHasher.emptyRoot) }
        }
        let reading = try clock.measure {
            let bundles = LedgerDirectory(path: folder.path)
            try bundles.walk("tile/entries") { path throws(LedgerError) in _ = try bundles.read(path, bytesMax: 1 << 25) }
        }
        let sha256sum = try clock.measure { _ = try StockTools.run("sh", ["-c", "find \(folder.path)/tile/entries -type f | xargs cat | sha256sum"]) }
        print(
            "\(count) entries of \(bytes / count) bytes: making and hashing \(making), publishing \(publishing), verifying \(verifying), without form \(unchecked);"
        )
        print("floor: hashes alone \(hashing), reading \(reading), sha256sum of the same bytes \(sha256sum)")
    }
}
