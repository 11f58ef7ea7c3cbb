import Foundation
import SluiceKitTesting
import Testing

/// Tables of counts that leave rounded: what the steward sees beforehand is what arrives.
@Suite struct RoundedTablesTests {
    private static let files = Repository.path("Sources/SluiceFiles/Files")

    /// The permits' agreement with another `protect`.
    private static func agreement(_ protect: String) throws -> String {
        let text = try String(contentsOfFile: files + "/permits-agreement.yaml", encoding: .utf8)
        let begin = try #require(text.range(of: "\nprotect:\n"))
        let end = try #require(text.range(of: "\nobligations:", range: begin.upperBound..<text.endIndex))
        return text.replacingCharacters(in: begin.lowerBound..<end.lowerBound, with: "\nprotect: \(protect)\n")
    }

    /// Runs `sluice protect` over the register and returns what came out, observations by key.
    private static func protect(_ folder: TemporaryFolder, _ terms: String, _ more: [String] = []) throws -> (run: Run, values: [String: String]) {
        let agreement = folder.file("agreement.yaml")
        try Data(try self.agreement(terms).utf8).write(to: URL(fileURLWithPath: agreement))
        let out = folder.file("out.csv")
        try? FileManager.default.removeItem(atPath: out)
        let run = try Sluice.run(
            [
                "protect", files + "/permits-register.csv", out, "--mapping", files + "/permits-mapping.yaml", "--agreement", agreement, "--structure",
                files + "/permits-structure.xml",
            ] + more)
        return (run, try values(out))
    }

