import SluiceKit

/// The header of an SDMX-CSV message: what each column is called, before any structure is known.
struct HeaderRow {
    struct Column {
        /// The cell as it stands.
        let text: String
        /// The component's id without label and brackets; ids of nested metadata attributes are joined by dots.
        let id: String
        /// `ID: Name`, as `labels=both` writes it.
        let isLabelled: Bool
        let shape: CellShape
    }

    let opening: Opening
    let columns: [Column]
    /// Where the structure's id stands (`DATAFLOW` in 1.0, `STRUCTURE_ID` in 2.x).
    let structureID: Int
    /// Where the action stands; 2.x only.
    let action: Int?
    /// Columns that are part of the message, not of the data: their cells are never components.
    let control: Set<Int>
    /// Cells may read `ID: Name` (field guides, "Optional parameters", `labels=both`).
    let hasLabels: Bool
    /// Each component column is followed by one with the names (2.x, `labels=name`).
    let hasNameColumns: Bool

    init(_ scanner: CSVScanner, opening: Opening) throws(ReadError) {
        self.opening = opening
        let subfieldSeparator = Character(Unicode.Scalar(opening.subfieldSeparator ?? Opening.subfieldSeparatorDefault))
        var columns: [Column] = []
        for index in 0..<scanner.cellCount { columns.append(Self.column(String(decoding: scanner.cell(index), as: UTF8.self), subfieldSeparator)) }
        self.columns = columns
        var control: Set<Int> = [0]
        func find(_ term: String) -> Int? {
            guard let index = columns.firstIndex(where: { $0.text == term }) else { return nil }
            control.insert(index)
            return index
        }
        if opening.generation == .first {
            structureID = 0
            action = nil
            hasNameColumns = false
        } else {
            guard let index = find("STRUCTURE_ID") else {
                throw ReadError(.malformed, line: scanner.line, detail: "the header has no STRUCTURE_ID column; SDMX-CSV 2.0 has it as the second column")
            }
            structureID = index
            action = find("ACTION")
            hasNameColumns = find("STRUCTURE_NAME") != nil
            _ = find("SERIES_KEY")
            _ = find("OBS_KEY")
        }
        self.control = control
        hasLabels = columns.dropFirst().contains(where: \.isLabelled)
    }

    /// Reads `ID`, `ID: Name`, `ID[]`, `ID[en;fr]`, `PARENT[].ID[]` and what can be made of them.
    private static func column(_ text: String, _ subfieldSeparator: Character) -> Column {
        let isPlain = !text.utf8.contains { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: ":") }
        if isPlain { return Column(text: text, id: text, isLabelled: false, shape: CellShape()) }
        var id = ""
        var brackets: [Substring] = []
        var endsInBracket = false
        var rest = text[...]
        var isLabelled = false
        while let character = rest.first {
            if rest.hasPrefix(": ") {
                isLabelled = true
                break
            }
            if character == "[", let close = rest.firstIndex(of: "]") {
                brackets.append(rest[rest.index(after: rest.startIndex)..<close])
                rest = rest[rest.index(after: close)...]
                endsInBracket = true
            } else {
                id.append(character)
                rest = rest.dropFirst()
                endsInBracket = false
            }
        }
        var shape = CellShape()
        if endsInBracket, let own = brackets.popLast() {
            if own.isEmpty { shape.isArray = true } else { shape.languages = own.split(separator: subfieldSeparator).map { Array($0.utf8) } }
        }
        shape.hasParents = !brackets.isEmpty
        return Column(text: text, id: id, isLabelled: isLabelled, shape: shape)
    }
}
