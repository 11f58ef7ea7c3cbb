import Foundation
import SluiceKit

@testable import SluiceCore

/// A small structure of residence permits, and an agreement about it, for the tests of this folder.
enum PermitsSample {
    static let citizenship: [(String, String?)] = [
        ("_T", nil), ("CIS", "_T"), ("EU", "_T"), ("OTHER", "_T"), ("GE", "CIS"), ("RU", "CIS"), ("FR", "EU"), ("DE", "EU"), ("NO", "OTHER"),
    ]

    static func schema(hasCodelists: Bool = true) -> DatasetSchema {
        var structures = StructureSet()
        func list(_ id: String, _ codes: [(String, String?)]) {
            if hasCodelists {
                structures.add(Codelist(identity: ArtefactIdentity(agency: "AM.MOI", id: "CL_" + id), codes: codes.map { Code(id: $0.0, parent: $0.1) }))
            }
        }
        list("SEX", [("_T", nil), ("M", "_T"), ("F", "_T")])
        list("CITIZENSHIP", citizenship)
        func coded(_ id: String) -> Representation { Representation(enumeration: ArtefactReference(.codelist, agency: "AM.MOI", id: "CL_" + id, version: nil)) }
        let structure = DataStructure(
            identity: ArtefactIdentity(agency: "AM.MOI", id: "PERMITS"),
            dimensions: [
                Dimension(id: "SEX", representation: coded("SEX")), Dimension(id: "CITIZENSHIP", representation: coded("CITIZENSHIP")),
                Dimension(id: "TIME_PERIOD", kind: .time),
            ],
            measures: [Measure(id: "OBS_VALUE")],
            attributes: [
                Attribute(id: "OBS_STATUS", isMandatory: true, relationship: .observation),
                Attribute(id: "COMMENT_OBS", isMandatory: false, relationship: .observation),
                Attribute(id: "UNIT_MULT", isMandatory: false, relationship: .dimensions(["SEX", "CITIZENSHIP"])),
            ])
        return DatasetSchema(structure, in: structures)
    }

    /// Rows as `SEX CITIZENSHIP PERIOD VALUE` (`-` for no value, `''` for an empty one), then `ATTRIBUTE=text`.
    static func table(_ lines: [String], schema: DatasetSchema = schema()) throws -> Table {
        let batch = Batch(schema: schema, capacity: max(1, lines.count))
        for (number, line) in lines.enumerated() {
            let words = line.split(separator: " ").map(String.init)
            let row = batch.appendRow(line: UInt64(number + 2))
            func set(_ column: Int, _ text: String) throws {
                try Array(text.utf8).withUnsafeBytes { bytes in try batch.set(column, row, bytes) }
            }
            for column in 0..<4 where words[column] != "-" { try set(column, words[column] == "''" ? "" : words[column]) }
            try set(4, "A")
            for word in words.dropFirst(4) {
                let parts = word.split(separator: "=").map(String.init)
                if let column = schema.index(of: parts[0]) { try set(column, parts[1]) }
            }
        }
        return Table(description: DatasetDescription(schema: schema, reference: schema.structure.reference), batch: batch)
    }

    static func lines(_ table: Table) -> [String] {
        let batch = table.batch
        return (0..<batch.rowCount).map { row in batch.schema.components.indices.map { batch.string($0, row) ?? "-" }.joined(separator: " ") }
    }

    static let yaml = """
        agreement: PERMITS
        version: "1.0"
        title: Residence permits
        giver: AM.MOI
        receiver: AM.ARMSTAT
        dataflow: AM.MOI:DF_PERMITS(1.0)
        purpose: official-statistics
        legalBasis: Law on Official Statistics
        validity: {from: 2026-01-01, until: 2026-12-31}
        grant:
          dimensions:
            SEX: all
            CITIZENSHIP: {codes: all, deepestLevel: 2}
            TIME_PERIOD: all
          drop: [COMMENT_OBS]
        protect: {minimumCell: 5, method: suppression}
        obligations: {retention: P5Y, onwardTransfer: none}
        """

    static func request(_ table: Table, direction: Agreement.Direction = .send) -> AgreementRequest {
        var summary = DatasetSummary(table.batch.schema)
        summary.add(table.batch)
        return AgreementRequest(
            direction: direction, giver: "AM.MOI", receiver: "AM.ARMSTAT",
            dataflow: ArtefactReference(.dataflow, agency: "AM.MOI", id: "DF_PERMITS", version: "1.0"),
            purpose: "official-statistics", today: CalendarDate(year: 2026, month: 3, day: 31)!, summary: summary)
    }
}
