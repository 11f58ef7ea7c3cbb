/// What the names in an agreement look like.
extension AgreementReader {
    static func isName(_ text: String, extra: String) -> Bool {
        text.utf8.count <= 128 && text.first?.isASCII == true
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || extra.unicodeScalars.contains(scalar))
            }
    }

    static func isParticipant(_ text: String) -> Bool {
        !text.isEmpty && text.first?.isLetter == true && text.last != "." && !text.contains("..") && isName(text, extra: "-_.")
    }

    static func isPurpose(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty && part.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
            }
    }

    static func isChannel(_ text: String) -> Bool {
        text.utf8.count <= 64 && text.first.map { ("a"..."z").contains($0) } ?? false
            && text.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || "+.-".unicodeScalars.contains($0) }
    }

    static func isInstant(_ text: String) -> Bool {
        guard text.utf8.count == 20, text.hasSuffix("Z"), CalendarDate(String(text.prefix(10))) != nil else { return false }
        let time = text.dropFirst(11).dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard text.dropFirst(10).first == "T", time.map(\.count) == [2, 2, 2] else { return false }
        return zip(time, [24, 60, 60]).allSatisfy { part, limit in Int(part).map { (0..<limit).contains($0) && part.allSatisfy(\.isNumber) } ?? false }
    }
}
