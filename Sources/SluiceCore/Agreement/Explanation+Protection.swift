import SluiceKit

extension Explanation {
    static func describe(_ protection: ProtectionObligations) -> [String] {
        if let records = protection.records { return describe(records) }
        var lines = ["  protection   by \(protection.method)\(protection.rules.isEmpty ? "" : ":")"]
        lines += protection.rules.words.map { "    \($0.words)" }
        lines += describeMethods(protection)
        lines += [
            "    unsafe cells are \(protection.mode == .withheld ? "withheld (OBS_STATUS=Q)" : "sent with a confidentiality flag")\(protection.neutralStatus ? ", all under one neutral code" : "")",
            "    chosen by \(protection.cost == .one ? "fewest cells" : "least value") withheld",
        ]
        if protection.insiders { lines.append("    withheld also from contributors who know their own part") }
        if let component = protection.frequencyComponent { lines.append("    contributors are counted by \(component)") }
        if !protection.largestComponents.isEmpty {
            lines.append("    the largest contributions are in \(protection.largestComponents.joined(separator: ", "))")
        }
        for (dimension, totals) in protection.totals.sorted(by: { $0.key < $1.key }) {
            switch totals {
            case .code(let code): lines.append("    \(dimension): \(code) is the total")
            case .parts(let breakdowns):
                for breakdown in breakdowns { lines.append("    \(dimension): \(breakdown.total) = \(breakdown.parts.joined(separator: " + "))") }
            case .none: lines.append("    \(dimension): does not add up")
            }
        }
        return lines
    }

    /// Parameters of single methods, a line each.
    private static func describeMethods(_ protection: ProtectionObligations) -> [String] { describeRounding(protection) }
}
