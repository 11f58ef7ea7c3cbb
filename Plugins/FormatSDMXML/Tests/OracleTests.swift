import Foundation
import SluiceKit
import Testing

@testable import FormatSDMXML

/// What others make of the messages we write: the official schemas, sdmx1 and pysdmx.
@Suite
struct OracleTests {
    private static func structureMessage(_ set: StructureSet) throws -> [UInt8] {
        let sink = MemoryByteSink()
        try SDMXMLStructureFormat(version: .v2_1).writeStructures(
            set, header: MessageHeader(id: "ORACLE", prepared: "2026-01-01T00:00:00Z", senders: ["TEST"]), to: sink)
        return sink.bytes
    }

    private static func messages() throws -> [(name: String, bytes: [UInt8], structures: StructureSet)] {
        var messages = [("sample", Sample.everything, Sample.structures)]
        if Corpus.isPresent {
            for path in ["generated/clean_1k/ss21.xml", "sdmx/Tajstat_sdg-data-tajikistan2/data_ss21_a__Tajstat_ss_21_DATA.xml"] {
                messages.append((path, try Corpus.bytes(path), Corpus.sdg))
            }
            let structures = try readStructures(try Corpus.bytes("sdmx/khaeru_sdmx-test-data/ECB_EXR/rg-structure-full.xml"))
            messages.append(("groups", try Corpus.bytes("sdmx/khaeru_sdmx-test-data/ECB_EXR/rg-ts-gf-ss.xml"), structures))
        }
        return messages
    }

    @Test(.enabled(if: Tools.xmllint != nil))
    func genericMessagesAreValid() throws {
        for message in try Self.messages() {
            for (format, isFlat) in [(SDMXMLDataFormat.generic, false), (.generic, true), (.genericTimeSeries, false)] {
                let written = try convert(message.bytes, message.structures, to: format, isFlat: isFlat)
                #expect(try Tools.schemaErrors(written) == nil, "\(message.name)")
            }
        }
    }

    static let specific = SDMXMLDataFormat.written.filter { $0.content == .structureSpecificData }

    /// What a structure-specific dataset holds is described by a schema per structure; the envelope by the official one.
    @Test(.enabled(if: Tools.xmllint != nil), arguments: specific.map(\.id))
    func structureSpecificEnvelopesAreValid(_ id: String) throws {
        let format = try #require(Self.specific.first { $0.id == id })
        for message in try Self.messages() {
            let written = String(decoding: try convert(message.bytes, message.structures, to: format), as: UTF8.self)
            let start = try #require(written.range(of: "<mes:DataSet "))
            let end = try #require(written.range(of: "</mes:DataSet>", options: .backwards))
            let envelope = written[..<start.lowerBound] + written[end.upperBound...]
            #expect(try Tools.schemaErrors(Array(envelope.utf8), version: format.version) == nil, "\(message.name)")
        }
    }

    /// The whole message, datasets, groups and partial keys included, by a schema of its structure.
    @Test(.enabled(if: Tools.xmllint != nil), arguments: specific.map(\.id))
    func structureSpecificDatasetsAreValid(_ id: String) throws {
        let format = try #require(Self.specific.first { $0.id == id })
        let alone = Sample.message("<Group xsi:type=\"ns1:Sibling\" AREA=\"AL\" TITLE=\"T\"/>", dataset: " SOURCE=\"S\" ss:setID=\"X\"")
        for bytes in [Sample.everything, alone] {
            let written = try convert(bytes, Sample.structures, to: format)
            #expect(try Tools.schemaErrors(written, version: format.version, own: Sample.schema(format)) == nil)
            // The schema is one that can refuse.
            let broken = Array(String(decoding: written, as: UTF8.self).replacing("AREA=", with: "AERA=").utf8)
            #expect(try Tools.schemaErrors(broken, version: format.version, own: Sample.schema(format)) != nil)
        }
        if format.version >= .v3_0 {
            let partial = try convert(Sample.message3("<Atts FREQ=\"A\" UNIT=\"X\"/>"), Sample.structures, to: format)
            #expect(try Tools.schemaErrors(partial, version: format.version, own: Sample.schema(format)) == nil)
        }
    }

    @Test(.enabled(if: Tools.xmllint != nil), arguments: Corpus.structureEntries)
    func structureMessagesAreValid(_ entry: Corpus.Entry) throws {
        let set = try readStructures(try Corpus.bytes("sdmx/" + entry.path))
        #expect(try Tools.schemaErrors(try Self.structureMessage(set)) == nil)
    }

    /// Each observation as `id=value` sorted by id, what is empty left out: the form in which the scripts below print theirs.
    private func observations(_ bytes: [UInt8], _ structures: StructureSet, without dropped: Set<String> = []) throws -> [String] {
        let read = try dump(bytes, structures)
        return read.datasets.flatMap(\.rows).map { row in
            // Values of the messages used here hold no separator.
            row.split(separator: "|").map(String.init).filter { cell in
                let parts = cell.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return parts.count == 2 && !parts[1].isEmpty && parts[1] != "NaN" && !dropped.contains(String(parts[0]))
            }.map { $0.split(separator: "\n").joined(separator: " ") }.sorted().joined(separator: "|")
        }.sorted()
    }

