public import SluiceKit

/// SDMX-CSV 1.0 (for SDMX 2.1), 2.0 (for SDMX 3.0) and 2.1 (for SDMX 3.1), reading and writing.
public enum SDMXCSVPlugin: FormatPlugin {
    public static let descriptor = PluginDescriptor(
        name: "FormatSDMXCSV", kind: .format, version: sluiceVersion,
        description: "SDMX-CSV 1.0, 2.0 and 2.1: one observation per line, under a header that names the components.",
        capabilities: [.streams, .reads, .writes], provides: ["sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"])

    public static var dataFormats: [any DataFormat] { SDMXCSVFormat.Version.allCases.map(SDMXCSVFormat.init) }
}
