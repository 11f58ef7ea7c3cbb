public import SluiceKit

/// SDMX-ML: data messages of 2.1 in both spellings, structure messages of 2.1, and structure-specific data of 3.x for reading.
public enum SDMXMLPlugin: FormatPlugin {
    public static var descriptor: PluginDescriptor {
        PluginDescriptor(
            name: "FormatSDMXML", kind: .format, version: sluiceVersion,
            description:
                "Reads and writes SDMX-ML 2.1: structure-specific and generic data, and structure messages; reads structure-specific data of SDMX-ML 3.x.",
            capabilities: [.streams, .reads, .writes], provides: dataFormats.map(\.id) + structureFormats.map(\.id))
    }
    public static var dataFormats: [any DataFormat] { [SDMXMLDataFormat.structureSpecific, SDMXMLDataFormat.generic, SDMXMLDataFormat.structureSpecific3] }
    public static var structureFormats: [any StructureFormat] { SDMXMLStructureFormat.all }
}
