import SluiceKit
import SluiceKitTesting
import SluiceLedger
import Testing

/// The log's side of witnessing.
@Suite struct WitnessRoundTests {
    private let start = Instant(milliseconds: 1_767_600_000_000)
    private func after(_ seconds: Int64) -> Instant { start.advanced(byMilliseconds: seconds * 1_000) }

    private func sized(_ text: String, type: String = "text/x.tlog.size") -> TransportAnswer { TransportAnswer(409, text, contentType: type) }

    @Test func submitsTheNewestHeadAndNotTooOften() throws {
        let log = try WitnessTests.Log(30)
        var witness = try WitnessTests.MemoryWitness(log.key.verifier)
        var round = WitnessRound(key: witness.key.verifier)
        var requests = 0
        for second in 0..<60 {
            let size = min(30, 1 + second)
            guard let old = round.due(size: UInt64(size), at: after(Int64(second))) else { continue }
            requests += 1
            let answer = witness.answer(Array(try log.request(from: Int(old), to: size).text.utf8), time: UInt64(after(Int64(second)).seconds))
            let step = round.answered(answer, to: try log.note(size), size: UInt64(size), from: old, isSecond: false, at: after(Int64(second)))
            guard case .keep(let cosignature) = step else {
                Issue.record("\(step)")
                return
            }
            #expect(try log.note(size).adding([cosignature.line]).cosignatures(of: [witness.key.verifier]).count == 1)
        }
        #expect(round.cosignedSize == 30 && round.problem.isEmpty)
        #expect(requests == 11, "one each three seconds until the log stands still")
        #expect(round.due(size: 30, at: after(60)) == nil)
        #expect(round.due(size: 30, at: after(30 + WitnessRound.refreshSeconds)) == 30, "a log that stands still is cosigned anew")
    }

    @Test func asksAgainFromTheSizeThatTheWitnessNames() throws {
        let log = try WitnessTests.Log(9)
        let key = try WitnessTests.key().verifier
        var round = WitnessRound(key: key)
        #expect(round.due(size: 9, at: start) == 0)
        #expect(round.answered(sized("4\n"), to: try log.note(9), size: 9, from: 0, isSecond: false, at: start) == .again(from: 4))
        // A witness that names another size each time is left alone for a while.
        guard case .later = round.answered(sized("5\n"), to: try log.note(9), size: 9, from: 4, isSecond: true, at: start) else {
            Issue.record("asked a third time")
            return
        }
        #expect(round.due(size: 9, at: start) == nil)
        #expect(round.due(size: 9, at: after(WitnessRound.pauseSeconds)) == 5)
        // One that has lost what it cosigned is told of.
        var kept = WitnessRound(key: key, cosignedSize: 8, cosignedAt: UInt64(start.seconds))
        #expect(kept.answered(sized("2\n"), to: try log.note(9), size: 9, from: 8, isSecond: false, at: start) == .again(from: 2))
        #expect(kept.warning.contains("has lost what it knew"))
    }

