public import SluiceKit

/// Registers the protection of records.
public enum MicrodataPlugin: ProtectionPlugin {
    public static var descriptor: PluginDescriptor {
        PluginDescriptor(
            name: "microdata", kind: .protection, version: "0.1.0",
            description:
                "Protects records about single persons: removes identifiers, makes pseudonyms, generalises and withholds until k-anonymity, l-diversity and t-closeness hold; audits what leaves.",
            configuration: [
                .init("recordsMax", .integer, default: "\(RecordLimits().recordsMax)", "Most records of one table."),
                .init(
                    "latticeNodesMax", .integer, default: "\(RecordLimits().latticeNodesMax)",
                    "Most combinations of levels that the search for the least loss may have before it."),
                .init("nodesTriedMax", .integer, default: "\(RecordLimits().nodesTriedMax)", "Most of them that it looks at."),
                .init("deadlineSeconds", .integer, default: "300", "Time for one table; past it the release is refused."),
            ],
            capabilities: [], provides: ["records"])
    }

    public static func make(limits: RecordLimits = RecordLimits()) -> any Protection { RecordProtection(limits: limits) }
    public static var protections: [any Protection] { [make()] }
}
