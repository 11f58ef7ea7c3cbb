import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

struct PKCS11URITests {
    private func problem(_ text: String) -> String? {
        do { _ = try PKCS11URI(text) } catch { return "\(error)" }
        return nil
    }

    @Test func readsTokenKeyModuleAndPinFile() throws {
        let uri = try PKCS11URI("pkcs11:token=The%20node;object=sealing;type=private?module-path=/usr/lib/x.so&pin-source=file:/etc/sluice/pin")
        #expect(uri.attributes["token"] == Array("The node".utf8) && uri.modulePath == "/usr/lib/x.so" && uri.pinPath == "/etc/sluice/pin")
        #expect(uri.description == "token=The%20node;object=sealing")
        #expect(try PKCS11URI("pkcs11:serial=1;id=%01%02?pin-source=file:///p&module-path=/m").pinPath == "/p")
    }

    @Test(arguments: [
        "pkcs11:token=a;object=b?module-path=/m&pin-value=1234", "pkcs11:token=a;object=b;pin-value=1234?module-path=/m&pin-source=file:/p",
        "pkcs11:token=a?module-path=/m&pin-source=file:/p", "pkcs11:object=b?module-path=/m&pin-source=file:/p", "pkcs11:token=a;object=b",
        "pkcs11:token=a;object=b?module-path=m&pin-source=file:/p", "pkcs11:token=a;object=b?module-path=/m&pin-source=https://x/p",
        "pkcs11:token=a;token=c;object=b?module-path=/m&pin-source=file:/p", "pkcs11:token=a;object=b;type=cert?module-path=/m&pin-source=file:/p",
        "pkcs11:token=a;object=%zz?module-path=/m&pin-source=file:/p", "pkcs11:", "file:/x", "pkcs11:token=a;object=b;foo=1?module-path=/m&pin-source=file:/p",
    ])
    func refusesWhatNamesNoKeyOrHoldsAPin(text: String) throws {
        let found = try #require(problem(text))
        #expect(!found.contains("1234"))
    }
}

/// A token in software, made in the test's folder.
@Suite(.enabled(if: Token.isAvailable, "softhsm2 or OpenSSL's engine pkcs11 is absent"), .serialized)
struct PKCS11Tests {
    let trial: Trial
    let token: Token

    init() throws {
        trial = try Trial()
        token = try Token.shared()
    }

    @Test func keyInTheTokenSealsLikeAnyOther() throws {
        let key = try PrivateKey.open(token.uri("sealing"))
        #expect(key.origin == .token && "\(key)" == "PrivateKey(P-256, token)")
        let message = Array("message".utf8)
        #expect(try key.publicKey().verifies(key.sign(message), over: message))

        let pem = try CertificateRequest.make(for: .sealing, participant: ParticipantID("AM.MOI")!, organisation: "Ministry of Interior", key: key)
        let certificate = try trial.authority.issue(CertificateRequest(pem: pem), validity: .init(now: Trial.now, days: 30))
        let identity = try SealingIdentity(certificate: certificate, key: key)
        let signature = try identity.detachedCAdES(over: Trial.content, signingTime: Trial.now)
        #expect(try trial.trust().verifyDetachedCAdES(signature: signature, over: Trial.content, at: Trial.now).participant.rawValue == "AM.MOI")
    }

    @Test func manyThreadsMaySignAtOnce() async throws {
        let key = try PrivateKey.open(token.uri("sealing"))
        let publicKey = try key.publicKey()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<32 {
                group.addTask {
                    let message = Array("\(number)".utf8)
                    return publicKey.verifies(try key.sign(message), over: message)
                }
            }
            for try await holds in group { #expect(holds) }
        }
    }

    @Test func tokenDoesNotGiveTheKeyAway() throws {
        let key = try PrivateKey.open(token.uri("sealing"))
        #expect(throws: CryptoError.self) { try key.store(at: trial.folder + "/key.pem") }
        #expect(throws: CryptoError.self) { try KeyFile.encrypted(key, with: Passphrase(bytes: Array("a long passphrase".utf8))) }
        #expect(throws: CryptoError.self) { try key.withPKCS8 { $0.count } }
        #expect(!FileManager.default.fileExists(atPath: trial.folder + "/key.pem"))
    }

    @Test func otherKindsOfKeysInTheTokenAreRefused() throws {
        #expect { try PrivateKey.open(token.uri("rsa")) } throws: { ($0 as? CryptoError)?.code == .algorithmNotAllowed }
    }

    @Test func missingKeyModuleAndPinAreToldApart() throws {
        #expect { try PrivateKey.open(token.uri("no-such-key")) } throws: { ($0 as? CryptoError)?.code == .tokenUnusable }
        #expect { try PrivateKey.open(token.uri("sealing", module: "/no/such/module.so")) } throws: { ($0 as? CryptoError)?.code == .tokenUnusable }
        #expect { try PrivateKey.open(token.uri("sealing", pin: "/no/such/pin")) } throws: { ($0 as? CryptoError)?.code == .fileUnusable }
    }
}

/// SoftHSM with one token and two keys, made once for all tests: its library reads its configuration once per process.
final class Token: Sendable {
    static let module = [
        "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    ]
    .first { FileManager.default.fileExists(atPath: $0) }
    static let isAvailable =
        module != nil && (try? TestTool.run(["softhsm2-util", "--version"], in: NSTemporaryDirectory()).status) == 0
        && (try? TestTool.run(["openssl", "engine", "pkcs11"], in: NSTemporaryDirectory()).status) == 0

    let folder: String

    private static let made = Result { try Token() }
    static func shared() throws -> Token { try made.get() }

    private init() throws {
        folder = NSTemporaryDirectory() + "sluice-token-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder + "/tokens", withIntermediateDirectories: true)
        try "directories.tokendir = \(folder)/tokens\nobjectstore.backend = file\n".write(toFile: folder + "/softhsm.conf", atomically: true, encoding: .utf8)
        try "1234\n".write(toFile: folder + "/pin", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "/pin")
        setenv("SOFTHSM2_CONF", folder + "/softhsm.conf", 1)
        try run(["softhsm2-util", "--init-token", "--free", "--label", "sluice", "--pin", "1234", "--so-pin", "5678"])
        try imported("sealing", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], id: "01")
        try imported("rsa", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], id: "02")

    }

    private func imported(_ label: String, _ arguments: [String], id: String) throws {
        try run(["openssl", "genpkey", "-out", "\(label).pem"] + arguments)
        try run(["softhsm2-util", "--import", "\(label).pem", "--token", "sluice", "--label", label, "--id", id, "--pin", "1234"])
        try FileManager.default.removeItem(atPath: folder + "/\(label).pem")
    }

    private func run(_ command: [String]) throws {
        let outcome = try TestTool.run(command, in: folder)
        guard outcome.status == 0 else { throw CryptoError(.tokenUnusable, "\(command.joined(separator: " ")): \(outcome.output)") }
    }

    func uri(_ object: String, module: String? = nil, pin: String? = nil) -> String {
        "pkcs11:token=sluice;object=\(object)?module-path=\(module ?? Self.module ?? "")&pin-source=file:\(pin ?? folder + "/pin")"
    }
}
