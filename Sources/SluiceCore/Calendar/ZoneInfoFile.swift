#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension TimeZoneRules {
    /// Where systems keep their zone files.
    package static let zoneInfoFolders = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo"]
    /// Largest zone file in bytes; the largest there is has some 4 kB.
    package static let zoneFileBytesMax = 256 << 10

    /// The rules of a zone by its name, such as `Asia/Yerevan`.
    package init(identifier: String, folders: [String] = zoneInfoFolders) throws(TimeZoneError) {
        let parts = identifier.split(separator: "/", omittingEmptySubsequences: false)
        // The name becomes a path: nothing that leads out of the folder.
        let isName =
            identifier.utf8.count <= 64
            && parts.allSatisfy { part in
                !part.isEmpty && !part.hasPrefix(".")
                    && part.utf8.allSatisfy { byte in
                        switch byte {
                        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"): true
                        default: false
                        }
                    }
            }
        guard isName else {
            throw TimeZoneError(
                code: .unknownZone, identifier: String(identifier.prefix(64)), detail: "is not a zone's name; write one such as Asia/Yerevan or UTC")
        }
        for folder in folders {
            guard let bytes = Self.bytes(of: "\(folder)/\(identifier)") else { continue }
            self = try TimeZoneRules(identifier: identifier, zoneFile: bytes)
            return
        }
        // A small system without zone files still has UTC.
        if identifier == "UTC" || identifier == "Etc/UTC" {
            self = .utc
            return
        }
        throw TimeZoneError(
            code: .unknownZone, identifier: identifier,
            detail: "no such zone in \(folders.joined(separator: ", ")); check its spelling, and that the system's tzdata package is installed")
    }

    /// Reads a zone file of version 2 or later (RFC 9636, 3): a first block with 32-bit times that is passed over, one with 64-bit times, a rule.
    package init(identifier: String, zoneFile bytes: [UInt8]) throws(TimeZoneError) {
        func malformed(_ detail: String) -> TimeZoneError { TimeZoneError(code: .malformed, identifier: identifier, detail: "the zone file \(detail)") }
        guard bytes.count <= Self.zoneFileBytesMax else { throw malformed("is larger than \(Self.zoneFileBytesMax) bytes") }
        guard let old = ZoneFileHeader(bytes, at: 0) else { throw malformed("has no header") }
        guard old.version >= UInt8(ascii: "2") else { throw malformed("is of version 1, which ends in 2037; update the system's tzdata") }
        let second = old.end(timeBytes: 4)
        guard let header = ZoneFileHeader(bytes, at: second) else { throw malformed("has no 64-bit block") }
        guard header.leapSeconds == 0 else { throw malformed("counts leap seconds, which civil time does not; take the zone without 'right/'") }
        guard header.types > 0, header.types <= 256, header.end(timeBytes: 8) <= bytes.count else { throw malformed("is cut short") }

        let timesAt = second + ZoneFileHeader.bytes
        let indexesAt = timesAt + header.times * 8
        let typesAt = indexesAt + header.times
        var types: [Int32] = []
        for index in 0..<header.types {
            let offset = Int32(truncatingIfNeeded: ZoneFileHeader.integer(bytes, at: typesAt + index * 6, count: 4))
            guard (-93_599...93_599).contains(offset) else { throw malformed("has an offset of \(offset) seconds") }
            types.append(offset)
        }
        var changes: [Int64] = []
        // Before the first change, the first type holds.
        var offsets = [types[0]]
        for index in 0..<header.times {
            let time = Int64(truncatingIfNeeded: ZoneFileHeader.integer(bytes, at: timesAt + index * 8, count: 8))
            let type = Int(bytes[indexesAt + index])
            guard type < types.count, (-(1 << 59)...(1 << 59)).contains(time), changes.last.map({ $0 < time }) ?? true else {
                throw malformed("has changes out of order or of an unknown kind")
            }
            // Most changes on record alter a name or a flag; to the clocks only the offset matters.
            guard types[type] != offsets[offsets.count - 1] else { continue }
            changes.append(time)
            offsets.append(types[type])
        }
        let footer = bytes[header.end(timeBytes: 8)...]
        guard footer.first == UInt8(ascii: "\n"), let lineEnd = footer.dropFirst().firstIndex(of: UInt8(ascii: "\n")) else {
            throw malformed("does not end in a rule")
        }
        let line = Array(footer[(footer.startIndex + 1)..<lineEnd])
        var rule: PosixTimeZone?
        if !line.isEmpty {
            guard let parsed = PosixTimeZone(line) else { throw malformed("ends in a rule that is not understood: \(String(decoding: line, as: UTF8.self))") }
            rule = parsed
        }
        self.init(identifier: identifier, changes: changes, offsets: offsets, rule: rule)
    }

    private static func bytes(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: zoneFileBytesMax + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count) }
            if got < 0, errno == EINTR { continue }
            // A folder opens, and then cannot be read.
            guard got >= 0 else { return nil }
            if got == 0 { break }
            count += got
        }
        return Array(bytes[..<count])
    }
}

/// The 44 bytes before each block of a zone file.
private struct ZoneFileHeader {
    static let bytes = 44
    let start: Int
    let version: UInt8
    let isUTCFlags: Int
    let isStandardFlags: Int
    let leapSeconds: Int
    let times: Int
    let types: Int
    let nameBytes: Int

    init?(_ bytes: [UInt8], at start: Int) {
        guard start >= 0, start + Self.bytes <= bytes.count, bytes[start..<start + 4].elementsEqual("TZif".utf8) else { return nil }
        self.start = start
        version = bytes[start + 4]
        // Each is 32 bits of a file whose size is bounded, so that no sum of them overflows.
        func count(_ index: Int) -> Int { Int(Self.integer(bytes, at: start + 20 + index * 4, count: 4)) }
        isUTCFlags = count(0)
        isStandardFlags = count(1)
        leapSeconds = count(2)
        times = count(3)
        types = count(4)
        nameBytes = count(5)
    }

    func end(timeBytes: Int) -> Int {
        start + Self.bytes + times * (timeBytes + 1) + types * 6 + nameBytes + leapSeconds * (timeBytes + 4) + isStandardFlags + isUTCFlags
    }

    /// Big-endian.
    static func integer(_ bytes: [UInt8], at index: Int, count: Int) -> UInt64 {
        bytes[index..<index + count].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
