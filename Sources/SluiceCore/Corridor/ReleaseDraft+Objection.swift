package import SluiceKit

extension ReleaseDraft {
    /// What stands against sealing it now; nil where nothing does. It has to rest on the agreements that it was decided under, in the same wording and on this
    /// day, with none beside them that stops it, forbids it or has a say in it since; and what the data came under, or their agreement, may not have run out.
    /// - Parameters:
    ///   - retainUntil: until when the exchange is kept.
    ///   - channel: the transport that it would travel by; nil where nobody knows.
    package func objection(
        retainUntil: Instant?, under standing: StandingAgreements, channel: String?, structures: StructureSet, hashing: any Hashing, at now: Instant
    ) -> String? {
        if let end = [retainUntil, document.obligations?.keepUntil].compactMap(\.self).min(), now >= end {
            return "the data may not be kept since \(end.rfc3339), so they may not be passed on either; cancel it"
        }
        let decided = document.decisionRules.sorted()
        guard let structure = structures.dataStructure(ofFlow: document.dataflow) else {
            return "the data structure of \(document.dataflow) is not at hand any more; load it"
        }
        let request = AgreementRequest(
            direction: .send, giver: document.sender.rawValue, receiver: document.receiver.rawValue, dataflow: document.dataflow, purpose: document.purpose,
            today: CalendarDate(utc: now), channel: channel, summary: DatasetSummary(DatasetSchema(structure, in: structures, flow: document.dataflow)))
        if let objection = standing.objections(to: request).first { return objection.words }
        let found = standing.permitting(request)
        let digest = hashing.sha256(found.flatMap(\.canonicalBytes)).hex
        guard found.map(\.name) == decided, digest == document.agreementDigest else {
            let beside = found.map(\.name).filter { !decided.contains($0) }
            let words =
                beside.isEmpty ? "is not in force as it was then" : "is not all that is agreed on it now: there is \(beside.joined(separator: " + ")) as well"
            return "\(decided.joined(separator: " + ")), under which this was decided, \(words); cancel it and send the data again"
        }
        return nil
    }
}