    /// SDMX-CSV: series and period → value.
    private static func values(_ path: String) throws -> [String: String] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [:] }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        let header = try #require(lines.first)
        let dimensions = try ["FREQ", "SEX", "AGE", "CITIZENSHIP", "TIME_PERIOD"].map { try #require(header.firstIndex(of: $0)) }
        let measure = try #require(header.firstIndex(of: "OBS_VALUE"))
        return Dictionary(uniqueKeysWithValues: lines.dropFirst().map { line in (dimensions.map { line[$0] }.joined(separator: "."), line[measure]) })
    }

    private static func isRounded(_ values: [String: String], base: Int) -> Bool {
        !values.isEmpty && values.values.allSatisfy { Int($0).map { $0 % base == 0 } ?? false }
    }

    @Test func controlledRoundingShowsTheStewardWhatWouldLeave() throws {
        let folder = try TemporaryFolder("sluice-rounded")
        let (run, values) = try Self.protect(folder, "{method: controlled-rounding, minimumCell: 5, rounding: {base: 5}, totals: {SEX: _T}}")
        #expect(run.status == 0, "\(run.errors)")
        #expect(Self.isRounded(values, base: 5))
        #expect(run.errors.contains("every published sum still holds exactly"), "\(run.errors)")
        // Sexes add up in every series that has all of them, judged here and not by the plugin.
        for (key, total) in values where key.split(separator: ".")[1] == "_T" {
            var parts: [Int] = []
            for sex in ["F", "M"] { parts += values[key.replacingOccurrences(of: "M._T.", with: "M.\(sex).")].flatMap(Int.init).map { [$0] } ?? [] }
            if parts.count == 2 { #expect(parts.reduce(0, +) == Int(total), "\(key)") }
        }
        let refused = try Self.protect(folder, "{method: controlled-rounding, minimumCell: 5, rounding: {base: 3}}")
        #expect(refused.run.status == 2 && refused.run.errors.contains("a base of at least 5"), "\(refused.run.errors)")
    }

    @Test func randomRoundingNeedsTheNodesKeyAndRepeatsWithIt() throws {
        let folder = try TemporaryFolder("sluice-rounded")
        let terms = "{method: random-rounding, rounding: {base: 5}}"
        let without = try Self.protect(folder, terms)
        #expect(without.run.status == 1 && without.run.errors.contains("[protect.keyMissing]") && without.values.isEmpty, "\(without.run.errors)")
        var results: [[String: String]] = []
        for digits in ["00ff", "00ff", "a1b2"] {
            let key = folder.file("\(digits).key")
            try Data(String(repeating: digits, count: 16).utf8).write(to: URL(fileURLWithPath: key))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
            let (run, values) = try Self.protect(folder, terms, ["--protection-key", key])
            #expect(run.status == 0 && run.errors.contains("no longer add up"), "\(run.errors)")
            #expect(Self.isRounded(values, base: 5))
            results.append(values)
        }
        #expect(results[0] == results[1] && results[0] != results[2])
        try Data("no key".utf8).write(to: URL(fileURLWithPath: folder.file("bad.key")))
        for key in ["bad.key", "absent.key"] {
            let run = try Self.protect(folder, terms, ["--protection-key", folder.file(key)]).run
            #expect(run.status == 2 && !run.errors.isEmpty, "\(run.errors)")
        }
    }

    @Test func tablesAreNamedStrictly() throws {
        let folder = try TemporaryFolder("sluice-rounded")
        let terms = "{method: cell-key, cellKey: {table: T}}"
        let none = try Self.protect(folder, terms)
        #expect(none.run.status == 1 && none.run.errors.contains("there is no perturbation table T"), "\(none.run.errors)")
        let table = folder.file("t.csv")
        try Data("pcv,ckey,pvalue\n1,0,0\n".utf8).write(to: URL(fileURLWithPath: table))
        let short = try Self.protect(folder, terms, ["--table", "T=\(table)"])
        #expect(short.run.status == 1 && short.run.errors.contains("pcv 1 with ckey 1 is not there"), "\(short.run.errors)")
        for arguments in [["T"], ["=x"], ["T="], ["T=\(table)", "--table", "T=\(table)"], ["T=\(folder.file("absent.csv"))"], ["a b=\(table)"]] {
            let run = try Self.protect(folder, terms, ["--table"] + arguments).run
            #expect(run.status == 2 && !run.errors.isEmpty, "\(arguments): \(run.status) \(run.errors)")
        }
    }

    @Test func aRoundedTableArrivesAsTheStewardSawIt() throws {
        let pair = try Pair()
        let terms = "{method: random-rounding, rounding: {base: 5}}"
        for site in [pair.sender, pair.receiver] {
            try Data(try Self.agreement(terms).utf8).write(to: URL(fileURLWithPath: site.folder + "/agreements/permits.yaml"))
        }
        func change(_ old: String, _ new: String) throws {
            let text = try String(contentsOfFile: pair.sender.configuration, encoding: .utf8)
            try #require(text.contains(old))
            try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: URL(fileURLWithPath: pair.sender.configuration))
        }
        let served = try pair.serve(pair.receiver)
        defer { served.stop() }
        // Without the key nothing leaves.
        let refused = try pair.send()
        #expect(refused.status == 1 && (refused.output + refused.errors).contains("protect.keyMissing"), "\(refused.output) \(refused.errors)")
        try change("storageKey: keys/storage.key}", "storageKey: keys/storage.key, protectionKey: keys/protection.key}")
        try change("format: sdmx-ml-2.1", "format: sdmx-csv-2.0")
        let sent = try pair.send()
        #expect(sent.status == 0, "\(sent.output) \(sent.errors)")
        let id = try #require(sent.output.split(whereSeparator: { " :\n".contains($0) }).map(String.init).first { $0.count == 36 && $0.contains("-") })
        let files = try Sluice.succeed(
            ["exchange", "export", id, pair.root.file("out"), "--from", pair.sender.id, "--config", pair.receiver.configuration]
        ).split(separator: "\n").map(String.init)
        let package = try #require(files.first)
        try Sluice.succeed(["package", "open", package, "--ca", pair.root.file("authority/ca.pem"), "--into", pair.root.file("opened")])
        var arrived: [String: String] = [:]
        for case let path as String in try #require(FileManager.default.enumerator(atPath: pair.root.file("opened"))) where path.hasSuffix(".csv") {
            arrived = try Self.values(pair.root.file("opened") + "/" + path)
        }
        let seen = try Self.protect(pair.root, terms, ["--protection-key", pair.sender.folder + "/keys/protection.key"])
        #expect(seen.run.status == 0, "\(seen.run.errors)")
        #expect(Self.isRounded(arrived, base: 5) && arrived == seen.values)
    }

    @Test func aConfigurationThatNamesAMissingTableDoesNotPass() throws {
        let folder = try TemporaryFolder("sluice-rounded")
        try Sluice.succeed(["init", folder.file("node"), "--id", "AM.MOI", "--authority", folder.file("authority")])
        let configuration = folder.file("node") + "/node.yaml"
        let text = try String(contentsOfFile: configuration, encoding: .utf8)
        func check(_ protection: String) throws -> Run {
            try Data((text + "\nprotection: \(protection)\n").utf8).write(to: URL(fileURLWithPath: configuration))
            return try Sluice.run(["config", "check", configuration])
        }
        let absent = try check("{tables: {T: absent.csv}}")
        #expect(absent.status == 2 && absent.errors.contains("the protection table T"), "\(absent.status) \(absent.errors)")
        let served = try Sluice.run(["serve", "--config", configuration])
        #expect(served.status == 2, "\(served.status) \(served.errors)")
        for wrong in ["{table: {}}", "{tables: []}", "{tables: {T: [a]}}", "{tables: {\"a b\": c.csv}}", "{tables: {T: a.csv, T: b.csv}}"] {
            #expect(try check(wrong).status == 2, "\(wrong)")
        }
        try Data("pcv,ckey,pvalue\n".utf8).write(to: URL(fileURLWithPath: folder.file("node") + "/t.csv"))
        let good = try check("{tables: {T: t.csv}}")
        #expect(good.status == 0, "\(good.errors)")
    }
}
