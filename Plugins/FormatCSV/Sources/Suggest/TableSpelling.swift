internal import SluiceKit

/// How a table's file is written, as its first bytes tell it.
struct TableSpelling: Hashable {
    var encoding = CSVMapping.Encoding.utf8
    /// The encoding is a guess between code pages.
    var isEncodingGuessed = false
    var separator = UInt8(ascii: ",")
    var linesBeforeHeader = 0

    /// Bytes at the beginning that are looked at.
    static let headBytes = 64 << 10
    /// Lines at the beginning that are looked at.
    private static let linesMax = 60

    init() {}

    init(head: [UInt8]) {
        encoding = Self.encoding(head, isGuessed: &isEncodingGuessed)
        let lines = Self.lines(Self.decoded(head, encoding))
        guard !lines.isEmpty else { return }
        var best = (score: 0, separator: UInt8(ascii: ","))
        for candidate in [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")] {
            let counts = lines.map { Self.count(candidate, $0) }
            guard let usual = Self.mode(counts.filter { $0 > 0 }) else { continue }
            // Lines that agree count more than separators: prose has many commas.
            let score = counts.count { $0 == usual } * 1_000 / lines.count * 100 + min(usual, 50)
            if score > best.score { best = (score, candidate) }
        }
        separator = best.separator
        let counts = lines.map { Self.count(separator, $0) }
        guard let usual = Self.mode(counts.filter { $0 > 0 }), let header = counts.firstIndex(of: usual) else { return }
        // Titles above the table have no cells beside the first.
        if header <= 20, lines[..<header].allSatisfy({ line in Self.filledCells(line, separator) <= 1 }) { linesBeforeHeader = header }
        while linesBeforeHeader < min(20, lines.count - 1), counts[linesBeforeHeader] == usual, usual > 0,
            Self.filledCells(lines[linesBeforeHeader], separator) <= 1
        {
            linesBeforeHeader += 1
        }
    }

    // MARK: Encoding

    private static func encoding(_ head: [UInt8], isGuessed: inout Bool) -> CSVMapping.Encoding {
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return .utf16 }
        let pairs = head.count / 2
        if pairs > 1 {
            let even = stride(from: 0, to: pairs * 2, by: 2).count { head[$0] == 0 }
            let odd = stride(from: 1, to: pairs * 2, by: 2).count { head[$0] == 0 }
            // ASCII in UTF-16 has a NUL in every other place, and nowhere else.
            if odd * 2 > pairs, even == 0 { return .utf16LittleEndian }
            if even * 2 > pairs, odd == 0 { return .utf16BigEndian }
        }
        let invalid = head.withUnsafeBytes { UTF8Check.firstInvalid($0) }
        // A character may be cut where the head ends.
        guard let invalid, invalid < head.count - 3 || head.count < headBytes else { return .utf8 }
        isGuessed = true
        // In Cyrillic words every letter is above 0xBF; in western ones few are.
        let high = head.indices.count { head[$0] >= 0xC0 }
        let pairsOfHigh = head.indices.dropFirst().count { head[$0] >= 0xC0 && head[$0 - 1] >= 0xC0 }
        return pairsOfHigh * 2 > high ? .windows1251 : .windows1252
    }

    private static func decoded(_ head: [UInt8], _ encoding: CSVMapping.Encoding) -> [UInt8] {
        guard encoding != .utf8 else { return head.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(head.dropFirst(3)) : head }
        let source = TranscodingByteSource(
            MemoryByteSource(head.count % 2 == 1 && encoding.rawValue.hasPrefix("utf-16") ? Array(head.dropLast()) : head), encoding: encoding)
        var bytes: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 1)
        defer { buffer.deallocate() }
        while let count = try? source.read(into: buffer), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    // MARK: Lines

    /// Whole lines of the head; a line break within quotes does not end one.
    private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        var isQuoted = false
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            guard !isQuoted, byte == 0x0A || byte == 0x0D else { continue }
            if index > start || byte == 0x0A && index == start && (index == 0 || bytes[index - 1] != 0x0D) { lines.append(bytes[start..<index]) }
            start = index + 1
            if lines.count == linesMax { return lines }
        }
        if start < bytes.count, bytes.count < headBytes || lines.isEmpty { lines.append(bytes[start...]) }
        return lines
    }

    private static func count(_ separator: UInt8, _ line: ArraySlice<UInt8>) -> Int {
        var (count, isQuoted) = (0, false)
        for byte in line {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() } else if byte == separator, !isQuoted { count += 1 }
        }
        return count
    }

    private static func filledCells(_ line: ArraySlice<UInt8>, _ separator: UInt8) -> Int {
        var (count, isQuoted, isFilled) = (0, false, false)
        for byte in line {
            if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                count += isFilled ? 1 : 0
                isFilled = false
            } else if byte > 0x20 {
                isFilled = true
            }
        }
        return count + (isFilled ? 1 : 0)
    }

    private static func mode(_ counts: [Int]) -> Int? {
        Dictionary(grouping: counts, by: \.self).max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }?.key
    }
}
