import Foundation
import SluiceCrypto
import Testing

/// Project Wycheproof's ECDSA vectors: crafted signatures that careless verifiers take.
struct WycheproofTests {
    static let path =
        (ProcessInfo.processInfo.environment["SLUICE_CORPUS"] ?? "\(repositoryRoot)/../shared/corpus")
        + "/vectors/C2SP__wycheproof/testvectors_v1/ecdsa_secp256r1_sha256_test.json"
    static let repositoryRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    struct Vectors: Decodable {
        struct Group: Decodable {
            let publicKeyDer: String
            let tests: [Vector]
        }
        struct Vector: Decodable {
            let tcId: Int
            let comment: String
            let msg: String
            let sig: String
            let result: String
        }
        let numberOfTests: Int
        let testGroups: [Group]
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: path), "corpus is absent"))
    func everyVectorIsJudgedAsItsAuthorsDo() throws {
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: URL(fileURLWithPath: Self.path)))
        var judged = (valid: 0, invalid: 0)
        for group in vectors.testGroups {
            let key = try PublicKey(der: bytes(group.publicKeyDer))
            for vector in group.tests {
                let verified = key.verifies(bytes(vector.sig), over: bytes(vector.msg))
                #expect(verified == (vector.result == "valid"), "tcId \(vector.tcId): \(vector.comment)")
                if vector.result == "valid" { judged.valid += 1 } else { judged.invalid += 1 }
            }
        }
        #expect(judged.valid + judged.invalid == vectors.numberOfTests)
        #expect(judged.valid > 100 && judged.invalid > 100)
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }
}
