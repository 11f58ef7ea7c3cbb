public import SluiceKit

/// Registers controlled rounding, random rounding and the cell key method.
public enum RoundingPlugin: ProtectionPlugin {
    public static var descriptor: PluginDescriptor {
        PluginDescriptor(
            name: "rounding", kind: .protection, version: "0.1.0",
            description:
                "Changes counts a little instead of withholding them: controlled rounding (sums still hold), random rounding and the cell key method (the same cell always alike).",
            capabilities: [], provides: [ControlledRounding.method, RandomRounding.method, CellKeyMethod.method])
    }

    public static func make(limits: RoundingLimits = RoundingLimits()) -> [any Protection] {
        [ControlledRounding(limits: limits), RandomRounding(limits: limits), CellKeyMethod(limits: limits)]
    }
    public static var protections: [any Protection] { make() }
}
