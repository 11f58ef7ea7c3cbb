public import SluiceKit

/// Registers the protection of records.
public enum MicrodataPlugin: ProtectionPlugin {
    public static var descriptor: PluginDescriptor {
        PluginDescriptor(
            name: "microdata", kind: .protection, version: "0.1.0",
            description:
                "Protects records about single persons: removes identifiers, makes pseudonyms, generalises and withholds until k-anonymity, l-diversity and t-closeness hold; audits what leaves.",
            capabilities: [], provides: ["records"])
    }

    public static func make(limits: RecordLimits = RecordLimits()) -> any Protection { RecordProtection(limits: limits) }
    public static var protections: [any Protection] { [make()] }
}
