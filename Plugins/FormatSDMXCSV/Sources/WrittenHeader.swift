import SluiceKit

/// The header as it grows: which columns there are, how their cells are shaped, and in which languages.
final class WrittenHeader {
    struct Column {
        let id: String
        /// `CONTACT[].NAME`: the id with the brackets of parents that are arrays.
        var bracketedID: String
        var name: String?
        /// nil until the first batch of the first dataset that has it was looked at.
        var values: ColumnSpelling.Values?
        var hasParents = false
        var languages: [String] = []
    }
    private let version: SDMXCSVFormat.Version
    private let options: CSVOptions
    let subfieldSeparator: UInt8
    private(set) var columns: [Column] = []

    init(_ version: SDMXCSVFormat.Version, _ options: CSVOptions) {
        self.version = version
        self.options = options
        subfieldSeparator =
            options.subfieldSeparator ?? (options.separator == Opening.subfieldSeparatorDefault ? UInt8(ascii: "|") : Opening.subfieldSeparatorDefault)
    }

    var hasKeys: Bool { options.keys != .none }
    var cellCount: Int { columns.count * (options.labels == .name ? 2 : 1) }

    /// Adds the components that have no column yet; returns false, and adds none, where `isOpen` is false and one is missing.
    func add(_ schema: DatasetSchema, isOpen: Bool) throws(WriteError) {
        for component in schema.components where !columns.contains(where: { $0.id == Self.term(component, version) }) {
            guard isOpen else {
                throw WriteError(
                    .unsupported,
                    detail:
                        "the header has been written and has no column \(component.id) of \(schema.structure.reference): the datasets before it are larger than \(PendingBody.bytesMax >> 20) MiB; write datasets of different structures into separate SDMX-CSV files"
                )
            }
            columns.append(
                Column(id: Self.term(component, version), bracketedID: component.id, name: component.names.text(in: options.language)))
        }
    }

    /// SDMX-CSV 1.0 fixes the term of the measure column.
    static func term(_ component: Component, _ version: SDMXCSVFormat.Version) -> String {
        version == .v1 && component.role == .measure ? "OBS_VALUE" : component.id
    }

    /// Settles how the cells of a column are shaped.
    func shape(_ index: Int, _ values: ColumnSpelling.Values, hasParents: Bool, bracketedID: String) {
        columns[index].values = values
        columns[index].hasParents = hasParents
        columns[index].bracketedID = bracketedID
    }

    func take(_ language: String, in index: Int, isOpen: Bool) throws(WriteError) {
        guard !columns[index].languages.contains(language) else { return }
        guard isOpen else {
            throw WriteError(
                .unsupported,
                detail:
                    "\(columns[index].id) has a text in “\(language)”, which the header, already written, does not list; put a line with all languages among the first ones"
            )
        }
        columns[index].languages.append(language)
    }

    /// The header line.
    func line() -> [UInt8] {
        var terms: [String]
        if version == .v1 {
            terms = ["DATAFLOW"]
        } else {
            let hasSubfields = columns.contains { $0.values != nil && $0.values != .plain }
            terms = [hasSubfields ? "STRUCTURE[\(Character(Unicode.Scalar(subfieldSeparator)))]" : "STRUCTURE", "STRUCTURE_ID"]
            if options.labels == .name { terms.append("STRUCTURE_NAME") }
            terms.append("ACTION")
            if options.keys == .series || options.keys == .both { terms.append("SERIES_KEY") }
            if options.keys == .obs || options.keys == .both { terms.append("OBS_KEY") }
        }
        for column in columns {
            var term = version == .v1 ? column.id : column.bracketedID
            switch column.values {
            case .array: term += "[]"
            case .languages:
                let languages = column.languages.isEmpty ? [options.language] : column.languages
                term += "[" + languages.joined(separator: String(Character(Unicode.Scalar(subfieldSeparator)))) + "]"
            default: break
            }
            // A header without labels would say that the cells have none either; 1.0 gives the measure column no label.
            if options.labels == .both, version != .v1 || column.id != "OBS_VALUE" { term += ": " + (column.name ?? column.id) }
            terms.append(term)
            if options.labels == .name { terms.append(column.name ?? column.id) }
        }
        var line: [UInt8] = []
        for (index, term) in terms.enumerated() {
            if index > 0 { line.append(options.separator) }
            CellText.append(Array(term.utf8), to: &line, options.separator)
        }
        return line + Array(CellText.lineBreak.utf8)
    }
}
