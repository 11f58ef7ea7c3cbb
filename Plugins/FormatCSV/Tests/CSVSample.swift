import Foundation
import SluiceKit

@testable import FormatCSV

final class Collector: FindingSink {
    var findings: [Finding] = []
    func add(_ finding: Finding) { findings.append(finding) }
}

enum CSVSample {
    static func structures() -> StructureSet {
        var set = StructureSet()
        func codelist(_ id: String, _ codes: [(String, [(String, String)])]) -> Codelist {
            Codelist(
                identity: ArtefactIdentity(agency: "AM.MOI", id: id),
                codes: codes.map { id, names in
                    var text = LocalisedText()
                    for (language, name) in names { text.set(name, language: language) }
                    return Code(id: id, names: text)
                })
        }
        set.add(
            codelist(
                "CL_AREA",
                [
                    ("AM", [("en", "Armenia"), ("hy", "Հայաստան"), ("ru", "Армения")]), ("AM-ER", [("en", "Yerevan"), ("hy", "Երևան")]),
                    ("_T", [("en", "Total")]),
                    ("X1", [("en", "Lori"), ("ru", "Лори")]), ("X2", [("en", "Lori")]),
                ]))
        func coded(_ id: String) -> Representation { Representation(enumeration: ArtefactReference(.codelist, agency: "AM.MOI", id: id, version: "1.0")) }
        let series = ["FREQ", "REF_AREA", "SEX", "ACTIVITY"]
        set.add(
            DataStructure(
                identity: ArtefactIdentity(agency: "AM.MOI", id: "PERMITS"),
                dimensions: series.map { Dimension(id: $0, representation: $0 == "REF_AREA" ? coded("CL_AREA") : nil) } + [
                    Dimension(id: "TIME_PERIOD", kind: .time)
                ],
                measures: [Measure(id: "OBS_VALUE")],
                attributes: [
                    Attribute(id: "UNIT_MEASURE", isMandatory: true, relationship: .dimensions(series)),
                    Attribute(id: "UNIT_MULT", isMandatory: false, relationship: .dimensions(series)),
                    Attribute(id: "OBS_STATUS", isMandatory: true, relationship: .observation),
                    Attribute(id: "COMMENT_TS", isMandatory: false, relationship: .dimensions(series)),
                    Attribute(id: "COMMENT_OBS", isMandatory: false, relationship: .observation),
                ]))
        set.add(
            Dataflow(
                identity: ArtefactIdentity(agency: "AM.MOI", id: "DF_PERMITS"),
                structure: ArtefactReference(.dataStructure, agency: "AM.MOI", id: "PERMITS", version: "1.0")))
        return set
    }

    /// The start of every mapping in the tests: what the dimensions are that a test is not about.
    static let preamble = """
        mapping: 1
        structure: AM.MOI:PERMITS(1.0)
        constants: {FREQ: A, REF_AREA: AM, SEX: _T, ACTIVITY: _T, UNIT_MEASURE: PS, OBS_STATUS: A}

        """

    struct Outcome {
        var rows: [[String: String]] = []
        var lines: [Int] = []
        var findings: [Finding] = []
        var reader: MappedCSVReader
        var description: DatasetDescription?
    }

    static func read(
        _ csv: String, _ yaml: String, structures: StructureSet = CSVSample.structures(), capacity: Int = 3, chunk: Int = .max
    ) throws -> Outcome { try read(Array(csv.utf8), yaml, structures: structures, capacity: capacity, chunk: chunk) }

    static func read(_ csv: [UInt8], _ yaml: String, structures: StructureSet = CSVSample.structures(), capacity: Int = 3, chunk: Int = .max) throws -> Outcome
    {
        let collector = Collector()
        let mapping = try CSVMapping(yaml: yaml, file: "test.yaml")
        let reader = try CSVPlugin.reader(
            of: MemoryByteSource(csv, chunkBytesMax: chunk), mapping: mapping, in: ReadContext(structures: structures, findings: collector))
        var outcome = Outcome(reader: reader)
        while let description = try reader.nextDataset() {
            outcome.description = description
            let batch = Batch(schema: description.schema, capacity: capacity)
            while try reader.read(into: batch) > 0 {
                for row in 0..<batch.rowCount {
                    outcome.rows.append(
                        Dictionary(
                            uniqueKeysWithValues: description.schema.components.indices.compactMap { column in
                                batch.string(column, row).map { (description.schema.components[column].id, $0) }
                            }))
                    outcome.lines.append(Int(batch.lines[row]))
                }
                batch.removeAllRows()
            }
        }
        outcome.findings = collector.findings
        return outcome
    }

    /// The root of the repository.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let corpus: URL? = {
        let named = ProcessInfo.processInfo.environment["SLUICE_CORPUS"].map { URL(fileURLWithPath: $0) }
        let folder = named ?? root.deletingLastPathComponent().appendingPathComponent("shared/corpus")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()
}
