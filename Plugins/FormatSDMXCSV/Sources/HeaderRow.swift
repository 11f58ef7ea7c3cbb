import SluiceKit

/// The header of an SDMX-CSV message: what each column is called, before any structure is known.
struct HeaderRow {
    struct Column {
        /// The cell as it stands.
        let text: String
        /// The component's id without label and brackets.
        let id: String
        /// `ID: Name`, as `labels=both` writes it.
        let isLabelled: Bool
        /// `ID[]`: the cell may hold several values.
        let isMultiple: Bool
        /// `ID[en;fr]`: the cell holds one text per language.
        let languages: [String]
    }

    let opening: Opening
    let columns: [Column]
    /// Where the structure's id stands (`DATAFLOW` in 1.0, `STRUCTURE_ID` in 2.0).
    let structureID: Int
    /// Where the action stands; 2.0 only.
    let action: Int?
    /// Columns that are part of the message, not of the data: their cells are never components.
    let control: Set<Int>
    /// Cells may read `ID: Name` (field guides, "Optional parameters", `labels=both`).
    let hasLabels: Bool
    /// Each component column is followed by one with the names (2.0, `labels=name`).
    let hasNameColumns: Bool

    init(_ scanner: CSVScanner, opening: Opening) throws(ReadError) {
        self.opening = opening
        let subfieldSeparator = Character(Unicode.Scalar(opening.subfieldSeparator ?? UInt8(ascii: ";")))
        var columns: [Column] = []
        for index in 0..<scanner.cellCount { columns.append(Self.column(String(decoding: scanner.cell(index), as: UTF8.self), subfieldSeparator)) }
        self.columns = columns
        var control: Set<Int> = [0]
        func find(_ term: String) -> Int? {
            guard let index = columns.firstIndex(where: { $0.text == term }) else { return nil }
            control.insert(index)
            return index
        }
        if opening.version == .v1 {
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

    private static func column(_ text: String, _ subfieldSeparator: Character) -> Column {
        var id = text[...]
        var isLabelled = false
        if let colon = text.firstRange(of: ": ") {
            id = text[..<colon.lowerBound]
            isLabelled = true
        }
        var isMultiple = false
        var languages: [String] = []
        // `CONTACT[].NAME[]`, a nested metadata attribute, keeps its brackets and so is no component that is known.
        if id.last == "]", let open = id.firstIndex(of: "["), id.firstIndex(of: "]") == id.index(before: id.endIndex) {
            let inner = id[id.index(after: open)...].dropLast()
            isMultiple = inner.isEmpty
            languages = inner.isEmpty ? [] : inner.split(separator: subfieldSeparator).map(String.init)
            id = id[..<open]
        }
        return Column(text: text, id: String(id), isLabelled: isLabelled, isMultiple: isMultiple, languages: languages)
    }
}
