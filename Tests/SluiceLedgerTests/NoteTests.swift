import SluiceKit
import SluiceLedger
import Testing

@Suite struct NoteTests {
    private func note() throws -> SignedNote {
        try Fixture.key().sign(Checkpoint(origin: Fixture.name, head: LedgerHead(size: 7, root: MerkleHasher.emptyRoot)).body)
    }

    @Test(.enabled(if: LedgerCorpus.isPresent, "the reference data is absent (SLUICE_CORPUS)")) func verifiesTheExampleOfTheSpecification() throws {
        let example = try LedgerCorpus.json("ledger/c2sp/signed-note-example.json")
        let text = try #require(example["note"]?.text)
        let vkey = try #require(example["vkey"]?.text)
        let key = try VerifierKey(text: vkey)
        #expect(key.text == vkey)
        let note = try SignedNote(parsing: Array(text.utf8))
        #expect(note.text == text)
        #expect(note.body == "This is an example message.\n")
        #expect(try note.verified(by: [key]) == [key])
    }

    @Test(.enabled(if: LedgerCorpus.isPresent, "the reference data is absent (SLUICE_CORPUS)")) func readsACosignedCheckpoint() throws {
        let text = try #require(try LedgerCorpus.json("ledger/c2sp/cosignature-syntax-example.json")["checkpoint"]?.text)
        let note = try SignedNote(parsing: Array(text.utf8))
        #expect(note.text == text)
        #expect(note.signatures.map(\.name) == ["example.com/behind-the-sofa", "witness.example.com/w1"])
        let checkpoint = try Checkpoint(body: note.body)
        #expect(checkpoint.head.size == 20_852_163)
        #expect(checkpoint.body == note.body)
    }

    @Test(.enabled(if: LedgerCorpus.isPresent, "the reference data is absent (SLUICE_CORPUS)"), arguments: 0...15) func verifiesTheCheckpointsOfARealLog(
        size: Int
    ) throws {
        let key = try VerifierKey(
            text: String(decoding: try LedgerCorpus.bytes("ledger/transparency-dev_tessera/log.vkey"), as: UTF8.self).filter { !$0.isNewline })
        let note = try SignedNote(parsing: LedgerCorpus.bytes("ledger/transparency-dev_tessera/testdata/log/checkpoint.\(size)"))
        #expect(try Checkpoint(verifying: note, key: key).head.size == UInt64(size))
    }

    @Test func keysSurviveTheirText() throws {
        let key = try Fixture.key()
        let text = try key.text()
        #expect(text.hasPrefix("PRIVATE+KEY+\(Fixture.name)+\(key.verifier.idText)+"))
        #expect(try LedgerKey(text: text).verifier == key.verifier)
        #expect(try VerifierKey(text: key.verifier.text) == key.verifier)
        #expect(try LedgerKey(generatingFor: Fixture.name).verifier != key.verifier)
    }

