public import SluiceKit

/// SDMX-JSON data messages 1.0 (for SDMX 2.1), 2.0 (for SDMX 3.0) and 2.1 (for SDMX 3.1), reading and writing.
public enum SDMXJSONPlugin: FormatPlugin {
    public static let descriptor = PluginDescriptor(
        name: "FormatSDMXJSON", kind: .format, version: sluiceVersion,
        description:
            "SDMX-JSON 1.0, 2.0 and 2.1: data messages, whose values are positions in lists, and structure messages.",
        capabilities: [.streams, .reads, .writes], provides: dataFormats.map(\.id) + structureFormats.map(\.id))

    public static var dataFormats: [any DataFormat] { SDMXJSONFormat.Version.allCases.map { SDMXJSONFormat(version: $0) } }
    public static var structureFormats: [any StructureFormat] { SDMXJSONStructureFormat.Version.allCases.map { SDMXJSONStructureFormat($0) } }
}
