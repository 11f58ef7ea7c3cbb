import SluiceKit

/// The steward's report in sentences: how many cells and why, what the attack found, what was lost. No sentence names a cell or a value of one.
enum ReportWords {
    static func of(_ report: ProtectionReport, isNarrowestExact: Bool, insiders: Bool) -> [String] {
        guard report.withheld > 0 else { return ["None of \(report.cells) cells is unsafe; all are published."] }
        var words = ["\(report.withheld) of \(report.cells) cells are withheld."]
        for reason in ProtectionReport.Reason.allCases {
            guard let count = report.withheldByReason[reason], count > 0 else { continue }
            words.append("\(count) \(count == 1 ? "is" : "are") withheld because \(why(reason, one: count == 1)).")
        }
        var attack =
            "An attack with every published figure and \(report.audit.equations) sums was tried on \(report.audit.cells) withheld cells: no unsafe one can be narrowed down too far"
        if insiders { attack += ", not even by a contributor who is alone in a cell and knows it" }
        words.append(attack + ".")
        if let width = report.audit.narrowestWidth {
            var sentence = "The narrowest interval of an unsafe cell is \(isNarrowestExact ? "" : "at least ")\(figure(width)) wide"
            if let relative = report.audit.narrowestRelativeWidth {
                sentence += "; measured by the cell's value, \(isNarrowestExact ? "" : "at least ")\(figure(relative * 100)) %"
            }
            words.append(sentence + ".")
        } else {
            words.append("No unsafe cell has a highest value that an attacker could name.")
        }
        if report.audit.unreportedCells > 0 {
            words.append("\(report.audit.unreportedCells) cells that the table does not report but that can be computed from it were protected with it.")
        }
        if let lost = report.lostValuePercent { words.append("\(figure(lost)) % of all values together cannot be read from their own cell any more.") }
        return words
    }

    private static func why(_ reason: ProtectionReport.Reason, one: Bool) -> String {
        let it = one ? "it" : "they"
        switch reason {
        case .smallCount: return "\(it) \(one ? "has" : "have") fewer contributors than the minimum"
        case .dominance: return "one or a few contributors make up most of \(one ? "it" : "each")"
        case .percent: return "a contributor could estimate another one's part too closely"
        case .priorPosterior: return "a contributor could sharpen too much what is known of another one's part"
        case .zero: return "\(it) \(one ? "is" : "are") zero although somebody contributes, which tells what each contributed"
        case .group: return "\(it) \(one ? "is" : "are") the zeros beside a part into which a whole group falls, which tells of each of its members"
        case .declared: return "the source had marked \(one ? "it" : "them") confidential"
        case .secondary: return "other withheld cells could be computed from \(one ? "it" : "them")"
        }
    }

    /// Three significant digits at most, without binary noise.
    static func figure(_ value: Double) -> String {
        guard value < 1e15 else { return "very many" }
        if value >= 100 { return String(Int(value.rounded())) }
        let hundredths = Int((value * 100).rounded())
        let fraction = hundredths % 100
        return fraction == 0 ? "\(hundredths / 100)" : "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction % 10 == 0 ? fraction / 10 : fraction)"
    }
}
