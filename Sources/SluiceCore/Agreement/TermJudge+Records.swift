import SluiceKit

extension TermJudge {
    /// Records travel only where the agreement names their structure and says so, and under the protection that is made for them.
    mutating func judgeRecords() {
        let reference = schema.structure.reference
        let found = "records of \(reference)"
        guard let records = agreement.records, records.structure.accepts(reference) else {
            note(
                "records.structure", "no records", found, .recordsNotAgreed,
                "record-level data is not agreed: \(reference) describes records, and the agreement has no `records` term about it")
            return
        }
        guard records.release == .pseudonymised else {
            note(
                "records.release", "only what is tabulated from them", found, .recordsNotAgreed,
                "record-level data is not agreed: the agreement lets only a table travel that is tabulated from \(reference)")
            return
        }
        guard agreement.protection?.method == RecordRules.method else {
            note(
                "protect.method", RecordRules.method, agreement.protection?.method ?? "none", .recordsNotAgreed,
                "the agreement lets records travel pseudonymised, and its protection is not the method \(RecordRules.method), which is the one for records; amend it"
            )
            return
        }
        note("records.release", records.release.rawValue, found)
    }
}
