import SluiceKit

/// A table as suppression sees it: figures, sums, and what has to be protected. The search and the audit make one each, for themselves.
struct Problem {
    let observations: Observations
    let system: CellSystem
    let demands: Demands

    init(_ table: Table, under obligations: ProtectionObligations, limits: SuppressionLimits) throws(ProtectionError) {
        observations = try Observations(table, under: obligations)
        var system = try CellSystem(table, values: observations.values, totals: obligations.totals, limits: limits)
        let demands = try Demands(system, observations, under: obligations)
        system.removeIdleTotals { demands.unsafe[$0] == nil }
        self.system = system
        self.demands = demands
    }
}
