import Foundation
import SluiceKit
import Testing

@testable import FormatCSV

/// The mappings that Sluice ships, against the tables as Armenia publishes them.
@Suite(.enabled(if: CSVSample.corpus != nil, "the corpus is not here; set SLUICE_CORPUS")) struct ArmstatMappingTests {
    /// The components of the global SDG data structure 1.4, without its code lists.
    private static func structures() -> StructureSet {
        var set = StructureSet()
        let series = [
            "FREQ", "REPORTING_TYPE", "SERIES", "REF_AREA", "SEX", "AGE", "URBANISATION", "INCOME_WEALTH_QUANTILE", "EDUCATION_LEV", "OCCUPATION",
            "CUST_BREAKDOWN",
            "COMPOSITE_BREAKDOWN", "DISABILITY_STATUS", "ACTIVITY", "PRODUCT",
        ]
        func attribute(_ id: String, _ relationship: AttributeRelationship) -> Attribute { Attribute(id: id, isMandatory: false, relationship: relationship) }
        set.add(
            DataStructure(
                identity: ArtefactIdentity(agency: "IAEG-SDGs", id: "SDG", version: "1.4"),
                dimensions: series.map { Dimension(id: $0) } + [Dimension(id: "TIME_PERIOD", kind: .time)],
                measures: [Measure(id: "OBS_VALUE", representation: Representation(textFormat: TextFormat(type: .double)))],
                attributes: ["UNIT_MEASURE", "COMMENT_TS", "CUST_BREAKDOWN_LB"].map { attribute($0, .dimensions(series)) }
                    + ["OBS_STATUS", "UNIT_MULT", "NATURE", "SOURCE_DETAIL", "COMMENT_OBS"].map { attribute($0, .observation) }))
        return set
    }

    @Test(arguments: [("10-7-4", 130), ("8-8-1", 30), ("16-2-2", 42)])
    func everyRowMaps(table: String, rows: Int) throws {
        let corpus = try #require(CSVSample.corpus)
        let yaml = try String(contentsOf: CSVSample.root.appendingPathComponent("Config/flows/sdg-reporting-am/armstat-\(table).yaml"), encoding: .utf8)
        let csv = try Array(Data(contentsOf: corpus.appendingPathComponent("armstat-sdg/data/indicator_\(table).csv")))
        let outcome = try CSVSample.read(csv, yaml, structures: Self.structures(), capacity: 50)
        #expect(outcome.findings.isEmpty, "\(outcome.findings.first?.message ?? "")")
        #expect(outcome.rows.count == rows && outcome.reader.rowCountRead == rows)
        let keys = Set(outcome.rows.map { row in outcome.description!.schema.components[0..<16].map { row[$0.id] ?? "?" } })
        #expect(keys.count == rows, "each row is an observation of its own")
        #expect(!keys.joined().contains("?"), "every dimension has a value")
        #expect(outcome.rows.allSatisfy { $0["UNIT_MEASURE"] != nil && $0["UNIT_MULT"] == "0" && $0["OBS_STATUS"] != nil })
        #expect(outcome.rows.allSatisfy { ($0["OBS_VALUE"] == nil) == ($0["OBS_STATUS"] == "O") })
    }

    @Test func keepsThePublishedDigits() throws {
        let corpus = try #require(CSVSample.corpus)
        let yaml = try String(contentsOf: CSVSample.root.appendingPathComponent("Config/flows/sdg-reporting-am/armstat-8-8-1.yaml"), encoding: .utf8)
        let csv = try Array(Data(contentsOf: corpus.appendingPathComponent("armstat-sdg/data/indicator_8-8-1.csv")))
        let outcome = try CSVSample.read(csv, yaml, structures: Self.structures())
        #expect(outcome.rows.first?["OBS_VALUE"] == "45.0")
        #expect(outcome.rows.first { $0["TIME_PERIOD"] == "2021" && $0["SEX"] == "F" }?["OBS_VALUE"] == nil)
    }
}
