import SluiceKit

extension TermJudge {
    mutating func judgeProtection() {
        guard let protection = agreement.protection else {
            note("protect", "none", "no protection is agreed")
            return
        }
        let how = "applied by \(protection.method), \(protection.mode.rawValue)"
        if protection.rules.isEmpty, protection.records == nil { note("protect.method", protection.method, how) }
        if let records = protection.records { judge(records) }
        for rule in protection.rules.words { note("protect.\(rule.term)", rule.words, how) }
        if let id = protection.frequencyComponent { judgeComponent(id, "protect.frequencyComponent", "counts contributors") }
        if let id = protection.cellKey?.component { judgeComponent(id, "protect.cellKey.component", "holds cell keys") }
        for id in protection.largestComponents { judgeComponent(id, "protect.largestComponents", "holds a largest contribution") }
        judgeTotals(protection.totals)
    }

    /// A component that protection looks at: a measure or an attribute of the structure.
    private mutating func judgeComponent(_ id: String, _ term: String, _ purpose: String) {
        guard schema.index(of: id).map({ schema.components[$0].isDimension }) ?? true else { return }
        note(term, "a measure or attribute \(id)", "none", .termUnbound, "\(schema.structure.reference) has no measure or attribute \(id) that \(purpose)")
    }

    private mutating func judgeTotals(_ totals: [String: ProtectionObligations.Totals]) {
        for id in totals.keys.sorted() {
            let term = "protect.totals.\(id)"
            guard isDimension(id), let column = schema.index(of: id) else {
                note(term, "a dimension \(id)", "none", .termUnbound, "the agreement gives totals of \(id), which \(schema.structure.reference) does not have")
                continue
            }
            let named: Set<String>
            switch totals[id] {
            case .code(let code)?: named = [code]
            case .parts(let breakdowns)?: named = Set(breakdowns.flatMap { [$0.total] + $0.parts })
            case ProtectionObligations.Totals.none?, nil: named = []
            }
            if let codelist = schema.components[column].codelist, !codelist.isPartial {
                let unknown = named.filter { !codelist.contains($0) }
                if !unknown.isEmpty {
                    note(
                        term, "codes of \(codelist.reference)", Self.named(unknown), .termUnbound,
                        "the agreement's totals name \(Self.named(unknown)), which the code list of \(id) does not have")
                }
            }
        }
    }
}
