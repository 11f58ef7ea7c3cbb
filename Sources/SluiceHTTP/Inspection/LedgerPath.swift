/// A file of the published ledger, by the grammar of C2SP tlog-tiles: only a path that the grammar yields is ever opened.
struct LedgerPath: Hashable {
    /// Relative to the ledger's folder.
    let relative: String
    let isCheckpoint: Bool

    /// - Parameter path: the request's path, as sent: `/ledger/checkpoint`, `/ledger/witnessed-checkpoint`, `/ledger/tile/<L>/<N>[.p/<W>]`, `/ledger/tile/entries/<N>[.p/<W>]`.
    init?(_ path: String) {
        guard path.hasPrefix("/ledger/"), path.utf8.count <= Self.pathBytesMax else { return nil }
        relative = String(path.dropFirst("/ledger/".count))
        isCheckpoint = relative == "checkpoint" || relative == "witnessed-checkpoint"
        if isCheckpoint { return }
        var parts = relative.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0] == "tile", parts[1] == "entries" || Self.isNumber(parts[1], max: Self.levelMax) else { return nil }
        parts.removeFirst(2)
        // `…/067.p/8`: a tile that is not full yet, of a stated width.
        if parts.count >= 2, parts[parts.count - 2].hasSuffix(".p") {
            guard Self.isNumber(parts[parts.count - 1], max: 255), parts[parts.count - 1] != "0" else { return nil }
            parts.removeLast()
            parts[parts.count - 1] = parts[parts.count - 1].dropLast(2)
        }
        // An index in groups of three digits, all but the last marked with x; the first is not x000, so that an index has one spelling.
        guard (1...Self.indexGroupsMax).contains(parts.count), parts.count == 1 || parts[0] != "x000" else { return nil }
        for (place, part) in parts.enumerated() {
            let digits = place == parts.count - 1 ? part : part.first == "x" ? part.dropFirst() : ""
            guard digits.utf8.count == 3, digits.utf8.allSatisfy(Self.isDigit) else { return nil }
        }
    }

    static let pathBytesMax = 128
    /// tlog-tiles: a level is at most 63.
    static let levelMax = 63
    /// Enough for 2^63 entries.
    static let indexGroupsMax = 7

    var contentType: String { isCheckpoint ? "text/plain; charset=utf-8" : "application/octet-stream" }
    /// A tile never changes, a checkpoint always does.
    var cacheControl: String { isCheckpoint ? "no-cache" : "public, max-age=31536000, immutable" }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// A number without leading zeros.
    private static func isNumber(_ text: Substring, max: Int) -> Bool {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy(isDigit), text == "0" || text.first != "0", let value = Int(text) else { return false }
        return value <= max
    }
}
