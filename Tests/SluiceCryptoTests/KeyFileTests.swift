import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

struct KeyFileTests {
    let trial: Trial
    let message = Array("message".utf8)

    init() throws { trial = try Trial() }

    private func secret(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let path = try trial.write(name, Array(text.utf8))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    private func passphrase(_ text: String = "correct horse battery") throws -> Passphrase { try Passphrase(bytes: Array(text.utf8)) }

    private func code(_ body: () throws -> Void) -> CryptoError.Code? {
        do { try body() } catch { return (error as? CryptoError)?.code }
        return nil
    }

    @Test func encryptedKeyOpensWithItsPassphraseOnly() throws {
        let key = try PrivateKey.generate()
        let path = trial.folder + "/key.pem"
        try KeyFile.store(key, at: path, passphrase: passphrase())
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        #expect(try KeyFile.form(of: path) == .encrypted)
        let opened = try PrivateKey(path: path, passphrase: passphrase())
        #expect(opened.origin == .encryptedFile)
        #expect(try key.publicKey().verifies(opened.sign(message), over: message))
        #expect(code { _ = try PrivateKey(path: path, passphrase: passphrase("correct horse batterie")) } == .passphraseWrong)
        #expect(code { _ = try PrivateKey(path: path) } == .passphraseMissing)
    }

    @Test(.enabled(if: Trial.hasOpenSSL)) func stockCommandOpensOurEncryptedKey() throws {
        let key = try PrivateKey.generate()
        try KeyFile.store(key, at: trial.folder + "/key.pem", passphrase: passphrase())
        let pass = try secret("pass", "correct horse battery\n")
        let outcome = try trial.openssl("pkey", "-in", "key.pem", "-passin", "file:" + pass, "-pubout", "-outform", "DER", "-out", "public.der")
        try #require(outcome.status == 0, "\(outcome.output)")
        #expect(try trial.read("public.der") == key.publicKey().der)
        #expect(try trial.openssl("pkey", "-in", "key.pem", "-passin", "pass:another one", "-noout").status != 0)
    }

    @Test(
        .enabled(if: Trial.hasOpenSSL),
        arguments: [
            (["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", "600000"], nil as CryptoError.Code?),
            (["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512", "-iter", "650000"], nil),
            (["-scrypt", "-scrypt_p", "5"], nil),
            // What the command writes when nothing else is said: 2048 rounds.
            (["-v2", "aes-256-cbc"], .protectionTooWeak),
            (["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", "599999"], .protectionTooWeak),
            (["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1", "-iter", "700000"], .protectionTooWeak),
            (["-v2", "des3", "-v2prf", "hmacWithSHA256", "-iter", "700000"], .protectionTooWeak),
            (["-scrypt"], .protectionTooWeak),
            (["-v1", "PBE-SHA1-3DES"], .keyUnusable),
        ])
    func opensWhatTheStockCommandEncryptedUnlessItIsWeak(arguments: [String], expected: CryptoError.Code?) throws {
        let key = try PrivateKey.generate()
        try key.store(at: trial.folder + "/plain.pem")
        let outcome = try TestTool.run(
            ["openssl", "pkcs8", "-topk8", "-in", "plain.pem", "-out", "key.pem", "-passout", "pass:correct horse battery"] + arguments, in: trial.folder)
        try #require(outcome.status == 0, "\(outcome.output)")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: trial.folder + "/key.pem")
        #expect(
            code {
                let opened = try PrivateKey(path: trial.folder + "/key.pem", passphrase: passphrase())
                guard try key.publicKey().verifies(opened.sign(message), over: message) else { throw CryptoError(.signingFailed, "another key") }
            } == expected)
    }

