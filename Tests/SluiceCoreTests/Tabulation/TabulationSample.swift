import SluiceKit

@testable import SluiceCore

/// Border crossings as records and as a table, small enough to count by hand.
enum TabulationSample {
    static let citizenship: [(String, String?)] = [
        ("_T", nil), ("CIS", "_T"), ("EU", "_T"), ("_U", "_T"), ("RU", "CIS"), ("KZ", "CIS"), ("FR", "EU"), ("DE", "EU"),
    ]
    static let ages = [
        Tabulation.Class(code: "Y_LT18", lower: nil, upper: 17), Tabulation.Class(code: "Y18T64", lower: 18, upper: 64),
        Tabulation.Class(code: "Y_GE65", lower: 65, upper: nil),
    ]

    static let structures: StructureSet = {
        var structures = StructureSet()
        func list(_ id: String, _ codes: [(String, String?)]) {
            structures.add(Codelist(identity: ArtefactIdentity(agency: "AM.NSS", id: "CL_" + id), codes: codes.map { Code(id: $0.0, parent: $0.1) }))
        }
        list("FREQ", [("M", nil), ("A", nil)])
        list("SEX", [("_T", nil), ("M", "_T"), ("F", "_T"), ("_U", "_T")])
        list("AGE", [("_T", nil), ("Y_LT18", "_T"), ("Y18T64", "_T"), ("Y_GE65", "_T"), ("_O", "_T"), ("_U", "_T")])
        list("CITIZENSHIP", citizenship)
        return structures
    }()

    private static func coded(_ id: String) -> Representation {
        Representation(enumeration: ArtefactReference(.codelist, agency: "AM.NSS", id: "CL_" + id, version: nil))
    }

    static let recordStructure = DataStructure(
        identity: ArtefactIdentity(agency: "AM.NSS", id: "DS_CROSSING"), dimensions: [Dimension(id: "ID")],
        attributes: [("SEX", coded("SEX")), ("CITIZENSHIP", coded("CITIZENSHIP"))].map {
            Attribute(id: $0.0, representation: $0.1, isMandatory: false, relationship: .observation)
        }
            + ["AGE_YEARS", "CROSSED_AT", "PERSON", "AMOUNT", "WEIGHT"].map { Attribute(id: $0, isMandatory: false, relationship: .observation) })

    static let cellStructure = DataStructure(
        identity: ArtefactIdentity(agency: "AM.NSS", id: "CROSSINGS"),
        dimensions: ["FREQ", "SEX", "AGE", "CITIZENSHIP"].map { Dimension(id: $0, representation: coded($0)) } + [Dimension(id: "TIME_PERIOD", kind: .time)],
        measures: [Measure(id: "OBS_VALUE")],
        attributes: [
            Attribute(id: "OBS_STATUS", isMandatory: true, relationship: .observation),
            Attribute(id: "UNIT_MEASURE", isMandatory: false, relationship: .dimensions(["FREQ", "SEX", "AGE", "CITIZENSHIP"])),
        ])

    static let records = DatasetSchema(recordStructure, in: structures)
    static let cells = DatasetSchema(cellStructure, in: structures)

    /// As an agreement would declare it; `change` makes it another one.
    static func tabulation(_ change: (inout Tabulation) -> Void = { _ in }) -> Tabulation {
        var tabulation = Tabulation(
            dimensions: [
                "FREQ": .constant("M"), "SEX": reading("SEX") { $0.total = "_T" },
                "AGE": reading("AGE_YEARS") {
                    $0.classes = ages
                    $0.total = "_T"
                }, "CITIZENSHIP": reading("CITIZENSHIP") { $0.rollUp = true }, "TIME_PERIOD": reading("CROSSED_AT") { $0.period = .month },
            ], attributes: ["OBS_STATUS": "A", "UNIT_MEASURE": "CROSSINGS"])
        change(&tabulation)
        return tabulation
    }

    static func reading(_ component: String, _ change: (inout Tabulation.Reading) -> Void = { _ in }) -> Tabulation.Source {
        var reading = Tabulation.Reading(component: component)
        change(&reading)
        return .component(reading)
    }

    static func changing(_ tabulation: inout Tabulation, _ dimension: String, _ change: (inout Tabulation.Reading) -> Void) {
        guard case .component(var reading)? = tabulation.dimensions[dimension] else { return }
        change(&reading)
        tabulation.dimensions[dimension] = .component(reading)
    }

    /// Fills a batch with records `ID SEX CITIZENSHIP AGE_YEARS CROSSED_AT PERSON AMOUNT WEIGHT`, `-` for no value; the rest of a line may be left out.
    static func fill(_ batch: Batch, _ lines: ArraySlice<String>) throws {
        batch.removeAllRows()
        for (number, line) in lines.enumerated() {
            let row = batch.appendRow(line: UInt64(lines.startIndex + number + 2))
            for (column, word) in line.split(separator: " ").enumerated() where word != "-" {
                try Array(word.utf8).withUnsafeBytes { try batch.set(column, row, $0) }
            }
        }
    }

    static func run(
        _ lines: [String], _ tabulation: Tabulation = tabulation(), depth: CubeObligations = CubeObligations(), protection: ProtectionObligations? = nil,
        codes: (any KeyedCodes)? = nil, limits: TabulationLimits = TabulationLimits(), batchRows: Int = 3
    ) throws -> (table: Table, report: TabulationReport) {
        let step = try Tabulate(tabulation, records: records, cells: cells, depth: depth, protection: protection, codes: codes, limits: limits)
        let batch = Batch(schema: records, capacity: batchRows)
        for start in stride(from: 0, to: lines.count, by: batchRows) {
            try fill(batch, lines[start..<min(lines.count, start + batchRows)])
            try step.add(batch)
        }
        return try step.finish()
    }

    /// `SEX.AGE.CITIZENSHIP.PERIOD=value`, in the order of the table.
    static func cells(_ table: Table) -> [String] {
        (0..<table.batch.rowCount).map { row in
            (1..<5).map { table.batch.string($0, row) ?? "" }.joined(separator: ".") + "=" + (table.batch.string(5, row) ?? "")
        }
    }

    static func error(_ body: () throws -> Void) -> TabulationError? {
        do { try body() } catch { return error as? TabulationError }
        return nil
    }
}

/// Keys that a test can compute by itself.
struct PlainCodes: KeyedCodes {
    func code(_ message: [UInt8], for use: String) -> SHA256Digest {
        var bytes = [UInt8](repeating: 0, count: SHA256Digest.byteCount)
        bytes[0] = message.reduce(UInt8(use.utf8.count)) { $0 &* 31 &+ $1 }
        return SHA256Digest(bytes: bytes)!
    }
}
