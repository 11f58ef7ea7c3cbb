extension AgreementTerms {
    /// Of the method `records`, which takes no terms about cells.
    static let recordRules: [AgreementTerm] = [
        AgreementTerm("identifiers", .oneOrMore(.component), "Components that name a person: they never travel; one that is a dimension becomes a number."),
        AgreementTerm(
            "pseudonyms", .oneOrMore(.component),
            "Components replaced by a code that is the same for this receiver and agreement, and cannot be linked to another one's."),
        AgreementTerm("quasiIdentifiers", .oneOrMore(.component), "Components by which a person could be recognised together (method records needs them)."),
        AgreementTerm("sensitive", .oneOrMore(.component), "Components that must not be learnt of a person."),
        AgreementTerm("kAnonymity", .integer(2...1_000_000), "Fewest records that share all quasi-identifiers (method records needs it)."),
        AgreementTerm(
            "lDiversity", .either([.integer(2...1_000), .mapping(diversity)]),
            "Fewest different values of each sensitive component among them, or the number whose logarithm their entropy has to reach."),
        AgreementTerm(
            "tCloseness", .integer(0...100), "Most distance, in percent, between their distribution of a sensitive component and that of all records."),
        AgreementTerm("generalise", .named(.mapping(generalisation)), "How far quasi-identifiers may be made coarser, by component."),
        AgreementTerm("bounds", .named(.mapping(bounds)), "Numbers beyond a bound become the bound, by component."),
        AgreementTerm(
            "suppressedMax", .integer(0...100),
            "Most records, in percent, that may be left out or have a quasi-identifier withheld (default 5); past it the release is refused."),
    ]

    static let diversity: [AgreementTerm] = [
        AgreementTerm("entropy", .integer(2...1_000), required: true, "Entropy of at least the logarithm of this number.")
    ]

    static let generalisation: [AgreementTerm] = [
        AgreementTerm("topLevel", .integer(1...64), "Along the parents of the code list, no further than this level; the top is level 1. Give this or bands."),
        AgreementTerm(
            "bands", .oneOrMore(.integer(2...1_000_000)), "Whole numbers into bands of these widths, the narrowest first, each a multiple of the one before."),
    ]

    static let bounds: [AgreementTerm] = [
        AgreementTerm("bottom", .integer(-1_000_000_000...1_000_000_000), "Smaller numbers become this one."),
        AgreementTerm("top", .integer(-1_000_000_000...1_000_000_000), "Larger numbers become this one."),
    ]
}
