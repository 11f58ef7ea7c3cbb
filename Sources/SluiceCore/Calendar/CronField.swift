/// One of the five fields, with what it takes.
package enum CronField: String, Hashable, Sendable, CaseIterable {
    case minute
    case hour
    case dayOfMonth = "day-of-month"
    case month
    case dayOfWeek = "day-of-week"

    /// Both ends included.
    package var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    /// In the order of their values, from the lowest.
    private var names: [String] {
        switch self {
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .dayOfWeek: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        default: []
        }
    }

    private var allowed: String {
        let numbers = "\(range.lowerBound)-\(range.upperBound)"
        return switch self {
        case .month: "\(numbers) or JAN-DEC"
        case .dayOfWeek: "\(numbers) (0 and 7 are Sunday) or MON-SUN"
        default: numbers
        }
    }

    /// A bit for each value that the field's text names.
    func values(of text: Substring) throws(CronError) -> UInt64 {
        var bits: UInt64 = 0
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !item.isEmpty else { throw error(text, "has a comma with nothing beside it") }
            bits |= try values(ofItem: item)
        }
        return bits
    }

    private func values(ofItem item: Substring) throws(CronError) -> UInt64 {
        let parts = item.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw error(item, "has more than one step") }
        let span = parts[0]
        let bounds: ClosedRange<Int>
        if span == "*" {
            bounds = self == .dayOfWeek ? 0...6 : range
        } else {
            let ends = span.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count <= 2 else { throw error(item, "is not a range; write two values with one '-' between them") }
            let first = try value(ends[0], in: item)
            guard ends.count == 2 || parts.count == 1 else {
                throw error(item, "gives a step to a single value; write \(span)-\(range.upperBound)/\(parts[1]) or */\(parts[1])")
            }
            var last = ends.count == 2 ? try value(ends[1], in: item) : first
            // The week ends on Sunday for most who write FRI-SUN.
            if self == .dayOfWeek, last == 0, first > 0, ends[1].uppercased() == "SUN" { last = 7 }
            guard first <= last else { throw error(item, "runs backwards; write it as two ranges with a comma between them") }
            bounds = first...last
        }
        var step = 1
        if parts.count == 2 {
            guard let number = number(parts[1]), number > 0 else { throw error(item, "has no step after '/'; write a number from 1") }
            step = number
        }
        var bits: UInt64 = 0
        for value in stride(from: bounds.lowerBound, through: bounds.upperBound, by: step) { bits |= 1 << UInt64(value) }
        return bits
    }

    private func value(_ text: Substring, in item: Substring) throws(CronError) -> Int {
        if let index = names.firstIndex(of: text.uppercased()) { return index + (self == .month ? 1 : 0) }
        guard let number = number(text), range.contains(number) else {
            throw error(item, text.isEmpty ? "lacks a value; allowed is \(allowed)" : "has '\(text)', allowed is \(allowed)")
        }
        return number
    }

    /// Digits only, four at most: `Int` would take a sign.
    private func number(_ text: Substring) -> Int? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    private func error(_ text: Substring, _ detail: String) -> CronError { CronError(field: self, text: String(text), detail: detail) }
}
