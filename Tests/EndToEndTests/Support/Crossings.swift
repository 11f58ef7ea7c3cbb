import Foundation
import SluiceKitTesting

/// A register of border crossings: its structure and the table's, a mapping, an agreement and records with a marker in each.
struct Crossings {
    /// Every record carries it, in the name of a person: it must never leave.
    static let marker = "ZQMARKER"
    static let months = 3

    let folder: TemporaryFolder
    var structure: String { folder.file("structure.xml") }
    var mapping: String { folder.file("mapping.yaml") }
    var agreement: String { folder.file("agreement.yaml") }
    var records: String { folder.file("records.csv") }

    /// - Parameter isAnnotated: whether the structure of the records says of itself that they are records.
    init(records count: Int, isAnnotated: Bool = false) throws {
        folder = try TemporaryFolder("sluice-crossings")
        try Self.structureMessage(isAnnotated).write(toFile: structure, atomically: true, encoding: .utf8)
        try Self.mappingText.write(toFile: mapping, atomically: true, encoding: .utf8)
        try Self.agreementText.write(toFile: agreement, atomically: true, encoding: .utf8)
        var random = SeededGenerator.announced(for: "Crossings")
        var lines = ["Id,Direction,Sex,Age,Citizenship,Crossed,Person"]
        for number in 0..<count {
            let person = Int.random(in: 0..<max(1, count / 3), using: &random)
            // Who a person is does not change from crossing to crossing.
            let citizenship = ["RU", "RU", "RU", "RU", "KZ", "FR", "FR", "DE"][person * 7919 % 8]
            let month = Int.random(in: 1...Self.months, using: &random)
            lines.append(
                "C\(number),\(random.chance(percent: 50) ? "in" : "out"),\(person % 3 == 0 ? "female" : "male"),\(person * 31 % 90),\(citizenship),2026-0\(month)-1\(person % 10),P\(person)-\(Self.marker)"
            )
        }
        try (lines.joined(separator: "\n") + "\n").write(toFile: records, atomically: true, encoding: .utf8)
    }

    static let flow = "AM.MOI:DF_CROSSINGS(1.0)"

    private static let mappingText = """
        mapping: 1
        structure: AM.MOI:DS_CROSSING(1.0)
        action: replace
        columns:
          Id: CROSSING_ID
          Direction: {into: DIRECTION, labels: {in: IN, out: OUT}}
          Sex: {into: SEX, labels: {male: M, female: F}}
          Age: AGE_YEARS
          Citizenship: CITIZENSHIP
          Crossed: CROSSED_AT
          Person: PERSON
        """

    static let recordsTerm = """
        records:
          structure: AM.MOI:DS_CROSSING(1.0)
          tabulate:
            measure: count
            contributor: PERSON
            dimensions:
              DIRECTION: {from: DIRECTION, total: _T}
              SEX: {from: SEX, total: _T}
              AGE: {from: AGE_YEARS, classes: {Y_LT18: ..17, Y18T64: 18..64, Y_GE65: 65..}, total: _T}
              CITIZENSHIP: {from: CITIZENSHIP, rollUp: true}
              TIME_PERIOD: {from: CROSSED_AT, period: month}
            attributes: {OBS_STATUS: A}

        """

    static let agreementText = """
        agreement: CROSSINGS
        version: "1.0"
        title: Border crossings, monthly, tabulated from the register
        giver: AM.MOI
        receiver: AM.ARMSTAT
        dataflow: \(flow)
        purpose: [official-statistics]
        legalBasis: Law on Official Statistics
        validity: {from: 2020-01-01, until: 2099-12-31}
        grant:
          dimensions:
            DIRECTION: all
            SEX: all
            AGE: all
            CITIZENSHIP: {codes: all, deepestLevel: 2}
            TIME_PERIOD: all
        \(recordsTerm)
        protect: {method: suppression, minimumCell: 5}
        obligations: {retention: P5Y, onwardTransfer: none}
        """

    // MARK: Structures

