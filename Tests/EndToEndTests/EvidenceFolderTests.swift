import Foundation
import SluiceKitTesting
import Testing

/// `sluice evidence export` and `verify`: others' tools find it right as its README says, and nothing that was changed passes.
@Suite(.serialized, .enabled(if: Tools.python != nil && Tools.openssl != nil, "python3 or openssl is absent"))
struct EvidenceFolderTests {
    let demo: DemoHoldsTests.Demo
    let folder: TemporaryFolder
    let node = "AM.ARMSTAT"

    init() throws {
        demo = try DemoHoldsTests.made.get()
        folder = try TemporaryFolder("sluice-evidence")
    }

    private var configuration: String { "\(demo.path)/nodes/\(node)/node.yaml" }

    /// Evidence of everything that the office took part in.
    private func export(_ name: String = "evidence", _ more: [String] = ["--since", "2026-01-01"]) throws -> String {
        let out = folder.file(name)
        try Sluice.succeed(["evidence", "export", "--config", configuration, "--out", out] + more)
        return out
    }

    private func verify(_ path: String, key: String? = nil, authority: String? = nil) throws -> Run {
        try Sluice.run(["evidence", "verify", path, "--key", key ?? demo.key(node), "--authority", authority ?? demo.ca])
    }

    /// The commands that README.txt prints, as one script.
    private func commands(_ evidence: String) throws -> String {
        try String(contentsOfFile: evidence + "/README.txt", encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            .filter { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }.joined(separator: "\n")
    }

    private func runReadme(_ evidence: String) throws -> Run {
        let script = folder.file("readme.sh")
        try Data(try commands(evidence).utf8).write(to: URL(fileURLWithPath: script))
        let tools = (try #require(Tools.tlog) as NSString).deletingLastPathComponent
        let path = tools + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        return try Run.run("/bin/sh", ["-e", script], folder: evidence, environment: ["PATH": path], within: .seconds(180))
    }

    private func files(_ path: String) throws -> [String] {
        try #require(FileManager.default.enumerator(atPath: path)).compactMap { $0 as? String }.filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder) && !isFolder.boolValue
        }.sorted()
    }

    private func sumAgain(_ path: String) throws {
        let run = try Run.run(
            "/bin/sh", ["-c", "find . -type f ! -name SHA256SUMS | sed 's|^\\./||' | LC_ALL=C sort | xargs -d '\\n' sha256sum > SHA256SUMS"], folder: path)
        try #require(run.status == 0, "\(run.errors)")
    }

    private func copy(_ evidence: String) throws -> String {
        let copy = folder.file("copy")
        try? FileManager.default.removeItem(atPath: copy)
        try FileManager.default.copyItem(atPath: evidence, toPath: copy)
        return copy
    }

    private func change(_ file: String, _ change: (inout [UInt8]) -> Void) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        change(&bytes)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    @Test func whatTheDemonstrationDidIsWhole() throws {
        let evidence = try export()
        let good = try verify(evidence)
        #expect(good.status == 0 && good.output.contains("is whole"), "\(good.output)\(good.errors)")
        let names = try files(evidence)
        #expect(names.filter { $0.hasSuffix("package.asice") }.count >= 4 && names.filter { $0.hasSuffix("receipt.asice") }.count >= 4)
        #expect(names.filter { $0.hasPrefix("agreements/") }.count >= 2)
        #expect(!names.contains { $0.hasSuffix("inputkey") })
        let page = try String(contentsOfFile: evidence + "/index.html", encoding: .utf8)
        #expect(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"))
        // The same in one file; taken out by others' unzip it is as whole.
        let archive = try export("evidence.zip")
        #expect(try verify(archive).status == 0)
        let unzip = try Run.run(try #require(Tools.find("unzip")), ["-q", archive, "-d", folder.file("unzipped")])
        #expect(unzip.status == 0, "\(unzip.errors)")
        #expect(try verify(folder.file("unzipped")).status == 0)
        #expect(try Sluice.run(["evidence", "export", "--config", configuration, "--since", "2026-01-01", "--out", archive]).status == 2, "already there")
    }

    @Test func aSelectionHoldsWhatWasAskedFor() throws {
        let chosen = try export("chosen", ["--agreement", "AM-MOI-ARMSTAT-PERMITS"])
        let manifest = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: chosen + "/evidence.json"))) as? [String: Any]
        let exchanges = try #require(manifest?["exchanges"] as? [[String: Any]])
        #expect(exchanges.count == 1 && exchanges[0]["sender"] as? String == "AM.MOI")
        let id = try #require(exchanges[0]["exchange"] as? String)
        let single = try export("single", [id])
        #expect(try files(single) == files(chosen))
        #expect(try Sluice.run(["evidence", "export", "--config", configuration, "none", "--out", folder.file("x")]).status == 2)
        #expect(try Sluice.run(["evidence", "export", "--config", configuration, "--participant", "NOBODY", "--out", folder.file("x")]).status == 1)
        #expect(try Sluice.run(["evidence", "export", "--config", configuration, "--out", folder.file("x")]).status == 2)
        #expect(!FileManager.default.fileExists(atPath: folder.file("x")))
    }

    @Test(.enabled(if: Tools.tlog != nil, "aics-tlog is absent (SLUICE_TOOLS)"))
    func theCommandsOfTheReadmeHoldAndFindEveryChange() throws {
        let evidence = try export("evidence", ["--agreement", "AM-MOI-ARMSTAT-PERMITS"])
        let good = try runReadme(evidence)
        #expect(good.status == 0, "\(good.output.suffix(1_000))\(good.errors.suffix(1_000))")
        #expect(good.output.contains("Signature Verified Successfully"))
        // Each changed with the sums written again, so that the other steps have to find it.
        for name in try files(evidence) where ["entries/", "exchanges/", "checkpoint"].contains(where: name.hasPrefix) {
            let copy = try copy(evidence)
            try change("\(copy)/\(name)") { $0[$0.count / 2] ^= 1 }
            #expect(try Run.run("/usr/bin/sha256sum", ["-c", "--quiet", "SHA256SUMS"], folder: copy).status == 1, "\(name)")
            try sumAgain(copy)
            let bad = try runReadme(copy)
            #expect(bad.status != 0, "\(name): \(bad.output.suffix(500))")
        }
    }

    @Test func everyChangedFileIsNamed() throws {
        let evidence = try export()
        for name in try files(evidence) {
            let copy = try copy(evidence)
            try change("\(copy)/\(name)") { $0[$0.count / 3] ^= 1 }
            let bad = try verify(copy)
            // A digest that was changed in the list makes the file wrong that it is of.
            #expect(bad.status == 1 && bad.output.contains(name == "SHA256SUMS" ? "WRONG" : "WRONG \(name)"), "\(name): \(bad.output.suffix(800))\(bad.errors)")
            guard name != "SHA256SUMS", !name.hasPrefix("certificates/"), !name.hasPrefix("agreements/") else { continue }
            try sumAgain(copy)
            let again = try verify(copy)
            #expect(again.status == 1 && again.output.contains("WRONG"), "\(name), summed again: \(again.output.suffix(800))\(again.errors)")
        }
    }

    @Test func whatIsMissingExtraSwappedCutOrHugeIsNamed() throws {
        let evidence = try export()
        let packages = try files(evidence).filter { $0.hasSuffix("package.asice") }
        let agreement = try #require(try files(evidence).first { $0.hasPrefix("agreements/") })
        let entry = try #require(try files(evidence).first { $0.hasSuffix(".tlog-proof") }).replacingOccurrences(of: ".tlog-proof", with: "")
        func swap(_ one: String, _ other: String, in copy: String) throws {
            let manager = FileManager.default
            try manager.moveItem(atPath: "\(copy)/\(one)", toPath: "\(copy)/swap")
            try manager.moveItem(atPath: "\(copy)/\(other)", toPath: "\(copy)/\(one)")
            try manager.moveItem(atPath: "\(copy)/swap", toPath: "\(copy)/\(other)")
        }
        func edit(_ file: String, _ from: String, _ to: String) throws {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try #require(text.contains(from), "\(file) has no \(from)")
            try Data(text.replacingOccurrences(of: from, with: to).utf8).write(to: URL(fileURLWithPath: file))
        }
        let changes: [(name: String, isSummed: Bool, says: String, change: (String) throws -> Void)] = [
            ("missing", false, "is missing", { try FileManager.default.removeItem(atPath: "\($0)/\(packages[0])") }),
            ("missing and summed", true, "is not in the folder", { try FileManager.default.removeItem(atPath: "\($0)/\(packages[0])") }),
            ("no proof", true, "is not in the folder", { try FileManager.default.removeItem(atPath: "\($0)/\(entry).tlog-proof") }),
            ("extra", false, "it was added", { try Data("x".utf8).write(to: URL(fileURLWithPath: $0 + "/extra.txt")) }),
            ("extra and summed", true, "belongs to nothing", { try Data("x".utf8).write(to: URL(fileURLWithPath: $0 + "/extra.txt")) }),
            ("link", true, "no regular file", { try FileManager.default.createSymbolicLink(atPath: $0 + "/link", withDestinationPath: "/etc/passwd") }),
            (
                "pipe for the sums", false, "SHA256SUMS",
                {
                    try FileManager.default.removeItem(atPath: $0 + "/SHA256SUMS")
                    #expect(mkfifo($0 + "/SHA256SUMS", 0o600) == 0)
                }
            ),
            ("swapped packages", true, "is not the one that the ledger knows", { try swap(packages[0], packages[1], in: $0) }),
            ("cut", true, packages[0], { try change("\($0)/\(packages[0])") { $0.removeLast($0.count / 2) } }),
            ("empty", true, packages[0], { try change("\($0)/\(packages[0])") { $0 = [] } }),
            ("huge entry", true, entry, { try change("\($0)/\(entry).json") { $0 += Array(repeating: 0x20, count: 1 << 20) } }),
            (
                "climbing sum", false, "SHA256SUMS",
                { try change($0 + "/SHA256SUMS") { $0 += Array("\(String(repeating: "0", count: 64))  ../../etc/passwd\n".utf8) } }
            ),
            ("twice in the sums", false, "a second time", { try change($0 + "/SHA256SUMS") { $0 += $0 } }),
            ("no sums", false, "SHA256SUMS", { try FileManager.default.removeItem(atPath: $0 + "/SHA256SUMS") }),
            ("sums of nothing", false, "it was added", { try change($0 + "/SHA256SUMS") { $0 = [] } }),
            ("manifest that climbs", true, "is not in the folder", { try edit($0 + "/evidence.json", packages[0], "../../../etc/passwd") }),
            ("manifest without an agreement's text", true, "belongs to nothing", { try edit($0 + "/evidence.json", agreement, "") }),
            ("another agreement", true, agreement, { try edit("\($0)/\(agreement)", "purpose:", "title: other\npurpose:") }),
            ("manifest with an invented member", true, "evidence.json", { try edit($0 + "/evidence.json", "\"evidence\": 1,", "\"evidence\": 1, \"x\": 2,") }),
            ("said to be erased", true, "no entry says so", { try edit($0 + "/evidence.json", "\"absence\": \"\"", "\"absence\": \"erased\"") }),
            ("another word on the page", true, "index.html", { try edit($0 + "/index.html", "accepted", "rejected") }),
        ]
        for attempt in changes {
            let copy = try copy(evidence)
            try attempt.change(copy)
            if attempt.isSummed { try sumAgain(copy) }
            let bad = try verify(copy)
            #expect(bad.status == 1 && bad.output.contains(attempt.says), "\(attempt.name): \(bad.output.suffix(1_000))\(bad.errors)")
        }
    }

    @Test func someoneElsesKeyOrAuthorityDoesNotVouch() throws {
        let evidence = try export()
        let foreign = try verify(evidence, key: demo.key("AM.MOI"))
        #expect(foreign.status == 1 && foreign.output.contains("WRONG checkpoint") && foreign.output.contains("WRONG ledger.vkey"), "\(foreign.output)")
        let run = try Run.run(
            try #require(Tools.openssl),
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder.file("key.pem"), "-out",
                folder.file("ca.pem"), "-days", "30", "-subj", "/CN=Sluice trial authority",
            ])
        try #require(run.status == 0, "\(run.errors)")
        let untrusted = try verify(evidence, authority: folder.file("ca.pem"))
        #expect(untrusted.status == 1 && untrusted.output.contains("WRONG exchanges/"), "\(untrusted.output.suffix(800))")
        #expect(try verify(evidence, authority: folder.file("key.pem")).status == 2)
        #expect(try verify(evidence, key: "nonsense").status == 2)
        #expect(try verify(folder.file("nowhere")).status == 2)
        let own = try Sluice.run(["evidence", "verify", evidence, "--key", demo.key(node), "--json"])
        #expect(own.status == 0 && own.output.contains("the authority in the folder itself"), "\(own.output)\(own.errors)")
    }

    @Test func aChangedOrHostileArchiveIsRefused() throws {
        let archive = try export("evidence.zip", ["--agreement", "AM-MOI-ARMSTAT-PERMITS"])
        let written = try Tools.python(
            #"""
            import sys, zipfile
            source, folder = sys.argv[1:]
            data = open(source, "rb").read()
            names = []
            def write(name, content):
                open(f"{folder}/{name}.zip", "wb").write(content)
                names.append(name)
            write("cut", data[: len(data) // 2])
            write("empty", b"")
            write("text", b"not an archive")
            for part in range(1, 10):
                changed = bytearray(data)
                changed[len(data) * part // 10] ^= 1
                write(f"flipped{part}", bytes(changed))
            def rebuilt(name, change):
                with zipfile.ZipFile(source) as old, zipfile.ZipFile(f"{folder}/{name}.zip", "w", zipfile.ZIP_DEFLATED) as new:
                    for item, content in change([(i.filename, old.read(i)) for i in old.infolist()]):
                        new.writestr(item, content)
                names.append(name)
            rebuilt("climbing", lambda items: items + [("../climbed", b"out")])
            rebuilt("absolute", lambda items: items + [("/tmp/climbed", b"out")])
            rebuilt("twice", lambda items: items + [("Index.html", b"out")])
            rebuilt("bomb", lambda items: items + [("bomb", bytes(64 << 20))])
            rebuilt("less", lambda items: [i for i in items if i[0] != "checkpoint"])
            print(" ".join(names))
            """#, [archive, folder.path]
        ).split(whereSeparator: \.isWhitespace)
        #expect(written.count == 17)
        for name in written {
            let bad = try verify(folder.file("\(name).zip"))
            #expect(bad.status == 1, "\(name): \(bad.output)\(bad.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("climbed")) && !FileManager.default.fileExists(atPath: "/tmp/climbed"))
    }

    @Test func anErasedExchangeIsNamedWithItsEntries() throws {
        let pair = try Pair(retention: "P0D")
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        #expect(try pair.send().status == 0)
        try receiver.waits(for: "sluice_exchanges_erased 1")
        let out = folder.file("erased")
        let id = try pair.query(pair.receiver, "SELECT id FROM exchange").trimmingCharacters(in: .whitespacesAndNewlines)
        let exported = try Sluice.succeed(["evidence", "export", id, "--config", pair.receiver.configuration, "--out", out])
        #expect(exported.contains("erased"))
        let good = try Sluice.run(
            ["evidence", "verify", out, "--key", pair.receiver.folder + "/ledger.vkey", "--authority", pair.root.file("authority/ca.pem")])
        #expect(good.status == 0 && good.output.contains("erased"), "\(good.output)\(good.errors)")
        #expect(try !files(out).contains { $0.hasSuffix(".asice") } && files(out).filter { $0.hasSuffix(".tlog-proof") }.count > 5)
        let page = try String(contentsOfFile: out + "/index.html", encoding: .utf8)
        #expect(page.contains("erased: package, receipt and key were destroyed"))
        // Not said to be erased any more.
        let text = try String(contentsOfFile: out + "/evidence.json", encoding: .utf8)
        try Data(text.replacingOccurrences(of: "\"erased\"", with: "\"lost\"").utf8).write(to: URL(fileURLWithPath: out + "/evidence.json"))
        try sumAgain(out)
        let bad = try Sluice.run(
            ["evidence", "verify", out, "--key", pair.receiver.folder + "/ledger.vkey", "--authority", pair.root.file("authority/ca.pem")])
        #expect(bad.status == 1 && bad.output.contains("as an entry does"), "\(bad.output)")
    }

    /// What people said comes along, and a statement that was taken out is missed.
    @Test func statementsAndApprovalsAreTheOnesThatTheLedgerNoted() throws {
        let pair = try Pair()
        let agreement = "AM-MOI-ARMSTAT-PERMITS"
        for site in [pair.sender, pair.receiver] {
            try pair.openDirectory(site)
            let path = "\(site.folder)/agreements/permits.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try Data(text.replacingOccurrences(of: "fourEyes: false", with: "fourEyes: true").utf8).write(to: URL(fileURLWithPath: path))
        }
        try pair.letIn(pair.receiver, at: pair.sender)
        try pair.letIn(pair.sender, at: pair.receiver)
        let node = ["--config", pair.sender.configuration]
        let (one, both) = (pair.root.file("one.asice"), pair.root.file("both.asice"))
        try Sluice.succeed(["agreement", "sign", pair.sender.folder + "/agreements/permits.yaml", "--out", one] + node)
        try Sluice.succeed(["package", "countersign", one, both, "--config", pair.receiver.configuration])
        for name in Pair.people.prefix(2) { try Sluice.succeed(["agreement", "activate", both] + pair.passphrase(name, pair.sender) + node) }
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let sent = try Sluice.run(pair.sending(wait: 5) + pair.passphrase("anahit", pair.sender))
        #expect(sent.status == 0, "\(sent.output) \(sent.errors)")
        let id = try pair.query(pair.sender, "SELECT id FROM exchange").trimmingCharacters(in: .newlines)
        try Sluice.succeed(["exchange", "approve", id] + node + pair.passphrase("besarta", pair.sender))

        let out = folder.file("approved")
        try Sluice.succeed(["evidence", "export", "--agreement", agreement, "--out", out] + node)
        func verified(_ path: String) throws -> Run {
            try verify(path, key: pair.sender.folder + "/ledger.vkey", authority: pair.root.file("authority/ca.pem"))
        }
        let good = try verified(out)
        #expect(good.status == 0, "\(good.output)\(good.errors)")
        let names = try files(out)
        let statements = names.filter { $0.hasPrefix("statements/\(agreement)/") && $0.hasSuffix(".json") }
        let approval = try #require(names.first { $0.hasSuffix("/approval.json") })
        #expect(statements.count == 2 && names.contains { $0.hasPrefix("statements/") && $0.hasSuffix(".asice") })
        if Tools.tlog != nil {
            let readme = try runReadme(out)
            #expect(readme.status == 0, "\(readme.output.suffix(1_000))\(readme.errors.suffix(1_000))")
            #expect(
                readme.output.components(separatedBy: "CAdES Verification successful").count
                    + readme.errors.components(separatedBy: "CAdES Verification successful").count >= 7)
        }
        let last = try #require(statements.last)
        for (says, change) in [
            ("lacks the statement", { try FileManager.default.removeItem(atPath: "\($0)/\(last)") }),
            ("is not known to the ledger", { try self.change("\($0)/\(last)") { $0[$0.count / 2] ^= 1 } }),
            ("is not known to the ledger", { try self.change("\($0)/\(approval)") { $0[$0.count / 2] ^= 1 } }),
            ("approval.p7s", { try self.change("\($0)/\(approval.dropLast(5)).p7s") { $0[$0.count - 9] ^= 1 } }),
        ] as [(String, (String) throws -> Void)] {
            let copy = try copy(out)
            try change(copy)
            try sumAgain(copy)
            let bad = try verified(copy)
            #expect(bad.status == 1 && bad.output.contains(says), "\(says): \(bad.output)\(bad.errors)")
        }
    }
}
