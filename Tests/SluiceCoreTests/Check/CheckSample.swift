import SluiceKit

@testable import SluiceCore

/// A small data structure with a component of every kind, and batches made of plain texts.
enum CheckSample {
    static func codelist(_ id: String, _ codes: [(String, String, String?)], isPartial: Bool = false) -> Codelist {
        Codelist(
            identity: ArtefactIdentity(agency: "TEST", id: id),
            codes: codes.map { Code(id: $0.0, parent: $0.2, names: LocalisedText($0.1)) }, isPartial: isPartial)
    }

    static func representation(_ list: String) -> Representation {
        Representation(enumeration: ArtefactReference(.codelist, agency: "TEST", id: list, version: "1.0"))
    }

    static func structures(measure: TextFormat? = nil, partialAreas: Bool = false, adding more: [Attribute] = [], areasUntil: String? = nil) -> StructureSet {
        var set = StructureSet()
        set.add(codelist("CL_FREQ", [("A", "Annual", nil), ("Q", "Quarterly", nil), ("M", "Monthly", nil)]))
        var areas = codelist(
            "CL_AREA",
            [
                ("1", "World", nil), ("145", "Western Asia", "1"), ("51", "Armenia", "145"), ("31", "Azerbaijan", "145"), ("AM", "Hayastan", nil),
                ("8", "Albania", "150"), ("150", "Europe", "1"),
            ],
            isPartial: partialAreas)
        areas.identity.validTo = areasUntil
        set.add(areas)
        set.add(codelist("CL_SEX", [("_T", "Both sexes", nil), ("F", "Female", nil), ("M", "Male", nil)]))
        set.add(codelist("CL_AGE", [("_T", "All ages", nil), ("Y0T14", "Under 15", nil), ("Y15T64", "15 to 64", nil), ("Y_GE65", "65 and over", nil)]))
        set.add(codelist("CL_UNIT", [("NUMBER", "Number", nil), ("PT", "Percent", nil)]))
        set.add(
            codelist(
                "CL_STATUS",
                more.isEmpty
                    ? [("A", "Normal", nil), ("M", "Missing", nil)]
                    : [
                        ("A", "Normal value", nil), ("M", "Missing value; data cannot exist", nil), ("Q", "Missing value; suppressed", nil),
                        ("O", "Own meaning", nil), ("J", "Derogation", nil), ("B", "Time series break", nil), ("K", "Included in another category", nil),
                    ]))
        set.add(codelist("CL_CONF", [("F", "Free", nil), ("C", "Confidential", nil), ("E", "Embargoed", nil)]))
        let series = ["FREQ", "REF_AREA", "SEX", "AGE"]
        let representations = ["FREQ": "CL_FREQ", "REF_AREA": "CL_AREA", "SEX": "CL_SEX", "AGE": "CL_AGE"]
        func attribute(_ id: String, _ representation: Representation?, mandatory: Bool, _ relationship: AttributeRelationship) -> Attribute {
            Attribute(id: id, representation: representation, isMandatory: mandatory, relationship: relationship)
        }
        func typed(_ type: TextType, _ change: (inout TextFormat) -> Void = { _ in }) -> Representation {
            var format = TextFormat(type: type)
            change(&format)
            return Representation(textFormat: format)
        }
        set.add(
            DataStructure(
                identity: ArtefactIdentity(agency: "TEST", id: "DSD"),
                dimensions: series.map { Dimension(id: $0, representation: representation(representations[$0] ?? "")) } + [
                    Dimension(id: "TIME_PERIOD", kind: .time)
                ],
                groups: [DimensionGroup(id: "Area", dimensions: ["REF_AREA"])],
                measures: [Measure(id: "OBS_VALUE", representation: measure.map { Representation(textFormat: $0) })],
                attributes: [
                    attribute("UNIT_MEASURE", representation("CL_UNIT"), mandatory: true, .dimensions(series)),
                    attribute("COMMENT_TS", nil, mandatory: false, .dimensions(series)),
                    attribute("AREA_NOTE", typed(.alphaNumeric), mandatory: true, .group("Area")),
                    attribute("TITLE", typed(.string) { $0.maxLength = 5 }, mandatory: true, .dataset),
                    attribute("OBS_STATUS", representation("CL_STATUS"), mandatory: true, .observation),
                    attribute("UPPER_BOUND", typed(.double), mandatory: false, .observation),
                    attribute("BASE_PER", typed(.gregorianYear), mandatory: false, .observation),
                ] + more))
        return set
    }

