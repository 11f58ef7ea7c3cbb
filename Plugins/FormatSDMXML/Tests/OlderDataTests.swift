import SluiceKit
import Testing

@testable import FormatSDMXML

/// Compact and generic data of SDMX-ML 2.0, with what may stand around them.
@Suite
struct OlderDataTests {
    static let rows = [
        "FREQ=A|AREA=AL|TIME_PERIOD=2001|OBS_VALUE=1|SOURCE=S|TITLE=Albania|UNIT=PS|STATUS=A",
        "FREQ=A|AREA=AL|TIME_PERIOD=2002|OBS_VALUE=NaN|SOURCE=S|TITLE=Albania|UNIT=PS",
        "FREQ=A|AREA=AM|SOURCE=S|UNIT=PC",
    ]
    static let compact = """
        <d:DataSet SOURCE="S" action="Append" datasetID="X" reportingBeginDate="2001">
        <d:Sibling AREA="AL" TITLE="Albania"/>
        <d:Series FREQ="A" AREA="AL" UNIT="PS"><d:Obs TIME_PERIOD="2001" OBS_VALUE="1" STATUS="A"/><d:Obs TIME_PERIOD="2002" OBS_VALUE="NaN"/></d:Series>
        <d:Series FREQ="A" AREA="AM" UNIT="PC"/>
        </d:DataSet>
        """
    static func generic(_ keyFamily: String = "<generic:KeyFamilyRef>SAMPLE</generic:KeyFamilyRef>") -> String {
        func values(_ pairs: [(String, String)]) -> String { pairs.map { "<generic:Value concept=\"\($0.0)\" value=\"\($0.1)\"/>" }.joined() }
        return """
            <DataSet dataflowID="FLOW" datasetID="X" action="Append" reportingBeginDate="2001">\(keyFamily)
            <generic:Attributes>\(values([("SOURCE", "S")]))</generic:Attributes>
            <generic:Group type="Sibling"><generic:GroupKey>\(values([("AREA", "AL")]))</generic:GroupKey><generic:Attributes>\(values([("TITLE", "Albania")]))</generic:Attributes>
            <generic:Series><generic:SeriesKey>\(values([("FREQ", "A"), ("AREA", "AL")]))</generic:SeriesKey><generic:Attributes>\(values([("UNIT", "PS")]))</generic:Attributes>
            <generic:Obs><generic:Time> 2001
            </generic:Time><generic:ObsValue value="1"/><generic:Attributes>\(values([("STATUS", "A")]))</generic:Attributes></generic:Obs>
            <generic:Obs><generic:Time>2002</generic:Time><generic:ObsValue value="NaN"/></generic:Obs></generic:Series></generic:Group>
            <generic:Series><generic:SeriesKey>\(values([("FREQ", "A"), ("AREA", "AM")]))</generic:SeriesKey><generic:Attributes>\(values([("UNIT", "PC")]))</generic:Attributes></generic:Series>
            </DataSet>
            """
    }

    @Test(arguments: [1, 5, 64, 65_536])
    func readsCompactAndGenericAlike(_ chunkBytes: Int) throws {
        for (root, dataset) in [("CompactData", Self.compact), ("GenericData", Self.generic())] {
            let read = try dump(Sample.message2_0(root, dataset), Sample.structures, chunkBytes: chunkBytes, capacity: 2)
            #expect(read.rows == Self.rows)
            #expect(read.findings.count == 0)
            #expect(read.datasets.map(\.action) == [.append])
            #expect(read.header.id == "M2")
        }
    }

    /// Of a message group, each dataset says itself what it is.
    @Test func readsMessageGroups() throws {
        let one = try dump(Sample.message2_0("MessageGroup", Self.compact + Self.compact), Sample.structures)
        #expect(one.rows == Self.rows + Self.rows)
        let other = try dump(Sample.message2_0("MessageGroup", Self.generic() + Self.generic()), Sample.structures)
        #expect(other.rows == Self.rows + Self.rows)
        #expect(MessageKind.sniff(Sample.message2_0("MessageGroup", Self.generic()))?.content == .genericData)
        let crossed = Sample.message2_0("MessageGroup", "<x:DataSet xmlns:x=\"http://www.SDMX.org/resources/SDMXML/schemas/v2_0/cross\"/>")
        #expect(throws: ReadError.self) { try dump(crossed, Sample.structures) }
    }

    @Test func unwrapsSOAPEnvelopes() throws {
        let inner = String(decoding: Sample.message2_0("CompactData", Self.compact), as: UTF8.self).split(separator: "\n").dropFirst().joined(separator: "\n")
        let text = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Header/><e:Body><r xmlns=\"urn:r\">\(inner)</r></e:Body></e:Envelope>"
        #expect(try dump(Array(text.utf8), Sample.structures).rows == Self.rows)
        #expect(SDMXMLDataFormat.compact2_0.recognises(Array(text.utf8)))
        let empty = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body/></e:Envelope>"
        #expect(throws: ReadError.self) { try dump(Array(empty.utf8), Sample.structures) }
    }

    /// The key family: in the dataset, in the header, by the namespace of compact data, or only a dataflow.
    @Test func findsTheKeyFamily() throws {
        func reference(_ root: String, _ dataset: String, header: String = "") throws -> ArtefactReference? {
            let findings = FindingTally()
            return try reader(Sample.message2_0(root, dataset, header: header), Sample.structures, findings: findings).nextDataset()?.reference
        }
        #expect(try reference("GenericData", Self.generic()) == ArtefactReference(.dataStructure, agency: "", id: "SAMPLE", version: nil))
        #expect(
            try reference("GenericData", Self.generic(""), header: "<KeyFamilyRef>SAMPLE</KeyFamilyRef><KeyFamilyAgency>TEST</KeyFamilyAgency>")
                == ArtefactReference(.dataStructure, agency: "TEST", id: "SAMPLE", version: nil))
        #expect(try reference("GenericData", Self.generic("")) == ArtefactReference(.dataflow, agency: "", id: "FLOW", version: nil))
        #expect(try reference("CompactData", Self.compact) == Sample.structure.reference)
    }

    @Test func keepsDatesAndProvider() throws {
        let findings = FindingTally()
        let bytes = Sample.message2_0(
            "CompactData", "<d:DataSet dataProviderID=\"P\" dataProviderSchemeAgencyId=\"AG\" validFromDate=\"2001\" publicationYear=\"2002\"/>")
        let description = try #require(try reader(bytes, Sample.structures, findings: findings).nextDataset())
        #expect(description.provider?.id == "P")
        #expect(description.provider?.agency == "AG")
        #expect(description.dates.validFrom == "2001")
        #expect(description.dates.publicationYear == "2002")
        #expect(findings.count == 0)
    }
}
