public import SluiceKit

/// SDMX-ML: data messages of 2.0 (reading), 2.1 and 3.x in every spelling, and structure messages.
public enum SDMXMLPlugin: FormatPlugin {
    public static var descriptor: PluginDescriptor {
        PluginDescriptor(
            name: "FormatSDMXML", kind: .format, version: sluiceVersion,
            description:
                "Reads and writes SDMX-ML: data of 2.1, 3.0 and 3.1, structure-specific and generic, and structure messages; reads compact and generic data of 2.0.",
            capabilities: [.streams, .reads, .writes], provides: dataFormats.map(\.id) + structureFormats.map(\.id))
    }
    public static var dataFormats: [any DataFormat] { SDMXMLDataFormat.all }
    public static var structureFormats: [any StructureFormat] { SDMXMLStructureFormat.all }

    public static func describe(_ head: [UInt8]) -> String? { MessageKind.sniff(head)?.description }
}
