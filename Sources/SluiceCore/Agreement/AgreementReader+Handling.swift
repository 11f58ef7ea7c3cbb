import SluiceKit

extension AgreementReader {
    static func readHandling(_ document: AgreementDocument, file: String) throws(AgreementError) -> HandlingObligations {
        let reader = try TermReader(document, path: "obligations", terms: AgreementTerms.obligations, file: file)
        var handling = HandlingObligations()
        let retention = try reader.text("retention")
        if retention != "unlimited" {
            guard RetentionPeriod(retention) != nil else {
                throw reader.invalid("retention", "has to be an ISO 8601 duration such as P5Y, P18M or P90D, or unlimited")
            }
            handling.retention = retention
        }
        let onward = try reader.texts("onwardTransfer")
        if onward == ["none"] {
            handling.onwardTransfer = .none
        } else if onward == ["public"] {
            handling.onwardTransfer = .public
        } else {
            guard onward.allSatisfy(isParticipant) else { throw reader.invalid("onwardTransfer", "has to be none, public, or a list of participants") }
            handling.onwardTransfer = .to(onward)
        }
        if let embargo = try reader.optionalText("embargo") {
            guard isInstant(embargo) else { throw reader.invalid("embargo", "has to be an instant in UTC such as 2026-06-30T09:00:00Z") }
            handling.embargo = embargo
        }
        handling.citation = try reader.optionalText("citation")
        if reader.has("fourEyes") { handling.fourEyes = try reader.boolean("fourEyes") }
        if reader.has("notify") { handling.notify = try reader.texts("notify").sorted() }
        return handling
    }
}
