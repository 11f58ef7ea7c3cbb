import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting

/// A small world to try certificates in: an authority, a folder that vanishes, and the stock command.
final class Trial {
    /// 2026-01-15T12:00:00Z; tests never ask the clock.
    static let now = Instant(milliseconds: 1_768_478_400_000)
    static let content = Array("<manifest/>".utf8)

    let folder: String
    let authority: CertificateAuthority

    init() throws {
        folder = NSTemporaryDirectory() + "sluice-crypto-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        authority = try CertificateAuthority(name: "Trial authority", validity: .init(now: Self.now, days: 365))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func identity(_ id: String = "AM.MOI", validity: CertificateAuthority.Validity = .init(now: Trial.now, days: 30)) throws -> SealingIdentity {
        let key = try PrivateKey.generate()
        let certificate = try authority.issueSealing(ParticipantID(id)!, organisation: "Ministry of Interior", key: key, validity: validity)
        return try SealingIdentity(certificate: certificate, key: key)
    }

    func trust(revocationLists: [[UInt8]] = []) throws -> TrustStore {
        try TrustStore(authorities: [authority.certificate], revocationListsPEM: revocationLists)
    }

    /// Writes a file into the folder and answers with its path.
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(folder)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
    }

    static let hasOpenSSL = TestTool.has("openssl")

    func openssl(_ arguments: String...) throws -> TestTool.Outcome { try TestTool.run(["openssl"] + arguments, in: folder) }
}

extension Instant {
    func later(_ seconds: Int64) -> Instant { advanced(byMilliseconds: seconds * 1000) }
}
