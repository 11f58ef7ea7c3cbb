internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit

/// Which entries of a ledger are meant. Values of one option are alternatives; all options together have to hold.
struct FacetOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Only entries of this time or later, RFC 3339 or a date (UTC).", valueName: "time")) var since: String?
    @Option(name: .long, help: ArgumentHelp("Only entries of before this time.", valueName: "time")) var until: String?
    @Option(name: .long, help: ArgumentHelp("Only this type, with or without \"sluice.\".", valueName: "type")) var type: [String] = []
    @Option(name: .long, help: ArgumentHelp("Only exchanges with this participant, and what was decided about it.", valueName: "id"))
    var participant: [String] = []
    @Option(name: .long, help: ArgumentHelp("Only exchanges of this dataflow, AGENCY:ID(VERSION).", valueName: "flow")) var dataflow: [String] = []
    @Option(name: .long, help: ArgumentHelp("Only exchanges under this agreement, ID or \"ID VERSION\".", valueName: "agreement")) var agreement: [String] = []
    @Option(name: .long, help: ArgumentHelp("Only exchanges for this purpose.", valueName: "purpose")) var purpose: [String] = []
    @Option(name: .long, help: ArgumentHelp("Only this outcome (permit, refused, accepted, …).", valueName: "outcome")) var outcome: [String] = []
    @Option(name: .long, help: ArgumentHelp("Only this reason code.", valueName: "code")) var reason: [String] = []
    @Option(name: .long, help: ArgumentHelp("Only this exchange.", valueName: "id")) var exchange: [String] = []

    var isEmpty: Bool {
        since == nil && until == nil && [type, participant, dataflow, agreement, purpose, outcome, reason, exchange].allSatisfy(\.isEmpty)
    }

    func query() throws -> LedgerQuery {
        var query = LedgerQuery(since: try Self.time(since, "--since"), until: try Self.time(until, "--until"), subjects: exchange)
        let types = type.map { $0.hasPrefix("sluice.") ? $0 : "sluice." + $0 }
        for name in types where LedgerEvent.Kind(rawValue: name) == nil {
            throw Outcome.unusable("no entry has the type \(name); there are \(LedgerEvent.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let given: [(LedgerTerm.Facet, [String])] = [
            (.type, types), (.participant, participant), (.dataflow, dataflow), (.agreement, agreement), (.purpose, purpose), (.outcome, outcome),
            (.reason, reason),
        ]
        for (facet, values) in given where !values.isEmpty { query.wanted[facet] = values }
        return query
    }

    private static func time(_ text: String?, _ option: String) throws -> Instant? {
        guard let text else { return nil }
        if let time = Instant(rfc3339: text) { return time }
        if let date = CivilDate(iso8601: text) { return Instant(milliseconds: Int64(date.daysSince1970) * 86_400_000) }
        throw Outcome.unusable("\(option) takes a time such as 2026-11-22T09:00:00Z, or a date such as 2026-11-22, not \"\(text)\"")
    }
}
