import Foundation
import SluiceCrypto
import SluiceKit
import SluiceLedger
import Testing

@Suite struct MerkleTests {
    private let hasher = MerkleHasher()

    /// The root as RFC 6962, section 2.1, defines it: slow, and obviously right.
    private func root(_ leaves: ArraySlice<SHA256Digest>) -> SHA256Digest {
        if leaves.isEmpty { return SHA256.hash([]) }
        if leaves.count == 1 { return leaves[leaves.startIndex] }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        return hasher.node(root(leaves.prefix(split)), root(leaves.dropFirst(split)))
    }

    /// Subtrees computed from leaves in memory.
    private struct Leaves: MerkleNodes {
        var leaves: [SHA256Digest]
        var root: (ArraySlice<SHA256Digest>) -> SHA256Digest

        func hash(level: Int, index: UInt64) throws(LedgerError) -> SHA256Digest {
            root(leaves[Int(index) << level..<Int(index + 1) << level])
        }
    }

    private func leaves(_ count: Int) -> [SHA256Digest] {
        (0..<count).map { hasher.leaf(Array(String($0).utf8)) }
    }

    @Test func theFrontierHasTheRootOfEverySize() throws {
        let leaves = leaves(300)
        var frontier = MerkleFrontier()
        for size in 0...300 {
            #expect(frontier.size == UInt64(size))
            #expect(frontier.root(with: hasher) == root(leaves[..<size]))
            let restored = try #require(MerkleFrontier(state: frontier.state))
            #expect(restored == frontier)
            if size < 300 { frontier.append(leaves[size], with: hasher) }
        }
    }

    @Test func refusesASavedFrontierOfTheWrongLength() throws {
        var frontier = MerkleFrontier()
        for leaf in leaves(5) { frontier.append(leaf, with: hasher) }
        #expect(MerkleFrontier(state: []) == nil)
        #expect(MerkleFrontier(state: Array(frontier.state.dropLast())) == nil)
        #expect(MerkleFrontier(state: frontier.state + [0]) == nil)
        #expect(MerkleFrontier(state: [UInt8](repeating: 255, count: 8 + 64 * 32)) == nil)
    }

