import Foundation
import SealASiC
import SluiceCrypto
import SluiceKit
import SluiceKitTesting

/// A small world to seal and open in: an authority, a sealing identity, a folder that vanishes.
final class Trial {
    /// 2026-01-15T12:00:00Z; tests never ask the clock.
    static let now = Instant(milliseconds: 1_768_478_400_000)
    static let exchange = Array(#"{"id":"0198","sender":"AM.MOI","receiver":"AM.ARMSTAT"}"#.utf8)
    static let data = Array("REF_AREA,SEX,TIME_PERIOD,OBS_VALUE\nAM,F,2025,412\nAM,M,2025,458\n".utf8)

    let folder: String
    let authority: CertificateAuthority
    let identity: SealingIdentity
    let trust: TrustStore
    let seal = ASiCSeal()

    init() throws {
        folder = NSTemporaryDirectory() + "sluice-seal-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        authority = try CertificateAuthority(name: "Trial authority", validity: .init(now: Self.now, days: 365))
        identity = try Self.identity(of: authority)
        trust = try TrustStore(authorities: [authority.certificate])
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static func identity(
        of authority: CertificateAuthority, validity: CertificateAuthority.Validity = .init(now: now, days: 30), as id: String = "AM.MOI",
        timeStamps: (any TimeStampAuthority)? = nil
    ) throws -> SealingIdentity {
        let key = try PrivateKey.generate()
        let certificate = try authority.issueSealing(ParticipantID(id)!, organisation: "Ministry of Interior", key: key, validity: validity)
        return try SealingIdentity(certificate: certificate, key: key, timeStamps: timeStamps)
    }

    static func contents(_ data: Content = .bytes(Trial.data), more: [PackageFile] = []) -> PackageContents {
        PackageContents(
            files: [
                PackageFile(name: "exchange.json", mediaType: "application/json", source: .bytes(exchange)),
                PackageFile(name: "data.csv", mediaType: "application/vnd.sdmx.data+csv; version=2.0.0", source: data),
            ] + more, mainFileName: "data.csv", sealedAt: now)
    }

    /// A sealed package's bytes.
    func package(_ contents: PackageContents = Trial.contents(), signer: (any EvidenceSigner)? = nil) throws -> [UInt8] {
        let path = folder + "/sealed.asice"
        try seal.seal(contents, with: signer ?? identity, into: path)
        return try read(path)
    }

    /// Opens the bytes into a folder of its own, which is empty again afterwards unless `keep`.
    func open(
        _ package: [UInt8], limits: PackageLimits = PackageLimits(), at time: Instant = Trial.now, trust: (any EvidenceVerifier)? = nil,
        into name: String = "out"
    ) throws -> OpenedPackage {
        let path = try write("opened.asice", package)
        return try seal.open(path, trust: trust ?? self.trust, at: time, limits: limits, extractingInto: "\(folder)/\(name)")
    }

    /// Opens the bytes without touching a file.
    func openInMemory(
        _ package: [UInt8], limits: PackageLimits = PackageLimits(), at time: Instant = Trial.now, trust: (any EvidenceVerifier)? = nil
    ) throws(PackageError) -> OpenedPackage {
        try seal.open(.bytes(package), trust: trust ?? self.trust, at: time, limits: limits, extractingInto: .memory)
    }

    /// Why the bytes are refused when they are opened in memory; nil when they are not.
    func refusalInMemory(_ package: [UInt8], limits: PackageLimits = PackageLimits()) -> PackageError.Code? {
        do throws(PackageError) { _ = try openInMemory(package, limits: limits) } catch { return error.code }
        return nil
    }

    /// Why the bytes are refused; nil when they are not. Nothing may be left behind by a refusal.
    func refusal(_ package: [UInt8], limits: PackageLimits = PackageLimits(), at time: Instant = Trial.now, trust: (any EvidenceVerifier)? = nil) throws
        -> PackageError.Code?
    {
        do {
            _ = try open(package, limits: limits, at: time, trust: trust)
            try FileManager.default.removeItem(atPath: folder + "/out")
            return nil
        } catch let error as PackageError {
            // Signature and structure are refused before anything is written; only what comes later could leave something behind.
            if [.digestMismatch, .corruptData, .extraData].contains(error.code) {
                let left = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("out") }
                return left.isEmpty ? error.code : nil
            }
            return error.code
        }
    }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(folder)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    func read(_ content: Content) throws -> [UInt8] {
        switch content {
        case .bytes(let bytes): bytes
        case .file(let path): try read(path)
        }
    }

    func read(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

    func run(_ command: String...) throws -> TestTool.Outcome { try TestTool.run(command, in: folder) }

    static func has(_ tool: String) -> Bool { TestTool.has(tool) }
}
