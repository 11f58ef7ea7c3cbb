import SluiceKit

@testable import FormatSDMXML

extension Sample {
    static let namespaces2_0 =
        #"xmlns="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message" xmlns:generic="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/generic" xmlns:d="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=TEST:SAMPLE(1.0):compact""#

    /// A message of SDMX-ML 2.0 around its datasets.
    static func message2_0(_ root: String, _ datasets: String, header: String = "") -> [UInt8] {
        Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <\(root) \(namespaces2_0)>
            <Header><ID>M2</ID><Test>false</Test><Truncated>false</Truncated><Name>N</Name><Prepared>2010-01-01</Prepared><Sender id="A"/>\(header)</Header>
            \(datasets)
            </\(root)>
            """.utf8)
    }

    /// A message of SDMX-ML 3.x around the content of a dataset.
    static func message3(_ content: String, version: String = "3_0", dimension: String = "TIME_PERIOD", dataset: String = "") -> [UInt8] {
        let schemas = "http://www.sdmx.org/resources/sdmxml/schemas/v\(version)/"
        return Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <mes:StructureSpecificData xmlns:mes="\(schemas)message" xmlns:com="\(schemas)common" xmlns:ss="\(schemas)data/structurespecific" xmlns:md="\(schemas)metadata/generic" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns1="urn:x">
            <mes:Header><mes:ID>M3</mes:ID><mes:Test>false</mes:Test><mes:Prepared>2026-01-02T03:04:05Z</mes:Prepared><mes:Sender id="A"/>\
            <mes:Structure structureID="S1" namespace="urn:x" dimensionAtObservation="\(dimension)"><com:Structure>urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=TEST:SAMPLE(1.0)</com:Structure></mes:Structure></mes:Header>
            <mes:DataSet ss:structureRef="S1" xsi:type="ns1:DataSetType"\(dataset)>
            \(content)
            </mes:DataSet></mes:StructureSpecificData>
            """.utf8)
    }

    /// The sample with an array, a text in several languages, XHTML and metadata attributes besides.
    static let complexStructures: StructureSet = {
        var structure = Sample.structure
        func attribute(_ id: String, _ relationship: AttributeRelationship, _ type: TextType? = nil, isMultiLingual: Bool = false) -> Attribute {
            var format = TextFormat(type: type)
            format.isMultiLingual = isMultiLingual
            var representation = Representation(textFormat: format)
            representation.occursMax = .max
            return Attribute(id: id, representation: representation, isMandatory: false, relationship: relationship)
        }
        structure.measures.append(Measure(id: "SECOND"))
        structure.attributes += [
            attribute("SOURCES", .dataset), attribute("NOTE", .dimensions(["FREQ", "AREA"]), isMultiLingual: true), attribute("FLAGS", .observation),
            attribute("PAGE", .observation, .xhtml),
        ]
        for id in ["META", "META.DEEP", "META_SERIES"] {
            var metadata = attribute(id, id == "META_SERIES" ? .dimensions(["FREQ", "AREA"]) : .dataset)
            metadata.isMetadata = true
            structure.attributes.append(metadata)
        }
        var set = StructureSet()
        set.add(structure)
        return set
    }()
}

/// A row's text with the marks inside a cell made visible.
func visible(_ row: String) -> String { row.replacing("\u{1F}", with: "⏐").replacing("\u{1E}", with: "»") }

extension SDMXMLDataFormat {
    /// The formats that are written.
    static let written = all.filter { $0.version >= .v2_1 }
}
