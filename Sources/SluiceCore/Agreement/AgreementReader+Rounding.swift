import SluiceKit

extension AgreementTerms {
    /// Parameters of rounding and of the cell key method.
    static let rounding: [AgreementTerm] = [
        AgreementTerm("rounding", .mapping(roundingParts), "Of `method: controlled-rounding` and `method: random-rounding`."),
        AgreementTerm("cellKey", .mapping(cellKeyParts), "Of `method: cell-key`."),
    ]
    static let roundingParts: [AgreementTerm] = [
        AgreementTerm("base", .integer(2...10_000), required: true, "Every figure that leaves is a multiple of it.")
    ]
    static let cellKeyParts: [AgreementTerm] = [
        AgreementTerm("table", .anyText, required: true, "Name of the perturbation table in the giver's configuration."),
        AgreementTerm("component", .component, "Component that holds each cell's key, where the table does not bring it."),
    ]
}

extension AgreementReader {
    /// A method that rounds is given its parameters, and no other method is.
    static func readRounding(_ reader: TermReader, into protection: inout ProtectionObligations) throws(AgreementError) {
        if reader.has("rounding") {
            let rounding = try TermReader(try reader.document("rounding"), path: "protect.rounding", terms: AgreementTerms.roundingParts, file: reader.file)
            protection.rounding = .init(base: try rounding.integer("base", in: 2...10_000))
        }
        if reader.has("cellKey") {
            let cellKey = try TermReader(try reader.document("cellKey"), path: "protect.cellKey", terms: AgreementTerms.cellKeyParts, file: reader.file)
            protection.cellKey = .init(table: try cellKey.text("table"), component: try cellKey.optionalText("component"))
        }
        let rounds = protection.method == "controlled-rounding" || protection.method == "random-rounding"
        guard rounds == (protection.rounding != nil) else {
            throw rounds
                ? reader.invalid("method", "is \(protection.method), which needs a base; give `rounding: {base: 5}`")
                : reader.invalid("rounding", "belongs to controlled-rounding and random-rounding, and the method is \(protection.method)")
        }
        guard (protection.method == "cell-key") == (protection.cellKey != nil) else {
            throw protection.cellKey == nil
                ? reader.invalid("method", "is cell-key, which needs a perturbation table; give `cellKey: {table: NAME}`")
                : reader.invalid("cellKey", "belongs to the method cell-key, and the method is \(protection.method)")
        }
        if protection.method == "controlled-rounding", let base = protection.rounding?.base, let minimum = protection.rules.minimumCell, base < minimum {
            throw reader.invalid("rounding", "has the base \(base), so counts below minimumCell \(minimum) would be shown; give a base of at least \(minimum)")
        }
    }
}

extension Explanation {
    /// What rounding and the cell key method do, a line each.
    static func describeRounding(_ protection: ProtectionObligations) -> [String] {
        var lines: [String] = []
        if let rounding = protection.rounding { lines.append("    every count is rounded to a multiple of \(rounding.base)") }
        if let cellKey = protection.cellKey {
            lines.append("    every count is changed by the table \(cellKey.table), with keys from \(cellKey.component ?? "the records")")
        }
        return lines
    }
}
