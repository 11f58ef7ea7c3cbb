import Foundation
import SluiceKit

@testable import FormatCSV

/// A structure with code lists in three languages, and proposals for tables given as text.
enum SuggestionSample {
    static let schema: DatasetSchema = DatasetSchema(structures.dataStructures[0], in: structures)

    static let structures: StructureSet = {
        var set = StructureSet()
        func codelist(_ id: String, _ codes: [(String, [String: String])]) {
            set.add(
                Codelist(
                    identity: ArtefactIdentity(agency: "XX", id: id),
                    codes: codes.map { code, names in
                        var text = LocalisedText()
                        for (language, name) in names.sorted(by: { $0.key < $1.key }) { text.set(name, language: language) }
                        return Code(id: code, names: text)
                    }))
        }
        codelist("CL_FREQ", [("A", ["en": "Annual"]), ("Q", ["en": "Quarterly"]), ("M", ["en": "Monthly"])])
        codelist("CL_SEX", [("_T", ["en": "Both sexes or no breakdown by sex"]), ("F", ["en": "Female"]), ("M", ["en": "Male"])])
        codelist(
            "CL_AGE",
            [
                ("_T", ["en": "All age ranges or no breakdown by age"]), ("Y0", ["en": "under 1 year old"]), ("Y0T4", ["en": "under 5 years old"]),
                ("Y15T24", ["en": "15 to 24 years old"]), ("Y16T24", ["en": "16 to 24 years old"]), ("Y_GE65", ["en": "65 years old and over"]),
                ("M6T59", ["en": "6 to 59 months old"]),
            ])
        codelist("CL_URB", [("_T", ["en": "Total"]), ("U", ["en": "Urban"]), ("R", ["en": "Rural"])])
        codelist(
            "CL_AREA",
            [
                ("AM-ER", ["en": "Yerevan", "hy": "Երևան", "ru": "Ереван"]), ("AM-LO", ["en": "Lori", "hy": "Լոռի", "ru": "Лори"]),
                ("AM-VD", ["en": "Vayots Dzor", "hy": "Վայոց ձոր", "ru": "Вайоц Дзор"]), ("AM-TV", ["en": "Tavush"]), ("CI", ["fr": "Côte d’Ivoire"]),
                ("D1", ["en": "Dominica"]), ("D2", ["en": "Doubled name"]), ("D3", ["en": "Doubled name"]),
            ])
        codelist(
            "CL_ACTIVITY",
            [
                ("_T", ["en": "No breakdown"]), ("A", ["en": "Agriculture, forestry and fishing"]), ("P", ["en": "Education"]),
                ("Q", ["en": "Human health and social work activities"]),
            ])
        codelist(
            "CL_SERIES",
            [
                ("SH_STA_MORT", ["en": "Maternal mortality ratio [3.1.1]"]), ("SL_INJ_FTL", ["en": "Fatal injuries of employees [8.8.1, 8.8.2]"]),
                ("SL_INJ_NFTL", ["en": "Non-fatal injuries of employees [8.8.1]"]),
                ("SI_POV_DAY1", ["en": "Proportion of population below the poverty line (percent) [1.1.1]"]),
            ])
        codelist(
            "CL_UNIT",
            [
                ("PT", ["en": "Percent"]), ("NUMBER", ["en": "Number"]), ("T", ["en": "Metric Tons"]), ("PER_1000_POP", ["en": "Per 1,000 population"]),
                ("PER_100000_POP", ["en": "Per 100,000 population"]), ("CON_USD", ["en": "Constant USD"]), ("USD", ["en": "USD"]),
                ("PER_1000_LIVE_BIRTHS", ["en": "Per 1,000 live births"]),
            ])
        codelist("CL_MULT", [("0", ["en": "Units"]), ("3", ["en": "Thousands"]), ("6", ["en": "Millions"])])
        codelist("CL_STATUS", [("A", ["en": "Normal value"]), ("O", ["en": "Missing value"])])
        func coded(_ id: String) -> Representation { Representation(enumeration: ArtefactReference(.codelist, agency: "XX", id: id, version: "1.0")) }
        let dimensions = [
            ("FREQ", "CL_FREQ"), ("SERIES", "CL_SERIES"), ("REF_AREA", "CL_AREA"), ("SEX", "CL_SEX"), ("AGE", "CL_AGE"), ("URBANISATION", "CL_URB"),
            ("ACTIVITY", "CL_ACTIVITY"),
        ]
        set.add(
            DataStructure(
                identity: ArtefactIdentity(agency: "XX", id: "STATS"),
                dimensions: dimensions.map { Dimension(id: $0.0, representation: coded($0.1)) } + [Dimension(id: "TIME_PERIOD", kind: .time)],
                measures: [Measure(id: "OBS_VALUE")],
                attributes: [
                    Attribute(id: "UNIT_MEASURE", representation: coded("CL_UNIT"), isMandatory: true, relationship: .dimensions(dimensions.map(\.0))),
                    Attribute(id: "UNIT_MULT", representation: coded("CL_MULT"), isMandatory: true, relationship: .observation),
                    Attribute(id: "OBS_STATUS", representation: coded("CL_STATUS"), isMandatory: true, relationship: .observation),
                    Attribute(id: "COMMENT_OBS", isMandatory: false, relationship: .observation),
                ]))
        return set
    }()

    static let given = [("SERIES", "SH_STA_MORT"), ("REF_AREA", "AM-ER")].map { (component: $0.0, value: $0.1) }

    static func propose(
        _ tables: [(file: String, bytes: [UInt8])], constants: [(component: String, value: String)] = given, least: Int = 80, schema: DatasetSchema = schema,
        isFolder: Bool? = nil
    ) -> MappingProposal {
        let placer = TablePlacer(schema, options: SuggestionOptions(constants: constants, confidenceMin: least))
        let profiles = tables.map { TableProfile(MemoryByteSource($0.bytes), file: $0.file, limits: ReadLimits()) }
        return MappingProposal(profiles, placer, name: "test", isFolder: isFolder ?? (tables.count > 1), reference: schema.structure.reference)
    }

    static func propose(_ csv: String, file: String = "t.csv", constants: [(component: String, value: String)] = given, least: Int = 80) -> MappingProposal {
        propose([(file, Array(csv.utf8))], constants: constants, least: least)
    }

    /// The table as the proposal maps it.
    static func map(_ csv: [UInt8], _ proposal: MappingProposal, file: String? = nil) throws -> (rows: [[String: String]], findings: [Finding]) {
        let collector = Collector()
        let mapping = try CSVMapping(yaml: proposal.yaml, file: "proposal.yaml")
        let reader = try CSVPlugin.reader(of: MemoryByteSource(csv), mapping: mapping, file: file, in: ReadContext(structures: structures, findings: collector))
        var rows: [[String: String]] = []
        while let description = try reader.nextDataset() {
            let batch = Batch(schema: description.schema, capacity: 7)
            while try reader.read(into: batch) > 0 {
                for row in 0..<batch.rowCount {
                    var cells: [String: String] = [:]
                    for (column, component) in description.schema.components.enumerated() { cells[component.id] = batch.string(column, row) }
                    rows.append(cells)
                }
                batch.removeAllRows()
            }
        }
        return (rows, collector.findings)
    }

    /// The guesses for one label in one component.
    static func guesses(_ component: String, _ label: String, mark: String? = nil) -> [CodeGuess] {
        let placer = TablePlacer(schema, options: SuggestionOptions())
        return schema.index(of: component).map { placer.guesses($0, label, mark: mark) } ?? []
    }
}