    @Test func everyProofItMakesHoldsAndNoOther() throws {
        let leaves = leaves(70)
        let prover = MerkleProver(nodes: Leaves(leaves: leaves, root: root))
        for size in 1...70 {
            let whole = root(leaves[..<size])
            for index in 0..<size {
                let proof = try prover.inclusion(of: UInt64(index), in: UInt64(size))
                func holds(_ leaf: Int, _ index: Int, _ size: Int, _ root: SHA256Digest, _ proof: [SHA256Digest]) -> Bool {
                    MerkleVerification.isIncluded(leaves[leaf], at: UInt64(index), size: UInt64(size), root: root, proof: proof, with: hasher)
                }
                #expect(holds(index, index, size, whole, proof))
                #expect(!holds((index + 1) % 70, index, size, whole, proof))
                #expect(!holds(index, index, size, whole, proof + [leaves[0]]))
                if !proof.isEmpty { #expect(!holds(index, index, size, whole, Array(proof.dropLast()))) }
                if size > 1 { #expect(!holds(index, (index + 1) % size, size, whole, proof)) }
            }
            for old in 1...size {
                let before = root(leaves[..<old])
                let proof = try prover.consistency(from: UInt64(old), to: UInt64(size))
                func holds(_ oldRoot: SHA256Digest, _ root: SHA256Digest, _ proof: [SHA256Digest]) -> Bool {
                    MerkleVerification.isConsistent(oldSize: UInt64(old), oldRoot: oldRoot, size: UInt64(size), root: root, proof: proof, with: hasher)
                }
                #expect(holds(before, whole, proof))
                #expect(!holds(leaves[69], whole, proof) || before == leaves[69])
                #expect(!holds(before, leaves[69], proof))
                #expect(!holds(before, whole, proof + [leaves[0]]))
                if !proof.isEmpty { #expect(!holds(before, whole, Array(proof.dropLast()))) }
            }
        }
    }

    @Test(.enabled(if: LedgerCorpus.isPresent, "the reference data is absent (SLUICE_CORPUS)")) func agreesWithTheReferenceTrees() throws {
        let reference = try LedgerCorpus.json("ledger/derived/rfc6962-reference.json")
        let inputs = try #require(reference["leaves_hex"]?.elements).map { try #require(Hexadecimal.decode($0.text ?? "-")) }
        let roots = try #require(reference["roots_hex"]?.elements).map { try #require(SHA256Digest(hex: $0.text ?? "-")) }
        #expect(inputs.count == 8 && roots.count == 9)
        var frontier = MerkleFrontier()
        #expect(frontier.root(with: hasher) == roots[0])
        for (place, input) in inputs.enumerated() {
            frontier.append(hasher.leaf(input), with: hasher)
            #expect(frontier.root(with: hasher) == roots[place + 1])
        }

        let large = try #require(reference["random600"])
        let leaves = (0..<600).map { hasher.leaf(SHA256.hash(Array(String($0).utf8)).bytes) }
        let heads = try #require(large["roots"]?.members)
        #expect(heads.count >= 6)
        frontier = MerkleFrontier()
        var roots600: [String: SHA256Digest] = [:]
        for leaf in leaves {
            frontier.append(leaf, with: hasher)
            roots600[String(frontier.size)] = frontier.root(with: hasher)
        }
        for head in heads { #expect(roots600[head.name]?.hex == head.value.text, "size \(head.name)") }

        let prover = MerkleProver(nodes: Leaves(leaves: leaves, root: root))
        for proof in try #require(large["inclusion"]?.members) {
            let numbers = proof.name.split(separator: "/").compactMap { UInt64($0) }
            #expect(try prover.inclusion(of: numbers[0], in: numbers[1]).map(\.hex) == proof.value.elements?.compactMap(\.text), "\(proof.name)")
        }
        for proof in try #require(large["consistency"]?.members) {
            let numbers = proof.name.split(separator: ">").compactMap { UInt64($0.filter(\.isNumber)) }
            #expect(try prover.consistency(from: numbers[0], to: numbers[1]).map(\.hex) == proof.value.elements?.compactMap(\.text), "\(proof.name)")
        }
    }

    @Test(.enabled(if: LedgerCorpus.isPresent, "the reference data is absent (SLUICE_CORPUS)")) func givesTheVerdictOfAll518Vectors() throws {
        let folder = try LedgerCorpus.url("vectors/transparency-dev__merkle/testdata")
        var verdicts = (accepted: 0, refused: 0)
        let names = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }.filter { $0.hasSuffix(".json") }
        for name in names {
            let vector = try LedgerCorpus.json("vectors/transparency-dev__merkle/testdata/\(name)")
            let wanted = vector["wantErr"] == false
            #expect(holds(vector, kind: String(name.prefix { $0 != "/" })) == wanted, "\(name)")
            if wanted { verdicts.accepted += 1 } else { verdicts.refused += 1 }
        }
        #expect(verdicts == (36, 482))
    }

    private func holds(_ vector: JSONValue, kind: String) -> Bool {
        func number(_ name: String) -> UInt64 {
            switch vector[name] {
            case .integer(let value): UInt64(value)
            case .number(let text): UInt64(text) ?? 0
            default: 0
            }
        }
        // Some roots are words, to show that only their equality counts; their digests stand for them. Nothing at all is no hash.
        func root(_ name: String) -> SHA256Digest? {
            guard let bytes = vector[name]?.text.flatMap({ Base64.decode($0) }), !bytes.isEmpty else { return nil }
            return SHA256Digest(bytes: bytes) ?? SHA256.hash(bytes)
        }
        let texts = vector["proof"]?.elements ?? []
        let proof = texts.compactMap { $0.text.flatMap { SHA256Digest(base64: $0) } }
        guard proof.count == texts.count else { return false }
        switch kind {
        case "inclusion", "subtreeinclusion":
            guard let leaf = root("leafHash"), let whole = root("root") else { return false }
            let end = kind == "inclusion" ? number("treeSize") : number("end")
            return MerkleVerification.isIncluded(leaf, at: number("leafIdx"), start: number("start"), end: end, root: whole, proof: proof, with: hasher)
        default:
            guard let first = root("root1"), let second = root("root2") else { return false }
            if kind == "consistency" {
                return MerkleVerification.isConsistent(
                    oldSize: number("size1"), oldRoot: first, size: number("size2"), root: second, proof: proof, with: hasher)
            }
            return MerkleVerification.isConsistent(
                start: number("start"), end: number("end"), subtreeRoot: first, size: number("size"), root: second, proof: proof, with: hasher)
        }
    }
}
