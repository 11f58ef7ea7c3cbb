import SluiceKit

/// Reads an agreement from YAML. What it does not understand whole it refuses: a term that is silently ignored protects nobody.
package enum AgreementReader {
    /// - Parameter file: for messages.
    package static func read(_ yaml: String, file: String = "") throws(AgreementError) -> Agreement {
        let document = try AgreementDocument(yaml: yaml, file: file)
        let top = try TermReader(document, path: "", terms: AgreementTerms.all, file: file)
        let id = try top.text("agreement")
        guard isName(id, extra: "-_.") else { throw top.invalid("agreement", "may have letters, digits, '-', '_' and '.', and is \(id)") }
        let version = try top.text("version")
        guard isName(version, extra: ".-") else { throw top.invalid("version", "has to look like 1.0") }
        let effect = top.has("effect") ? try top.oneOf("effect", Agreement.Effect.self) : .permit
        let supersedes = try top.optionalText("supersedes")
        if let supersedes {
            guard isName(supersedes, extra: ".-") else { throw top.invalid("supersedes", "has to look like 1.0") }
            guard supersedes != version else { throw top.invalid("supersedes", "names this very version; name the one before it") }
        }

        guard top.has("receiver") != top.has("receivers") else {
            throw AgreementError(.keyMissing, file: file, line: top.line, detail: "give either receiver or receivers")
        }
        let receiverKey = top.has("receiver") ? "receiver" : "receivers"
        let giver = try top.text("giver")
        guard isParticipant(giver) else { throw top.invalid("giver", "has to be a participant's id such as AM.MOI") }
        let receivers = try top.texts(receiverKey)
        guard receivers.allSatisfy(isParticipant) else { throw top.invalid(receiverKey, "has to name participants such as AM.ARMSTAT") }
        try checkAll(receivers, receiverKey, effect, top)
        guard let dataflow = ArtefactReference(.dataflow, short: try top.text("dataflow")), isParticipant(dataflow.agency), isName(dataflow.id, extra: "-_@$")
        else {
            throw top.invalid("dataflow", "has to look like AGENCY:ID(VERSION) or AGENCY:ID")
        }
        var directions = Set(Agreement.Direction.allCases)
        if top.has("direction"), try top.text("direction") != "both" { directions = [try top.oneOf("direction", Agreement.Direction.self)] }
        var channels: Set<String>?
        if top.has("channel") {
            let named = try top.texts("channel")
            guard named.allSatisfy(isChannel) else { throw top.invalid("channel", "has to name transports as endpoints do, such as https or folder") }
            channels = Set(named)
        }
        let purposes = try top.texts("purpose")
        for purpose in purposes where !isPurpose(purpose) {
            throw top.invalid("purpose", "has words in small letters joined by '-', such as official-statistics, and is \(purpose)")
        }
        try checkAll(purposes, "purpose", effect, top)

        let validity = try TermReader(try top.document("validity"), path: "validity", terms: AgreementTerms.validity, file: file)
        let from = try validity.date("from")
        let until = try validity.date("until")
        guard from <= until else { throw validity.invalid("until", "lies before validity.from") }

        var agreement = Agreement(
            id: id, version: version, effect: effect, supersedes: supersedes, title: try top.text("title"), giver: giver, receivers: receivers,
            dataflow: dataflow, directions: directions, channels: channels, purposes: purposes, legalBasis: try top.text("legalBasis"), from: from,
            until: until, dimensions: [:], outside: .refuse, dropped: [], forbidden: [], protection: nil, handling: HandlingObligations(),
            canonicalBytes: document.canonicalBytes())
        guard effect == .permit else {
            for term in AgreementTerms.content where top.has(term.key) {
                throw top.invalid(term.key, "says how something travels, and an agreement that forbids lets nothing travel; leave it out")
            }
            return agreement
        }
        try readGrant(try top.document("grant"), into: &agreement, file: file)
        if top.has("limits") { try readLimits(try top.document("limits"), into: &agreement, file: file) }
        agreement.protection = try readProtection(try top.document("protect"), file: file)
        agreement.handling = try readHandling(try top.document("obligations"), file: file)
        if top.has("records") { agreement.records = try readRecords(try top.document("records"), file: file) }
        return agreement
    }

    /// `all` stands alone, and only where it forbids: what is permitted is named.
    private static func checkAll(_ named: [String], _ key: String, _ effect: Agreement.Effect, _ top: TermReader) throws(AgreementError) {
        guard named.contains(Agreement.all) else { return }
        guard effect == .forbid else { throw top.invalid(key, "says all, which only an agreement that forbids may; name each one") }
        guard named.count == 1 else { throw top.invalid(key, "says all and names others; keep one of the two") }
    }
}
