public import SluiceKit

/// Plain CSV with a mapping: national tables with human labels become datasets of a data structure.
public enum CSVPlugin: Plugin {
    public static let descriptor = PluginDescriptor(
        name: "csv", kind: .format, version: sluiceVersion,
        description: "Reads plain CSV tables with human labels by a YAML mapping into datasets of a data structure.",
        configuration: [.init("mapping", .path, default: nil, "The mapping file: columns and labels to components and codes (Config/mappings has examples).")],
        capabilities: [.streams, .reads], provides: ["csv"])

    /// A reader of one table.
    /// - Parameter context: its flow goes before the mapping's reference; its structures have to define what is meant.
    /// - Parameter file: the table's name (path within its folder); a mapping for several tables tells them by it.
    /// - Throws: `structureUnknown`, or `unsupported` when the mapping does not fit the structure.
    public static func reader(of source: any ByteSource, mapping: CSVMapping, file: String? = nil, in context: ReadContext) throws(ReadError) -> MappedCSVReader
    {
        try MappedCSVReader(source, mapping: mapping, file: file, in: context)
    }

    /// A reader of a folder's tables as one dataset; what is wrong with one table is reported under its name, and the others go on.
    /// - Throws: `structureUnknown`, or `unsupported` when the mapping names components that the structure does not have.
    public static func reader(of folder: TableFolder, mapping: CSVMapping, in context: ReadContext) throws(ReadError) -> MappedFolderReader {
        try MappedFolderReader(folder, mapping: mapping, in: context)
    }
}
