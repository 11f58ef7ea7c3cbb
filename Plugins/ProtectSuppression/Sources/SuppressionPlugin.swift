public import SluiceKit

/// Registers cell suppression.
public enum SuppressionPlugin: ProtectionPlugin {
    public static var descriptor: PluginDescriptor {
        PluginDescriptor(
            name: "suppression", kind: .protection, version: "0.1.0",
            description: "Withholds small counts, and as many further cells as keep them from being computed; audits the released table by linear programs.",
            configuration: [
                .init("cellsMax", .integer, default: "\(SuppressionLimits().cellsMax)", "Most observations of one table."),
                .init(
                    "equationsOfPartMax", .integer, default: "\(SuppressionLimits().equationsOfPartMax)",
                    "Most sums in one connected part of a table; memory grows with its square."),
                .init("pivotsMax", .integer, default: "\(SuppressionLimits().pivotsMax)", "Most steps of all linear programs of one table."),
                .init(
                    "improvementPivotsMax", .integer, default: "\(SuppressionLimits().improvementPivotsMax)",
                    "Steps spent on withholding fewer cells once the table is safe."),
                .init("deadlineSeconds", .integer, default: "300", "Time for one table; past it the release is refused."),
            ],
            capabilities: [], provides: ["suppression"])
    }

    public static func make(limits: SuppressionLimits = SuppressionLimits()) -> any Protection { Suppression(limits: limits) }
    public static var protections: [any Protection] { [make()] }
}
