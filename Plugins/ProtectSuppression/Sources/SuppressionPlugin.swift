public import SluiceKit

/// Registers cell suppression.
public enum SuppressionPlugin: ProtectionPlugin {
    public static var descriptor: PluginDescriptor {
        PluginDescriptor(
            name: "suppression", kind: .protection, version: "0.2.0",
            description:
                "Withholds unsafe cells and as many further ones as keep them from being computed, or coarsens until no cell is unsafe; audits what leaves.",
            capabilities: [], provides: ["suppression", "coarsening"])
    }

    public static func make(limits: SuppressionLimits = SuppressionLimits()) -> any Protection { Suppression(limits: limits) }
    /// - Parameter limits: nil for those of coarsening.
    public static func makeCoarsening(limits: SuppressionLimits? = nil) -> any Protection { Coarsening(limits: limits ?? .ofCoarsening) }
    public static var protections: [any Protection] { [make(), makeCoarsening()] }
}
