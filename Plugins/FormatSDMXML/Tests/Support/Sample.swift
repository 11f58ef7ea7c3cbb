import SluiceKit

/// A small structure of our own with an attribute at every level.
enum Sample {
    static let structure: DataStructure = {
        let scheme = ArtefactReference(.conceptScheme, agency: "TEST", id: "CS", version: "1.0")
        func concept(_ id: String) -> ConceptReference { ConceptReference(scheme: scheme, id: id) }
        let list = Representation(enumeration: ArtefactReference(.codelist, agency: "TEST", id: "CL_FREQ", version: "1.0"))
        var structure = DataStructure(identity: ArtefactIdentity(agency: "TEST", id: "SAMPLE", names: LocalisedText("Sample")))
        structure.dimensions = [
            Dimension(id: "FREQ", concept: concept("FREQ"), representation: list), Dimension(id: "AREA", concept: concept("AREA")),
            Dimension(id: "TIME_PERIOD", kind: .time, concept: concept("TIME_PERIOD")),
        ]
        structure.groups = [DimensionGroup(id: "Sibling", dimensions: ["AREA"])]
        structure.measures = [Measure(id: "OBS_VALUE", concept: concept("OBS_VALUE"))]
        structure.attributes = [
            Attribute(id: "SOURCE", concept: concept("SOURCE"), isMandatory: false, relationship: .dataset),
            Attribute(id: "TITLE", concept: concept("TITLE"), isMandatory: false, relationship: .group("Sibling")),
            Attribute(id: "UNIT", concept: concept("UNIT"), isMandatory: true, relationship: .dimensions(["FREQ", "AREA"])),
            Attribute(id: "BREAK", concept: concept("BREAK"), isMandatory: false, relationship: .dimensions(["AREA", "TIME_PERIOD"])),
            Attribute(id: "STATUS", concept: concept("STATUS"), isMandatory: false, relationship: .observation),
            Attribute(id: "COMMENT", concept: concept("COMMENT"), isMandatory: false, relationship: .observation),
        ]
        return structure
    }()

    static let structures: StructureSet = {
        var set = StructureSet()
        set.add(structure)
        return set
    }()

    /// A structure-specific message around the content of a dataset.
    static func message(_ content: String, dimension: String = "TIME_PERIOD", dataset: String = "") -> [UInt8] {
        Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <mes:StructureSpecificData xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common" xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns1="urn:x">
            <mes:Header><mes:ID>M1</mes:ID><mes:Test>true</mes:Test><mes:Prepared>2026-01-02T03:04:05Z</mes:Prepared><mes:Sender id="A"/><mes:Receiver id="B"/><mes:Receiver id="C"/>\
            <com:Name xml:lang="fr">Nom</com:Name><mes:Structure structureID="S1" namespace="urn:x" dimensionAtObservation="\(dimension)"><com:Structure><Ref agencyID="TEST" id="SAMPLE" version="1.0"/></com:Structure></mes:Structure>\
            <mes:DataSetAction>Append</mes:DataSetAction><mes:DataSetID>D1</mes:DataSetID><mes:Extracted>2026-01-02T00:00:00</mes:Extracted><mes:Source>Survey</mes:Source></mes:Header>
            <mes:DataSet ss:structureRef="S1" xsi:type="ns1:DataSetType" ss:dataScope="DataStructure"\(dataset)>
            \(content)
            </mes:DataSet></mes:StructureSpecificData>
            """.utf8)
    }

    /// A bit of everything: groups before series, an escaped text, an empty text, a NaN, a series without observations.
    static let everything = message(
        """
        <Group xsi:type="ns1:Sibling" AREA="AL" TITLE="Albania &amp; &#10;friends"/>
        <Group xsi:type="ns1:Sibling" AREA="AM" TITLE="Armenia"/>
        <Series FREQ="A" AREA="AL" UNIT="PS">
        <Obs TIME_PERIOD="2001" OBS_VALUE="2.680" STATUS="A" COMMENT=""/>
        <Obs TIME_PERIOD="2002" OBS_VALUE="NaN" STATUS="M" BREAK="B"/>
        </Series>
        <Series FREQ="A" AREA="AM" UNIT="PS"><Obs TIME_PERIOD="2001" COMMENT="a&#9;tab &lt;x&gt; &quot;q&quot; Հայաստան"/></Series>
        <Series FREQ="M" AREA="AM" UNIT="PC"/>
        """, dataset: " SOURCE=\"Registers\"")
}