    @Test func believesNoAnswerThatProvesNothing() throws {
        let log = try WitnessTests.Log(9)
        let (key, other) = (try WitnessTests.key().verifier, try WitnessTests.key(1))
        let note = try log.note(9)
        let answers: [(String, TransportAnswer)] = [
            ("nothing", TransportAnswer(200, "")), ("no line", TransportAnswer(200, "ok\n")),
            ("another's line", TransportAnswer(200, try other.cosign(note.body, time: UInt64(start.seconds)).line.text + "\n")),
            ("a time of long ago", TransportAnswer(200, try WitnessTests.key().cosign(note.body, time: UInt64(start.seconds - 901)).line.text + "\n")),
            ("a time to come", TransportAnswer(200, try WitnessTests.key().cosign(note.body, time: UInt64(start.seconds + 901)).line.text + "\n")),
            ("the last time there is", TransportAnswer(200, try WitnessTests.key().cosign(note.body, time: UInt64(Int64.max)).line.text + "\n")),
            ("a line over another text", TransportAnswer(200, try WitnessTests.key().cosign("other\n", time: UInt64(start.seconds)).line.text + "\n")),
            ("a megabyte", TransportAnswer(200, String(repeating: "x", count: 1 << 20))), ("no size", sized("")), ("no number", sized("many\n")),
            ("two lines", sized("4\n4\n")), ("below zero", sized("-4\n")), ("a leading zero", sized("04\n")), ("no newline", sized("4")),
            ("another type", sized("4\n", type: "text/plain")), ("beyond all sizes", sized("99999999999999999999\n")),
            ("a status of our own", TransportAnswer(418, "teapot")), ("a refusal", TransportAnswer(403, "no")), ("a 404", TransportAnswer(404, "who")),
        ]
        for (what, answer) in answers {
            var round = WitnessRound(key: key)
            guard case .later = round.answered(answer, to: note, size: 9, from: 0, isSecond: false, at: start) else {
                Issue.record("\(what) was believed")
                continue
            }
            #expect(round.cosignedSize == 0 && !round.problem.isEmpty)
        }
        // A larger size, the very size that was sent, and a refusal of the proof: what the witness holds is looked at.
        for answer in [sized("10\n"), sized("3\n"), TransportAnswer(422, "no")] {
            var round = WitnessRound(key: key)
            guard case .look = round.answered(answer, to: note, size: 9, from: 3, isSecond: false, at: start) else {
                Issue.record("\(answer) was not looked into")
                continue
            }
        }
    }

    @Test func leavesAWitnessThatFailsAloneForLongerEachTime() throws {
        var round = WitnessRound(key: try WitnessTests.key().verifier)
        var (now, pauses) = (start, [Int64]())
        for _ in 0..<12 {
            round.failed("not reached", at: now)
            var pause: Int64 = 1
            while round.due(size: 1, at: now.advanced(byMilliseconds: pause * 1_000)) == nil { pause += 1 }
            pauses.append(pause)
            now = now.advanced(byMilliseconds: pause * 1_000)
        }
        #expect(pauses == [3, 6, 12, 24, 48, 96, 192, 300, 300, 300, 300, 300])
        round.failed("asks for patience", at: now, retryAfterSeconds: 1_000_000)
        #expect(round.due(size: 1, at: now.advanced(byMilliseconds: WitnessRound.pauseSecondsMax * 1_000)) == 0, "no witness puts itself off for good")
    }

