import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import SluiceZip

@testable import SealJWS

/// A small world to seal and open in: an authority, a sealing identity, a folder that vanishes.
final class Trial {
    /// 2026-01-15T12:00:00Z; tests never ask the clock, unless stock tools do.
    static let now = Instant(milliseconds: 1_768_478_400_000)
    static let exchange = Array(#"{"id":"0190a"}"#.utf8)
    static let data = Array("REF_AREA,OBS_VALUE\nAM,2.680\n".utf8)

    let folder: String
    let authority: CertificateAuthority
    let key: PrivateKey
    let identity: SealingIdentity
    let trust: TrustStore
    let seal = JWSSeal()

    init(now: Instant = Trial.now) throws {
        folder = NSTemporaryDirectory() + "sluice-jws-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        authority = try CertificateAuthority(name: "Trial authority", validity: .init(now: now, days: 365))
        key = try PrivateKey.generate()
        let certificate = try authority.issueSealing(
            ParticipantID("AM.MOI")!, organisation: "Ministry of Interior", key: key, validity: .init(now: now, days: 30))
        identity = try SealingIdentity(certificate: certificate, key: key)
        trust = try TrustStore(authorities: [authority.certificate])
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static func contents(_ data: Content = .bytes(Trial.data), sealedAt: Instant = Trial.now, more: [PackageFile] = []) -> PackageContents {
        PackageContents(
            files: [
                PackageFile(name: "exchange.json", mediaType: "application/json", source: .bytes(exchange)),
                PackageFile(name: "data.csv", mediaType: "application/vnd.sdmx.data+csv; version=2.0.0", source: data),
            ] + more, mainFileName: "data.csv", sealedAt: sealedAt)
    }

    func package(_ contents: PackageContents = Trial.contents()) throws -> [UInt8] {
        try bytes(seal.seal(contents, with: identity, into: .memory).content)
    }

    func bytes(_ content: Content) throws -> [UInt8] {
        switch content {
        case .bytes(let bytes): bytes
        case .file(let path): [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        }
    }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(folder)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    func open(
        _ package: [UInt8], limits: PackageLimits = PackageLimits(), at time: Instant = Trial.now, trust: (any EvidenceVerifier)? = nil
    ) throws(PackageError) -> OpenedPackage {
        try seal.open(.bytes(package), trust: trust ?? self.trust, at: time, limits: limits, extractingInto: .memory)
    }

    func refusal(
        _ package: [UInt8], limits: PackageLimits = PackageLimits(), at time: Instant = Trial.now, trust: (any EvidenceVerifier)? = nil
    ) -> PackageError.Code? {
        do throws(PackageError) { _ = try open(package, limits: limits, at: time, trust: trust) } catch { return error.code }
        return nil
    }

    // MARK: Packages made by hand

    /// An archive with these files, all stored.
    static func archive(_ files: [(name: String, data: [UInt8])]) throws -> [UInt8] {
        var writer = ZipWriter(ArchiveOutput(memoryBytesMax: 1 << 20), time: DOSTime(now), compressionLevel: 1, compressionRatioMax: 300)
        for file in files { _ = try writer.addStored(file.name, file.data) }
        _ = try writer.finish()
        return writer.takeMemory()
    }

    static func manifest(_ files: [(name: String, data: [UInt8])]) throws -> [UInt8] {
        try JWSManifest(
            files: files.map { ManifestReference(name: $0.name, mediaType: "text/plain", bytes: Int64($0.data.count), sha256: SHA256.hash($0.data)) },
            mainFileName: "exchange.json"
        ).canonicalBytes()
    }

    static let payload: [(name: String, data: [UInt8])] = [("exchange.json", exchange), ("data.csv", data)]

    /// A container whose manifest and signature are given.
    static func container(_ files: [(name: String, data: [UInt8])] = payload, manifest: [UInt8], signature: [UInt8]) throws -> [UInt8] {
        try archive(
            [("mimetype", Array(JWSContainer.mediaType.utf8))] + files
                + [(JWSContainer.manifestName, manifest), (JWSContainer.signatureName, signature)])
    }

    /// The header that the seal would write, with members exchanged, removed (nil) and added; the text is signed as it is.
    func header(_ changes: KeyValuePairs<String, JSONValue?> = [:], chain: [[UInt8]]? = nil) -> JSONValue {
        let chain = chain ?? identity.certificateChainDER
        var members = JAdESHeader(signingTime: Trial.now, chain: chain, certificateSHA256: SHA256.hash(chain.first ?? [])).json.members ?? []
        for (name, value) in changes {
            members.removeAll { $0.name == name }
            if let value { members.append(JSONMember(name, value)) }
        }
        return .object(members)
    }

    /// A signature over the manifest with this header's text, by our key: everything but the header is right.
    func sign(header text: [UInt8], _ manifest: [UInt8], key: PrivateKey? = nil) throws -> [UInt8] {
        let headerText = JOSEBase64URL.encode(text)
        return headerText + Array("..".utf8) + JOSEBase64URL.encode(try (key ?? self.key).es256(over: headerText + Array(".".utf8) + manifest))
    }

    func container(header: JSONValue, key: PrivateKey? = nil) throws -> [UInt8] {
        let manifest = try Self.manifest(Self.payload)
        return try Self.container(manifest: manifest, signature: sign(header: header.canonicalBytes(), manifest, key: key))
    }

    func container(headerText: String) throws -> [UInt8] {
        let manifest = try Self.manifest(Self.payload)
        return try Self.container(manifest: manifest, signature: sign(header: Array(headerText.utf8), manifest))
    }

    func container(_ files: [(name: String, data: [UInt8])] = payload, manifest: [UInt8]) throws -> [UInt8] {
        try Self.container(files, manifest: manifest, signature: sign(header: header().canonicalBytes(), manifest))
    }

    // MARK: Tools

    static func has(_ tool: String) -> Bool { TestTool.has(tool) }

    func run(_ command: [String]) throws -> TestTool.Outcome { try TestTool.run(command, in: folder) }
}
