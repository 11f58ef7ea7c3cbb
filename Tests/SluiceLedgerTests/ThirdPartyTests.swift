import Foundation
import SluiceKit
import SluiceLedger
import Testing

/// What others' software says of our logs, and ours of theirs.
@Suite struct ThirdPartyTests {
    private func publish(_ sizes: [Int], to folder: TemporaryFolder) throws -> MemoryEntries {
        let source = try Fixture.entries(sizes.max() ?? 0)
        for size in sizes {
            _ = try LedgerPublisher(files: LedgerDirectory(path: folder.path), key: Fixture.key()).publish(head: source.head(size: size), source: source) { _ in
            }
        }
        return source
    }

    @Test(.enabled(if: StockTools.has("openssl"), "openssl is not installed"))
    func opensslVerifiesTheCheckpointSignature() throws {
        let folder = try TemporaryFolder()
        _ = try publish([3], to: folder)
        let note = try SignedNote(parsing: [UInt8](Data(contentsOf: folder.url.appending(path: "checkpoint"))))
        try Data(Fixture.key().verifier.pem.utf8).write(to: folder.url.appending(path: "key.pem"))
        try Data(note.body.utf8).write(to: folder.url.appending(path: "body"))
        try Data(#require(note.signatures.first).signature).write(to: folder.url.appending(path: "signature"))
        func verify() throws -> (status: Int32, output: String) {
            try StockTools.run(
                "openssl",
                [
                    "pkeyutl", "-verify", "-pubin", "-inkey", "\(folder.path)/key.pem", "-rawin", "-in", "\(folder.path)/body", "-sigfile",
                    "\(folder.path)/signature",
                ])
        }
        let verdict = try verify()
        #expect(verdict.status == 0 && verdict.output.contains("Verified Successfully"), "\(verdict.output)")
        try Data((note.body + "\n").utf8).write(to: folder.url.appending(path: "body"))
        #expect(try verify().status != 0)
    }

    @Test(.enabled(if: StockTools.has("aics-tlog"), "aics-tlog is not installed (pip install --ignore-requires-python aics-tlog, then SLUICE_TOOLS)"))
    func aicsTlogVerifiesCheckpointInclusionAndConsistency() throws {
        let folder = try TemporaryFolder()
        let source = try publish([100], to: folder)
        let older = folder.url.appending(path: "checkpoint.100")
        try FileManager.default.copyItem(at: folder.url.appending(path: "checkpoint"), to: older)
        let all = try publish([100, 256, 600], to: folder)
        #expect(all.entries[0] == source.entries[0])
        let common = ["--tiles", folder.path, "--log-key", try Fixture.key().verifier.text]
        func tlog(_ arguments: [String]) throws -> (status: Int32, output: String) { try StockTools.run("aics-tlog", arguments + common) }

        let checkpoint = try tlog(["verify-checkpoint"])
        #expect(checkpoint.status == 0, "\(checkpoint.output)")
        let leaf = folder.url.appending(path: "leaf")
        for index in [0, 255, 256, 511, 512, 599] {
            try Data(all.entries[index]).write(to: leaf)
            let verdict = try tlog(["verify-inclusion", "--leaf", leaf.path, "--index", String(index)])
            #expect(verdict.status == 0, "\(index): \(verdict.output)")
            #expect(try tlog(["verify-inclusion", "--leaf", leaf.path, "--index", String((index + 1) % 600)]).status != 0)
        }
        let consistency = try tlog(["verify-consistency", "--old-checkpoint", older.path])
        #expect(consistency.status == 0, "\(consistency.output)")
    }

    @Test(.enabled(if: StockTools.has("aics-tlog"), "aics-tlog is not installed (pip install --ignore-requires-python aics-tlog, then SLUICE_TOOLS)"))
    func aicsTlogBuildsTheSameTiles() throws {
        let folder = try TemporaryFolder()
        let source = try Fixture.entries(300)
        let lines = folder.url.appending(path: "lines")
        try Data(source.entries.flatMap { $0 + [0x0a] }).write(to: lines)
        let built = folder.path + "/built"
        let verdict = try StockTools.run("aics-tlog", ["build-tiles", "--leaves", lines.path, "--out", built])
        #expect(verdict.status == 0, "\(verdict.output)")
        let theirs = LedgerDirectory(path: built)
        let ours = try Fixture.published(source, sizes: [300]).files
        var compared = 0
        try theirs.walk("tile") { path throws(LedgerError) in
            let bytes = try theirs.read(path, bytesMax: 1 << 20)
            #expect(ours[path] == bytes, "\(path)")
            compared += 1
        }
        #expect(compared == ours.count - 1)
    }

    @Test(.enabled(if: StockTools.hasPython(module: "rfc8785"), "the Python package rfc8785 is not installed (SLUICE_TOOLS)"))
    func rfc8785WritesTheSameEntries() throws {
        let script = "import sys, json, rfc8785\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(rfc8785.dumps(json.loads(line)) + b'\\n')"
        var entries = try (0..<50).map { try Fixture.entry($0, note: "Հայաստան é \u{1f600} \u{7}\u{7f}\u{2028}\"\\/ \($0)") }
        entries += try [#"{"b":[1.50,1e21,-0,5e-324,0.000001],"\ud83d\ude00":1,"\ufb33":2,"a":null}"#].map {
            try JSONValue(parsing: Array($0.utf8)).canonicalBytes()
        }
        // Handed over in another order and spelling than ours.
        let input = try entries.map { try JSONValue(parsing: $0) }.map { value in
            Array(JSONValue.object((value.members ?? []).reversed()).compactText.utf8) + [0x0a]
        }
        let verdict = try StockTools.run("python3", ["-c", script], input: input.flatMap { $0 })
        #expect(verdict.status == 0, "\(verdict.output)")
        #expect(verdict.output.split(separator: "\n").map { Array($0.utf8) } == entries)
    }
}
