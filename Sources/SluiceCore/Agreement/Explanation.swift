import SluiceKit

/// Says in plain lines what an agreement demands, and why a dataset passes or does not.
package enum Explanation {
    /// Every term of an agreement, in the order in which it is looked at.
    package static func plan(_ agreement: Agreement) -> [String] {
        var lines = [
            "\(agreement.name): \(agreement.title)",
            "  giver        \(agreement.giver)",
            "  receivers    \(agreement.receivers.joined(separator: ", "))",
            "  dataflow     \(agreement.dataflow)\(agreement.dataflow.version == nil ? " (any version)" : "")",
            "  direction    \(agreement.directions.map(\.rawValue).sorted().joined(separator: ", "))",
            "  purpose      \(agreement.purposes.joined(separator: ", "))",
            "  legal basis  \(agreement.legalBasis)",
            "  in force     \(agreement.from) to \(agreement.until), both days included",
            "  grants (what is not named here does not travel):",
        ]
        for (id, grant) in agreement.dimensions.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "    \(id): \(grant.codes.map { $0.sorted().joined(separator: ", ") } ?? "all codes")\(grant.deepestLevel.map { ", summed to level \($0) of the code list" } ?? "")"
            )
            let byTarget = Dictionary(grouping: grant.coarsening.keys) { grant.coarsening[$0] ?? "" }
            for (broader, narrower) in byTarget.sorted(by: { $0.key < $1.key }) {
                lines.append("      \(narrower.sorted().joined(separator: ", ")) travel as \(broader)")
            }
        }
        lines.append("    observations with other codes: \(agreement.outside == .refuse ? "the whole dataset is refused" : "are left out")")
        if !agreement.dropped.isEmpty { lines.append("    attributes that do not travel: \(agreement.dropped.sorted().joined(separator: ", "))") }
        if let records = agreement.records { lines += records.explanation }
        if let protection = agreement.protection { lines += describe(protection) } else { lines.append("  protection   none is agreed") }
        lines += describe(agreement.handling)
        return lines
    }

    /// What was looked at for one dataset, term by term, and the outcome.
    package static func trace(_ request: AgreementRequest, under agreements: [Agreement]) -> [String] {
        let (decision, judgements) = Decide.evaluate(request, agreements)
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

    private static func describe(_ protection: ProtectionObligations) -> [String] {
        var lines = [
            "  protection   \(protection.method): cells of 1 to \((protection.rules.minimumCell ?? 1) - 1) are unsafe, protected to \(protection.rules.safetyPercent) % of their value, at least 1, to either side",
            "    unsafe cells are \(protection.mode == .withheld ? "withheld (OBS_STATUS=Q)" : "sent with a confidentiality flag")\(protection.neutralStatus ? ", all under one neutral code" : "")",
            "    chosen by \(protection.cost == .one ? "fewest cells" : "least value") withheld",
        ]
        if let component = protection.frequencyComponent { lines.append("    contributors are counted by \(component)") }
        for (dimension, totals) in protection.totals.sorted(by: { $0.key < $1.key }) {
            switch totals {
            case .code(let code): lines.append("    \(dimension): \(code) is the total")
            case .parts(let breakdowns):
                for breakdown in breakdowns { lines.append("    \(dimension): \(breakdown.total) = \(breakdown.parts.joined(separator: " + "))") }
            case .none: lines.append("    \(dimension): does not add up")
            }
        }
        return lines
    }

    private static func describe(_ handling: HandlingObligations) -> [String] {
        let onward: String
        switch handling.onwardTransfer {
        case .none: onward = "to nobody"
        case .to(let receivers): onward = "only to \(receivers.joined(separator: ", "))"
        case .public: onward = "to anybody"
        }
        var lines = ["  kept         \(handling.retention ?? "without a limit")", "  passed on    \(onward)"]
        if let embargo = handling.embargo { lines.append("  embargo      until \(embargo)") }
        if let citation = handling.citation { lines.append("  cited as     \(citation)") }
        if handling.fourEyes { lines.append("  approval     by a second person") }
        return lines
    }
}
