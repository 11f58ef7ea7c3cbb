import SluiceKit

/// What the methods have in common in reading an agreement's parameters.
enum Terms {
    /// - Throws: `unsupported` when there is no base, or one that changes nothing or shows counts below the minimum.
    static func base(_ obligations: ProtectionObligations, method: String, limits: RoundingLimits) throws(ProtectionError) -> Int {
        try check(obligations, method: method)
        guard let base = obligations.rounding?.base else {
            throw ProtectionError(.unsupported, detail: "\(method) needs a base; give `protect: rounding: {base: 5}` in the agreement")
        }
        guard (2...limits.baseMax).contains(base) else {
            throw ProtectionError(.unsupported, detail: "the rounding base is \(base); give 2 to \(limits.baseMax)")
        }
        guard obligations.cellKey == nil else {
            throw ProtectionError(
                .unsupported, detail: "the agreement gives cellKey, which \(method) does not use; take it out, or agree on `method: cell-key`")
        }
        return base
    }

    /// - Throws: `unsupported` when the agreement asks for another method, or for what none of these does.
    static func check(_ obligations: ProtectionObligations, method: String) throws(ProtectionError) {
        guard obligations.method == method else {
            throw ProtectionError(.unsupported, detail: "the agreement asks for the protection \(obligations.method), and this is \(method)")
        }
        guard obligations.mode == .withheld else {
            throw ProtectionError(
                .unsupported, detail: "`mode: flagged` shows true values, and \(method) shows changed ones; take the mode out of the agreement")
        }
        var rules = obligations.rules
        rules.minimumCell = nil
        rules.safetyPercent = 0
        guard rules.isEmpty, !obligations.insiders, obligations.records == nil else {
            throw ProtectionError(
                .unsupported,
                detail:
                    "\(method) protects every count alike and knows no rule beside minimumCell; take the others out of the agreement, or agree on `method: suppression`"
            )
        }
        guard (obligations.rules.minimumCell ?? 1) >= 1 else {
            throw ProtectionError(.unsupported, detail: "minimumCell is \(obligations.rules.minimumCell ?? 0); give 1 or more, or leave it out")
        }
    }

    /// A changed count as it is shown, or not, when it has come out below the minimum. A true zero stays.
    static func shown(_ changed: Int64, of value: Int64, _ obligations: ProtectionObligations) -> ReleasedCell {
        guard value > 0, let minimum = obligations.rules.minimumCell, changed < Int64(minimum) else { return .shown(changed) }
        return .withheld(.smallCount)
    }
}
