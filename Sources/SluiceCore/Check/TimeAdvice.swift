internal import SluiceKit

/// What a person probably meant by a text that is no time period of the wanted type.
enum TimeAdvice {
    static func advice(for bytes: UnsafeRawBufferPointer, type: TextType) -> String {
        guard bytes.count <= 40 else { return "Write \(example(type))." }
        let text = String(decoding: bytes, as: UTF8.self)
        for candidate in candidates(text) where candidate != text && TimePeriod(candidate)?.isOf(type) == true { return "Write \(candidate)." }
        if TimePeriod(text) != nil { return "The structure asks for \(type.rawValue): write \(example(type))." }
        return "Write \(example(type)); check that the month, day, quarter or week exists in that year."
    }

    static func example(_ type: TextType) -> String {
        switch type {
        case .gregorianYear: "a year such as 2024"
        case .gregorianYearMonth: "a month such as 2024-03"
        case .gregorianDay: "a day such as 2024-03-31"
        case .gregorianTimePeriod: "a year, month or day such as 2024, 2024-03 or 2024-03-31"
        case .dateTime: "a date and time such as 2024-03-31T00:00:00"
        case .timeRange: "a start and a duration such as 2024-01-01/P3M"
        case .reportingYear: "a reporting year such as 2024-A1"
        case .reportingSemester: "a half-year such as 2024-S1"
        case .reportingTrimester: "a third of a year such as 2024-T1"
        case .reportingQuarter: "a quarter such as 2024-Q1"
        case .reportingMonth: "a month such as 2024-M03"
        case .reportingWeek: "a week such as 2024-W09"
        case .reportingDay: "a day of the year such as 2024-D061"
        case .reportingTimePeriod: "a period such as 2024-A1, 2024-Q1 or 2024-M03"
        default: "a period such as 2024, 2024-S1, 2024-Q1, 2024-03, 2024-W09 or 2024-03-31"
        }
    }

    private static func candidates(_ text: String) -> [String] {
        let trimmed = String(String.UnicodeScalarView(text.unicodeScalars.filter { !$0.properties.isWhitespace })).uppercased()
        var result = [trimmed]
        let parts = trimmed.split(whereSeparator: { $0 == "." || $0 == "/" || $0 == "-" }).map(String.init)
        let areNumbers = parts.allSatisfy { $0.utf8.allSatisfy { $0 &- 48 < 10 } }
        func two(_ text: String) -> String { text.utf8.count == 1 ? "0" + text : text }
        if areNumbers, parts.count == 3 {
            // 31.03.2024, 2024/3/31
            result.append(parts[0].utf8.count == 4 ? "\(parts[0])-\(two(parts[1]))-\(two(parts[2]))" : "\(parts[2])-\(two(parts[1]))-\(two(parts[0]))")
        }
        if areNumbers, parts.count == 2 {
            result.append(parts[0].utf8.count == 4 ? "\(parts[0])-\(two(parts[1]))" : "\(parts[1])-\(two(parts[0]))")
        }
        // 2024Q1, Q1-2024, 2024-1Q, 2024M3
        let digits = trimmed.split(whereSeparator: { !$0.isNumber }).map(String.init)
        let letters = trimmed.filter(\.isLetter)
        if letters.count == 1, digits.count == 2, let year = digits.first(where: { $0.utf8.count == 4 }),
            let number = digits.first(where: { $0.utf8.count < 4 })
        {
            result.append("\(year)-\(letters)\(number)")
            result.append("\(year)-\(letters)\(two(number))")
            result.append("\(year)-\(letters)00\(number)")
        }
        if trimmed.count == 6, let month = trimmed.utf8.last, month &- 48 < 10 { result.append("\(trimmed.prefix(4))-\(trimmed.suffix(2))") }
        if trimmed.hasSuffix(".0") { result.append(String(trimmed.dropLast(2))) }
        return result
    }
}
