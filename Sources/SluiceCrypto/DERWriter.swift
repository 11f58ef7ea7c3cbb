/// Writes DER (ITU-T X.690, clause 10) from the inside out: every element in the one form that `DERReader` takes.
enum DERWriter {
    /// An element of one tag byte around its content.
    static func element(_ tag: UInt8, _ parts: [UInt8]...) -> [UInt8] { element(tag, parts) }

    static func element(_ tag: UInt8, _ parts: [[UInt8]]) -> [UInt8] {
        let count = parts.reduce(0) { $0 + $1.count }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 6)
        bytes.append(tag)
        if count < 0x80 {
            bytes.append(UInt8(count))
        } else {
            let octets = (1...8).first { count >> (8 * $0) == 0 } ?? 8
            bytes.append(0x80 | UInt8(octets))
            for octet in (0..<octets).reversed() { bytes.append(UInt8(truncatingIfNeeded: count >> (8 * octet))) }
        }
        for part in parts { bytes += part }
        return bytes
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { element(DERTag.sequence, parts) }

    /// SET OF: the elements in the order of their bytes (X.690, 11.6).
    static func setOf(_ elements: [[UInt8]], tag: UInt8 = DERTag.set) -> [UInt8] {
        element(tag, elements.sorted { $0.lexicographicallyPrecedes($1) })
    }

    static func objectIdentifier(_ content: [UInt8]) -> [UInt8] { element(DERTag.objectIdentifier, content) }

    static func octetString(_ content: [UInt8]) -> [UInt8] { element(DERTag.octetString, content) }

    /// An INTEGER that is not negative, from its big-endian bytes.
    static func integer(_ magnitude: some Collection<UInt8>) -> [UInt8] {
        let digits = Array(magnitude.drop { $0 == 0 })
        return element(DERTag.integer, (digits.first ?? 0x80) >= 0x80 ? [0] + digits : digits)
    }

    /// UTCTime until 2049, GeneralizedTime after (RFC 5652, 11.3); nil for a year without four digits.
    static func time(_ date: (year: Int, month: Int, day: Int), secondOfDay second: Int) -> [UInt8]? {
        guard (1950...9999).contains(date.year) else { return nil }
        let isShort = date.year < 2050
        var text: [UInt8] = []
        let pairs = (isShort ? [] : [date.year / 100]) + [date.year % 100, date.month, date.day, second / 3600, second / 60 % 60, second % 60]
        for pair in pairs { text += [UInt8(ascii: "0") + UInt8(pair / 10), UInt8(ascii: "0") + UInt8(pair % 10)] }
        return element(isShort ? DERTag.utcTime : DERTag.generalizedTime, text, [UInt8(ascii: "Z")])
    }
}
