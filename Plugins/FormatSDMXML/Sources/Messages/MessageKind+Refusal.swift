import SluiceKit

extension MessageKind {
    /// The error for a reader that was given this message and cannot read it.
    func unsupported(line: Int, wanted: String) -> ReadError {
        ReadError(.unsupported, line: line > 0 ? line : nil, detail: "this is \(description), not \(wanted); \(advice)")
    }

    /// What to do with a message that is not the one expected.
    private var advice: String {
        if let format = SDMXMLDataFormat.format(of: self) { return "read it as \(format.id)" }
        guard let version else { return "name its format with --from, or check that it is the right file" }
        if version == .v1_0 { return "SDMX-ML 1.0 is not read; ask the sender for SDMX-ML 2.1 or later" }
        switch root {
        case "CrossSectionalData":
            return "cross-sectional data are not read; ask the sender for compact or generic data, or convert them to SDMX-ML 2.1"
        case "UtilityData": return "utility data are not read; ask the sender for compact or generic data, or convert them to SDMX-ML 2.1"
        case "Structure": return "it holds structures and no data: give it with --structures"
        case "GenericMetadata", "StructureSpecificMetadata", "MetadataReport": return "it holds reference metadata and no data"
        case "RegistryInterface": return "it is part of a conversation with a registry and holds no data"
        case "Error": return "it is a server's error message and holds no data"
        default: return root.hasSuffix("Query") || root.hasPrefix("Query") ? "it is a query and holds no data" : "it holds no data that Sluice reads"
        }
    }
}
