import Foundation
import SluiceKitTesting
import Testing

/// Two nodes that witness each other's ledgers: what each has signed, the other remembers.
@Suite(.serialized) struct WitnessTests {
    /// Two nodes, each the other's witness.
    private func witnessingPair() throws -> Pair {
        let pair = try Pair()
        for (site, other) in [(pair.sender, pair.receiver), (pair.receiver, pair.sender)] {
            var text = try String(contentsOfFile: site.configuration, encoding: .utf8)
            text = text.replacingOccurrences(of: "ledgerKey: keys/ledger.key", with: "ledgerKey: keys/ledger.key, witnessKey: keys/witness.key")
            text = text.replacingOccurrences(of: "format: sdmx-ml-2.1,", with: "format: sdmx-ml-2.1, ledgerKey: \(other.folder)/ledger.vkey,")
            text += "\nledger: {witnesses: [{participant: \(other.id), key: \(other.folder)/witness.vkey}]}\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: site.configuration))
        }
        return pair
    }

    private func witness(_ site: Pair.Site) throws -> Run { try Sluice.run(["ledger", "witness", "--config", site.configuration]) }

    private func verify(_ site: Pair.Site, witnessedBy other: Pair.Site) throws -> Run {
        try Sluice.run(
            ["ledger", "verify", site.folder + "/data/ledger", "--key", site.folder + "/ledger.vkey", "--witness", other.folder + "/witness.vkey"])
    }

    /// Until a quorum vouches for all that a node has published.
    private func settles(_ node: Served, _ site: Pair.Site) throws {
        let deadline = ContinuousClock.now + .seconds(40)
        while ContinuousClock.now < deadline {
            let size = try pair(query: "SELECT size FROM ledger_head", site)
            let all = try pair(query: "SELECT max(position) + 1 FROM ledger", site)
            if size == all { return try node.waits(for: "sluice_ledger_quorum_entries \(size)") }
            usleep(50_000)
        }
        Issue.record("\(site.id) did not publish what it has")
    }

    private func pair(query sql: String, _ site: Pair.Site) throws -> String {
        let run = try Run.run(try #require(Tools.find("sqlite3")), ["-readonly", site.folder + "/data/node.sqlite", sql])
        return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func copy(_ from: String, _ to: String) throws {
        try? FileManager.default.removeItem(atPath: to)
        try FileManager.default.copyItem(atPath: from, toPath: to)
    }

    @Test(arguments: ["off", "required"]) func eachWitnessesTheOtherAndARestoredFolderIsCaught(_ hopSignatures: String) throws {
        let pair = try witnessingPair()
        for site in [pair.sender, pair.receiver] { try pair.setHopSignatures(hopSignatures, at: site) }
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        var sender = try pair.serve(pair.sender)
        try settles(sender, pair.sender)
        try settles(receiver, pair.receiver)
        sender.stop()
        try copy(pair.sender.folder + "/data", pair.root.file("backup"))

        sender = try pair.serve(pair.sender)
        #expect(try pair.send().status == 0)
        try settles(sender, pair.sender)
        try settles(receiver, pair.receiver)
        for (site, other) in [(pair.sender, pair.receiver), (pair.receiver, pair.sender)] {
            let run = try verify(site, witnessedBy: other)
            #expect(run.status == 0 && run.output.contains("The quorum of 1 vouches for"), "\(run.output) \(run.errors)")
            let said = try witness(site)
            #expect(
                said.status == 0 && said.output.contains("quorum 1 of 1: reached") && said.output.contains("sluice.\(other.id) (\(other.id))"), "\(said.output)"
            )
            let doctor = try Sluice.run(["doctor", other.id, "--config", site.configuration])
            #expect(
                doctor.output.contains("ok      witness: \(other.id) has cosigned") && doctor.output.contains("ok      witness: this node has cosigned"),
                "\(doctor.output)")
        }
        sender.stop()
        try copy(pair.sender.folder + "/data/ledger/checkpoint", pair.root.file("kept"))
        let newest = pair.root.file("newest")
        try copy(pair.sender.folder + "/data", newest)

        // Restored from the backup: it does not start, today or tomorrow, and says why; and nothing more was signed.
        try copy(pair.root.file("backup"), pair.sender.folder + "/data")
        for _ in 0..<2 {
            let start = try Sluice.run(["serve", "--config", pair.sender.configuration])
            #expect(start.status == 2 && start.errors.contains("was restored from an older backup"), "\(start.status) \(start.errors)")
        }
        for file in ["checkpoint", "witnessed-checkpoint"] {
            #expect(FileManager.default.contentsEqual(atPath: pair.root.file("backup/ledger/\(file)"), andPath: pair.sender.folder + "/data/ledger/\(file)"))
        }
        let stopped = try witness(pair.sender)
        #expect(stopped.status == 1 && stopped.output.contains("STOPPED"), "\(stopped.output) \(stopped.errors)")
        #expect(try pair.send().status == 2)
        let broken = try Sluice.run(
            ["ledger", "consistency", pair.sender.folder + "/data/ledger", "--since", pair.root.file("kept"), "--key", pair.sender.folder + "/ledger.vkey"])
        #expect(broken.status == 1 && broken.output.contains("does NOT continue"), "\(broken.output)")

        // With its newest folder back, it goes on as if nothing had been.
        try copy(newest, pair.sender.folder + "/data")
        sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try settles(sender, pair.sender)
        let whole = try Sluice.run(
            [
                "ledger", "consistency", pair.sender.folder + "/data/ledger", "--since", pair.root.file("kept"), "--key", pair.sender.folder + "/ledger.vkey",
                "--json",
            ])
        #expect(whole.status == 0 && whole.output.contains("\"consistent\":true"), "\(whole.output)")
    }

