import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting

@testable import ProtectMicrodata

/// A small register for tests: a structure of its own, and records as texts.
struct TestRecords {
    struct Column {
        enum Kind { case dimension, attribute, measure, datasetAttribute }
        var id: String
        var kind = Kind.attribute
        var codes: [(id: String, parent: String?)]?
        var type: TextType?
        var isMandatory = false
        var maxLength: Int?
        /// False for a structure that names its code list without bringing it.
        var isListAtHand = true
    }
    var columns: [Column]
    var rows: [[String?]] = []

    var schema: DatasetSchema {
        var structures = StructureSet()
        func reference(_ id: String) -> ArtefactReference { ArtefactReference(.codelist, agency: "TEST", id: "CL_" + id, version: "1.0") }
        func representation(_ column: Column) -> Representation? {
            if column.codes != nil { return Representation(enumeration: reference(column.id)) }
            guard column.type != nil || column.maxLength != nil else { return nil }
            var format = TextFormat(type: column.type)
            format.maxLength = column.maxLength
            return Representation(textFormat: format)
        }
        for column in columns where column.isListAtHand {
            guard let codes = column.codes else { continue }
            structures.add(
                Codelist(identity: ArtefactIdentity(agency: "TEST", id: "CL_" + column.id), codes: codes.map { Code(id: $0.id, parent: $0.parent) }))
        }
        let structure = DataStructure(
            identity: ArtefactIdentity(agency: "TEST", id: "REGISTER"),
            dimensions: columns.filter { $0.kind == .dimension }.map { Dimension(id: $0.id, representation: representation($0)) },
            measures: columns.filter { $0.kind == .measure }.map { Measure(id: $0.id, representation: representation($0), isMandatory: $0.isMandatory) },
            attributes: columns.filter { $0.kind == .attribute || $0.kind == .datasetAttribute }.map {
                Attribute(
                    id: $0.id, representation: representation($0), isMandatory: $0.isMandatory,
                    relationship: $0.kind == .attribute ? .observation : .dataset)
            })
        return DatasetSchema(structure, in: structures)
    }

    var table: Table {
        let schema = schema
        let batch = Batch(schema: schema, capacity: max(1, rows.count))
        for row in rows {
            let at = batch.appendRow()
            for (column, value) in zip(columns, row) {
                guard var value, let target = schema.index(of: column.id) else { continue }
                value.withUTF8 { bytes in do { try batch.set(target, at, UnsafeRawBufferPointer(bytes)) } catch { fatalError("test data") } }
            }
        }
        return Table(description: DatasetDescription(schema: schema, reference: schema.structure.reference), batch: batch)
    }

    /// Component id → place in a row.
    var places: [String: Int] {
        var places: [String: Int] = [:]
        for (place, column) in columns.enumerated() { places[column.id] = place }
        return places
    }

    func values(_ id: String) -> [String?] { rows.map { $0[columns.firstIndex { $0.id == id }!] } }

    /// Sex, age and citizenship in three levels; form of exploitation and a debt are sensitive; a name and a person's number identify.
    static func register(_ count: Int, using generator: inout SeededGenerator, missingPercent: Int = 0, personPercent: Int = 100) -> TestRecords {
        var records = TestRecords(columns: [
            Column(id: "RECORD", kind: .dimension),
            Column(id: "PERSON"), Column(id: "NAME"),
            Column(id: "SEX", codes: [("F", nil), ("M", nil)]),
            Column(id: "AGE"),
            Column(id: "CITIZENSHIP", codes: citizenships),
            Column(id: "EXPLOITATION", codes: ["SEX", "LABOUR", "BEGGING", "SLAVERY"].map { ($0, nil) }),
            Column(id: "DEBT", kind: .measure, type: .decimal),
            Column(id: "STATUS", kind: .datasetAttribute, codes: [("A", nil)]),
        ])
        let leaves = citizenships.filter { code in !citizenships.contains { $0.parent == code.id } }.map(\.id)
        for number in 0..<count {
            func missing() -> Bool { missingPercent > 0 && generator.chance(percent: missingPercent) }
            let person = generator.chance(percent: personPercent) ? number : Int.random(in: 0...number, using: &generator)
            let age = missing() ? nil : "\(Int.random(in: 5..<75, using: &generator))"
            let sex = missing() ? nil : generator.chance(percent: 70) ? "F" : "M"
            let citizenship =
                missing() ? nil : leaves[min(Int.random(in: 0..<leaves.count, using: &generator), Int.random(in: 0..<leaves.count, using: &generator))]
            let form = ["SEX", "LABOUR", "BEGGING", "SLAVERY"][min(Int.random(in: 0..<4, using: &generator), Int.random(in: 0..<4, using: &generator))]
            let debt = generator.chance(percent: 50) ? "\(Int.random(in: 0..<8, using: &generator) * 250).00" : "0.00"
            records.rows.append(["R-\(100_000 + number)", "P\(person)", "Name of \(person)", sex, age, citizenship, form, debt, "A"])
        }
        return records
    }

