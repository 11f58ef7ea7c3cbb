public import SluiceKit

extension SuppressionPlugin {
    /// The gate across releases. It uses this plugin's linear programs, whatever protection a release went through.
    public static func differencing(limits: DifferencingLimits = DifferencingLimits()) -> any DifferencingAudit { DifferencingGate(limits: limits) }
}
