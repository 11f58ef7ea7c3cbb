import SluiceKit

extension AgreementDifference {
    static func compareHandling(_ old: HandlingObligations, _ new: HandlingObligations, _ list: inout ChangeList) {
        func days(_ text: String?) -> Double { text.flatMap(RetentionPeriod.init).map(\.approximateDays) ?? .infinity }
        if old.retention != new.retention {
            let effect: Effect = days(new.retention) > days(old.retention) ? .wider : days(new.retention) < days(old.retention) ? .narrower : .other
            list.compare("obligations.retention", old.retention ?? "unlimited", new.retention ?? "unlimited", effect)
        }
        compareOnward(old.onwardTransfer, new.onwardTransfer, &list)
        if old.embargo != new.embargo {
            // Instants in UTC of one spelling: their order is that of the text.
            list.compare("obligations.embargo", old.embargo ?? "none", new.embargo ?? "none", (new.embargo ?? "") < (old.embargo ?? "") ? .wider : .narrower)
        }
        list.compare("obligations.citation", old.citation ?? "none", new.citation ?? "none")
        list.compareSets("obligations.notify", Set(old.notify), Set(new.notify), added: .narrower)
        list.compare("obligations.fourEyes", "\(old.fourEyes)", "\(new.fourEyes)", new.fourEyes ? .narrower : .wider)
    }

    static func compareOnward(_ old: HandlingObligations.OnwardTransfer, _ new: HandlingObligations.OnwardTransfer, _ list: inout ChangeList) {
        let term = "obligations.onwardTransfer"
        switch (old, new) {
        case (.to(let before), .to(let after)): list.compareSets(term, Set(before), Set(after))
        case (.none, .none), (.public, .public): return
        case (_, .public): list.note(.wider, term, "to anybody")
        case (_, .none): list.note(.narrower, term, "to nobody")
        case (.none, .to(let after)): list.note(.wider, term, "to \(TermJudge.named(after)), and was to nobody")
        case (.public, .to(let after)): list.note(.narrower, term, "to \(TermJudge.named(after)) only")
        }
    }
}
