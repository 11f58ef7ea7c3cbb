import Foundation
import SluiceKit
import SluiceLedger
import Testing

/// How long a proof takes. `SLUICE_MEASURE=10000000 swift test -c release --filter ProofSpeedTests`; the number is that of entries.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_MEASURE"] != nil, "SLUICE_MEASURE is not set"))
struct ProofSpeedTests {
    /// A log's folder without its bundles, written without waiting for the disk: proofs are made of tiles alone.
    private final class TilesOnly: LedgerFiles {
        let directory: LedgerDirectory
        init(_ path: String) { directory = LedgerDirectory(path: path) }
        func read(_ path: String, bytesMax: Int) throws(LedgerError) -> [UInt8]? { try directory.read(path, bytesMax: bytesMax) }
        func write(_ bytes: [UInt8], to path: String) throws(LedgerError) {
            guard !path.hasPrefix("tile/entries/") else { return }
            let url = URL(fileURLWithPath: directory.path + "/" + path)
            do {
                try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: url)
            } catch { throw LedgerError(.storage, "\(error)") }
        }
        func sync() throws(LedgerError) {}
        func removeFolder(_ path: String) throws(LedgerError) {}
        func walk(_ folder: String, _ visit: (String) throws(LedgerError) -> Void) throws(LedgerError) {}
    }

    private struct Numbered: EntrySource {
        let count: Int
        static func entry(_ index: Int) -> [UInt8] { Array("entry number \(index)".utf8) }
        func entries(from: UInt64, limit: Int) throws -> [[UInt8]] { (Int(from)..<min(count, Int(from) + limit)).map(Self.entry) }
    }

    @Test func provesAnyEntry() throws {
        let count = try #require(Int(ProcessInfo.processInfo.environment["SLUICE_MEASURE"] ?? ""))
        let folder = try TemporaryFolder()
        let files = TilesOnly(folder.path)
        let source = Numbered(count: count)
        let hasher = MerkleHasher()
        var frontier = MerkleFrontier()
        for index in 0..<count { frontier.append(hasher.leaf(Numbered.entry(index)), with: hasher) }
        let key = try Fixture.key()
        _ = try LedgerPublisher(files: files, key: key).publish(head: frontier.head(with: hasher), source: source) { _ in }
        var times: [Duration] = []
        for number in 0..<1_000 {
            let index = number * 7_919 % count
            let took = try ContinuousClock().measure {
                // All that a command does: the checkpoint read and its signature checked, the tiles read, the proof checked.
                let proof = try LedgerProver(files: files, key: key.verifier).proof(of: UInt64(index))
                try proof.verify(entry: Numbered.entry(index), key: key.verifier)
            }
            times.append(took)
        }
        times.sort()
        print("\(count) entries: a proof takes \(times[500] / .milliseconds(1)) ms in the middle, \(times[999] / .milliseconds(1)) ms at most")
        #expect(times[990] < .milliseconds(5))
    }
}
