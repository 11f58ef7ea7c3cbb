import Foundation
import SluiceCrypto
import SluiceKitTesting
import Testing

struct PrivateKeyTests {
    let trial: Trial

    init() throws { trial = try Trial() }

    @Test func storedKeyIsForItsOwnerOnlyAndLoadsAgain() throws {
        let key = try PrivateKey.generate()
        let path = trial.folder + "/key.pem"
        try key.store(at: path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let message = Array("message".utf8)
        #expect(try key.publicKey().verifies(PrivateKey(path: path).sign(message), over: message))
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o610])
    func refusesKeyFileThatOthersCanReach(mode: Int) throws {
        let path = trial.folder + "/key.pem"
        try PrivateKey.generate().store(at: path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        #expect { try PrivateKey(path: path) } throws: { ($0 as? CryptoError)?.code == .permissionsTooOpen && "\($0)".contains("chmod 600") }
    }

    @Test func doesNotReplaceAKeyFile() throws {
        let path = trial.folder + "/key.pem"
        try PrivateKey.generate().store(at: path)
        let before = try trial.read("key.pem")
        #expect(throws: CryptoError.self) { try PrivateKey.generate().store(at: path) }
        #expect(try trial.read("key.pem") == before)
    }

    @Test func printsNothingOfItself() throws {
        let key = try PrivateKey.generate()
        #expect("\(key)" == "PrivateKey(P-256)" && String(reflecting: key) == "PrivateKey(P-256)")
    }

    @Test(
        .enabled(if: Trial.hasOpenSSL),
        arguments: [
            (["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], CryptoError.Code.algorithmNotAllowed),
            (["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], .algorithmNotAllowed),
            (["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"], .algorithmNotAllowed),
            (["genpkey", "-algorithm", "ed25519"], .algorithmNotAllowed),
            (["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes128", "-pass", "pass:secret"], .passphraseMissing),
        ])
    func refusesKeysThatMustNotSign(arguments: [String], code: CryptoError.Code) throws {
        #expect(try TestTool.run(["openssl"] + arguments + ["-out", "key.pem"], in: trial.folder).status == 0)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: trial.folder + "/key.pem")
        #expect { try PrivateKey(path: trial.folder + "/key.pem") } throws: { ($0 as? CryptoError)?.code == code }
    }

    @Test func errorKeepsTheLibrarysOwnWords() throws {
        #expect { try PrivateKey(pem: Array("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".utf8)) } throws: { "\($0)".contains("libcrypto:") }
    }
}