    private static let sdmx1Script = """
        import sys, sdmx
        dsd = list(sdmx.read_sdmx(sys.argv[2]).structure.values())[0]
        message = sdmx.read_sdmx(sys.argv[1], structure=dsd)
        for dataset in message.data:
            for obs in dataset.obs:
                cells = {k: v.value for k, v in obs.key.values.items()}
                cells.update({k: v.value for k, v in obs.attrib.items()})
                if obs.value is not None: cells[dsd.measures[0].id] = obs.value
                print('|'.join(sorted(k + '=' + ' '.join(str(v).split(chr(10))) for k, v in cells.items() if str(v) not in ('', 'NaN', 'nan'))))
        """

    private static let pysdmxScript = """
        import sys
        from pysdmx.io import read_sdmx
        for dataset in read_sdmx(sys.argv[1], validate=False).data:
            for row in dataset.data.to_dict('records'):
                print('|'.join(sorted(k + '=' + ' '.join(str(v).split(chr(10))) for k, v in row.items() if v is not None and v == v and str(v) not in ('', 'NaN', 'nan'))))
        """

    @Test(.enabled(if: Tools.sdmx1 != nil && Corpus.isPresent))
    func sdmx1ReadsWhatWeWrote() throws {
        let python = try #require(Tools.sdmx1)
        for message in try Self.messages() where message.name != "sample" {
            let structure = try Self.structureMessage(message.structures)
            // sdmx1 does not read 3.1.
            for format in SDMXMLDataFormat.written where format.version < .v3_1 {
                for isFlat in format.isTimeSeries ? [false] : [false, true] {
                    let written = try convert(message.bytes, message.structures, to: format, isFlat: isFlat)
                    let output = try Tools.withFile(written, "data.xml") { data in
                        try Tools.withFile(structure, "structure.xml") { try Tools.run(python, ["-c", Self.sdmx1Script, data, $0]) }
                    }
                    #expect(output.status == 0, "\(output.output.suffix(1_000))")
                    let theirs = output.output.split(separator: "\n").map(String.init).sorted()
                    #expect(theirs == (try observations(message.bytes, message.structures)), "\(message.name) \(format.id) flat \(isFlat)")
                }
            }
        }
    }

    @Test(.enabled(if: Tools.pysdmx != nil && Corpus.isPresent))
    func pysdmxReadsWhatWeWrote() throws {
        let python = try #require(Tools.pysdmx)
        for message in try Self.messages() where message.name != "sample" {
            for format in SDMXMLDataFormat.written {
                for isFlat in format.isTimeSeries ? [false] : [false, true] {
                    let written = try convert(message.bytes, message.structures, to: format, isFlat: isFlat)
                    let output = try Tools.withFile(written, "data.xml") { try Tools.run(python, ["-W", "ignore", "-c", Self.pysdmxScript, $0]) }
                    #expect(output.status == 0, "\(output.output.suffix(1_000))")
                    let theirs = output.output.split(separator: "\n").map(String.init).sorted()
                    #expect(theirs == (try observations(message.bytes, message.structures)), "\(message.name) \(format.id) flat \(isFlat)")
                }
            }
        }
    }

    private static let structureScripts = [
        "sdmx1":
            "import sys, sdmx; m = sdmx.read_sdmx(sys.argv[1]); d = m.structure['SDG']; print(len(m.codelist), len(d.dimensions), len(d.attributes), sum(len(c) for c in m.codelist.values()))",
        "pysdmx": """
        import sys
        from pysdmx.io import read_sdmx
        m = read_sdmx(sys.argv[1], validate=False)
        d = m.get_data_structure_definitions()[0]
        print(len(m.get_codelists()), len(d.components.dimensions), len(d.components.attributes), sum(len(c) for c in m.get_codelists()))
        """,
    ]

    @Test(.enabled(if: Tools.sdmx1 != nil && Tools.pysdmx != nil && Corpus.isPresent), arguments: ["sdmx1", "pysdmx"])
    func othersReadTheStructuresWeWrote(_ tool: String) throws {
        let python = try #require(Tools.sdmx1)
        let script = try #require(Self.structureScripts[tool])
        func counts(_ bytes: [UInt8]) throws -> String? {
            let output = try Tools.withFile(bytes, "structure.xml") { try Tools.run(python, ["-W", "ignore", "-c", script, $0]) }
            #expect(output.status == 0, "\(output.output.suffix(1_000))")
            return output.output.split(separator: "\n").last.map(String.init)
        }
        // The number of code lists, dimensions, attributes and codes that the tool sees in the original and in ours.
        let original = try #require(try counts(try Corpus.bytes(Corpus.sdg14)))
        #expect(original.split(separator: " ").count == 4)
        #expect(try counts(try Self.structureMessage(Corpus.sdg)) == original)
    }
}
