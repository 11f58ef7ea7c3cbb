import SluiceKit

/// Says in plain lines what an agreement demands, and why a dataset passes or does not.
package enum Explanation {
    /// Every term of an agreement, in the order in which it is looked at.
    package static func plan(_ agreement: Agreement) -> [String] {
        var lines = [
            "\(agreement.name): \(agreement.title)",
            "  effect       \(agreement.isPermit ? "permits" : "forbids, whatever other agreements permit")",
            "  giver        \(agreement.giver)",
            "  receivers    \(named(agreement.receivers, all: "everybody"))",
            "  dataflow     \(agreement.dataflow)\(agreement.dataflow.version == nil ? " (any version)" : "")",
            "  direction    \(agreement.directions.map(\.rawValue).sorted().joined(separator: ", "))",
            "  purpose      \(named(agreement.purposes, all: "any"))",
            "  legal basis  \(agreement.legalBasis)",
            "  in force     \(agreement.from) to \(agreement.until), both days included",
        ]
        if let version = agreement.supersedes { lines.insert("  follows      version \(version)", at: 2) }
        if let channels = agreement.channels { lines.append("  travels by   \(channels.sorted().joined(separator: ", ")) only") }
        guard agreement.isPermit else { return lines }
        lines.append("  grants (what is not named here does not travel):")
        for (id, grant) in agreement.dimensions.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "    \(id): \(grant.codes.map { $0.sorted().joined(separator: ", ") } ?? "all codes")\(grant.deepestLevel.map { ", summed to level \($0) of the code list" } ?? "")"
            )
            let byTarget = Dictionary(grouping: grant.coarsening.keys) { grant.coarsening[$0] ?? "" }
            for (broader, narrower) in byTarget.sorted(by: { $0.key < $1.key }) {
                lines.append("      \(narrower.sorted().joined(separator: ", ")) travel as \(broader)")
            }
        }
        for combination in agreement.forbidden.map({ TermJudge.named($0) }).sorted() { lines.append("    never together: \(combination)") }
        if let lag = agreement.timeLag { lines.append("    only periods that ended at least \(lag.text) ago") }
        lines.append("    observations with other codes: \(agreement.outside == .refuse ? "the whole dataset is refused" : "are left out")")
        if !agreement.dropped.isEmpty { lines.append("    attributes that do not travel: \(agreement.dropped.sorted().joined(separator: ", "))") }
        if let records = agreement.records { lines += records.explanation }
        if let most = agreement.observationsMax { lines.append("    at most \(most) observations of a dataset") }
        if let protection = agreement.protection { lines += describe(protection) } else { lines.append("  protection   none is agreed") }
        lines += describe(agreement.handling)
        return lines
    }

    private static func named(_ names: [String], all: String) -> String { names == [Agreement.all] ? all : names.joined(separator: ", ") }

    /// What was looked at for one dataset, term by term, and the outcome.
    /// - Parameter standing: those that are not in force may stand against it.
    package static func trace(_ request: AgreementRequest, under standing: StandingAgreements) -> [String] {
        let (evaluated, judgements) = Decide.evaluate(request, standing.active, records: standing.records)
        let decision = standing.decision(request, evaluated)
        var lines = [
            "\(request.direction.rawValue) \(request.dataflow) from \(request.giver) to \(request.receiver) for \(request.purpose) on \(request.today), \(request.summary.rowCount) observations"
        ]
        var current = ""
        for judgement in judgements {
            if judgement.agreement != current {
                current = judgement.agreement
                lines.append("\(current):")
            }
            lines.append("  \(judgement.failure == nil ? "holds" : "FAILS")  \(judgement.term): demands \(judgement.demands); found \(judgement.found)")
        }
        switch decision {
        case .permit(let obligations):
            lines.append("PERMITTED under \(obligations.agreements.joined(separator: ", "))")
            if let protection = obligations.protection { lines += describe(protection) }
            lines += describe(obligations.handling)
        case .refuse(let reasons):
            lines.append("REFUSED")
            lines += reasons.map { "  \($0)" }
        }
        return lines
    }
}
