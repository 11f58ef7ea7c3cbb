import SluiceKit
import SluiceKitTesting
import SluiceLedger
import Testing

/// The witness's formats and decisions (C2SP tlog-cosignature, tlog-witness).
@Suite struct WitnessTests {
    static let seed: [UInt8] = (100..<132).map { UInt8($0) }

    static func key(_ number: UInt8 = 0) throws -> WitnessKey { try WitnessKey(name: "witness.example.org/w\(number)", seed: seed.map { $0 &+ number }) }

    /// A log of `count` entries in memory, with another history from `fork` on.
    struct Log {
        let source: MemoryEntries
        let key: LedgerKey

        init(_ count: Int, fork: Int? = nil, key: LedgerKey? = nil) throws {
            source = MemoryEntries(entries: (0..<count).map { number in Array("entry \(number)\(number >= fork ?? count ? " otherwise" : "")".utf8) })
            self.key = try key ?? Fixture.key()
        }

        func note(_ size: Int) throws -> SignedNote {
            try key.sign(Checkpoint(origin: key.verifier.name, head: source.head(size: size)).body)
        }

        func request(from old: Int, to size: Int) throws -> WitnessRequest {
            let prover = MerkleProver(nodes: MemoryNodes(source.entries))
            let proof = old > 0 && old < size ? try prover.consistency(from: UInt64(old), to: UInt64(size)) : []
            return try WitnessRequest(oldSize: UInt64(old), proof: proof, note: note(size))
        }
    }

    /// The hashes of every subtree, computed anew each time.
    struct MemoryNodes: MerkleNodes {
        let entries: [[UInt8]]
        init(_ entries: [[UInt8]]) { self.entries = entries }
        func hash(level: Int, index: UInt64) throws(LedgerError) -> SHA256Digest {
            let count = 1 << level
            return MemoryEntries(entries: Array(entries[(Int(index) * count)..<((Int(index) + 1) * count)])).head().root
        }
    }

    /// A witness with nothing but a dictionary's memory.
    struct MemoryWitness {
        var known: LedgerHead?
        var evidence: [WitnessDecision.Evidence] = []
        let logKey: VerifierKey
        let key: WitnessKey

        init(_ logKey: VerifierKey, number: UInt8 = 0) throws {
            self.logKey = logKey
            key = try WitnessTests.key(number)
        }

        mutating func answer(_ body: [UInt8], time: UInt64 = 1_767_600_000) -> TransportAnswer {
            let request: WitnessRequest
            do throws(LedgerError) { request = try WitnessRequest(parsing: body) } catch { return WitnessDecision.malformed(error.detail).answer() }
            if let refusal = WitnessDecision.refusal(of: request, key: logKey.name == request.checkpoint.origin ? logKey : nil) { return refusal.answer() }
            let (decision, found) = WitnessDecision.decide(request, known: known)
            if let found { evidence.append(found) }
            guard decision == .cosign, let cosignature = try? key.cosign(request.note.body, time: time) else { return decision.answer() }
            known = request.checkpoint.head
            return decision.answer([cosignature])
        }

        mutating func answer(_ request: WitnessRequest) -> TransportAnswer { answer(Array(request.text.utf8)) }
    }

    // MARK: Cosignatures

