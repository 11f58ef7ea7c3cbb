import SluiceKit

extension TermJudge {
    /// Binds the components that the rules name to the structure.
    mutating func judge(_ rules: RecordRules) {
        note("protect.kAnonymity", "at least \(rules.k) records alike in \(rules.quasiIdentifiers.joined(separator: ", "))", "applied by \(RecordRules.method)")
        for (term, ids) in [
            ("identifiers", rules.identifiers), ("pseudonyms", rules.pseudonyms), ("quasiIdentifiers", rules.quasiIdentifiers), ("sensitive", rules.sensitive),
        ] {
            for id in ids where request.summary.schema.index(of: id) == nil {
                note(
                    "protect.\(term)", "a component \(id)", "none", .termUnbound,
                    "the agreement names \(id) among its \(term), which \(request.summary.schema.structure.reference) does not have")
            }
        }
    }
}
