public import SluiceKit

/// SDMX-JSON 2.0 data messages (for SDMX 3.0), reading and writing.
public enum SDMXJSONPlugin: FormatPlugin {
    public static let descriptor = PluginDescriptor(
        name: "FormatSDMXJSON", kind: .format, version: sluiceVersion,
        description: "SDMX-JSON 2.0 data messages: series or flat observations whose values are indexes into lists.",
        capabilities: [.streams, .reads, .writes], provides: ["sdmx-json-2.0"])

    public static var dataFormats: [any DataFormat] { [SDMXJSONFormat()] }
    public static var structureFormats: [any StructureFormat] { SDMXJSONStructureFormat.Version.allCases.map { SDMXJSONStructureFormat($0) } }
}
