import Foundation
import SluiceKit
import Testing

@testable import FormatCSV

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// All 207 tables of Armenia's SDG site against the global SDG data structure 1.4, and what a person found when looking at every placement.
@Suite(.enabled(if: GlobalStructure.file != nil, "the corpus is not here; set SLUICE_CORPUS")) struct ArmstatSuggestionTests {
    private static let given = [(component: "REF_AREA", value: "AM"), (component: "REPORTING_TYPE", value: "N")]

    private static func propose(least: Int = 80, constants: [(component: String, value: String)] = given) throws -> MappingProposal {
        let path = try #require(CSVSample.corpus).appendingPathComponent("armstat-sdg/data").path
        return try MappingProposal(
            for: path, in: ReadContext(structures: GlobalStructure.structures(), findings: Collector()),
            options: SuggestionOptions(constants: constants, confidenceMin: least))
    }

    /// The rows of all tables as a mapping maps them, and how many tables keep all of theirs.
    private static func map(_ yaml: String) throws -> (written: Int, read: Int, tables: [TableOutcome], findings: [Finding], keys: [String]) {
        let path = try #require(CSVSample.corpus).appendingPathComponent("armstat-sdg/data").path
        let collector = Collector()
        let reader = try CSVPlugin.reader(
            of: TableFolder(path), mapping: CSVMapping(yaml: yaml, file: "p.yaml"),
            in: ReadContext(structures: GlobalStructure.structures(), findings: collector))
        let schema = try #require(try reader.nextDataset()).schema
        let batch = Batch(schema: schema, capacity: 1_000)
        var (written, keys) = (0, [String]())
        while try reader.read(into: batch) > 0 {
            for row in 0..<batch.rowCount { keys.append(schema.dimensions.map { batch.string($0, row) ?? "?" }.joined(separator: ".")) }
            written += batch.rowCount
            batch.removeAllRows()
        }
        return (written, reader.tables.reduce(0) { $0 + $1.rowCountRead }, reader.tables, collector.findings, keys)
    }

    @Test func placesAsMuchAsTheReadmeSays() throws {
        let proposal = try Self.propose()
        let counts = ProposalCounts(proposal)
        #expect(counts.tableCount == 207 && counts.tablesUnreadable == 0 && counts.tablesWithRows == 188)
        #expect(counts.columnsPlaced >= 605 && counts.columnCount == 712, "\(counts.columnsPlaced) of \(counts.columnCount)")
        #expect(counts.labelsPlaced >= 148, "\(counts.labelsPlaced) of \(counts.labelCount)")
        #expect(counts.tablesFullyPlaced >= 7 && counts.tablesFullyPlaced + counts.tablesLackingConstants >= 84)
        let mapped = try Self.map(proposal.yaml)
        #expect(mapped.written >= 255 && mapped.tables.count { $0.rowCountRead > 0 && $0.rowCountWritten == $0.rowCountRead } >= 7)
        #expect(!mapped.keys.contains { $0.contains("?") } && Set(mapped.keys).count == mapped.keys.count, "no row without its whole key, none twice")
        // With a series for each table, which is what the tables do not say.
        let filled = try Self.map(proposal.yaml.replacing("\ndefaults:\n", with: "\ndefaults:\n  SERIES: SI_POV_DAY1\n"))
        #expect(
            filled.written >= 2_100 && filled.tables.count { $0.rowCountRead > 0 && $0.rowCountWritten == $0.rowCountRead } >= 84,
            "\(filled.written) of \(filled.read)")
        // Every row that is not written is reported.
        #expect(filled.tables.allSatisfy { $0.rowCountRead == $0.rowCountWritten || $0.errorCount > 0 })
    }

    @Test func placesLabelsAsAPersonDid() throws {
        let mapping = try CSVMapping(yaml: Self.propose().yaml, file: "p.yaml")
        var wrong: [String] = []
        var checked = 0
        for (component, codes) in mapping.dictionary where component != "UNIT_MULT" {
            for (label, code) in codes {
                guard let right = HandChecked.codes[component]?[label] else {
                    // A new placement has to be looked at by a person, and written down.
                    wrong.append("\(component) \(label): \(code ?? "") has not been checked")
                    continue
                }
                checked += 1
                if right != code { wrong.append("\(component) \(label): \(code ?? "") instead of \(right)") }
            }
        }
        #expect(wrong.isEmpty, "\(wrong)")
        #expect(checked >= 148)
        let powers = Dictionary(uniqueKeysWithValues: (mapping.dictionary["UNIT_MULT"] ?? []).map { ($0.label, $0.code) })
        for (label, power) in powers { #expect(power == HandChecked.powers[label] ?? "0", "\(label)") }
        #expect(HandChecked.powers.allSatisfy { powers[$0.key] == $0.value })
    }

    @Test func leavesOpenWhatAPersonLeavesOpen() throws {
        let proposal = try Self.propose()
        let mapping = try CSVMapping(yaml: proposal.yaml, file: "p.yaml")
        for (component, labels) in HandChecked.open {
            let placed = Set((mapping.dictionary[component] ?? []).map(\.label))
            for label in labels { #expect(!placed.contains(label), "\(component) \(label)") }
        }
        for (file, column) in HandChecked.openColumns {
            let table = proposal.tables.first { $0.file == "indicator_\(file).csv" }
            #expect(table?.columns.first { $0.column == column }?.isPlaced(80) == false, "\(file) \(column)")
        }
    }

    @Test func placesColumnsAsAPersonDid() throws {
        // Without the caller's word on the area the country of origin is no reference area either.
        for constants in [Self.given, []] {
            for table in try Self.propose(constants: constants).tables {
                for column in table.columns where column.isPlaced(80) {
                    let right = HandChecked.columns[column.column] ?? HandChecked.columnsOfTables["\(table.file)/\(column.column)"]
                    #expect(right.map { Set($0) } == Set(column.components), "\(table.file) \(column.column) \(column.components)")
                }
            }
        }
    }
}

/// What a person wrote down: every label and column that is placed, and those that must not be.
private enum HandChecked {
    static let codes: [String: [String: String]] = [
        "SEX": ["male": "M", "female": "F", "femaLE": "F", "boy": "M", "girl": "F", "boys": "M", "girls": "F", "total": "_T", "BOTHSEX": "_T"],
        "URBANISATION": ["urban": "U", "rural": "R", "total": "_T"],
        "DISABILITY_STATUS": ["disabled": "PD", "with disabilities": "PD", "With disability": "PD"],
        "INCOME_WEALTH_QUANTILE": ["I quintile": "Q1", "II quintile": "Q2", "III quintile": "Q3", "IV quintile": "Q4", "IVquintile": "Q4", "V quintile": "Q5"],
        "EDUCATION_LEV": ["primary": "ISCED11_1", "lower secondary": "ISCED11_2", "bachelor": "ISCED11_6", "master": "ISCED11_7"],
        "PRODUCT": ["AGR": "AGG_AGR", "IND": "AGG_IND"],
        "OCCUPATION": [
            "total": "_T", "isco08-1": "ISCO08_1", "isco08-2": "ISCO08_2", "isco08-3": "ISCO08_3", "isco08-4": "ISCO08_4", "isco08-5": "ISCO08_5",
            "isco08-6": "ISCO08_6", "isco08-7": "ISCO08_7", "isco08-8": "ISCO08_8", "isco08-9": "ISCO08_9",
        ],
        "AGE": [
            "15+": "Y_GE15", "25+": "Y_GE25", "15-19": "Y15T19", "15-24": "Y15T24", "15-29": "Y15T29", "15-64": "Y15T64", "18-24": "Y18T24", "20-24": "Y20T24",
            "25-29": "Y25T29", "25-34": "Y25T34", "35-44": "Y35T44", "45-54": "Y45T54", "45-59": "Y45T59", "55-64": "Y55T64", "65-74": "Y65T74",
            "aged 0-5 years": "Y0T5", "aged 0-17 years": "Y0T17", "aged 5-14 years": "Y5T14", "aged 15-24 years": "Y15T24", "aged 18-44 years": "Y18T44",
            "aged 25-34 years": "Y25T34", "aged 25-64 years": "Y25T64", "aged 35-44 years": "Y35T44", "aged 45-54 years": "Y45T54",
            "aged 45-64 years": "Y45T64", "aged 55-64 years": "Y55T64", "aged 60 and over": "Y_GE60", "aged 65 and over": "Y_GE65",
            "aged 65 and older": "Y_GE65",
        ],
        "COMPOSITE_BREAKDOWN": [
            "ADB": "IO_ADB", "ECOSOC": "IO_ECOSOC", "IBRD": "IO_IBRD", "IFC": "IO_IFC", "IMF": "IO_IMF", "UNGA": "IO_UNGA", "WTO": "IO_WTO",
            "PREFIS_INC": "FIS_PREFIS_INC", "POSTFIS_CON_INC": "FIS_POSTFIS_CON_INC", "POSTFIS_DIS_INC": "FIS_POSTFIS_DIS_INC",
            "Domain 1. Migrant rights": "PD_1", "Domain 2.Whole of government/Evidence based policies": "PD_2",
            "Domain 3. Cooperation and partnerships": "PD_3",
            "Domain 4. Socioeconomic well being": "PD_4", "Domain 5. Mobility dimensions of crises": "PD_5",
            "Domain 6. Safe, orderly and regular migration": "PD_6",
        ],
        "UNIT_MEASURE": [
            "%": "PT", "person": "NUMBER", "case": "NUMBER", "unit": "NUMBER", "number": "NUMBER", "1,000 people": "NUMBER", "1,000 tons": "T",
            "thsd. tones": "T",
            "1,000 ha": "HA", "index": "IX", "Ratio": "RO", "local currency": "CUR_LCU", "dram": "CUR_LCU", "USD": "USD", "nominal USD": "USD",
            "bn nominal USD": "USD",
            "mln USD": "USD", "mln. USD": "USD", "mln.USD": "USD", "millions USD": "USD", "millions of current United States dollars": "USD",
            "millions of constant 2023 United States dollars": "CON_USD", "millions of constant 2024 United States dollars": "CON_USD", "USD/m3": "USD_PER_M3",
            "million m3/year": "M_M3_PER_YR", "yes=1, no=0": "BOOL", "yes=1,no=0": "BOOL", "per 1,000 population": "PER_1000_POP",
            "per 10,000 population": "PER_10000_POP", "per 100,000 population": "PER_100000_POP", "per 100 000 population": "PER_100000_POP",
            "per 100000 population": "PER_100000_POP", "per million population": "PER_1000000_POP",
            "per 1,000 uninfected population": "PER_1000_UNINFECTED_POP",
            "per 100,000 live births": "PER_100000_LIVE_BIRTHS", "per 1,000 life births": "PER_1000_LIVE_BIRTHS",
        ],
        "SERIES": [
            "Area 1: Overarching legal frameworks and public life": "SG_LGL_GENEQLFP", "Area 2: Violence against women": "SG_LGL_GENEQVAW",
            "Area 3: Employment and economic benefits": "SG_LGL_GENEQEMP", "Area 4: Marriage and family": "SG_LGL_GENEQMAR",
            "Average share of the built-up area of cities that is open space for public use for all": "EN_URB_OPENSP",
            "Average tariff applied by developed countries, most-favored nation status, by type of product": "TM_TAX_DMFN",
            "Average tariff applied by developed countries, preferential status, by type of product": "TM_TAX_DPRF",
            "Worldwide weighted tariff-average, most-favoured-nation status, by type of product": "TM_TAX_WMFN",
            "Worldwide weighted tariff-average, preferential status, by type of product": "TM_TAX_WMPS",
            "Countries with an allocation from the national budget to manage the threat of invasive alien species": "ER_IAS_NATBUD",
            "Recipient countries of global funding with access to any funding from global financial mechanisms for projects related to invasive alien species  management":
                "ER_IAS_GLOFUN",
            "Legislation, Regulation, Act related to the prevention of introduction and management of Invasive Alien Species": "ER_IAS_LEGIS",
            "National Biodiversity Strategy and Action Plan (NBSAP) targets alignment to Aichi Biodiversity target 9 set out in the Strategic Plan for Biodiversity 2011-2020":
                "ER_IAS_NBSAP",
            "Direct agricultural loss attributed to disasters": "VC_DSR_AGLH",
            "Direct economic loss in the housing sector attributed to disasters": "VC_DSR_HOLH",
            "Direct economic loss resulting from damaged or destroyed critical infrastructure attributed to disasters": "VC_DSR_CILN",
            "Direct economic loss to cultural heritage damaged or destroyed attributed to disasters": "VC_DSR_CHLN",
            "Extent of use of country-owned results frameworks and planning tools by providers of development cooperation - data by recipient":
                "SG_PLN_REPOLRES",
            "Proportion of results indicators drawn from country-led results frameworks - data by recipient": "SG_PLN_RECRICTRY",
            "Proportion of results indicators which will be monitored using government sources and monitoring systems - data by recipient": "SG_PLN_RECRIMON",
            "Fossil-fuel subsidies (consumption and production)": "ER_FFS_CMPT",
            "Fossil-fuel subsidies (consumption and production) per capita": "ER_FFS_CMPT_PC",
            "Fossil-fuel subsidies (consumption and production) as a proportion of total GDP": "ER_FFS_CMPT_GDP",
            "Level of national compliance with labour rights (freedom of association and collective bargaining) based on International Labour Organization (ILO) textual sources and national legislation":
                "SL_LBR_NTLCPL", "Mountain Green Cover Index": "ER_MTN_GRNCVI",
            "Official development assistance grants for poverty reduction, by recipient countries (percentage of GNI) DC_ODA_POVLG": "DC_ODA_POVLG",
            "Proportion of tariff lines applied to imports with zero-tariff": "TM_TRF_ZERO",
            "Total assistance for development, by recipient countries": "DC_TRF_TOTL",
            "Total official development assistance (gross disbursement) for technical cooperation (millions of 2023 United States dollars)": "DC_FTA_TOTAL",
            "Total official flows (commitments) for Aid for Trade, by recipient countries": "DC_TOF_TRDCML",
            "Total official flows (disbursement) for Aid for Trade, by recipient countries": "DC_TOF_TRDDBML",
            "Total official flows (disbursements) for agriculture, by recipient countries (millions of constant 2023 United States dollars)": "DC_TOF_AGRL",
            "Total wastewater generated": "EN_WWT_GEN",
        ],
    ]

    static let powers: [String: String] = [
        "1,000 people": "3", "1,000 tons": "3", "1,000 ha": "3", "thsd. tones": "3", "mln USD": "6", "mln. USD": "6", "mln.USD": "6", "millions USD": "6",
        "millions of current United States dollars": "6", "millions of constant 2023 United States dollars": "6",
        "millions of constant 2024 United States dollars": "6", "bn nominal USD": "9", "million m3/year": "0",
    ]

    /// Labels that look as if they had a code.
    static let open: [String: [String]] = [
        "SEX": ["neutral", "urban", "rural"],
        "AGE": ["up to 1 year old", "aged 16-17 years", "aged 0-25 years", "30-44", "60-74", "5 years old", "before age 15", "aged 18-66 years", "0-28 days"],
        "EDUCATION_LEV": ["secondary", "high", "preliminary vocational", "specialized secondary education"],
        "UNIT_MEASURE": [
            "per 100,000 adults", "kg per capita", "watt", "kg/USD constant 2017 PPP GDP", "constant 2017 international $", "mole - H - ion/liter", "per 1",
            "millions of 2023 United States dollars", "1=compliant, 0=partially compliant",
        ],
        "SERIES": [
            "Direct economic loss attributed to disasters in relation to GDP", "Proportion of degraded mountain land", "education", "wasting",
            "Average hourly earnings of employees by sex and occupation",
        ],
        "PRODUCT": ["ALP", "CLO", "TEX"], "ACTIVITY": ["education", "health"],
    ]

    /// Columns that have no place in the structure, or none that the table tells.
    static let openColumns = [
        ("10-7-4", "Country"), ("16-1-2", "Group"), ("16-10-2", "Question"), ("16-6-1", "Division"), ("16-6-2", "Services"), ("1-a-2", "Category"),
        ("5-3-1", "Age"), ("1-1-1", "Employment status"), ("6-5-2", "FOR YEARS"), ("1-4-1", "Poverty"), ("9-c-1", "Category"),
    ]

    static let columns: [String: [String]] = [
        "Year": ["TIME_PERIOD"], "Value": ["OBS_VALUE"], "Units": ["UNIT_MEASURE"], "Age": ["AGE"], "Location": ["URBANISATION"], "Series": ["SERIES"],
        "Indicator": ["SERIES"], "Indicators": ["SERIES"], "Agency": ["COMPOSITE_BREAKDOWN"], "Policy area": ["COMPOSITE_BREAKDOWN"],
        "Type": ["DISABILITY_STATUS"], "Education type": ["EDUCATION_LEV"], "Quintiles": ["INCOME_WEALTH_QUANTILE"], "Type of occupation": ["OCCUPATION"],
        "Type of product": ["PRODUCT"],
    ]
    static let columnsOfTables: [String: [String]] = {
        var columns = [
            "indicator_10-4-2.csv/Category": ["COMPOSITE_BREAKDOWN"], "indicator_1-a-1.csv/Category": ["SERIES"], "indicator_2-a-2.csv/Category": ["SERIES"],
            "indicator_11-7-1.csv/Category": ["SERIES"], "indicator_4-6-1.csv/Category": ["SEX", "URBANISATION"],
        ]
        for file in ["8-3-1", "8-6-1", "9-2-2", "16-6-2"] { columns["indicator_\(file).csv/Category"] = ["DISABILITY_STATUS"] }
        for file in ["3-2-1", "3-2-2", "3-2-2-a"] { columns["indicator_\(file).csv/Sex"] = ["SEX", "URBANISATION"] }
        for file in [
            "1-1-1", "1-3-1-d", "1-3-1-i", "1-3-1-j", "1-3-1-jb", "1-4-1", "1-4-2", "2-2-2", "2-3-2", "3-9-3", "4-1-1", "4-3-1-a", "5-a-1", "5-b-1", "8-3-1",
            "8-5-1",
            "8-6-1", "8-7-1", "8-8-1", "8-9-2", "9-2-2", "11-2-1", "16-1-1", "16-2-1", "16-2-2", "16-6-2", "16-7-1", "17-8-1",
        ] { columns["indicator_\(file).csv/Sex"] = ["SEX"] }
        return columns
    }()
}

/// The global SDG data structure 1.4 with its code lists, read with what the operating system has: a plugin's tests use no other plugin.
private final class GlobalStructure: NSObject, XMLParserDelegate {
    static let file: URL? = {
        let file = CSVSample.corpus?.appendingPathComponent("sdmx/Tajstat_sdg-data-tajikistan2/SDG_DSD_1.4_2021-06-24__SDG_DSD.xml")
        return file.flatMap { FileManager.default.fileExists(atPath: $0.path) ? $0 : nil }
    }()

    private static let read: StructureSet? = {
        guard let file, let data = try? Data(contentsOf: file) else { return nil }
        let reader = GlobalStructure()
        let parser = XMLParser(data: data)
        parser.delegate = reader
        guard parser.parse() else { return nil }
        reader.set.add(reader.scheme)
        reader.set.add(reader.structure)
        return reader.set
    }()

    static func structures() throws -> StructureSet { try #require(read) }

    private var set = StructureSet()
    private var scheme = ConceptScheme(identity: ArtefactIdentity(agency: "IAEG-SDGs", id: "SDG_CONCEPTS", version: "1.0"))
    private var structure = DataStructure(identity: ArtefactIdentity(agency: "IAEG-SDGs", id: "SDG", version: "1.4"))
    private var codelist: Codelist?
    private var item: (id: String, names: LocalisedText)?
    private var component: (element: String, id: String, enumeration: ArtefactReference?, isMandatory: Bool)?
    private var isWithinRelationship = false
    private var language = "en"
    private var text: String?

    func parser(_ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String] = [:]) {
        let name = element.split(separator: ":").last.map(String.init) ?? element
        switch name {
        case "Codelist":
            codelist = Codelist(
                identity: ArtefactIdentity(agency: attributes["agencyID"] ?? "", id: attributes["id"] ?? "", version: attributes["version"] ?? "1.0"))
        case "Code", "Concept": item = (attributes["id"] ?? "", LocalisedText())
        case "Dimension", "TimeDimension", "Attribute", "PrimaryMeasure":
            if !isWithinRelationship, let id = attributes["id"] { component = (name, id, nil, attributes["assignmentStatus"] == "Mandatory") }
        case "AttributeRelationship": isWithinRelationship = true
        case "Name":
            language = attributes["xml:lang"] ?? "en"
            text = ""
        case "Ref":
            if attributes["class"] == "Codelist", !isWithinRelationship {
                component?.enumeration = ArtefactReference(
                    .codelist, agency: attributes["agencyID"] ?? "", id: attributes["id"] ?? "", version: attributes["version"])
            }
        default: break
        }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text? += string }

    func parser(_ parser: XMLParser, didEndElement element: String, namespaceURI: String?, qualifiedName: String?) {
        switch element.split(separator: ":").last.map(String.init) ?? element {
        case "Name":
            if let text { item?.names.set(text, language: language) }
            text = nil
        case "Code":
            if let item { codelist?.append(Code(id: item.id, names: item.names)) }
            item = nil
        case "Concept":
            if let item { scheme.concepts.append(Concept(id: item.id, names: item.names)) }
            item = nil
        case "Codelist":
            if let codelist { set.add(codelist) }
            codelist = nil
        case "AttributeRelationship": isWithinRelationship = false
        case "Dimension", "TimeDimension", "Attribute", "PrimaryMeasure":
            guard !isWithinRelationship, let component else { return }
            let concept = ConceptReference(scheme: scheme.reference, id: component.id)
            let representation = component.enumeration.map { Representation(enumeration: $0) }
            switch component.element {
            case "Attribute":
                structure.attributes.append(
                    Attribute(
                        id: component.id, concept: concept, representation: representation, isMandatory: component.isMandatory, relationship: .observation))
            case "PrimaryMeasure": structure.measures.append(Measure(id: component.id, concept: concept))
            default:
                structure.dimensions.append(
                    Dimension(id: component.id, kind: component.element == "TimeDimension" ? .time : .regular, concept: concept, representation: representation)
                )
            }
            self.component = nil
        default: break
        }
    }
}
