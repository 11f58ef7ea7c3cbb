extension AgreementTerms {
    static let obligations: [AgreementTerm] = [
        AgreementTerm(
            "retention", .either([.choice(["unlimited"]), .duration]), required: true, "How long the receiver keeps the data: P5Y, P18M, P90D, or unlimited."),
        AgreementTerm(
            "onwardTransfer", .either([.choice(["none", "public"]), .oneOrMore(.participant)]), required: true,
            "Whom the receiver may pass the data on to: none, public, or participants."),
        AgreementTerm("embargo", .instant, "Not to be shown to anybody else before this instant in UTC."),
        AgreementTerm("citation", .anyText, "How the source is named."),
        AgreementTerm("notify", .oneOrMore(.anyText), "People or addresses that are told of each release."),
        AgreementTerm("fourEyes", .boolean, "Whether a second person has to approve each release (default false)."),
    ]
}
