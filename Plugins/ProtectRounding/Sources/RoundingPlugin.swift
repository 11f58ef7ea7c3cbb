public import SluiceKit

/// Registers controlled rounding, random rounding and the cell key method.
public enum RoundingPlugin: ProtectionPlugin {
    public static var descriptor: PluginDescriptor {
        PluginDescriptor(
            name: "rounding", kind: .protection, version: "0.1.0",
            description:
                "Changes counts a little instead of withholding them: controlled rounding (sums still hold), random rounding and the cell key method (the same cell always alike).",
            configuration: [
                .init("cellsMax", .integer, default: "\(RoundingLimits().cellsMax)", "Most observations of one table."),
                .init("sumCellsMax", .integer, default: "\(RoundingLimits().sumCellsMax)", "Most cells of a table whose sums have to hold."),
                .init(
                    "equationsOfPartMax", .integer, default: "\(RoundingLimits().equationsOfPartMax)",
                    "Most sums in one connected part of a table; memory grows with its square."),
                .init("pivotsMax", .integer, default: "\(RoundingLimits().pivotsMax)", "Most steps of all linear programs of one table."),
                .init(
                    "improvementPivotsMax", .integer, default: "\(RoundingLimits().improvementPivotsMax)",
                    "Steps spent on proving or finding less change once a part has a rounding."),
                .init("deadlineSeconds", .integer, default: "300", "Time for one table; past it the release is refused."),
            ],
            capabilities: [], provides: [ControlledRounding.method, RandomRounding.method, CellKeyMethod.method])
    }

    public static func make(limits: RoundingLimits = RoundingLimits()) -> [any Protection] {
        [ControlledRounding(limits: limits), RandomRounding(limits: limits), CellKeyMethod(limits: limits)]
    }
    public static var protections: [any Protection] { make() }
}
