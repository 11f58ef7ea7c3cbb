/// Every term that an agreement may have, in the order of the text.
///
/// A new term is a line here, its reading in `AgreementReader+…`, its merging in `ObligationMerge+…`, its change in `AgreementDifference+…` and its words in `Explanation+…`.
enum AgreementTerms {
    static let all: [AgreementTerm] = [
        AgreementTerm("agreement", .name, required: true, "The agreement's id: letters, digits, '-', '_' and '.'."),
        AgreementTerm("version", .version, required: true, "Version of the text; a changed term is a new version."),
        AgreementTerm("title", .anyText, required: true, "What the agreement is about, for people."),
        AgreementTerm("giver", .participant, required: true, "Participant whose data they are."),
        AgreementTerm("receiver", .oneOrMore(.participant), "Participant that may receive. Give either receiver or receivers."),
        AgreementTerm("receivers", .oneOrMore(.participant), "Participants that may receive. Give either receiver or receivers."),
        AgreementTerm(
            "dataflow", .dataflow, required: true, "The dataflow, AGENCY:ID(VERSION); without a version any version of it."),
        AgreementTerm(
            "direction", .choice(["both", "send", "accept"]), "Whether the giver's node sends by it, the receiver's accepts by it, or both (the default)."),
        AgreementTerm("purpose", .oneOrMore(.purpose), required: true, "What the data may be used for; a request names one of these."),
        AgreementTerm("legalBasis", .anyText, required: true, "Law, order or protocol on which the exchange rests."),
        AgreementTerm(
            "validity",
            .mapping(validity), required: true, "From when to when it holds; both days are included."),
        AgreementTerm("grant", .mapping(grant), required: true, "What may travel; what is not named does not."),
        AgreementTerm(
            "protect", .either([.choice(["none"]), .mapping(protection)]), required: true, "Disclosure control that has to be applied, or none."),
        AgreementTerm("records", .mapping(records), "What may be made of record-level data; without it such data are refused."),
        AgreementTerm("obligations", .mapping(obligations), required: true, "What giver and receiver owe."),
    ]

    static let validity: [AgreementTerm] = [
        AgreementTerm("from", .day, required: true, "First day on which the agreement holds."),
        AgreementTerm("until", .day, required: true, "Last day on which it holds."),
    ]
}