    /// A key whose derivation libcrypto would not compute must not be blamed on the passphrase. The blocks of our own files are doubled in the parameters: the stock
    /// command does not write such a file either.
    @Test(arguments: [(UInt8(15), CryptoError.Code.passphraseWrong), (16, .limitExceeded), (64, .limitExceeded), (65, .limitExceeded)])
    func refusesScryptThatTakesTooMuchMemory(blockSize: UInt8, expected: CryptoError.Code) throws {
        let pem = String(decoding: try KeyFile.encrypted(PrivateKey.generate(), with: passphrase()), as: UTF8.self)
        let body: String = pem.split(separator: "\n").dropFirst().dropLast().joined()
        var der = try #require(Base64.decode(body))
        let parameters: [UInt8] = [2, 2, 0x40, 0, 2, 1, 8, 2, 1, 5]
        let place = try #require(der.indices.first { der[$0...].starts(with: parameters) })
        der[place + 6] = blockSize
        let path = try secret("key.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n\(Base64.encode(der))\n-----END ENCRYPTED PRIVATE KEY-----\n")
        #expect(code { _ = try PrivateKey(path: path, passphrase: passphrase()) } == expected)
    }

    @Test(.enabled(if: Trial.hasOpenSSL)) func refusesTheOldEncryptionOfPEM() throws {
        try PrivateKey.generate().store(at: trial.folder + "/plain.pem")
        #expect(try trial.openssl("ec", "-in", "plain.pem", "-aes128", "-passout", "pass:correct horse battery", "-out", "key.pem").status == 0)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: trial.folder + "/key.pem")
        #expect(code { _ = try PrivateKey(path: trial.folder + "/key.pem", passphrase: passphrase()) } == .protectionTooWeak)
    }

    @Test func encryptingInPlaceKeepsTheKeyAndChangesThePassphrase() throws {
        let key = try PrivateKey.generate()
        let path = trial.folder + "/key.pem"
        try key.store(at: path)
        try KeyFile.encrypt(path, current: nil, with: passphrase())
        try KeyFile.encrypt(path, current: passphrase(), with: passphrase("another long passphrase"))
        #expect(code { _ = try PrivateKey(path: path, passphrase: passphrase()) } == .passphraseWrong)
        #expect(try key.publicKey().verifies(PrivateKey(path: path, passphrase: passphrase("another long passphrase")).sign(message), over: message))
        #expect(try FileManager.default.contentsOfDirectory(atPath: trial.folder) == ["key.pem"])
    }

    @Test func wrongPassphraseLeavesTheFileAsItWas() throws {
        let path = trial.folder + "/key.pem"
        try KeyFile.store(PrivateKey.generate(), at: path, passphrase: passphrase())
        let before = try trial.read("key.pem")
        #expect(code { try KeyFile.encrypt(path, current: passphrase("a wrong passphrase"), with: passphrase("a new passphrase")) } == .passphraseWrong)
        #expect(try trial.read("key.pem") == before)
    }