    private static func structureMessage(_ isAnnotated: Bool) -> String {
        let lists = [
            list("DIRECTION", [("_T", ""), ("IN", "_T"), ("OUT", "_T")]), list("SEX", [("_T", ""), ("M", "_T"), ("F", "_T")]),
            list("AGE", [("_T", ""), ("Y_LT18", "_T"), ("Y18T64", "_T"), ("Y_GE65", "_T")]),
            list("CITIZENSHIP", [("_T", ""), ("CIS", "_T"), ("EU", "_T"), ("RU", "CIS"), ("KZ", "CIS"), ("FR", "EU"), ("DE", "EU")]),
            list("OBS_STATUS", ["A", "Q"].map { ($0, "") }), list("CONF_STATUS", ["F", "C"].map { ($0, "") }),
        ]
        let coded = ["DIRECTION", "SEX", "AGE", "CITIZENSHIP"]
        let note = "<com:Annotations><com:Annotation><com:AnnotationType>RECORD_LEVEL</com:AnnotationType></com:Annotation></com:Annotations>"
        let records = structure(
            "DS_CROSSING", isAnnotated ? note : "", dimensions: ["CROSSING_ID"], hasTime: false,
            attributes: ["DIRECTION", "SEX", "AGE_YEARS", "CITIZENSHIP", "CROSSED_AT", "PERSON"].map { ($0, true) })
        let cells = structure("CROSSINGS", "", dimensions: coded, hasTime: true, attributes: [("OBS_STATUS", true), ("CONF_STATUS", false)])
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <mes:Structure xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure" xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">
            <mes:Header><mes:ID>CROSSINGS</mes:ID><mes:Test>true</mes:Test><mes:Prepared>2026-01-05T00:00:00Z</mes:Prepared><mes:Sender id="AM_MOI"/></mes:Header>
            <mes:Structures><str:Dataflows><str:Dataflow agencyID="AM.MOI" id="DF_CROSSINGS" version="1.0"><com:Name>Border crossings</com:Name><str:Structure><Ref agencyID="AM.MOI" id="CROSSINGS" version="1.0"/></str:Structure></str:Dataflow></str:Dataflows>
            <str:Codelists>\(lists.joined())</str:Codelists><str:DataStructures>\(records)\(cells)</str:DataStructures></mes:Structures></mes:Structure>
            """
    }

    private static func list(_ id: String, _ codes: [(String, String)]) -> String {
        let items = codes.map { code, parent in
            "<str:Code id=\"\(code)\"><com:Name>\(code)</com:Name>\(parent.isEmpty ? "" : "<str:Parent><Ref id=\"\(parent)\"/></str:Parent>")</str:Code>"
        }
        return "<str:Codelist agencyID=\"AM.MOI\" id=\"CL_\(id)\" version=\"1.0\"><com:Name>\(id)</com:Name>\(items.joined())</str:Codelist>"
    }

    private static func structure(_ id: String, _ note: String, dimensions: [String], hasTime: Bool, attributes: [(id: String, isMandatory: Bool)]) -> String {
        let list = dimensions.enumerated().map { "<str:Dimension id=\"\($1)\" position=\"\($0 + 1)\">\(representation($1))</str:Dimension>" }.joined()
        let time =
            hasTime ? "<str:TimeDimension id=\"TIME_PERIOD\" position=\"\(dimensions.count + 1)\">\(representation("TIME_PERIOD"))</str:TimeDimension>" : ""
        let ofObservations = attributes.map {
            "<str:Attribute id=\"\($0.id)\" assignmentStatus=\"\($0.isMandatory ? "Mandatory" : "Conditional")\">\(representation($0.id))<str:AttributeRelationship><str:PrimaryMeasure><Ref id=\"OBS_VALUE\"/></str:PrimaryMeasure></str:AttributeRelationship></str:Attribute>"
        }
        return
            "<str:DataStructure agencyID=\"AM.MOI\" id=\"\(id)\" version=\"1.0\">\(note)<com:Name>\(id)</com:Name><str:DataStructureComponents><str:DimensionList>\(list)\(time)</str:DimensionList><str:AttributeList>\(ofObservations.joined())</str:AttributeList><str:MeasureList><str:PrimaryMeasure id=\"OBS_VALUE\">\(representation("OBS_VALUE"))</str:PrimaryMeasure></str:MeasureList></str:DataStructureComponents></str:DataStructure>"
    }

    private static func representation(_ id: String) -> String {
        let texts = [
            "CROSSING_ID": "String", "PERSON": "String", "AGE_YEARS": "Integer", "CROSSED_AT": "GregorianDay", "OBS_VALUE": "Integer",
            "TIME_PERIOD": "ObservationalTimePeriod",
        ]
        let concept = "<str:ConceptIdentity><Ref agencyID=\"AM.MOI\" maintainableParentID=\"CS\" id=\"\(id)\"/></str:ConceptIdentity>"
        if let type = texts[id] { return concept + "<str:LocalRepresentation><str:TextFormat textType=\"\(type)\"/></str:LocalRepresentation>" }
        return concept
            + "<str:LocalRepresentation><str:Enumeration><Ref agencyID=\"AM.MOI\" id=\"CL_\(id)\" version=\"1.0\"/></str:Enumeration></str:LocalRepresentation>"
    }
}
