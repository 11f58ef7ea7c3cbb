/// Every term that an agreement may have, in the order of the text.
///
/// A new term is a line here, its reading in `AgreementReader+…`, its merging in `ObligationMerge+…`, its change in `AgreementDifference+…` and its words in `Explanation+…`.
enum AgreementTerms {
    static let all = scope + content

    /// Who, what, when: the terms of every agreement.
    static let scope: [AgreementTerm] = [
        AgreementTerm("agreement", .name, required: true, "The agreement's id: letters, digits, '-', '_' and '.'."),
        AgreementTerm("version", .version, required: true, "Version of the text; a changed term is a new version."),
        AgreementTerm("supersedes", .version, "The version that this one follows."),
        AgreementTerm("title", .anyText, required: true, "What the agreement is about, for people."),
        AgreementTerm(
            "effect", .choice(["permit", "forbid"]), "Whether it lets data travel (the default), or forbids what it is about, whatever others allow."),
        AgreementTerm("giver", .participant, required: true, "Participant whose data they are."),
        AgreementTerm(
            "receiver", .oneOrMore(.participant), "Participant that may receive; one that forbids may say `all`. Give either receiver or receivers."),
        AgreementTerm(
            "receivers", .oneOrMore(.participant), "Participants that may receive; one that forbids may say `all`. Give either receiver or receivers."),
        AgreementTerm("dataflow", .dataflow, required: true, "The dataflow, AGENCY:ID(VERSION); without a version any version of it."),
        AgreementTerm("channel", .oneOrMore(.channel), "Transports that it may travel by, such as https or folder; any where left out."),
        AgreementTerm(
            "direction", .choice(["both", "send", "accept"]), "Whether the giver's node sends by it, the receiver's accepts by it, or both (the default)."),
        AgreementTerm(
            "purpose", .oneOrMore(.purpose), required: true, "What the data may be used for; a request names one of these. One that forbids may say `all`."),
        AgreementTerm("legalBasis", .anyText, required: true, "Law, order or protocol on which the exchange rests."),
        AgreementTerm("validity", .mapping(validity), required: true, "From when to when it holds; both days are included."),
    ]

    /// What is granted and owed: the terms of an agreement that permits. Those that are required are required of such a one.
    static let content: [AgreementTerm] = [
        AgreementTerm("grant", .mapping(grant), required: true, "What may travel; what is not named does not."),
        AgreementTerm("limits", .mapping(limits), "How much may travel at once."),
        AgreementTerm(
            "protect", .either([.choice(["none"]), .mapping(protection)]), required: true, "Disclosure control that has to be applied, or none."),
        AgreementTerm("records", .mapping(records), "What may be made of record-level data; without it such data are refused."),
        AgreementTerm("obligations", .mapping(obligations), required: true, "What giver and receiver owe."),
    ]

    static let validity: [AgreementTerm] = [
        AgreementTerm("from", .day, required: true, "First day on which the agreement holds."),
        AgreementTerm("until", .day, required: true, "Last day on which it holds."),
    ]

    static let limits: [AgreementTerm] = [
        AgreementTerm("observationsMax", .integer(1...1_000_000_000), "Most observations of a dataset that may travel, after summing.")
    ]
}
