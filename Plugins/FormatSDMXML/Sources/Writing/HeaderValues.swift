import SluiceKit

#if canImport(Glibc)
    import Glibc
#endif

/// Brings header values into the form that the SDMX-ML schemas demand; 2.1 and 3.x demand the same.
enum HeaderValues {
    /// An id of `common:IDType` (`[A-Za-z0-9_@$-]+`): what is not allowed, such as the dot of a nested agency, becomes `_`.
    static func id(_ text: String, otherwise: String) -> String {
        let allowed = text.utf8.map { isIDByte($0) ? $0 : UInt8(ascii: "_") }
        return allowed.isEmpty ? otherwise : String(decoding: allowed, as: UTF8.self)
    }

    static func isID(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(isIDByte) }

    private static func isIDByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "@"), UInt8(ascii: "$"): true
        default: false
        }
    }

    /// Whether a component id may be the name of an XML attribute (`common:NCNameIDType`, with a leading `_` as XML allows).
    static func isNCName(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        let startsWell = first == UInt8(ascii: "_") || (first | 0x20) >= UInt8(ascii: "a") && (first | 0x20) <= UInt8(ascii: "z")
        return startsWell && text.utf8.allSatisfy { isIDByte($0) && $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: "$") || $0 == UInt8(ascii: ".") }
    }

    /// An `xs:dateTime` or `xs:date`; seconds are added where they are missing, and nil says that the text is neither.
    static func dateTime(_ text: String?, allowsDate: Bool) -> String? {
        guard let text else { return nil }
        let bytes = Array(text.utf8)
        func isDigits(_ range: Range<Int>) -> Bool { range.upperBound <= bytes.count && bytes[range].allSatisfy { $0 >= 48 && $0 <= 57 } }
        func isByte(_ index: Int, _ scalar: Unicode.Scalar) -> Bool { index < bytes.count && bytes[index] == UInt8(ascii: scalar) }
        guard isDigits(0..<4), isByte(4, "-"), isDigits(5..<7), isByte(7, "-"), isDigits(8..<10) else { return nil }
        if bytes.count == 10 { return allowsDate ? text : text + "T00:00:00" }
        guard isByte(10, "T"), isDigits(11..<13), isByte(13, ":"), isDigits(14..<16) else { return nil }
        var end = 16
        var inserted = ":00"
        if isByte(16, ":"), isDigits(17..<19) {
            inserted = ""
            end = 19
            if isByte(end, ".") {
                end += 1
                while end < bytes.count, isDigits(end..<(end + 1)) { end += 1 }
            }
        }
        let zone = bytes[end...]
        let isZone =
            zone.isEmpty || zone.elementsEqual([UInt8(ascii: "Z")])
            || zone.count == 6 && (isByte(end, "+") || isByte(end, "-")) && isDigits((end + 1)..<(end + 3)) && isByte(end + 3, ":")
                && isDigits((end + 4)..<(end + 6))
        guard isZone else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self) + inserted + String(decoding: zone, as: UTF8.self)
    }

    /// A period, date or year as the header and dataset attributes hold it; nil for what does not look like one.
    static func period(_ text: String?) -> String? {
        guard let text, text.utf8.count >= 4, text.utf8.count <= 64, text.utf8.prefix(4).allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        let isSpelledRight = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            default: "-+:./".utf8.contains(byte)
            }
        }
        return isSpelledRight ? text : nil
    }

    /// A language tag (`xs:language`); nil for anything else.
    static func language(_ text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        func isWord(_ part: Substring) -> Bool {
            (1...8).contains(part.utf8.count) && part.utf8.allSatisfy { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || $0 >= 48 && $0 <= 57 }
        }
        guard let first = parts.first, first.utf8.allSatisfy({ $0 > 57 }), parts.allSatisfy(isWord) else { return nil }
        return text
    }

    /// Now, in UTC.
    static func now() -> String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        return "\(Int(parts.tm_year) + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }
}
