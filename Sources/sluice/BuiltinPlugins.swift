internal import FormatCSV
internal import FormatSDMXCSV
internal import FormatSDMXJSON
internal import FormatSDMXML
internal import ProtectMicrodata
internal import ProtectRounding
internal import ProtectSuppression
internal import SealASiC
internal import SealJWS
internal import SluiceKit
internal import StoreSQLite
internal import TransportFolder
internal import TransportHTTP

/// Every plugin of this build. A third party's own gateway adds its plugin to this list.
enum BuiltinPlugins {
    static let all: [any Plugin.Type] = [
        SDMXMLPlugin.self, SDMXCSVPlugin.self, SDMXJSONPlugin.self, CSVPlugin.self,
        ASiCSealPlugin.self, JWSSealPlugin.self, HTTPTransportPlugin.self, FolderTransportPlugin.self, SuppressionPlugin.self, RoundingPlugin.self,
        MicrodataPlugin.self,
        SQLiteStorePlugin.self,
    ]

    static var formats: [any FormatPlugin.Type] { all.compactMap { $0 as? any FormatPlugin.Type } }
    static var dataFormats: [any DataFormat] { formats.flatMap { $0.dataFormats } }
    static var structureFormats: [any StructureFormat] { formats.flatMap { $0.structureFormats } }
    static var formatIDs: [String] { dataFormats.map(\.id) + structureFormats.map(\.id) }
    static var differencing: any DifferencingAudit { SuppressionPlugin.differencing() }
    static var protections: [any Protection] { all.compactMap { $0 as? any ProtectionPlugin.Type }.flatMap { $0.protections } }
}
