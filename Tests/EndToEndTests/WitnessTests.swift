import Foundation
import SluiceKitTesting
import Testing

/// Two nodes that witness each other's ledgers: what each has signed, the other remembers.
@Suite(.serialized) struct WitnessTests {
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
        let pair = try Pair.witnessing()
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
        let pair = try Pair.witnessing()
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

    @Test func aNodeOfBeforeGetsAKeyToWitnessWith() throws {
        let folder = try TemporaryFolder("sluice-key")
        let file = folder.file("witness.key")
        let verifier = try Sluice.succeed(["ledger", "key", file, "--for", "witness", "--name", "sluice.AM.MOI/witness"])
        #expect(verifier.hasPrefix("sluice.AM.MOI/witness+"))
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try Sluice.run(["ledger", "key", file, "--for", "log", "--name", "x"]).status == 2, "a key was overwritten")
        #expect(try Sluice.run(["ledger", "key", folder.file("other"), "--for", "log", "--name", "with blanks"]).status == 2)
        let pair = try Pair.witnessing()
        try copy(file, pair.receiver.folder + "/keys/witness.key")
        try Data(verifier.utf8).write(to: URL(fileURLWithPath: pair.receiver.folder + "/witness.vkey"))
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try settles(sender, pair.sender)
        let run = try verify(pair.sender, witnessedBy: pair.receiver)
        #expect(run.status == 0 && run.output.contains("sluice.AM.MOI/witness at"), "\(run.output)")
    }

    @Test func aWitnessThatIsNotThereHoldsUpNobody() throws {
        let pair = try Pair.witnessing()
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

    /// Every answer of the specification by a node that serves, to a log of the sender's key that somebody else writes.
    @Test(.enabled(if: Tools.aicsWitness, "the Python package aics-witness is not installed (SLUICE_TOOLS)"))
    func aNodeAnswersAsTheSpecificationSays() throws {
        let pair = try Pair.witnessing()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let keys = pair.sender.folder + "/keys"
        let program = #"""
            import base64, concurrent.futures, http.client, ssl, sys
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
            from aics_tlog import Checkpoint, MerkleTree, parse_note, parse_vkey, sign_checkpoint, verify_checkpoint

            port, ledger_key, log_vkey, vkey, ca, certificate, key = sys.argv[1:8]
            context = ssl.create_default_context(cafile=ca)
            context.load_cert_chain(certificate, key)
            name, _, secret = open(ledger_key).read().strip().removeprefix("PRIVATE+KEY+").split("+", 2)
            log = Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret)[1:])

            def ask(body, path="add-checkpoint", method="POST"):
                connection = http.client.HTTPSConnection("localhost", int(port), context=context, timeout=20)
                connection.request(method, "/exchange/v1/witness/" + path, body=body)
                answer = connection.getresponse()
                found = answer.status, answer.headers.get("Content-Type"), answer.read()
                connection.close()
                return found

            def tree(size, fork=None):
                return MerkleTree([b"entry %d%s" % (i, b" otherwise" if fork is not None and i >= fork else b"") for i in range(size)])

            def request(old, size, fork=None, signer=log, origin=name, proof=None):
                t = tree(size, fork)
                note = sign_checkpoint(Checkpoint(origin, size, t.root()), signer, origin).to_bytes()
                if proof is None:
                    proof = t.consistency_proof(old, size) if 0 < old < size else []
                return b"old %d\n" % old + b"".join(base64.b64encode(h) + b"\n" for h in proof) + b"\n" + note

            def expect(what, found, status):
                assert found[0] == status, f"{what}: {found}"
                return found

            expect("no request", ask(b"hello"), 400)
            expect("nothing", ask(b""), 400)
            expect("too large", ask(b"x" * 70000), 413)
            expect("a log that nobody knows", ask(request(0, 5, origin="example.org/log")), 404)
            expect("its own log", ask(request(0, 5, origin="sluice.AM.ARMSTAT")), 404)
            expect("another key", ask(request(0, 5, signer=Ed25519PrivateKey.generate())), 403)
            expect("an old size too large", ask(request(6, 5, proof=[])), 400)
            expect("a proof from nothing", ask(request(0, 5, proof=[b"x" * 32])), 422)
            # Of many at once, from the same old size, one is taken.
            with concurrent.futures.ThreadPoolExecutor(12) as pool:
                found = list(pool.map(lambda size: ask(request(0, size)), range(30, 42)))
            assert sorted(f[0] for f in found) == [200] + 11 * [409], found
            size = int(next(f[2] for f in found if f[0] == 409))
            assert all(f[1] == "text/x.tlog.size" and f[2] == b"%d\n" % size for f in found if f[0] == 409), found
            # 409 for a size that is not known, 422 for what does not fit, each kept once; and then on.
            expect("another old size", ask(request(size - 1, size + 1)), 409)
            expect("a fork of the same size", ask(request(size, size, fork=3)), 422)
            expect("the same again", ask(request(size, size, fork=3)), 422)
            expect("a fork that went on", ask(request(size, size + 9, fork=3)), 422)
            for fork in range(20):
                expect("many forks", ask(request(size, size, fork=fork)), 422)
            body = request(size, size + 20)
            status, kind, line = expect("the log goes on", ask(body), 200)
            note = parse_note(body[body.index(b"\n\n") + 2:] + line)
            keys = [parse_vkey(open(path).read().strip()) for path in (log_vkey, vkey)]
            verdict = verify_checkpoint(note, keys[0], [keys[1]], quorum=1)
            assert verdict.ok, verdict
            expect("a method that is not", ask(None, method="GET"), 405)
            print("ok")
            """#
        let said = try Tools.python(
            program,
            [
                "\(pair.receiver.exchangePort)", keys + "/ledger.key", pair.sender.folder + "/ledger.vkey", pair.receiver.folder + "/witness.vkey",
                keys + "/ca.pem", keys + "/tls.cert.pem",
                keys + "/tls.key.pem",
            ])
        #expect(said == "ok\n", "\(said)")
        // The same-size forks up to the bound, and the one that only was not proven.
        #expect(try self.pair(query: "SELECT sum(is_proven), sum(1 - is_proven) FROM log_fork", pair.receiver) == "16|1")
        #expect(try self.pair(query: "SELECT count(*) FROM ledger WHERE instr(entry, 'sluice.witness.fork')", pair.receiver) == "17")
        let said2 = try witness(pair.receiver)
        #expect(said2.status == 1 && said2.output.contains("FORK: two histories"), "\(said2.output)")
        // The evidence is two notes that the log's own key has signed, as tools of others read them.
        let evidence = pair.root.file("evidence")
        #expect(try Sluice.run(["ledger", "witness", "--config", pair.receiver.configuration, "--evidence", evidence]).status == 1)
        for file in ["AM.MOI-1-fork.signed", "AM.MOI-1-fork.known"] {
            let tlog = try Run.run(
                try #require(Tools.tlog), ["verify-checkpoint", "--note", "\(evidence)/\(file)", "--vkey-file", pair.sender.folder + "/ledger.vkey"])
            #expect(tlog.status == 0, "\(tlog.output) \(tlog.errors)")
        }
        let doctor = try Sluice.run(["doctor", pair.sender.id, "--config", pair.receiver.configuration])
        #expect(doctor.output.contains("FAILED  witness: the ledger sluice.AM.MOI of AM.MOI has two histories"), "\(doctor.output)")
    }

    /// A feeder written by others, over mutual TLS, with the ledger's own tiles.
    @Test(.enabled(if: Tools.aicsWitness, "the Python package aics-witness is not installed (SLUICE_TOOLS)"))
    func aClientThatOthersWroteGetsOurCosignature() throws {
        let pair = try Pair.witnessing()
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
