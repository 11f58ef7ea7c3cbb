import SluiceKit

/// What the cells before the components say: to which structure a row belongs, and what it does.
enum RowControl {
    /// Reads the header line.
    static func header(_ scanner: CSVScanner, _ version: SDMXCSVFormat.Version) throws(ReadError) -> HeaderRow {
        guard let opening = Opening(try scanner.head(bytesMax: 64)) else {
            throw ReadError(
                .unsupported, line: 1, byteOffset: 0,
                detail:
                    "an SDMX-CSV \(version.rawValue) message begins with the column \(version == .v1 ? "DATAFLOW" : "STRUCTURE"); check the format, or give a mapping for plain CSV"
            )
        }
        guard (opening.generation == .first) == (version == .v1) else {
            let other =
                opening.generation == .first
                ? "SDMX-CSV 1.0 (its first column is DATAFLOW); ask for sdmx-csv-1.0"
                : "SDMX-CSV 2.x (its first column is STRUCTURE); ask for sdmx-csv-2.0 or sdmx-csv-2.1"
            throw ReadError(.unsupported, line: 1, byteOffset: 0, detail: "the message is \(other)")
        }
        scanner.separator = opening.separator
        guard try scanner.nextRow() else { throw ReadError(.truncated, line: 1, detail: "the file has no header row") }
        return try HeaderRow(scanner, opening: opening)
    }

    /// The cells that decide to which dataset a row belongs.
    static func cells(_ row: HeaderRow) -> [Int] {
        row.opening.generation == .first ? [row.structureID] : [0, row.structureID] + (row.action.map { [$0] } ?? [])
    }

    static func reference(_ scanner: CSVScanner, _ row: HeaderRow) throws(ReadError) -> ArtefactReference {
        var text = String(decoding: scanner.cell(row.structureID), as: UTF8.self)
        // `AGENCY:ID(VERSION): Name` with labels=both; a reference itself holds no blank.
        let bytes = text.utf8
        if let blank = bytes.firstIndex(of: UInt8(ascii: " ")), blank > bytes.startIndex, bytes[bytes.index(before: blank)] == UInt8(ascii: ":") {
            text = String(text[..<bytes.index(before: blank)])
        }
        var artefactClass = ArtefactClass.dataflow
        if row.opening.generation == .second {
            switch String(decoding: scanner.cell(0), as: UTF8.self) {
            case "dataflow": artefactClass = .dataflow
            case "datastructure": artefactClass = .dataStructure
            case "dataprovision": artefactClass = .provisionAgreement
            case let other:
                throw ReadError(
                    .malformed, line: scanner.line, column: 1, detail: "STRUCTURE is “\(other.prefix(64))”; write dataflow, datastructure or dataprovision")
            }
        }
        guard let reference = ArtefactReference(artefactClass, short: text) else {
            throw ReadError(
                .malformed, line: scanner.line, column: row.structureID + 1,
                detail: "\(row.columns[row.structureID].text) is “\(text.prefix(64))”; write AGENCY:ID(VERSION)")
        }
        return reference
    }

    /// nil where the row names an action that is none.
    static func action(_ scanner: CSVScanner, _ row: HeaderRow, _ version: SDMXCSVFormat.Version) -> DatasetAction? {
        guard let cell = row.action else { return version == .v1 ? .information : ActionTerm.absent(version) }
        return ActionTerm.action(scanner.cell(cell), version)
    }
}
