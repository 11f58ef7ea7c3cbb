import SluiceKit

extension Explanation {
    static func describe(_ rules: RecordRules) -> [String] {
        var lines = ["  protection   by records: single records travel, made alike:"]
        func list(_ what: String, _ ids: [String]) { if !ids.isEmpty { lines.append("    \(what): \(ids.joined(separator: ", "))") } }
        list("never travel", rules.identifiers)
        list("replaced by pseudonyms of this receiver and agreement", rules.pseudonyms)
        lines.append("    at least \(rules.k) records share all of \(rules.quasiIdentifiers.joined(separator: ", "))")
        list("must not be learnt of a person", rules.sensitive)
        if let diversity = rules.diversity { lines.append("    of each of these every such class has \(diversity.words) at least") }
        if let percent = rules.closenessPercent { lines.append("    and a distribution at most \(percent) % away from that of all records") }
        for (id, generalisation) in rules.generalisation.sorted(by: { $0.key < $1.key }) {
            lines.append("    \(id) may be made coarser \(generalisation.words)")
        }
        for (id, bounds) in rules.bounds.sorted(by: { $0.key < $1.key }) { lines.append("    numbers of \(id): \(bounds.words); beyond becomes the bound") }
        lines.append("    at most \(rules.suppressedPercentMax) % of the records are left out or have a value withheld; past it nothing travels")
        return lines
    }
}
