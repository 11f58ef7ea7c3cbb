import SluiceKit

/// The patterns that the schemas of structure messages ask texts to have.
enum SchemaPattern {
    // MARK: Ids

    /// `idType`: letters, digits, `_ @ $ -`.
    static func isID(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "$") }
    }

    /// `NCNameIDType`: a letter, then letters, digits, `_ -`.
    static func isNCName(_ text: some StringProtocol) -> Bool { (text.utf8.first.map(isLetter) ?? false) && text.utf8.allSatisfy(isWord) }

    static func isNestedID(_ text: String) -> Bool { text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isID($0) } }
    static func isNestedNCName(_ text: String) -> Bool { text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isNCName($0) } }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    private static func isWord(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") }

    // MARK: Versions

    /// `VersionType`: one or two numbers, or three with an extension.
    static func isVersion(_ text: String) -> Bool {
        let halves = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        guard (1...3).contains(numbers.count), numbers.allSatisfy(isVersionNumber) else { return false }
        guard halves.count > 1 else { return true }
        return numbers.count == 3
            && halves[1].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
                    && (!part.utf8.allSatisfy(isDigit) || isVersionNumber(part))
            }
    }

    /// `VersionReferenceType`: a version, or three numbers of which one is marked with `+`.
    static func isVersionReference(_ text: String) -> Bool {
        if isVersion(text) { return true }
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 3 && numbers.filter { $0.last == "+" }.count == 1 && numbers.allSatisfy { isVersionNumber($0.last == "+" ? $0.dropLast() : $0) }
    }

    private static func isVersionNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isDigit) && (text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0"))
    }

    // MARK: Numbers

    /// A number of JSON (RFC 8259, §6).
    static func isNumber(_ text: String) -> Bool {
        guard let value = try? JSONValue(parsing: Array(text.utf8)) else { return false }
        switch value {
        case .integer, .number: return text.utf8.allSatisfy { !(0x09...0x20).contains($0) }
        default: return false
        }
    }

    static func isInteger(_ text: String) -> Bool { isNumber(text) && text.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "-") } }

    /// `duration`: `P`, then years, months, days, and after `T` hours, minutes, seconds, of which one at least.
    static func isDuration(_ text: String) -> Bool {
        guard text.utf8.first == UInt8(ascii: "P") else { return false }
        let halves = text.dropFirst().split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        func parts(_ half: Substring, _ letters: String) -> Bool {
            var rest = half
            var allowed = Substring(letters)
            while !rest.isEmpty {
                let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
                rest = rest.dropFirst(digits.count)
                guard !digits.isEmpty, let letter = rest.first, let place = allowed.firstIndex(of: letter) else { return false }
                if digits.contains(".") {
                    let halves = digits.split(separator: ".", omittingEmptySubsequences: false)
                    guard letter == "S", halves.count == 2, halves.allSatisfy({ !$0.isEmpty }) else { return false }
                }
                rest = rest.dropFirst()
                allowed = allowed[allowed.index(after: place)...]
            }
            return true
        }
        guard parts(halves[0], "YMD") else { return false }
        return halves.count > 1 ? !halves[1].isEmpty && parts(halves[1], "HMS") : !halves[0].isEmpty
    }

    // MARK: Times

    /// A date with time and zone (RFC 3339), completed with midnight and UTC where the text leaves them open; nil when it is no date.
    static func dateTime(_ text: String) -> String? {
        let halves = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        if halves.count == 1 {
            // A date may have a zone of its own.
            let (date, zone) = splitZone(halves[0])
            guard isDate(date), zone.isEmpty || isZone(zone) else { return nil }
            return "\(date)T00:00:00\(zone.isEmpty ? "Z" : String(zone))"
        }
        let (time, zone) = splitZone(halves[1])
        guard isDate(halves[0]), isTime(time), zone.isEmpty || isZone(zone) else { return nil }
        return zone.isEmpty ? text + "Z" : text
    }

    /// `StandardTimePeriodType`: a year, month, date, date with time or reporting period; nil where it is none of them.
    static func standardPeriod(_ text: String) -> String? {
        if isDate(text[...]) || isReportingPeriod(text) { return text }
        let (start, zone) = splitZone(text[...])
        let numbers = start.split(separator: "-", omittingEmptySubsequences: false)
        if zone.isEmpty || isZone(zone), numbers.count <= 2, numbers.allSatisfy({ $0.utf8.allSatisfy(isDigit) }), numbers[0].utf8.count >= 4 {
            if numbers.count == 1, numbers[0].utf8.count == 4 || numbers[0].utf8.first != UInt8(ascii: "0") { return text }
            if numbers.count == 2, numbers[1].utf8.count == 2, (1...12).contains(Int(numbers[1]) ?? 0) { return text }
        }
        return dateTime(text)
    }

    /// `ObservationalTimePeriodType`: also a beginning with a duration.
    static func observationalPeriod(_ text: String) -> String? {
        if let period = standardPeriod(text) { return period }
        guard let slash = text.firstIndex(of: "/"), slash > text.startIndex, isDuration(String(text[text.index(after: slash)...])) else { return nil }
        return text
    }

    private static func isReportingPeriod(_ text: String) -> Bool {
        let (start, zone) = splitZone(text[...])
        let bytes = Array(start.utf8)
        guard zone.isEmpty || isZone(zone), bytes.count >= 7, bytes[..<4].allSatisfy(isDigit), bytes[4] == UInt8(ascii: "-"), bytes[6...].allSatisfy(isDigit)
        else {
            return false
        }
        switch bytes[5] {
        case UInt8(ascii: "A"), UInt8(ascii: "S"), UInt8(ascii: "T"), UInt8(ascii: "Q"): return bytes.count == 7
        case UInt8(ascii: "M"), UInt8(ascii: "W"): return bytes.count == 8
        case UInt8(ascii: "D"): return bytes.count == 9
        default: return false
        }
    }

    /// The zone at the end: `Z` or `+01:00`.
    private static func splitZone(_ text: Substring) -> (Substring, Substring) {
        if text.last == "Z" { return (text.dropLast(), text.suffix(1)) }
        guard text.utf8.count > 6 else { return (text, "") }
        let zone = text.suffix(6)
        return isZone(zone) ? (text.dropLast(6), zone) : (text, "")
    }

    private static func isZone(_ text: Substring) -> Bool {
        if text == "Z" { return true }
        let bytes = Array(text.utf8)
        guard bytes.count == 6, bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"), bytes[3] == UInt8(ascii: ":") else { return false }
        return number(bytes[1...2], 0...14) && number(bytes[4...5], 0...59)
    }

    private static func isDate(_ text: Substring) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[..<4].allSatisfy(isDigit), number(bytes[5...6], 1...12),
            let year = Int(text.prefix(4)), year > 0, let month = Int(text.dropFirst(5).prefix(2))
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let last = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return number(bytes[8...9], 1...last)
    }

    private static func isTime(_ text: Substring) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= 8, bytes[2] == UInt8(ascii: ":"), bytes[5] == UInt8(ascii: ":"), number(bytes[0...1], 0...23), number(bytes[3...4], 0...59),
            number(bytes[6...7], 0...59)
        else { return false }
        return bytes.count == 8 || bytes[8] == UInt8(ascii: ".") && bytes.count > 9 && bytes[9...].allSatisfy(isDigit)
    }

    private static func number(_ bytes: ArraySlice<UInt8>, _ range: ClosedRange<Int>) -> Bool {
        guard bytes.allSatisfy(isDigit) else { return false }
        return range.contains(bytes.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
    }

    // MARK: Languages

    /// The tags that RFC 5646 lets stand although its grammar would not (§2.2.8), as the schemas list them.
    static let grandfatheredLanguages: Set<String> = [
        "en-GB-oed", "i-ami", "i-bnn", "i-default", "i-enochian", "i-hak", "i-klingon", "i-lux", "i-mingo", "i-navajo", "i-pwn", "i-tao", "i-tay", "i-tsu",
        "sgn-BE-FR", "sgn-BE-NL", "sgn-CH-DE", "art-lojban", "cel-gaulish", "no-bok", "no-nyn", "zh-guoyu", "zh-hakka", "zh-min", "zh-min-nan", "zh-xiang",
    ]

    /// A well-formed language tag (RFC 5646, §2.1).
    static func isLanguage(_ tag: String) -> Bool {
        if grandfatheredLanguages.contains(tag) { return true }
        var parts = tag.split(separator: "-", omittingEmptySubsequences: false)[...]
        func letters(_ part: Substring?, _ counts: ClosedRange<Int>) -> Bool {
            part.map { counts.contains($0.utf8.count) && $0.utf8.allSatisfy(isLetter) } ?? false
        }
        func words(_ part: Substring?, _ counts: ClosedRange<Int>) -> Bool {
            part.map { counts.contains($0.utf8.count) && $0.utf8.allSatisfy { isLetter($0) || isDigit($0) } } ?? false
        }
        func isPrivate() -> Bool {
            guard parts.first?.lowercased() == "x" else { return false }
            parts = parts.dropFirst()
            return !parts.isEmpty && parts.allSatisfy { words($0, 1...8) }
        }
        if parts.first?.lowercased() == "x" { return isPrivate() }
        guard letters(parts.first, 2...8) else { return false }
        let isShort = (parts.first?.utf8.count ?? 0) <= 3
        parts = parts.dropFirst()
        var extended = 0
        while isShort, extended < 3, letters(parts.first, 3...3) {
            parts = parts.dropFirst()
            extended += 1
        }
        if letters(parts.first, 4...4) { parts = parts.dropFirst() }
        if letters(parts.first, 2...2) || parts.first.map({ $0.utf8.count == 3 && $0.utf8.allSatisfy(isDigit) }) ?? false { parts = parts.dropFirst() }
        while words(parts.first, 5...8) || words(parts.first, 4...4) && parts.first?.utf8.first.map(isDigit) ?? false { parts = parts.dropFirst() }
        while let singleton = parts.first, words(singleton, 1...1), singleton.lowercased() != "x" {
            parts = parts.dropFirst()
            guard words(parts.first, 2...8) else { return false }
            while words(parts.first, 2...8) { parts = parts.dropFirst() }
        }
        return parts.isEmpty || isPrivate()
    }

    /// The tag in lower case, as the pattern of single tags asks; nil when it is none.
    static func lowerCaseLanguage(_ tag: String) -> String? {
        grandfatheredLanguages.contains(tag) ? tag : isLanguage(tag) ? tag.lowercased() : nil
    }
}
