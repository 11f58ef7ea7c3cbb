import SluiceKit

extension AgreementTerms {
    static let differencing: [AgreementTerm] = [
        AgreementTerm(
            "differencing", .mapping(differencingParts), "Hold each release against what the same people hold already; left out, each release is judged alone.")
    ]
    static let differencingParts: [AgreementTerm] = [
        AgreementTerm(
            "scope", .either([.choice(["receiver", "everybody"]), .list(.participant)]), required: true,
            "Whose knowledge is taken together: each receiver's with what is public, everybody's, or that of these participants."),
        AgreementTerm(
            "population", .text(pattern: "^[^\\x00-\\x20\\x7f]{1,128}$"), "One name for all dataflows that count the same people; the dataflow where left out."),
    ]
}

extension AgreementReader {
    /// Reads `protect.differencing`, where it is given: `{scope: receiver | everybody | [participants], population: NAME}`.
    static func readDifferencing(_ protect: TermReader, file: String) throws(AgreementError) -> ProtectionObligations.Differencing? {
        guard protect.has("differencing") else { return nil }
        let reader = try TermReader(
            try protect.document("differencing"), path: protect.full("differencing"), terms: AgreementTerms.differencingParts, file: file)
        let named = try reader.texts("scope")
        let scope: ProtectionObligations.Differencing.Scope
        switch named {
        case ["receiver"]: scope = .receiver
        case ["everybody"]: scope = .everybody
        default:
            guard named.count >= 2, named.allSatisfy(isParticipant), !named.contains("receiver"), !named.contains("everybody") else {
                throw reader.invalid("scope", "has to be receiver, everybody, or a list of two or more participants who may put together what they hold")
            }
            scope = .coalition(named.sorted())
        }
        let population = try reader.optionalText("population")
        if let population, population.utf8.count > 128 || population.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) {
            throw reader.invalid("population", "has to be a name without blanks of at most 128 bytes, such as AM-PERMITS")
        }
        return ProtectionObligations.Differencing(scope: scope, population: population)
    }
}

extension ProtectionObligations.Differencing {
    /// Both terms at their most protective: the wider scope. nil where they name different populations, of which a release can belong to one only.
    static func merged(_ one: Self?, _ other: Self?) -> (term: Self?, isConflict: Bool) {
        guard let one, let other else { return (one ?? other, false) }
        guard one.population == other.population else { return (one, true) }
        let scope: Scope =
            switch (one.scope, other.scope) {
            case (.everybody, _), (_, .everybody): .everybody
            case (.coalition(let left), .coalition(let right)): .coalition(Set(left + right).sorted())
            case (.coalition(let all), .receiver), (.receiver, .coalition(let all)): .coalition(all)
            case (.receiver, .receiver): .receiver
            }
        return (Self(scope: scope, population: one.population), false)
    }
}
