/// The namespaces that matter to SDMX-ML, by what they are for and not by their version.
enum XMLNamespace: Hashable, Sendable {
    case none
    case message, common, structure
    case generic, structureSpecific
    /// Compact data of SDMX-ML 2.0.
    case compact
    case schemaInstance
    case xml
    case other
}

/// Which SDMX-ML a namespace belongs to.
enum SDMXMLVersion: String, Hashable, Sendable, Comparable {
    case v1_0 = "1.0", v2_0 = "2.0", v2_1 = "2.1", v3_0 = "3.0", v3_1 = "3.1"

    static func < (left: SDMXMLVersion, right: SDMXMLVersion) -> Bool { left.rawValue < right.rawValue }
}

/// An element or attribute name with its namespace understood once, when the name first appears.
struct XMLName: Sendable {
    let namespace: XMLNamespace
    let version: SDMXMLVersion?
    let local: String
    /// The namespace as the message spells it; empty for none.
    let uri: String

    init(uri: String, local: String) {
        self.local = local
        self.uri = uri
        guard !uri.isEmpty else {
            namespace = .none
            version = nil
            return
        }
        if uri == "http://www.w3.org/2001/XMLSchema-instance" {
            namespace = .schemaInstance
            version = nil
            return
        }
        if uri == "http://www.w3.org/XML/1998/namespace" {
            namespace = .xml
            version = nil
            return
        }
        let prefixes: [(String, SDMXMLVersion)] = [
            ("http://www.sdmx.org/resources/sdmxml/schemas/v2_1/", .v2_1), ("http://www.sdmx.org/resources/sdmxml/schemas/v3_0/", .v3_0),
            ("http://www.sdmx.org/resources/sdmxml/schemas/v3_1/", .v3_1), ("http://www.SDMX.org/resources/SDMXML/schemas/v2_0/", .v2_0),
            ("http://www.SDMX.org/resources/SDMXML/schemas/v1_0/", .v1_0), ("http://www.sdmx.org/resources/SDMXML/schemas/v2_0/", .v2_0),
        ]
        for (prefix, version) in prefixes where uri.hasPrefix(prefix) {
            self.version = version
            switch uri.dropFirst(prefix.count) {
            case "message": namespace = .message
            case "common": namespace = .common
            case "structure": namespace = .structure
            case "data/generic", "generic": namespace = .generic
            case "data/structurespecific": namespace = .structureSpecific
            case "compact": namespace = .compact
            default: namespace = .other
            }
            return
        }
        namespace = .other
        version = nil
    }
}
