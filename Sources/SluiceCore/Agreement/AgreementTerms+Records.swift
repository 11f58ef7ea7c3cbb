extension AgreementTerms {
    static let records: [AgreementTerm] = [
        AgreementTerm("structure", .dataStructure, required: true, "Data structure of the records, AGENCY:ID(VERSION); without a version any version of it."),
        AgreementTerm(
            "release", .choice(["none", "pseudonymised"]),
            "Whether the records never travel and a table is made of them (the default), or travel themselves, protected by the method records."),
        AgreementTerm(
            "tabulate", .mapping(tabulation), "How the table of the dataflow is made of the records, inside the giver's node; release none needs it."),
    ]

    static let tabulation: [AgreementTerm] = [
        AgreementTerm(
            "measure", .either([.choice(["count"]), .mapping(sum)]), required: true, "The number of records, or the exact sum of one of their components."),
        AgreementTerm("contributor", .component, "Component whose distinct values are the contributors; each record is one where it is left out."),
        AgreementTerm("dimensions", .named(.mapping(tabulatedDimension)), required: true, "Every dimension of the table, and where its code comes from."),
        AgreementTerm("attributes", .named(.anyText), "Attributes of the table, with their value in every cell."),
        AgreementTerm("zeros", .boolean, "Whether combinations of codes that nobody has are cells of zero (default false: they are absent)."),
    ]

    static let sum: [AgreementTerm] = [
        AgreementTerm("sum", .component, required: true, "Component that is added up."),
        AgreementTerm("weight", .component, "Component by which each value is multiplied."),
    ]

    static let tabulatedDimension: [AgreementTerm] = [
        AgreementTerm("constant", .code, "The code of every record. Give either constant or from."),
        AgreementTerm("from", .component, "Component of the records. Give either constant or from."),
        AgreementTerm("classes", .named(.oneOrMore(.wholeNumbers)), "Code: the whole numbers that come under it, such as ..17, 18..34 or 65.."),
        AgreementTerm("other", .code, "Code of whole numbers that fall into no class; without it they refuse the input."),
        AgreementTerm("period", .choice(Tabulation.Period.allCases.map(\.rawValue)), "The period that contains the date."),
        AgreementTerm("codes", .named(.code), "Value of the records: code of the table; what is not named keeps its own."),
        AgreementTerm("rollUp", .boolean, "Whether a record counts for all ancestors of its code in the code list too (default false)."),
        AgreementTerm("total", .code, "Code under which every record counts too."),
        AgreementTerm("missing", .code, "Code of records without a value; without it they refuse the input."),
    ]
}
