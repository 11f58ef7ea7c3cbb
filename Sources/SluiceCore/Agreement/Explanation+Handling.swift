import SluiceKit

extension Explanation {
    static func describe(_ handling: HandlingObligations) -> [String] {
        let onward: String
        switch handling.onwardTransfer {
        case .none: onward = "to nobody"
        case .to(let receivers): onward = "only to \(receivers.joined(separator: ", "))"
        case .public: onward = "to anybody"
        }
        var lines = ["  kept         \(handling.retention ?? "without a limit")", "  passed on    \(onward)"]
        if let embargo = handling.embargo { lines.append("  embargo      until \(embargo)") }
        if let citation = handling.citation { lines.append("  cited as     \(citation)") }
        if !handling.notify.isEmpty { lines.append("  told         \(handling.notify.joined(separator: ", "))") }
        if handling.fourEyes { lines.append("  approval     by a second person") }
        return lines
    }
}
