import SluiceKit

/// The cells that name structure and action, the same in each line of a dataset.
enum DatasetPrefix {
    /// The cells with their separators.
    static func cells(_ description: DatasetDescription, _ version: SDMXCSVFormat.Version, _ options: CSVOptions) throws(WriteError) -> [UInt8] {
        let schema = description.schema
        var reference = description.reference
        if version == .v1, reference.artefactClass != .dataflow { reference = schema.flow ?? reference }
        let name = reference == schema.structure.reference ? schema.structure.identity.names.text(in: options.language) : nil
        let id = reference.description + (options.labels == .both ? name.map { ": " + $0 } ?? "" : "")
        var cells = [id]
        if version != .v1 {
            let type: String
            switch reference.artefactClass {
            case .dataflow: type = "dataflow"
            case .dataStructure: type = "datastructure"
            case .provisionAgreement: type = "dataprovision"
            default: throw WriteError(.unsupported, detail: "data cannot refer to a \(reference.artefactClass.rawValue) in SDMX-CSV \(version.rawValue)")
            }
            cells = [type, id] + (options.labels == .name ? [name ?? ""] : []) + [ActionTerm.term(description.action, version)]
        }
        var text: [UInt8] = []
        for cell in cells {
            CellText.append(Array(cell.utf8), to: &text, options.separator)
            text.append(options.separator)
        }
        return text
    }
}

/// `SERIES_KEY` and `OBS_KEY`: the dimensions' values with dots between them (field guides 2.x, "Optional parameters", `keys`).
struct KeyCells {
    private let keys: [[Int]]
    private let separator: UInt8

    init(_ schema: DatasetSchema, _ dimensionAtObservation: String, _ options: CSVOptions) {
        let all = Array(schema.dimensions)
        let series = all.filter { schema.components[$0].id != dimensionAtObservation }
        keys =
            switch options.keys {
            case .none: []
            case .series: [series]
            case .obs: [all]
            case .both: [series, all]
            }
        separator = options.separator
    }

    func write(_ batch: Batch, _ row: Int, to out: ByteWriter) throws(WriteError) {
        for key in keys {
            var text: [UInt8] = []
            for (index, column) in key.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ".")) }
                if let cell = batch.cell(column, row) { text += Array(cell) }
            }
            var cell: [UInt8] = []
            CellText.append(text, to: &cell, separator)
            for byte in cell { try out.write(byte) }
            try out.write(separator)
        }
    }
}
