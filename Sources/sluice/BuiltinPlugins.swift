internal import FormatCSV
internal import FormatSDMXCSV
internal import FormatSDMXJSON
internal import FormatSDMXML
internal import ProtectSuppression
internal import SealASiC
internal import SluiceKit
internal import StoreSQLite
internal import TransportHTTP

/// Every plugin of this build. A third party's own gateway adds its plugin to this list.
enum BuiltinPlugins {
    static let all: [any Plugin.Type] = [
        SDMXMLPlugin.self, SDMXCSVPlugin.self, SDMXJSONPlugin.self, CSVPlugin.self,
        ASiCSealPlugin.self, HTTPTransportPlugin.self, SuppressionPlugin.self, SQLiteStorePlugin.self,
    ]

    static var dataFormats: [any DataFormat] { all.compactMap { $0 as? any FormatPlugin.Type }.flatMap { $0.dataFormats } }
    static var protections: [any Protection] { all.compactMap { $0 as? any ProtectionPlugin.Type }.flatMap { $0.protections } }
    static var structureFormats: [any StructureFormat] { all.compactMap { $0 as? any FormatPlugin.Type }.flatMap { $0.structureFormats } }
}
