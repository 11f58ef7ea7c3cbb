import SluiceKit
import SluiceLedger
import Testing

@Suite struct InclusionProofTests {
    private func proof(_ index: UInt64, of size: Int) throws -> (InclusionProof, MemoryEntries) {
        let source = try Fixture.entries(size)
        return (try InclusionProof(index: index, files: Fixture.published(source, sizes: [size]), key: Fixture.key().verifier), source)
    }

    @Test(arguments: [(0, 1), (0, 300), (255, 300), (256, 257), (299, 300), (4, 5)]) func survivesItsText(index: Int, size: Int) throws {
        let (proof, source) = try proof(UInt64(index), of: size)
        #expect(proof.text.hasPrefix("c2sp.org/tlog-proof@v1\nindex \(index)\n"))
        let read = try InclusionProof(parsing: Array(proof.text.utf8))
        #expect(read == proof)
        #expect(try read.verify(entry: source.entries[index], key: Fixture.key().verifier).head.size == UInt64(size))
        #expect(throws: LedgerError.self) { try read.verify(entry: Fixture.entry(9999), key: Fixture.key().verifier) }
    }

    @Test func refusesEveryFlippedByte() throws {
        let (proof, source) = try proof(3, of: 9)
        let bytes = Array(proof.text.utf8)
        let key = try Fixture.key().verifier
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << UInt8(bit)
                #expect(throws: LedgerError.self, "byte \(place) bit \(bit)") {
                    try InclusionProof(parsing: changed).verify(entry: source.entries[3], key: key)
                }
            }
        }
    }

    @Test func carriesExtraDataThatNothingVouchesFor() throws {
        let (proof, source) = try proof(3, of: 9)
        let extended = InclusionProof(index: proof.index, hashes: proof.hashes, checkpoint: proof.checkpoint, extra: Array("x".utf8))
        #expect(extended.text.split(separator: "\n")[1] == "extra eA==")
        let read = try InclusionProof(parsing: Array(extended.text.utf8))
        #expect(read.extra == Array("x".utf8))
        #expect(throws: Never.self) { try read.verify(entry: source.entries[3], key: Fixture.key().verifier) }
    }

    @Test func refusesAnIndexBeyondTheCheckpoint() throws {
        let error = #expect(throws: LedgerError.self) { try proof(9, of: 9) }
        #expect(error?.code == .missing && error?.place == .entry(9))
    }

    @Test func refusesToProveFromDamagedTiles() throws {
        let files = try Fixture.published(Fixture.entries(300), sizes: [300])
        files.change("tile/0/000") { $0[32 * 9] ^= 1 }
        let error = #expect(throws: LedgerError.self) { try InclusionProof(index: 8, files: files, key: Fixture.key().verifier) }
        #expect(error?.code == .damaged)
        files.change("tile/0/000") { $0 = [1, 2, 3] }
        #expect(throws: LedgerError.self) { try InclusionProof(index: 8, files: files, key: Fixture.key().verifier) }
    }
}
