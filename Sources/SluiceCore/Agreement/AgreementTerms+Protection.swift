extension AgreementTerms {
    static let protection: [AgreementTerm] =
        [
            AgreementTerm("method", .anyText, required: true, "The protection that has to be applied, by its plugin's name."),
            AgreementTerm(
                "mode", .choice(["withheld", "flagged"]), "Whether the value of an unsafe cell is absent (the default), or travels with its CONF_STATUS."),
        ] + primaryRules + [
            AgreementTerm("frequencyComponent", .component, "Component that counts contributors, where the measure is not itself a count."),
            AgreementTerm("largestComponents", .oneOrMore(.component), "Components that hold the largest contributions to a cell, the largest first."),
            AgreementTerm(
                "totals", .named(.either([.anyText, .named(.oneOrMore(.code))])),
                "How dimensions add up, where code lists do not say: a total's code, `none`, or the parts of each total."),
            AgreementTerm("neutralStatus", .boolean, "One neutral code for every withheld cell (default true)."),
            AgreementTerm("cost", .choice(["one", "value"]), "Withhold as few cells as possible, or as little of the total (the default)."),
            AgreementTerm("insiders", .boolean, "Whether a contributor who is alone in a withheld cell must not find out another one (default false)."),
        ] + differencing + rounding + recordRules

    static let primaryRules: [AgreementTerm] = [
        AgreementTerm("minimumCell", .integer(2...1_000_000), "Cells of fewer contributors, and at least one, are unsafe."),
        AgreementTerm(
            "safety", .integer(0...1_000), "How far a cell that is too small must stay uncertain to either side, in percent of it; at least 1 in any case."),
        AgreementTerm(
            "dominance", .oneOrMore(.mapping(dominance)), "(n, k) dominance: unsafe when the n largest contributors make up more than k percent of the cell."),
        AgreementTerm(
            "pPercent", .oneOrMore(.mapping(percent)),
            "p % rule: unsafe when the second largest contributor, with n - 1 others, could estimate the largest within p percent."),
        AgreementTerm(
            "priorPosterior", .oneOrMore(.mapping(priorPosterior)), "p/q rule: as p %, where everybody knows contributions within q percent beforehand."),
        AgreementTerm(
            "zeroRule", .integer(1...1_000_000), "A cell that is zero although somebody contributes is unsafe, and has to be able to reach this value."),
        AgreementTerm(
            "groupDisclosure", .boolean, "Whether all of a sum in one of its parts is unsafe, because it tells of every member of the group (default false)."),
    ]

    static let dominance: [AgreementTerm] = [
        AgreementTerm("n", .integer(1...10), required: true, "Number of largest contributors."),
        AgreementTerm("k", .integer(1...100), required: true, "Percent of the cell that they may make up."),
    ]

    static let percent: [AgreementTerm] = [
        AgreementTerm("p", .integer(1...1_000), required: true, "Percent within which nobody may estimate the largest contribution."),
        AgreementTerm("n", .integer(1...10), "Contributors who put their knowledge together (default 1)."),
    ]

    static let priorPosterior: [AgreementTerm] = [
        AgreementTerm("p", .integer(1...1_000), required: true, "Percent within which nobody may estimate a contribution from the release."),
        AgreementTerm("q", .integer(2...1_000), required: true, "Percent within which everybody could before; more than p."),
        AgreementTerm("n", .integer(1...10), "Contributors who put their knowledge together (default 1)."),
    ]
}
