import Foundation
import SluiceKit
import SluiceLedger
import Testing

/// What a witness written by others says of our logs, and what its tools say of our cosignatures.
@Suite struct WitnessThirdPartyTests {
    static let hasWitness = StockTools.hasPython(module: "aics_witness")
    static let absent: Comment = "the Python package aics-witness is not installed (pip install --ignore-requires-python aics-witness, then SLUICE_TOOLS)"

    /// Each line of its input is the base 64 of one request; each line of its output a status and the base 64 of the answer.
    private static let witness = #"""
        import base64, sys
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from aics_tlog import parse_vkey
        from aics_witness import LogConfig, Witness, WitnessError, WitnessStore

        folder, name, seed, origin, vkey = sys.argv[1:6]
        store = WitnessStore(folder + "/witness.db", create=True)
        log = LogConfig(origin, (parse_vkey(vkey),))
        witness = Witness(name, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)), store, [log])
        for line in sys.stdin:
            try:
                status, body = 200, witness.add_checkpoint(base64.b64decode(line))
            except WitnessError as error:
                status, body = error.status, error.body or error.message.encode()
            print(status, base64.b64encode(body).decode())
        """#

    private func answers(_ requests: [WitnessRequest], name: String, seed: [UInt8]) throws -> [(status: Int, body: [UInt8])] {
        let folder = try TemporaryFolder()
        let log = try Fixture.key().verifier
        let verdict = try StockTools.run(
            "python3", ["-c", Self.witness, folder.path, name, Hexadecimal.encode(seed), log.name, log.text],
            input: requests.flatMap { Array(Base64.encode(Array($0.text.utf8)).utf8) + [0x0a] })
        #expect(verdict.status == 0, "\(verdict.output.suffix(2_000))")
        return verdict.output.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let status = Int(parts[0]), let body = Base64.decode(parts[1]) else { return nil }
            return (status, body)
        }
    }

    @Test(.enabled(if: hasWitness, absent)) func aicsWitnessAcceptsAThousandHeadsOfOurLogAndRefusesAForgedOne() throws {
        let count = 1_000
        let source = try Fixture.entries(count)
        let (files, key) = (MemoryFiles(), try Fixture.key())
        let publisher = LedgerPublisher(files: files, key: key)
        let hasher = MerkleHasher()
        var frontier = MerkleFrontier()
        var requests: [WitnessRequest] = []
        for size in 1...UInt64(count) {
            frontier.append(hasher.leaf(source.entries[Int(size) - 1]), with: hasher)
            _ = try publisher.publish(head: frontier.head(with: hasher), source: source) { _ in }
            let note = try #require(try publisher.published()).note
            let prover = MerkleProver(nodes: TileReader(files: files, size: size))
            requests.append(try WitnessRequest(oldSize: size - 1, proof: size > 1 ? prover.consistency(from: size - 1, to: size) : [], note: note))
        }
        // The same log with another entry 500, signed with its key: at the size that was cosigned, and one further.
        var entries = source.entries
        entries[500] = try Fixture.entry(500, note: "another")
        let fork = MemoryEntries(entries: entries + [try Fixture.entry(count)])
        func forged(_ size: Int, by signer: LedgerKey) throws -> WitnessRequest {
            let prover = MerkleProver(nodes: WitnessTests.MemoryNodes(fork.entries))
            let proof = size > count ? try prover.consistency(from: UInt64(count), to: UInt64(size)) : []
            let note = try signer.sign(Checkpoint(origin: Fixture.name, head: fork.head(size: size)).body)
            return try WitnessRequest(oldSize: UInt64(count), proof: proof, note: note)
        }
        requests += [try forged(count, by: key), try forged(count + 1, by: key), try forged(count + 1, by: LedgerKey(generatingFor: Fixture.name))]
        requests.append(try WitnessRequest(oldSize: 7, proof: requests[7].proof, note: requests[7].note))

        let witness = try WitnessTests.key()
        let found = try answers(requests, name: witness.verifier.name, seed: WitnessTests.seed)
        try #require(found.count == requests.count)
        for (request, answer) in zip(requests, found).prefix(count) {
            let cosigned = try SignedNote(parsing: Array(request.note.text.utf8) + answer.body).cosignatures(of: [witness.verifier])
            #expect(answer.status == 200 && cosigned.count == 1, "\(request.checkpoint.head.size)")
        }
        #expect(found.dropFirst(count).map(\.status) == [422, 422, 403, 409])
        #expect(found.last?.body == Array("1000\n".utf8))
        // Ours says the same to all of them.
        var ours = try WitnessTests.MemoryWitness(key.verifier)
        for (request, answer) in zip(requests, found) { #expect(ours.answer(request).status == answer.status, "\(request.checkpoint.head.size)") }
        #expect(ours.evidence == [.fork, .unproven])
    }

    @Test(.enabled(if: StockTools.has("aics-tlog"), "aics-tlog is not installed")) func aicsTlogCountsOurCosignatures() throws {
        let folder = try TemporaryFolder()
        let source = try Fixture.entries(300)
        let publisher = try LedgerPublisher(files: LedgerDirectory(path: folder.path), key: Fixture.key())
        _ = try publisher.publish(head: source.head(size: 300), source: source) { _ in }
        let keys = try (0..<3 as Range<UInt8>).map { try WitnessTests.key($0) }
        let policy = try WitnessPolicy(witnesses: keys.map(\.verifier), quorum: 2)
        let note = try #require(try publisher.published()).note
        let now = UInt64(Date().timeIntervalSince1970)
        try publisher.keep(keys.prefix(2).map { try $0.cosign(note.body, time: now) }, of: note, policy: policy)
        func tlog(_ quorum: Int, _ file: [String] = []) throws -> (status: Int32, output: String) {
            let witnesses = keys.flatMap { ["--witness-key", $0.verifier.text] }
            return try StockTools.run(
                "aics-tlog",
                ["verify-checkpoint", "--tiles", folder.path, "--log-key", try Fixture.key().verifier.text, "--quorum", "\(quorum)", "--max-age", "600"]
                    + witnesses + file)
        }
        let two = try tlog(2)
        #expect(two.status == 0 && two.output.contains("\"ok\": true"), "\(two.output)")
        #expect(try tlog(3).status != 0)
        let witnessed = try StockTools.run(
            "aics-tlog",
            ["verify-checkpoint", "--note", "\(folder.path)/witnessed-checkpoint", "--log-key", try Fixture.key().verifier.text, "--quorum", "2"]
                + keys.flatMap { ["--witness-key", $0.verifier.text] })
        #expect(witnessed.status == 0, "\(witnessed.output)")
    }
}
