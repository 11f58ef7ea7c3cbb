import SluiceKit

extension AgreementReader {
    /// nil for `protect: none`.
    static func readProtection(_ document: AgreementDocument, file: String) throws(AgreementError) -> ProtectionObligations? {
        if case .text("none", _) = document { return nil }
        let reader = try TermReader(document, path: "protect", terms: AgreementTerms.protection, file: file)
        var protection = ProtectionObligations(method: try reader.text("method"), rules: try readRules(reader))
        if reader.has("mode") { protection.mode = try reader.oneOf("mode", ProtectionObligations.Mode.self) }
        protection.frequencyComponent = try reader.optionalText("frequencyComponent")
        if reader.has("largestComponents") { protection.largestComponents = try reader.texts("largestComponents") }
        if reader.has("neutralStatus") { protection.neutralStatus = try reader.boolean("neutralStatus") }
        if reader.has("cost") { protection.cost = try reader.oneOf("cost", ProtectionObligations.Cost.self) }
        if reader.has("insiders") { protection.insiders = try reader.boolean("insiders") }
        if reader.has("totals") { protection.totals = try readTotals(try reader.document("totals"), file: file) }
        try readRounding(reader, into: &protection)
        protection.differencing = try readDifferencing(reader, file: file)
        protection.records = try readRecordRules(reader, method: protection.method)
        try requireRules(protection, reader)
        return protection
    }

    /// A method that is told neither when a cell is unsafe nor what to do to all of them would protect nobody.
    private static func requireRules(_ protection: ProtectionObligations, _ reader: TermReader) throws(AgreementError) {
        let rules = protection.rules
        guard !rules.isEmpty || protection.rounding != nil || protection.cellKey != nil || protection.records != nil else {
            throw reader.invalid("method", "has no rule that makes a cell unsafe; give minimumCell, or another rule, or say `protect: none`")
        }
        let (needed, named) = (rules.largestNeeded, protection.largestComponents.count)
        guard named == 0 || named >= needed else {
            throw reader.invalid(
                "largestComponents", "names \(named) component\(named == 1 ? "" : "s"), and the rules look at the \(needed) largest contributions")
        }
    }

    private static func readTotals(_ document: AgreementDocument, file: String) throws(AgreementError) -> [String: ProtectionObligations.Totals] {
        let reader = try TermReader(document, path: "protect.totals", known: nil, file: file)
        var totals: [String: ProtectionObligations.Totals] = [:]
        for dimension in reader.keys {
            switch try reader.document(dimension) {
            case .text("none", _): totals[dimension] = ProtectionObligations.Totals.none
            case .text(let code, _) where !code.isEmpty: totals[dimension] = .code(code)
            case .map:
                let parts = try TermReader(try reader.document(dimension), path: reader.full(dimension), known: nil, file: file)
                var breakdowns: [ProtectionObligations.Breakdown] = []
                for total in parts.keys { breakdowns.append(.init(total: total, parts: try parts.texts(total))) }
                totals[dimension] = .parts(breakdowns)
            default: throw reader.invalid(dimension, "has to be a total's code, `none`, or a mapping from totals to lists of their parts")
            }
        }
        return totals
    }
}