    @Test(arguments: [0, 1, 1000, 65_535, 65_536, 65_537]) func filesAreReadWholeUpToTheLimit(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let path = try trial.write("file", bytes)
        #expect(try BoundedFile.load(path, bytesMax: count) == bytes)
        if count > 0 { #expect(code { _ = try BoundedFile.load(path, bytesMax: count - 1) } == .limitExceeded) }
    }

    @Test func refusesShortPassphraseForNewKeys() throws {
        #expect(code { try KeyFile.store(PrivateKey.generate(), at: trial.folder + "/key.pem", passphrase: passphrase("eleven char")) } == .protectionTooWeak)
        #expect(!FileManager.default.fileExists(atPath: trial.folder + "/key.pem"))
    }

    @Test func everyTruncationIsRefusedAndNoneCrashes() throws {
        try KeyFile.store(PrivateKey.generate(), at: trial.folder + "/key.pem", passphrase: passphrase())
        let bytes = try trial.read("key.pem")
        for length in stride(from: 0, to: bytes.count - 27, by: 7) {
            let path = try secret("cut.pem", "")
            try Data(bytes[..<length]).write(to: URL(fileURLWithPath: path))
            #expect(code { _ = try PrivateKey(path: path, passphrase: passphrase()) } != nil)
        }
    }

    @Test(arguments: [0o640, 0o604, 0o620]) func passphraseFileThatOthersCanReachIsRefused(mode: Int) throws {
        let path = try secret("pass", "correct horse battery", mode: mode)
        #expect(code { _ = try Passphrase(.file(path)) } == .permissionsTooOpen)
    }

    @Test(.enabled(if: geteuid() == 0)) func secretOfAnotherAccountIsRefused() throws {
        let path = try secret("pass", "correct horse battery")
        #expect(chown(path, 12_345, 12_345) == 0)
        #expect { try Passphrase(.file(path)) } throws: { ($0 as? CryptoError)?.code == .permissionsTooOpen && "\($0)".contains("chown") }
    }

    @Test(arguments: [("", CryptoError.Code.passphraseMissing), ("\n", .passphraseMissing), ("two\nlines", .limitExceeded), ("zero\0byte", .limitExceeded)])
    func refusesFilesThatHoldNoPassphrase(text: String, expected: CryptoError.Code) throws {
        let path = try secret("pass", text)
        #expect(code { _ = try Passphrase(.file(path)) } == expected)
    }

    @Test func lineFeedAtTheEndIsNoPartOfThePassphrase() throws {
        try KeyFile.store(PrivateKey.generate(), at: trial.folder + "/key.pem", passphrase: passphrase())
        for end in ["", "\n", "\r\n"] {
            let path = try secret("pass", "correct horse battery" + end)
            _ = try PrivateKey(path: trial.folder + "/key.pem", passphrase: Passphrase(.file(path)))
        }
        setenv("SLUICE_TEST_PASSPHRASE", "correct horse battery", 1)
        _ = try PrivateKey(path: trial.folder + "/key.pem", passphrase: Passphrase(.environment("SLUICE_TEST_PASSPHRASE")))
        #expect(code { _ = try Passphrase(.environment("SLUICE_TEST_NO_SUCH")) } == .passphraseMissing)
    }

    @Test func secretsNeverPrintThemselves() throws {
        let secret = "correct horse battery"
        let phrase = try passphrase(secret)
        for text in ["\(phrase)", String(reflecting: phrase), "\(Mirror(reflecting: phrase).children.map { "\($0.value)" })"] {
            #expect(!text.contains(secret))
        }
        try KeyFile.store(PrivateKey.generate(), at: trial.folder + "/key.pem", passphrase: phrase)
        do {
            _ = try PrivateKey(path: trial.folder + "/key.pem", passphrase: passphrase("wrong wrong wrong"))
            Issue.record("a wrong passphrase opened the key")
        } catch {
            #expect(!"\(error)".contains("wrong wrong"))
        }
    }

    @Test func personIsKnownByThePassphraseAndNothingElse() throws {
        let hash = try PassphraseHash(passphrase())
        #expect(hash.matches(try passphrase()))
        #expect(!hash.matches(try passphrase("correct horse batterz")))
        let again = try #require(PassphraseHash(hash.description))
        #expect(again == hash)
        #expect(again.matches(try passphrase()))
        #expect(try PassphraseHash(passphrase()).description != hash.description, "salts differ")
        #expect(!hash.description.contains("horse"))
    }

    @Test(arguments: [
        "", "scrypt", "scrypt$1024$8$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "scrypt$1048576$32$16$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "scrypt$32769$8$3$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "scrypt$32768$8$3$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "scrypt$-1$8$3$AAAAAAAAAAAAAAAAAAAAAA==$",
        "plain$secret$secret$secret$secret$secret",
    ])
    func refusesHashesThatAreWeakOrDear(text: String) { #expect(PassphraseHash(text) == nil) }

    @Test func lendsTheKeyToTLSAsPKCS8() throws {
        let key = try PrivateKey.generate()
        let bytes = try key.withPKCS8 { Array($0) }
        #expect(bytes.first == 0x30 && bytes.count > 100)
    }
}
