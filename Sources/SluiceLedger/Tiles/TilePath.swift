/// The name of one tile or entry bundle: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]` (C2SP tlog-tiles, "Merkle Tree").
package struct TilePath: Hashable, Sendable {
    /// Hashes in a full tile, entries in a full bundle.
    package static let fullWidth = 256
    /// Levels of tiles that a log of `MerkleFrontier.sizeMax` entries can have.
    package static let levelsMax = 8

    /// What the file holds.
    package enum Content: Hashable, Sendable {
        /// Hashes of the level; at level 0 of leaves.
        case hashes(level: Int)
        case entries
    }

    package let content: Content
    package let index: UInt64
    /// 256, or fewer for a partial tile.
    package let width: Int

    init(_ content: Content, index: UInt64, width: Int = TilePath.fullWidth) {
        self.content = content
        self.index = index
        self.width = width
    }

    package static func tile(level: Int, index: UInt64, width: Int = fullWidth) -> TilePath { TilePath(.hashes(level: level), index: index, width: width) }
    package static func entries(_ index: UInt64, width: Int = fullWidth) -> TilePath { TilePath(.entries, index: index, width: width) }

    package var isFull: Bool { width == Self.fullWidth }

    /// The level of its hashes; entries stand below level 0 and count as 0.
    package var level: Int { if case .hashes(let level) = content { level } else { 0 } }

    /// The file's name relative to the log's folder.
    package var text: String {
        isFull ? "\(folder)/\(Self.text(of: index))" : "\(partialsFolder)/\(width)"
    }

    /// The folder of the partial tiles that lead to this tile.
    package var partialsFolder: String { "\(folder)/\(Self.text(of: index)).p" }

    private var folder: String {
        switch content {
        case .hashes(let level): "tile/\(level)"
        case .entries: "tile/entries"
        }
    }

    /// Zero-padded groups of three digits, all but the last with an `x`: 1234067 is `x001/x234/067`.
    private static func text(of index: UInt64) -> String {
        var text = padded(index % 1000)
        var rest = index / 1000
        while rest > 0 {
            text = "x\(padded(rest % 1000))/\(text)"
            rest /= 1000
        }
        return text
    }

    private static func padded(_ group: UInt64) -> String {
        let digits = String(group)
        return String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// The tile named `text`, or nil for any other name or spelling.
    package init?(text: String) {
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.removeFirst() == "tile" else { return nil }
        let folder = parts.removeFirst()
        if folder == "entries" {
            content = .entries
        } else {
            guard let level = Int(folder), (0..<Self.levelsMax).contains(level) else { return nil }
            content = .hashes(level: level)
        }
        if parts.count >= 2, parts[parts.count - 2].hasSuffix(".p") {
            guard let width = Int(parts.removeLast()), (1..<Self.fullWidth).contains(width), let last = parts.popLast() else { return nil }
            self.width = width
            parts.append(last.dropLast(2))
        } else {
            width = Self.fullWidth
        }
        var index: UInt64 = 0
        for part in parts {
            let (scaled, overflow) = index.multipliedReportingOverflow(by: 1000)
            guard !overflow, let group = UInt64(part.drop { $0 == "x" }) else { return nil }
            index = scaled &+ group
        }
        self.index = index
        // One spelling only: whatever reads differently when written again is refused.
        guard index <= MerkleFrontier.sizeMax, self.text == text else { return nil }
    }
}

extension TilePath {
    /// How many hashes the level has in a tree of `size` leaves.
    package static func hashCount(level: Int, size: UInt64) -> UInt64 {
        size >> UInt64(8 * level)
    }

    /// The tile that holds the hash `index` of `level` in a tree of `size` leaves, as wide as that tree makes it.
    ///
    /// - Precondition: the tree has that hash.
    package static func holding(_ index: UInt64, level: Int, size: UInt64) -> TilePath {
        let number = index / UInt64(fullWidth)
        let count = hashCount(level: level, size: size)
        precondition(index < count, "the tree has no such hash")
        return tile(level: level, index: number, width: Int(min(count - number * UInt64(fullWidth), UInt64(fullWidth))))
    }
}
