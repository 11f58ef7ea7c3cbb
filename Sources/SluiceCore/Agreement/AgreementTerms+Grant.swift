extension AgreementTerms {
    static let grant: [AgreementTerm] = [
        AgreementTerm(
            "dimensions", .named(.either([.choice(["all"]), .mapping(dimension)])), required: true,
            "Every dimension of the structure: `all`, or what is granted of it."),
        AgreementTerm("drop", .oneOrMore(.component), "Attributes that do not travel."),
        AgreementTerm(
            "outside", .choice(["refuse", "drop"]), "What becomes of observations that are not granted: refuse the dataset (the default), or drop them."),
        AgreementTerm("timeLag", .duration, "How long ago a period has to have ended before its figures travel: P3M, P90D."),
        AgreementTerm(
            "forbidden", .list(.named(.oneOrMore(.code))),
            "Codes by dimension that may not travel together in one observation, after summing; each stands for those below it in the code list too."),
    ]

    static let dimension: [AgreementTerm] = [
        AgreementTerm("codes", .oneOrMore(.code), required: true, "Codes that may travel, after summing: `all`, or a list."),
        AgreementTerm(
            "coarsen", .mapping(coarsening),
            "Sums codes to broader ones, one by one."),
        AgreementTerm("deepestLevel", .integer(1...32), "Codes deeper in the code list are summed to their ancestor at this level; the top is level 1."),
    ]

    static let coarsening: [AgreementTerm] = [
        AgreementTerm("to", .named(.oneOrMore(.code)), required: true, "Broader code: the narrower codes that are summed to it.")
    ]
}