    @Test(.enabled(if: LedgerCorpus.isPresent, "the reference data is absent (SLUICE_CORPUS)")) func signsTheMessageOfTheSpecification() throws {
        let example = try LedgerCorpus.json("ledger/c2sp/cosignature-syntax-example.json")
        let note = try SignedNote(parsing: Array(try #require(example["checkpoint"]?.text).utf8))
        let line = try #require(note.signatures.last)
        #expect(line.signature.count == 72)
        // Its key is not published; that the message is the one of the specification shows where the same is signed with a key that is known.
        let cosignature = try Self.key().cosign(note.body, time: 1_679_315_147)
        #expect(Array(cosignature.line.signature.prefix(8)) == Array(line.signature.prefix(8)))
        let message = try #require(example["cosigned_message"]?.text)
        let asNote = try LedgerKey(name: "w", seed: Self.seed).sign(message)
        #expect(Array(cosignature.line.signature.dropFirst(8)) == asNote.signatures[0].signature)
    }

    @Test func cosignatureOfAnotherTextTimeOrKeyIsRefused() throws {
        let note = try Log(5).note(5)
        let key = try Self.key()
        let good = try note.adding([key.cosign(note.body, time: 1_767_600_000).line])
        #expect(try good.cosignatures(of: [key.verifier]).map(\.time) == [1_767_600_000])
        #expect(try SignedNote(parsing: Array(good.text.utf8)) == good)
        // The log's own verifier goes on accepting it, and a note without the line has no cosignature.
        #expect(try Checkpoint(verifying: good, key: Fixture.key().verifier).head.size == 5)
        #expect(try note.cosignatures(of: [key.verifier]).isEmpty)
        let other = try Log(5, fork: 3).note(5)
        let line = try #require(good.signatures.last)
        #expect(throws: LedgerError.self) { try other.adding([line]).cosignatures(of: [key.verifier]) }
        for bit in 0..<(72 * 8) {
            var flipped = line
            flipped.signature[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: LedgerError.self, "bit \(bit)") { try note.adding([flipped]).cosignatures(of: [key.verifier]) }
        }
        for count in [0, 1, 8, 64, 71, 73] {
            var cut = line
            cut.signature = Array((line.signature + line.signature).prefix(max(1, count)))
            #expect(throws: LedgerError.self, "\(count) bytes") { try note.adding([cut]).cosignatures(of: [key.verifier]) }
        }
        // Of the same name with another key, it is an unknown line.
        let stranger = try WitnessKey(name: key.verifier.name, seed: Self.seed.map { $0 ^ 1 })
        #expect(try good.cosignatures(of: [stranger.verifier]).isEmpty)
    }

    @Test func keysReadAsTheyAreWritten() throws {
        let key = try Self.key(7)
        #expect(try CosignerKey(text: key.verifier.text) == key.verifier)
        #expect(try WitnessKey(text: key.text()).verifier == key.verifier)
        // A log's key is no witness's key, nor the other way round.
        #expect(throws: LedgerError.self) { try CosignerKey(text: Fixture.key().verifier.text) }
        #expect(throws: LedgerError.self) { try VerifierKey(text: key.verifier.text) }
        #expect(throws: LedgerError.self) { try WitnessKey(text: Fixture.key().text()) }
        #expect(throws: LedgerError.self) { try LedgerKey(text: key.text()) }
        let text = Array(key.verifier.text.utf8)
        for place in text.indices {
            var changed = text
            changed[place] = changed[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(throws: LedgerError.self, "byte \(place)") { try CosignerKey(text: String(decoding: changed, as: UTF8.self)) }
        }
    }

    @Test func aPolicyCountsEachKeyOnce() throws {
        let note = try Log(4).note(4)
        let keys = try (0..<3 as Range<UInt8>).map { try Self.key($0) }
        let policy = try WitnessPolicy(witnesses: keys.map(\.verifier))
        #expect(policy.quorum == 2)
        let one = try note.adding([keys[0].cosign(note.body, time: 1).line])
        #expect(try !policy.holds(for: one))
        // The same witness a second time, at another time, is one witness still.
        let twice = try SignedNote(body: note.body, signatures: one.signatures + [keys[0].cosign(note.body, time: 9).line])
        #expect(try !policy.holds(for: twice))
        #expect(try twice.cosignatures(of: policy.witnesses).map(\.time) == [9])
        #expect(try policy.holds(for: one.adding([keys[2].cosign(note.body, time: 2).line])))
        let renamed = try WitnessKey(name: "another.example.org", seed: Self.seed)
        #expect(throws: LedgerError.self) { try WitnessPolicy(witnesses: [keys[0].verifier, renamed.verifier]) }
        for quorum in [-1, 0, 4] { #expect(throws: LedgerError.self) { try WitnessPolicy(witnesses: keys.map(\.verifier), quorum: quorum) } }
        #expect(policy.covered([10, 7, 3]) == 7)
        #expect(policy.covered([10]) == 0)
        #expect(policy.covered([]) == 0)
    }

    // MARK: Requests

    @Test func requestsReadAsTheyAreWritten() throws {
        let log = try Log(40)
        for (old, size) in [(0, 0), (0, 1), (1, 1), (1, 2), (3, 40), (39, 40), (40, 40)] {
            let request = try log.request(from: old, to: size)
            #expect(try WitnessRequest(parsing: Array(request.text.utf8)) == request)
        }
    }

    @Test func refusesHostileRequests() throws {
        let log = try Log(9)
        let good = try log.request(from: 3, to: 9)
        let note = try log.note(9).text
        let hash = MerkleHasher.emptyRoot.base64
        let hostile: [(String, [UInt8])] = [
            ("nothing", []), ("a newline", [0x0a]), ("two newlines", [0x0a, 0x0a]), ("no note", Array("old 3\n\n".utf8)), ("no old", Array("\n\(note)".utf8)),
            ("another word", Array("new 3\n\n\(note)".utf8)), ("no number", Array("old \n\n\(note)".utf8)), ("a sign", Array("old +3\n\n\(note)".utf8)),
            ("below zero", Array("old -3\n\n\(note)".utf8)), ("a leading zero", Array("old 03\n\n\(note)".utf8)),
            ("a blank behind", Array("old 3 \n\n\(note)".utf8)), ("a carriage return", Array("old 3\r\n\r\n\(note)".utf8)),
            ("2^63", Array("old 9223372036854775808\n\n\(note)".utf8)), ("2^64", Array("old 18446744073709551616\n\n\(note)".utf8)),
            ("other digits", Array("old ٣\n\n\(note)".utf8)), ("a short hash", Array("old 3\n\(hash.dropLast(4))\n\n\(note)".utf8)),
            ("a hash without padding", Array("old 3\n\(hash.dropLast())\n\n\(note)".utf8)), ("no base 64", Array("old 3\n***\n\n\(note)".utf8)),
            ("64 hashes", Array("old 3\n\(String(repeating: hash + "\n", count: 64))\n\(note)".utf8)),
            ("100,000 lines", Array("old 3\n\(String(repeating: "\n", count: 100_000))\(note)".utf8)),
            ("no empty line", Array("old 3\n\(hash)\n".utf8)), ("bytes that are no text", Array("old 3\n\n".utf8) + [0xff, 0xfe, 0x0a, 0x0a]),
            ("too large", Array(good.text.utf8) + Array(repeating: 0x0a, count: WitnessRequest.bytesMax)),
            ("a note without a signature", Array("old 3\n\n\(Fixture.name)\n9\n\(hash)\n".utf8)),
            ("a note that is no checkpoint", Array("old 3\n\n\(try log.key.sign("hello\n").text)".utf8)),
            ("a zero byte", Array("old 3\n\n\(note)".utf8).map { $0 == UInt8(ascii: "9") ? 0 : $0 }),
        ]
        for (what, bytes) in hostile {
            var witness = try MemoryWitness(log.key.verifier)
            let answer = witness.answer(bytes)
            #expect(answer.status == 400, "\(what): \(answer.status)")
            #expect(witness.known == nil)
        }
        // Every byte cut off, and every bit of the whole flipped: never cosigned, and never a crash.
        let bytes = Array(good.text.utf8)
        for count in 0..<bytes.count {
            var witness = try MemoryWitness(log.key.verifier)
            witness.known = log.source.head(size: 3)
            #expect(witness.answer(Array(bytes.prefix(count))).status != 200, "\(count) bytes")
        }
        var random = SeededGenerator.announced(for: "refusesHostileRequests")
        for _ in 0..<2_000 {
            var changed = bytes
            changed[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << Int.random(in: 0..<8, using: &random)
            var witness = try MemoryWitness(log.key.verifier)
            witness.known = log.source.head(size: 3)
            #expect(witness.answer(changed).status != 200)
        }
    }

    // MARK: Answers

    @Test func answersWithEachStatusOfTheSpecification() throws {
        let log = try Log(20)
        var witness = try MemoryWitness(log.key.verifier)
        // 404 before anything else; 403 for another key, and for the right one with a wrong signature.
        let stranger = try Log(5, key: LedgerKey(generatingFor: "another.example.org"))
        #expect(witness.answer(try stranger.request(from: 0, to: 5)).status == 404)
        let forger = try Log(5, key: LedgerKey(generatingFor: Fixture.name))
        #expect(witness.answer(try forger.request(from: 0, to: 5)).status == 403)
        var wrong = try log.request(from: 0, to: 5).text
        wrong.replace("\n5\n", with: "\n6\n")
        #expect(witness.answer(Array(wrong.utf8)).status == 403)
        // Signatures of others are ignored.
        let foreign = try log.note(0).adding(forger.note(0).signatures)
        #expect(witness.answer(try WitnessRequest(oldSize: 0, proof: [], note: foreign)).status == 200)
        // 400: an old size above the new one.
        #expect(witness.answer(try WitnessRequest(oldSize: 6, proof: [], note: log.note(5))).status == 400)
        // 422: an empty log with a root, a proof from nothing.
        let odd = try log.key.sign(Checkpoint(origin: Fixture.name, head: LedgerHead(size: 0, root: log.source.head(size: 1).root)).body)
        #expect(witness.answer(try WitnessRequest(oldSize: 0, proof: [], note: odd)).status == 422)
        #expect(witness.answer(try WitnessRequest(oldSize: 0, proof: [MerkleHasher.emptyRoot], note: log.note(5))).status == 422)
        #expect(witness.answer(try log.request(from: 0, to: 5)).status == 200)
        // 409 with the size that is known, in its own media type.
        for (old, size) in [(0, 9), (4, 9), (6, 9), (4, 5), (0, 5), (2, 3)] {
            let answer = witness.answer(try log.request(from: old, to: size))
            #expect(answer.status == 409 && answer.contentType == "text/x.tlog.size" && answer.body == Array("5\n".utf8), "\(old), \(size)")
        }
        #expect(witness.evidence.isEmpty)
        // The same again is cosigned again; with a proof too much it is not, and proves nothing.
        let again = witness.answer(try log.request(from: 5, to: 5))
        #expect(again.status == 200)
        #expect(witness.answer(try WitnessRequest(oldSize: 5, proof: [MerkleHasher.emptyRoot], note: log.note(5))).status == 422)
        #expect(witness.evidence.isEmpty)
        // 422 with evidence: another root of the same size, even with a wrong old size; and a proof that leads nowhere.
        let fork = try Log(20, fork: 2)
        #expect(witness.answer(try fork.request(from: 5, to: 5)).status == 422)
        #expect(witness.answer(try fork.request(from: 3, to: 5)).status == 409)
        #expect(witness.answer(try fork.request(from: 5, to: 9)).status == 422)
        #expect(witness.evidence == [.fork, .fork, .unproven])
        #expect(witness.known == log.source.head(size: 5))
        // And on it goes.
        #expect(witness.answer(try log.request(from: 5, to: 20)).status == 200)
        let cosigned = try SignedNote(parsing: Array(log.note(20).text.utf8) + witness.answer(log.request(from: 20, to: 20)).body)
        #expect(try cosigned.cosignatures(of: [witness.key.verifier]).count == 1)
    }

    /// A log that shows each of two witnesses another history gets both to cosign no head that differs, and either's word convicts it.
    @Test(arguments: 0..<40) func aForkShownToTwoWitnessesIsFound(_ number: Int) throws {
        var random = SeededGenerator.announced(for: "aForkShownToTwoWitnessesIsFound \(number)")
        let count = Int.random(in: 2...120, using: &random)
        let at = Int.random(in: 0..<count, using: &random)
        let (truth, lie) = (try Log(count), try Log(count, fork: at))
        var (first, second) = (try MemoryWitness(truth.key.verifier, number: 1), try MemoryWitness(truth.key.verifier, number: 2))
        let policy = try WitnessPolicy(witnesses: [first.key.verifier, second.key.verifier], quorum: 2)
        var size = 0
        while size < count {
            let next = Int.random(in: (size + 1)...count, using: &random)
            let toFirst = try truth.request(from: size, to: next)
            let toSecond = try lie.request(from: size, to: next)
            let answers = (first.answer(toFirst), second.answer(toSecond))
            #expect(answers.0.status == 200 && answers.1.status == 200)
            // The quorum holds for what both were shown, and for nothing after.
            let note = try SignedNote(parsing: Array(toFirst.note.text.utf8) + answers.0.body)
            var holds = false
            do { holds = try policy.holds(for: note.adding(SignedNote(parsing: Array(toSecond.note.text.utf8) + answers.1.body).signatures)) } catch {}
            #expect(holds == (next <= at), "\(next) of \(count), forked at \(at)")
            size = next
        }
        // What the first was shown, handed to the second, convicts the log: by the same size, or because no proof can lead there.
        #expect(second.answer(try truth.request(from: count, to: count)).status == 422)
        #expect(second.evidence == [.fork])
        // And the log itself, whichever history it goes on with, is refused by one of them.
        let longer = try Log(count + 3)
        #expect(first.answer(try longer.request(from: count, to: count + 3)).status == 200)
        #expect(second.answer(try longer.request(from: count, to: count + 3)).status == 422)
    }
}
