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
    /// - Throws: `structureUnknown`, or `unsupported` when the mapping does not fit the structure.
    public static func reader(of source: any ByteSource, mapping: CSVMapping, in context: ReadContext) throws(ReadError) -> MappedCSVReader {
        try MappedCSVReader(source, mapping: mapping, in: context)
    }
}