    static let citizenships: [(id: String, parent: String?)] =
        [("_T", nil), ("EUR", "_T"), ("ASI", "_T")] + ["AM", "GE", "RU", "UA", "MD"].map { ($0, "EUR") } + ["IR", "IN", "SY", "CN"].map { ($0, "ASI") }

    static let rules = RecordRules(
        identifiers: ["NAME"], pseudonyms: ["RECORD", "PERSON"], quasiIdentifiers: ["SEX", "AGE", "CITIZENSHIP"], sensitive: ["EXPLOITATION", "DEBT"], k: 5,
        diversity: .distinct(2), generalisation: ["CITIZENSHIP": .hierarchy(topLevel: 1), "AGE": .bands([5, 10, 20])],
        bounds: ["AGE": .init(bottom: 10, top: 60)], suppressedPercentMax: 10)
}

/// A key of the tests' own.
struct TestCodes: KeyedCodes {
    var key: [UInt8] = Array("a key of the tests".utf8)

    func code(_ message: [UInt8], for use: String) -> SHA256Digest {
        HMACSHA256.code(key: HMACSHA256.code(key: key, message: Array(use.utf8)).bytes, message: message)
    }
}

extension ProtectionContext {
    static let test = ProtectionContext(receiver: "AM.ARMSTAT", agreements: ["TRAFFICKING 1.0"], codes: TestCodes())
}

extension ProtectionObligations {
    static func records(_ rules: RecordRules?) -> ProtectionObligations {
        var obligations = ProtectionObligations(method: "records", rules: PrimaryRules())
        obligations.records = rules
        return obligations
    }
}

extension Table {
    /// Each row as texts, by component id.
    var texts: [[String: String]] {
        (0..<batch.rowCount).map { row in
            Dictionary(
                uniqueKeysWithValues: batch.schema.components.indices.compactMap { column in
                    batch.string(column, row).map { (batch.schema.components[column].id, $0) }
                })
        }
    }

    /// Every text that is held anywhere in the table's storage.
    var held: Set<String> {
        var all: Set<String> = []
        for column in batch.schema.components.indices {
            if batch.isCoded[column] {
                let dictionary = batch.dictionary(column)
                for code in 0..<UInt32(dictionary.count) { all.insert(dictionary.string(code)) }
            } else {
                for row in 0..<batch.rowCount { if let text = batch.string(column, row) { all.insert(text) } }
            }
        }
        return all
    }
}

/// pycanon's figures: `SLUICE_ORACLE_PYTHON` names a Python that has it.
enum Oracle {
    struct Problem: Encodable {
        var columns: [String]
        var rows: [[String?]]
        var quasi: [String]
        var sensitive: [String]
        var numeric: [String] = []

        init(_ table: Table, quasi: [String], sensitive: [String], numeric: [String] = []) {
            columns = quasi + sensitive
            rows = table.texts.map { row in (quasi + sensitive).map { row[$0] } }
            self.quasi = quasi
            self.sensitive = sensitive
            self.numeric = numeric
        }
    }
    struct Figures: Decodable {
        var k: Int
        var l: Int?
        var entropy: Int?
        var t: Double?
    }

    static func figures(_ problems: [Problem]) throws -> [Figures] {
        let data = Data(try OraclePython.answer(of: "kanon.py", to: [UInt8](try JSONEncoder().encode(problems))))
        return try JSONDecoder().decode([Figures].self, from: data)
    }
}
