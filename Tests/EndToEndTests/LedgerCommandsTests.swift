import Foundation
import SluiceKitTesting
import Testing

/// `sluice ledger prove`, `verify-proof`, `show` and `search` on the demonstration's ledgers, and what others' tools say of the proofs.
@Suite(.serialized) struct LedgerCommandsTests {
    let demo: DemoHoldsTests.Demo
    let folder: TemporaryFolder
    let ministry = "AM.MOI"

    init() throws {
        demo = try DemoHoldsTests.made.get()
        folder = try TemporaryFolder("sluice-ledger-commands")
    }

    private var node: String { "\(demo.path)/nodes/\(ministry)/node.yaml" }

    private func json(_ arguments: [String]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(Sluice.succeed(arguments + ["--json"]).utf8)) as? [String: Any])
    }

    private func found(_ arguments: [String]) throws -> [(index: Int, type: String, subject: String)] {
        let entries = try #require(try json(["ledger", "search"] + arguments)["entries"] as? [[String: Any]])
        return entries.map { row in
            let entry = row["entry"] as? [String: Any] ?? [:]
            return (row["index"] as? Int ?? -1, entry["type"] as? String ?? "", entry["subject"] as? String ?? "")
        }
    }

    /// The exchange that was delivered, and how many entries the ministry has of it.
    private func delivered() throws -> (id: String, entries: Int) {
        let id = try #require(try found(["--config", node, "--type", "sluice.receipt.verified"]).first?.subject)
        return (id, try found(["--config", node, "--exchange", id]).count)
    }

    @Test func everyEntryOfAnExchangeIsProvenToOthersTools() throws {
        let (id, count) = try delivered()
        let out = folder.file("proofs")
        let written = try Sluice.succeed(["ledger", "prove", id, "--config", node, "--out", out]).split(separator: "\n")
        #expect(written.count == 2 * count && count > 5)
        let names = try FileManager.default.contentsOfDirectory(atPath: out).filter { $0.hasSuffix(".tlog-proof") }.sorted()
        try #require(names.count == count)
        for name in names {
            let (proof, entry) = ("\(out)/\(name)", "\(out)/\(name.dropLast(11)).json")
            let checked = try json(["ledger", "verify-proof", proof, "--entry", entry, "--key", demo.key(ministry)])
            #expect(checked["valid"] as? Bool == true && checked["index"] as? Int == Int(name.dropLast(11)))
            if let sumdb = Tools.find("sumdb") {
                let run = try Run.run(sumdb, ["proof", demo.key(ministry), entry, proof])
                #expect(run.status == 0, "\(name): \(run.output)\(run.errors)")
            }
            if let tlog = Tools.tlog {
                let parts = try String(contentsOfFile: proof, encoding: .utf8).components(separatedBy: "\n\n")
                let hashes = parts[0].split(separator: "\n").dropFirst(2).joined(separator: "\n") + "\n"
                try Data(hashes.utf8).write(to: URL(fileURLWithPath: folder.file("hashes")))
                try Data(parts[1...].joined(separator: "\n\n").utf8).write(to: URL(fileURLWithPath: folder.file("note")))
                let run = try Run.run(
                    tlog,
                    [
                        "verify-inclusion", "--leaf", entry, "--index", String(Int(name.dropLast(11))!), "--checkpoint", folder.file("note"), "--proof",
                        folder.file("hashes"), "--vkey-file", demo.key(ministry),
                    ])
                #expect(run.status == 0, "\(name): \(run.output)\(run.errors)")
            }
        }
    }

    @Test(.enabled(if: Tools.find("sumdb") != nil, "Go's checksum-database code is absent (sumdb in SLUICE_TOOLS; Debian: golang-go golang-golang-x-mod-dev)"))
    func goReadsEveryLedgerAndFindsAChangedEntry() throws {
        let sumdb = try #require(Tools.find("sumdb"))
        for node in demo.nodes {
            let run = try Run.run(sumdb, ["log", demo.key(node), demo.ledger(node), demo.ledger(node) + "/checkpoint"])
            #expect(run.status == 0, "\(node): \(run.output)\(run.errors)")
        }
        let copy = folder.file("ledger")
        try FileManager.default.copyItem(atPath: demo.ledger(ministry), toPath: copy)
        let bundles = copy + "/tile/entries/000.p"
        for name in try FileManager.default.contentsOfDirectory(atPath: bundles) {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: bundles + "/" + name))
            bytes[100] ^= 1
            try bytes.write(to: URL(fileURLWithPath: bundles + "/" + name))
        }
        #expect(try Run.run(sumdb, ["log", demo.key(ministry), copy]).status == 1)
    }

    @Test func aProofIsRefusedWithAnotherEntryKeyOrByte() throws {
        let out = folder.file("proofs")
        for index in [3, 4] { try Sluice.succeed(["ledger", "prove", "--index", "\(index)", "--config", node, "--out", out]) }
        let proof = out + "/000003.tlog-proof"
        let text = try Sluice.succeed(["ledger", "prove", "--index", "3", "--ledger", demo.ledger(ministry), "--key", demo.key(ministry)])
        #expect(try text == String(contentsOfFile: proof, encoding: .utf8))
        func status(_ proof: String, _ entry: String, _ key: String) throws -> Int32 {
            try Sluice.run(["ledger", "verify-proof", proof, "--entry", entry, "--key", key]).status
        }
        let (entry, key) = (out + "/000003.json", demo.key(ministry))
        #expect(try status(proof, entry, key) == 0)
        #expect(try status(proof, out + "/000004.json", key) == 1)
        #expect(try status(proof, entry, demo.key("UN.UNSD")) == 1)
        #expect(try status(proof, entry, "nonsense") == 2)
        #expect(try status(proof, out + "/none.json", key) == 2)
        #expect(try status(out + "/none", entry, key) == 2)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: proof)))
        for place in stride(from: 0, to: bytes.count, by: 23) {
            var changed = bytes
            changed[place] ^= 1
            try Data(changed).write(to: URL(fileURLWithPath: folder.file("changed")))
            #expect(try status(folder.file("changed"), entry, key) == 1, "byte \(place)")
        }
        #expect(try Sluice.run(["ledger", "prove", "--index", "99999", "--config", node]).status == 2)
        #expect(try Sluice.run(["ledger", "prove", "--index", "3", "--ledger", demo.ledger(ministry)]).status == 2, "a proof without a key")
        #expect(try Sluice.run(["ledger", "prove", "none", "--config", node, "--out", out]).status == 2)
    }

    @Test func searchFindsTheSameInStoreAndFolder() throws {
        let (id, _) = try delivered()
        let searches: [[String]] = [
            [], ["--type", "exchange.refused"], ["--type", "sluice.dataset.read", "--type", "dataset.checked"], ["--participant", "AM.ARMSTAT"],
            ["--participant", "UN.UNSD", "--outcome", "refused"], ["--dataflow", "AM.MOI:DF_PERMITS(1.0)"], ["--agreement", "AM-MOI-ARMSTAT-PERMITS"],
            ["--agreement", "AM-MOI-ARMSTAT-PERMITS 1.0", "--purpose", "official-statistics"], ["--reason", "agreement.none"], ["--exchange", id],
            ["--since", "2020-01-01", "--until", "2021-01-01"], ["--since", "2026-01-01T00:00:00Z"], ["--participant", "NOBODY"],
        ]
        for search in searches {
            let inStore = try found(["--config", node] + search).map(\.index)
            let inFolder = try found(["--ledger", demo.ledger(ministry), "--key", demo.key(ministry)] + search).map(\.index)
            #expect(inStore == inFolder, "\(search)")
            #expect(inStore == inStore.sorted(by: >), "\(search)")
            #expect(inStore == (try found(["--config", node, "--oldest-first"] + search).map(\.index).reversed()), "\(search)")
        }
        #expect(try found(["--config", node, "--participant", "AM.ARMSTAT"]).contains { $0.type == "sluice.dataset.read" }, "by what the exchange tells")
        #expect(try found(["--config", node, "--participant", "NOBODY"]).isEmpty)
        #expect(try found(["--config", node, "--type", "exchange.refused"]).count == 1)
        // Page by page, everything once.
        let all = try found(["--config", node]).map(\.index)
        var (paged, arguments): ([Int], [String]) = ([], [])
        while true {
            let page = try json(["ledger", "search", "--config", node, "--limit", "4"] + arguments)
            paged += ((page["entries"] as? [[String: Any]]) ?? []).compactMap { $0["index"] as? Int }
            guard let next = page["nextBefore"] as? Int else { break }
            arguments = ["--before", "\(next)"]
        }
        #expect(paged == all)
        #expect(try found(["--config", node, "--rebuild"]).map(\.index) == all)
    }

    @Test func searchRefusesWhatItCannotMean() throws {
        for arguments in [
            ["--since", "yesterday"], ["--type", "nonsense"], ["--limit", "0"], ["--before", "-1"], ["--from", "3"], ["--ledger", demo.ledger(ministry)],
            ["--key", "x"],
        ] { #expect(try Sluice.run(["ledger", "search", "--config", node] + arguments).status == 2, "\(arguments)") }
        #expect(try Sluice.run(["ledger", "search"]).status == 2)
        #expect(try Sluice.run(["ledger", "search", "--ledger", folder.file("nowhere")]).status == 2)
        #expect(try Sluice.run(["ledger", "search", "--ledger", folder.path]).status == 2)
        #expect(try Sluice.run(["ledger", "search", "--ledger", demo.ledger(ministry), "--key", demo.key("UN.UNSD")]).status == 2)
    }

    @Test func anEntryIsShownByPlaceAndById() throws {
        let shown = try json(["ledger", "show", "3", "--config", node])
        let entry = try #require(shown["entry"] as? [String: Any])
        #expect(shown["index"] as? Int == 3 && shown["isPublished"] as? Bool == true)
        let id = try #require(entry["id"] as? String)
        for source in [["--config", node], ["--ledger", demo.ledger(ministry)]] {
            #expect(try json(["ledger", "show", id] + source)["index"] as? Int == 3)
            let words = try Sluice.succeed(["ledger", "show", "3"] + source)
            #expect(words.contains("entry 3, published") && words.contains(shown["leafSHA256"] as? String ?? "-") && words.contains(id))
        }
        let out = folder.file("one")
        try Sluice.succeed(["ledger", "prove", "--index", "3", "--config", node, "--out", out])
        let hash = try Run.run("/bin/sh", ["-c", "{ printf '\\000'; cat \(out)/000003.json; } | sha256sum"]).output.prefix(64)
        #expect(shown["leafSHA256"] as? String == String(hash))
        for wrong in ["99999", "x", try delivered().id, "01a22baa-addb-7165-a1bc-d033ee1eaeae"] {
            #expect(try Sluice.run(["ledger", "show", wrong, "--config", node]).status == 2, "\(wrong)")
        }
    }
}