    @Test func onlyOurOwnSignatureStopsUs() throws {
        let (log, fork) = (try WitnessTests.Log(20), try WitnessTests.Log(30, fork: 7))
        let key = log.key.verifier
        func judge(_ note: SignedNote, size: Int = 20) throws -> WitnessView {
            WitnessView.judge(Array(note.text.utf8), key: key, size: UInt64(size)) { log.source.head(size: Int($0)).root }
        }
        for size in [0, 1, 7, 19, 20] { #expect(try judge(log.note(size)) == .beginning(UInt64(size))) }
        #expect(try judge(fork.note(7)) == .beginning(7))
        #expect(try judge(fork.note(8)) == .forked(fork.source.head(size: 8)))
        #expect(try judge(log.note(20), size: 12) == .ahead(log.source.head(size: 20)))
        // Whoever makes it up cannot sign it.
        let forger = try WitnessTests.Log(30, key: LedgerKey(generatingFor: key.name))
        for note in [try forger.note(30), try WitnessTests.Log(30, key: LedgerKey(generatingFor: "x")).note(30)] {
            guard case .unproven = try judge(note) else {
                Issue.record("a checkpoint that this log did not sign was believed")
                continue
            }
        }
        var changed = Array(try log.note(20).text.utf8)
        changed[Fixture.name.utf8.count + 1] ^= 1
        guard case .unproven = WitnessView.judge(changed, key: key, size: 20, rootAt: { _ in MerkleHasher.emptyRoot }) else {
            Issue.record("a changed checkpoint was believed")
            return
        }
    }

    // MARK: What is published

    @Test func showsCosignaturesWithTheLedgerAndKeepsTheNewestWithAQuorum() throws {
        let source = try Fixture.entries(300)
        let files = try Fixture.published(source, sizes: [100])
        let publisher = try LedgerPublisher(files: files, key: Fixture.key())
        let keys = try (0..<2 as Range<UInt8>).map { try WitnessTests.key($0) }
        let policy = try WitnessPolicy(witnesses: keys.map(\.verifier), quorum: 2)
        let log = try Fixture.key().verifier
        func cosigned() -> CosignedLog { CosignedLog(of: files, key: log, policy: policy) }
        func note() throws -> SignedNote { try #require(try publisher.published()).note }
        let first = try note()
        try publisher.keep([keys[0].cosign(first.body, time: 5)], of: first, policy: policy)
        #expect(cosigned().onCheckpoint.count == 1 && cosigned().covered == nil)
        #expect(files.files[LedgerPublisher.witnessedName] == nil)
        // A second one is added; the same one later takes the place of the earlier.
        try publisher.keep([keys[1].cosign(first.body, time: 6), keys[0].cosign(first.body, time: 8)], of: first, policy: policy)
        #expect(cosigned().onCheckpoint.map(\.time) == [8, 6] && cosigned().covered?.head.size == 100)
        #expect(try note().signatures.count == 3)
        // Nothing new: published again, nothing is lost.
        _ = try publisher.publish(head: source.head(size: 100), source: source) { _ in }
        #expect(cosigned().onCheckpoint.count == 2)
        // The log grows; what was cosigned before stays beside it.
        _ = try publisher.publish(head: source.head(size: 300), source: source) { _ in }
        #expect(cosigned().onCheckpoint.isEmpty && cosigned().covered?.head.size == 100 && cosigned().problems.isEmpty)
        // Late cosignatures of the older checkpoint do not change the newer one.
        try publisher.keep([keys[0].cosign(first.body, time: 9)], of: first, policy: policy)
        #expect(try note().signatures.count == 1)
        #expect(try LedgerVerifier.verify(files: files, key: log, form: .any).isIntact)
        // A quorum over a history that is not the published one is no quorum.
        let other = try WitnessTests.Log(200, fork: 50)
        let lie = try other.note(200).adding(keys.map { try $0.cosign(other.note(200).body, time: 7).line })
        files.change(LedgerPublisher.witnessedName) { $0 = Array(lie.text.utf8) }
        #expect(cosigned().covered == nil && cosigned().problems.count == 1)
    }

    @Test func continuityIsToldFromTheTilesAlone() throws {
        let source = try Fixture.entries(700)
        let files = try Fixture.published(source, sizes: [700])
        let key = try Fixture.key()
        func verdict(_ note: SignedNote) throws -> LedgerConsistency { try LedgerConsistency(of: files, since: Array(note.text.utf8), key: key.verifier) }
        func note(_ head: LedgerHead) throws -> SignedNote { try key.sign(Checkpoint(origin: Fixture.name, head: head).body) }
        for size in [0, 1, 255, 256, 257, 512, 699, 700] {
            let found = try verdict(note(source.head(size: size)))
            #expect(found.problem == nil && found.old.size == UInt64(size) && found.new.size == 700, "\(size): \(found.problem ?? "")")
        }
        for size in [1, 256, 500, 700] {
            let other = try note(LedgerHead(size: UInt64(size), root: MerkleHasher.emptyRoot))
            #expect(try verdict(other).problem?.contains("two histories") == true, "\(size)")
        }
        #expect(try verdict(note(LedgerHead(size: 701, root: MerkleHasher.emptyRoot))).problem?.contains("restored from an older copy") == true)
        #expect(throws: LedgerError.self) { try verdict(LedgerKey(generatingFor: Fixture.name).sign(note(source.head(size: 5)).body)) }
        files.change("tile/0/000") { $0[40] ^= 1 }
        #expect(try verdict(note(source.head(size: 5))).problem?.contains("verify") == true)
    }
}
