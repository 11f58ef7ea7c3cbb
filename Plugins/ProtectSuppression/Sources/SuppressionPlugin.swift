public import SluiceKit

/// Registers cell suppression.
public enum SuppressionPlugin: ProtectionPlugin {
    public static var descriptor: PluginDescriptor {
        PluginDescriptor(
            name: "suppression", kind: .protection, version: "0.2.0",
            description:
                "Withholds unsafe cells and as many further ones as keep them from being computed, or coarsens until no cell is unsafe; audits what leaves.",
            configuration: [
                .init("cellsMax", .integer, default: "\(SuppressionLimits().cellsMax)", "Most observations of one table."),
                .init(
                    "equationsOfPartMax", .integer, default: "\(SuppressionLimits().equationsOfPartMax)",
                    "Most sums that one linear program may take into its basis; memory grows with its square, 8 bytes each."),
                .init("pivotsMax", .integer, default: "\(SuppressionLimits().pivotsMax)", "Most steps of all linear programs of one table."),
                .init(
                    "improvementPivotsMax", .integer, default: "\(SuppressionLimits().improvementPivotsMax)",
                    "Steps spent on withholding fewer cells once the table is safe."),
                .init("deadlineSeconds", .integer, default: "900", "Time for one table; past it the release is refused."),
            ],
            capabilities: [], provides: ["suppression", "coarsening"])
    }

    public static func make(limits: SuppressionLimits = SuppressionLimits()) -> any Protection { Suppression(limits: limits) }
    /// - Parameter limits: nil for those of coarsening.
    public static func makeCoarsening(limits: SuppressionLimits? = nil) -> any Protection { Coarsening(limits: limits ?? .ofCoarsening) }
    public static var protections: [any Protection] { [make(), makeCoarsening()] }
}
