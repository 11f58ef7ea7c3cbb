import Foundation
import SluiceKitTesting
import Testing

/// The commands of Docs/AuditorGuide.md, as they stand there, in a folder that the demonstration leaves behind.
@Suite(.serialized, .enabled(if: Tools.python != nil && Tools.openssl != nil && Tools.tlog != nil, "python3, openssl or aics-tlog is absent"))
struct AuditorGuideTests {
    private static let guide = Repository.path("Docs/AuditorGuide.md")

    /// Blocks between fences, of one language; empty for transcripts.
    private static func blocks(_ path: String, _ language: String) throws -> [[String]] {
        var blocks: [[String]] = []
        var open: (language: String, lines: [String])?
        for line in try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n") {
            guard line.hasPrefix("```") else {
                open?.lines.append(line)
                continue
            }
            if let block = open {
                if block.language == language { blocks.append(block.lines) }
                open = nil
            } else {
                open = (String(line.dropFirst(3)), [])
            }
        }
        return blocks
    }

    /// A command begins after `$ `; four blanks carry it on.
    private static func commands() throws -> [String] {
        var commands: [String] = []
        for block in try blocks(guide, "") {
            var isCommand = false
            for line in block {
                if line.hasPrefix("$ ") {
                    commands.append(String(line.dropFirst(2)))
                    isCommand = true
                } else if isCommand, line.hasPrefix("    ") {
                    commands[commands.count - 1] += "\n" + line
                } else {
                    isCommand = false
                }
            }
        }
        return commands
    }

    @Test func everyCommandDoesWhatTheGuideSays() throws {
        let demo = try DemoHoldsTests.made.get()
        let folder = try TemporaryFolder("sluice-guide")
        let place = folder.file("demo")
        try FileManager.default.copyItem(atPath: demo.path, toPath: place)
        func write(_ lines: [String], _ name: String) throws {
            try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: "\(place)/\(name)"))
        }
        try write(try #require(Self.blocks(Self.guide, "python").first), "entries.py")
        try write(try #require(Self.blocks(Repository.path("Docs/Ledger.md"), "python").first), "digest.py")
        try FileManager.default.copyItem(atPath: demo.ledger("AM.MOI") + "/checkpoint", toPath: "\(place)/checkpoint-of-last-visit")

        let commands = try Self.commands()
        try #require(commands.count > 20)
        // In one shell, since some of them change the folder or set a variable.
        let script = commands.enumerated().map { number, command in "{ \(command)\n} || echo \"failed \(number)\"" }.joined(separator: "\n")
        try write([script], "guide.sh")
        let folders = [Sluice.executable, try #require(Tools.tlog), try #require(Tools.python)].map { ($0 as NSString).deletingLastPathComponent }
        let path = (folders + [ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]).joined(separator: ":")
        let run = try Run.run("/bin/sh", ["guide.sh"], folder: place, environment: ["PATH": path], within: .seconds(180))
        let failed = run.output.split(separator: "\n").filter { $0.hasPrefix("failed ") }.compactMap { Int($0.dropFirst(7)) }.map { commands[$0] }
        #expect(failed == ["unzip -q tampered/06-tampered.asice -d t", "sluice package verify tampered/06-tampered.asice --ca ca.pem"], "\(run.errors)")
        #expect((run.output + run.errors).components(separatedBy: "CAdES Verification successful").count == 3)
        for words in [
            "data.csv: OK", "Signature Verified Successfully", "\"ok\": true", "12 ok", "sluice.receipt.verified accepted", "seal.corruptData",
            "is whole. In sluice.AM.MOI",
        ] {
            #expect(run.output.contains(words), "\(words): \(run.output)")
        }
        // The digest of step 3 is the one that the package has.
        let digest = try #require(run.output.split(separator: "\n").first { $0.count == 64 && $0.allSatisfy(\.isHexDigit) })
        #expect(try String(contentsOfFile: "\(place)/p/exchange.json", encoding: .utf8).contains(digest))
    }
}