    /// An attribute of the observation, coded where `list` is named.
    static func attribute(_ id: String, list: String? = nil, type: TextType? = nil, occursMax: Int? = nil) -> Attribute {
        var representation = list.map { self.representation($0) } ?? type.map { Representation(textFormat: TextFormat(type: $0)) }
        representation?.occursMax = occursMax
        return Attribute(id: id, representation: representation, isMandatory: false, relationship: .observation)
    }

    static func schema(
        measure: TextFormat? = nil, constraints: [DataConstraint] = [], partialAreas: Bool = false, adding more: [Attribute] = [], areasUntil: String? = nil
    ) -> DatasetSchema {
        var set = structures(measure: measure, partialAreas: partialAreas, adding: more, areasUntil: areasUntil)
        for var constraint in constraints {
            constraint.attachments = [ArtefactReference(.dataStructure, agency: "TEST", id: "DSD", version: "1.0")]
            set.add(constraint)
        }
        return DatasetSchema(set.dataStructures[0], in: set)
    }

    /// A clean observation; `changes` sets cells, nil makes them absent.
    static func row(_ changes: [String: String?] = [:]) -> [String: String] {
        var row = [
            "FREQ": "A", "REF_AREA": "51", "SEX": "_T", "AGE": "_T", "TIME_PERIOD": "2020", "OBS_VALUE": "12.5", "UNIT_MEASURE": "PT", "AREA_NOTE": "note",
            "TITLE": "title", "OBS_STATUS": "A",
        ]
        for (id, value) in changes { row[id] = value }
        return row
    }

    /// Checks the rows, `capacity` at a time; the line of a row is its ordinal plus ten.
    static func check(
        _ rows: [[String: String]], schema: DatasetSchema = CheckSample.schema(), capacity: Int = 3, limits: CheckLimits = CheckLimits(),
        action: DatasetAction = .information, standard: SDMXStandard = .unknown
    ) throws -> [Finding] {
        let collector = Collector()
        let check = Check(schema: schema, action: action, standard: standard, findings: collector, limits: limits, temporaryDirectory: "/tmp")
        try fill(rows, schema: schema, capacity: capacity, into: check, dataset: 1)
        try check.finish()
        return collector.findings
    }

    /// Checks datasets of one message, each with its action.
    static func checkMessage(
        _ datasets: [(action: DatasetAction, rows: [[String: String]])], schema: DatasetSchema = CheckSample.schema(), standard: SDMXStandard = .unknown,
        limits: CheckLimits = CheckLimits(), header: MessageHeader? = nil, expectedSenders: [String] = []
    ) throws -> [Finding] {
        let collector = Collector()
        let message = MessageCheck(findings: collector, standard: standard, expectedSenders: expectedSenders, limits: limits, temporaryDirectory: "/tmp")
        for (ordinal, dataset) in datasets.enumerated() {
            let check = message.check(for: DatasetDescription(schema: schema, reference: schema.structure.reference, action: dataset.action))
            try fill(dataset.rows, schema: schema, capacity: 3, into: check, dataset: ordinal + 1, internsCleanValues: ordinal % 2 == 0)
            try message.finish(check)
        }
        try message.finish(header: header)
        return collector.findings
    }

    private static func fill(
        _ rows: [[String: String]], schema: DatasetSchema, capacity: Int, into check: Check, dataset: Int, internsCleanValues: Bool = true
    ) throws {
        let batch = Batch(schema: schema, capacity: capacity)
        // Clean values first, as in most datasets: codes are then known before the first row that is wrong.
        for (column, component) in schema.components.enumerated() where component.storage == .coded && internsCleanValues {
            if let value = row()[component.id] { _ = try batch.dictionary(column).intern(value) }
        }
        for (ordinal, row) in rows.enumerated() {
            let index = batch.appendRow(line: UInt64(ordinal + 11))
            for (id, value) in row {
                guard let column = schema.index(of: id) else { continue }
                try Array(value.utf8).withUnsafeBytes { try batch.set(column, index, $0) }
            }
            if batch.isFull {
                try check.check(batch, dataset: dataset)
                batch.removeAllRows()
            }
        }
        try check.check(batch, dataset: dataset)
    }
}

final class Collector: FindingSink {
    var findings: [Finding] = []
    func add(_ finding: Finding) { findings.append(finding) }
}