    @Test func refusesChangedKeyTexts() throws {
        let key = try Fixture.key()
        for text in [key.verifier.text, try key.text()] {
            let bytes = Array(text.utf8)
            for place in bytes.indices {
                var changed = bytes
                changed[place] ^= 1
                let changedText = String(decoding: changed, as: UTF8.self)
                #expect(throws: LedgerError.self, "byte \(place)") {
                    if text.hasPrefix("PRIVATE") { _ = try LedgerKey(text: changedText) } else { _ = try VerifierKey(text: changedText) }
                }
            }
        }
    }

    @Test(arguments: ["", "a b", "a+b", "a\u{a0}b", "a\nb", "a\u{2003}b"]) func refusesNamesThatALineCannotHold(name: String) {
        #expect(throws: LedgerError.self) { try LedgerKey(generatingFor: name) }
    }

    @Test func errorsNeverRepeatAPrivateKey() throws {
        let text = try Fixture.key().text()
        let secret = text.suffix(20)
        let error = #expect(throws: LedgerError.self) { try LedgerKey(text: text.replacing("+\(Fixture.key().verifier.idText)+", with: "+00000000+")) }
        #expect(try !#require(error).description.contains(secret))
    }

    @Test func refusesEveryFlippedBitOfANote() throws {
        let key = try Fixture.key().verifier
        let bytes = Array(try note().text.utf8)
        #expect(try Checkpoint(verifying: SignedNote(parsing: bytes), key: key).head.size == 7)
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << UInt8(bit)
                #expect(throws: LedgerError.self, "byte \(place) bit \(bit)") { try Checkpoint(verifying: SignedNote(parsing: changed), key: key) }
            }
        }
    }

    @Test func ignoresOtherSignersButNotAWrongSignatureOfTheKey() throws {
        let note = try note()
        let key = try Fixture.key().verifier
        let other = SignedNote.Signature(name: "elsewhere.example.org", keyID: 1, signature: [1, 2, 3])
        let sameName = SignedNote.Signature(name: key.name, keyID: key.id ^ 1, signature: [1, 2, 3])
        let wrong = SignedNote.Signature(name: key.name, keyID: key.id, signature: [UInt8](repeating: 0, count: 64))
        #expect(try SignedNote(body: note.body, signatures: [other, sameName] + note.signatures).verified(by: [key]) == [key])
        #expect(throws: LedgerError.self) { try SignedNote(body: note.body, signatures: [wrong] + note.signatures).verified(by: [key]) }
        #expect(throws: LedgerError.self) { try SignedNote(body: note.body, signatures: [other]).verified(by: [key]) }
        #expect(throws: LedgerError.self) { try note.verified(by: []) }
    }

    @Test func refusesANoteWithMoreSignaturesThanItsLimit() throws {
        let line = "\u{2014} a.example AAAAAAA=\n"
        #expect(
            try SignedNote(parsing: Array(("text\n\n" + String(repeating: line, count: SignedNote.signaturesMax)).utf8)).signatures.count
                == SignedNote.signaturesMax)
        #expect(throws: LedgerError.self) { try SignedNote(parsing: Array(("text\n\n" + String(repeating: line, count: SignedNote.signaturesMax + 1)).utf8)) }
        #expect(throws: LedgerError.self) { try SignedNote(parsing: [UInt8](repeating: 0x61, count: SignedNote.bytesMax + 1)) }
    }

    @Test(arguments: [
        "", "\n", "\n\n", "a\n", "a\n\n", "a\n\n\n", "a\n\nb\n", "a\r\n\n\u{2014} n AAAAAAA=\n", "a\n\n\u{2014} n AAAAAAA=", "a\n\n\u{2014} n  AAAAAAA=\n",
        "a\n\n\u{2014} n AAAA\n",
    ])
    func refusesWhatIsNoNote(text: String) {
        #expect(throws: LedgerError.self) { try SignedNote(parsing: Array(text.utf8)) }
    }

    @Test(arguments: [
        "o\n1\n", "o\n01\nROOT\n", "\n1\nROOT\n", "o\n-1\nROOT\n", "o\n+1\nROOT\n", "o\n18446744073709551616\nROOT\n", "o\n4611686018427387905\nROOT\n",
        "o\n1\nROO\n", "o\n1\nROOT\n\n", "o\n1\nROOT",
    ])
    func refusesWhatIsNoCheckpoint(body: String) throws {
        let root = MerkleHasher.emptyRoot.base64
        #expect(try Checkpoint(body: "o\n1\nROOT\n".replacing("ROOT", with: root)).head.size == 1)
        #expect(throws: LedgerError.self) { try Checkpoint(body: body.replacing("ROOT", with: root)) }
    }

    @Test func refusesTheCheckpointOfAnotherLogUnderOurKey() throws {
        let body = try Checkpoint(origin: "elsewhere.example.org", head: .empty).body
        let note = try Fixture.key().sign(body)
        #expect(throws: LedgerError.self) { try Checkpoint(verifying: note, key: Fixture.key().verifier) }
    }
}
