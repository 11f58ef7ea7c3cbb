/// The lexical forms of the smaller XML Schema types that SDMX uses.
enum Lexical {
    /// Characters that RFC 3986 keeps out of a URI and that a blank check does not catch.
    static let notInURI: [UInt8] = Array("<>\"{}|\\^`".utf8)

    /// `#N/A`: a value that is missing on purpose (SDMX-CSV 2.1, "Intentionally missing values").
    static func isMissingMark(_ bytes: UnsafeRawBufferPointer) -> Bool { equals(bytes, "#N/A") }

    static func isBoolean(_ bytes: UnsafeRawBufferPointer) -> Bool {
        equals(bytes, "true") || equals(bytes, "false") || equals(bytes, "1") || equals(bytes, "0")
    }

    static func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<bytes.count where bytes[offset] != text.utf8Start[offset] { return false }
        return true
    }

    /// `--MM`.
    static func isMonth(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count == 4 && dashes(bytes, 2) && (1...12).contains(two(bytes, 2))
    }

    /// `--MM-DD`; 29 February exists.
    static func isMonthDay(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == 7, dashes(bytes, 2), bytes[4] == UInt8(ascii: "-") else { return false }
        let month = two(bytes, 2)
        return (1...12).contains(month) && (1...CalendarDays.daysInMonth(2000, month)).contains(two(bytes, 5))
    }

    /// `---DD`.
    static func isDay(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count == 5 && dashes(bytes, 3) && (1...31).contains(two(bytes, 3))
    }

    /// `hh:mm:ss` with an optional fraction and time zone: the time part of a date and time.
    static func isClock(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 8, bytes.count <= 32 else { return false }
        return withUnsafeTemporaryAllocation(byteCount: 11 + bytes.count, alignment: 1) { buffer in
            for (offset, byte) in "2000-01-01T".utf8.enumerated() { buffer[offset] = byte }
            for offset in 0..<bytes.count { buffer[11 + offset] = bytes[offset] }
            return TimePeriod(UnsafeRawBufferPointer(buffer))?.granularity == .dateTime
        }
    }

    /// A duration of ISO 8601: what may follow the slash of a time range.
    static func isDuration(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 3, bytes.count <= 64 else { return false }
        return withUnsafeTemporaryAllocation(byteCount: 11 + bytes.count, alignment: 1) { buffer in
            for (offset, byte) in "2000-01-01/".utf8.enumerated() { buffer[offset] = byte }
            for offset in 0..<bytes.count { buffer[11 + offset] = bytes[offset] }
            return TimePeriod(UnsafeRawBufferPointer(buffer))?.granularity == .range
        }
    }

    private static func dashes(_ bytes: UnsafeRawBufferPointer, _ count: Int) -> Bool { bytes.prefix(count).allSatisfy { $0 == UInt8(ascii: "-") } }

    private static func two(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        let (tens, ones) = (bytes[offset] &- 48, bytes[offset + 1] &- 48)
        return tens < 10 && ones < 10 ? Int(tens) * 10 + Int(ones) : -1
    }
}