    @Test func aHistoryThatWentOnFromAnOldCopyIsCaughtWhileItRuns() throws {
        let pair = try witnessingPair()
        var receiver = try pair.serve(pair.receiver)
        var sender = try pair.serve(pair.sender)
        try settles(sender, pair.sender)
        sender.stop()
        try copy(pair.sender.folder + "/data", pair.root.file("backup"))
        sender = try pair.serve(pair.sender)
        try settles(sender, pair.sender)
        sender.stop()
        receiver.stop()

        // Nobody is there to tell it at the start; it writes a second history, longer than the first.
        try copy(pair.root.file("backup"), pair.sender.folder + "/data")
        sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        #expect(try pair.send(wait: 0).status == 0)
        try sender.waits(for: "sluice_ledger_stopped 0")
        receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        try sender.waits(for: "sluice_ledger_stopped 1")
        let curl = try #require(Tools.find("curl"), "curl is not installed")
        let ready = try Run.run(curl, ["-s", "-w", "%{http_code}", sender.console + "/health/ready"])
        #expect(ready.output.contains("do not lead to its root") && ready.output.hasSuffix("503"), "\(ready.output)")
        // Nothing is recorded any more, and so nothing moves.
        let size = try self.pair(query: "SELECT max(position) FROM ledger", pair.sender)
        #expect(try pair.send(wait: 0).status == 2)
        #expect(try self.pair(query: "SELECT max(position) FROM ledger", pair.sender) == size)
        // The witness has the second history as evidence, in its own ledger too. The proof was right, so what does not fit are the signed heads.
        try receiver.waits(for: "sluice_witnessed_entries")
        #expect(try self.pair(query: "SELECT count(*) > 0 FROM log_fork WHERE origin = 'sluice.AM.MOI'", pair.receiver) == "1")
        #expect(try self.pair(query: "SELECT count(*) > 0 FROM ledger WHERE instr(entry, 'sluice.witness.fork')", pair.receiver) == "1")
    }

    @Test func aWitnessThatIsNotThereHoldsUpNobody() throws {
        let pair = try witnessingPair()
        let text = try String(contentsOfFile: pair.receiver.configuration, encoding: .utf8)
        try Data(text.replacingOccurrences(of: ", witnessKey: keys/witness.key", with: "").utf8).write(to: URL(fileURLWithPath: pair.receiver.configuration))
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try pair.exchangesOnce()
        try sender.waits(for: "sluice_ledger_quorum_reached 0")
        let said = try witness(pair.sender)
        #expect(said.status == 1 && said.output.contains("has never cosigned"), "\(said.output)")
        let run = try verify(pair.sender, witnessedBy: pair.receiver)
        #expect(run.status == 1 && run.output.contains("is NOT reached"), "\(run.output)")
    }

    /// A feeder written by others, over mutual TLS, with the ledger's own tiles.
    @Test(.enabled(if: Tools.aicsWitness, "the Python package aics-witness is not installed (SLUICE_TOOLS)"))
    func aClientThatOthersWroteGetsOurCosignature() throws {
        let pair = try witnessingPair()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        // The sender does not serve: what it publishes, another program submits with its certificate.
        #expect(try pair.send().status == 0)
        let keys = pair.sender.folder + "/keys"
        let program = #"""
            import ssl, sys
            from aics_tlog import DirectoryTileStore, consistency_proof_from_tiles
            from aics_witness import WitnessClient, merge_cosignatures

            url, vkey, ledger, ca, certificate, key = sys.argv[1:7]
            context = ssl.create_default_context(cafile=ca)
            context.load_cert_chain(certificate, key)
            note = open(ledger + "/checkpoint", "rb").read()
            size = int(note.split(b"\n")[1])
            store = DirectoryTileStore(ledger)
            with WitnessClient(url, open(vkey).read().strip(), ssl_context=context) as client:
                for _ in range(2):
                    line = client.submit(note, lambda old, new: consistency_proof_from_tiles(store, old, new, size))
            sys.stdout.buffer.write(merge_cosignatures(note, line))
            """#
        let cosigned = try Tools.python(
            program,
            [
                "https://localhost:\(pair.receiver.exchangePort)/exchange/v1/witness", pair.receiver.folder + "/witness.vkey",
                pair.sender.folder + "/data/ledger", keys + "/ca.pem", keys + "/tls.cert.pem", keys + "/tls.key.pem",
            ])
        try Data(cosigned.utf8).write(to: URL(fileURLWithPath: pair.sender.folder + "/data/ledger/checkpoint"))
        let run = try verify(pair.sender, witnessedBy: pair.receiver)
        #expect(run.status == 0 && run.output.contains("1 of 1 witnesses have cosigned the checkpoint"), "\(run.output) \(run.errors)")
        // What the witness has of the log can be read back, with its cosignature.
        let hash = try Run.run("/bin/sh", ["-c", "printf sluice.AM.MOI | sha256sum | cut -c1-64"]).output.trimmingCharacters(in: .whitespacesAndNewlines)
        let curl = try #require(Tools.find("curl"), "curl is not installed")
        let shown = try Run.run(
            curl,
            [
                "-s", "--cacert", keys + "/ca.pem", "--cert", keys + "/tls.cert.pem", "--key", keys + "/tls.key.pem",
                "https://localhost:\(pair.receiver.exchangePort)/exchange/v1/witness/\(hash)/checkpoint",
            ])
        #expect(shown.output.hasPrefix("sluice.AM.MOI\n") && shown.output.contains("— sluice.AM.ARMSTAT/witness "), "\(shown.output)")
    }
}
