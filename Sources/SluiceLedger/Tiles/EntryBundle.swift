internal import SluiceKit

/// Up to 256 entries in one file, each with its length in two bytes, most significant first (C2SP tlog-tiles, "Log entries").
enum EntryBundle {
    /// Appends one entry with its length.
    static func append(_ entry: [UInt8], to bundle: inout [UInt8]) throws(LedgerError) {
        guard entry.count <= LedgerEntry.bytesMax else {
            throw LedgerError(.limitExceeded, "an entry of \(entry.count) bytes is larger than the \(LedgerEntry.bytesMax) that fit")
        }
        bundle.append(UInt8(entry.count >> 8))
        bundle.append(UInt8(entry.count & 0xff))
        bundle.append(contentsOf: entry)
    }

    /// Calls `visit` with each of `count` entries, or with none and answers false where the bytes do not hold exactly so many.
    static func forEach(in bundle: UnsafeRawBufferPointer, count: Int, _ visit: (Int, UnsafeRawBufferPointer) -> Void) -> Bool {
        // One broken length shifts all that follows, so nothing is visited before every length fits.
        var offset = 0
        for _ in 0..<count {
            guard bundle.count - offset >= 2 else { return false }
            offset += 2 + length(at: offset, of: bundle)
        }
        guard offset == bundle.count else { return false }
        offset = 0
        for place in 0..<count {
            let end = offset + 2 + length(at: offset, of: bundle)
            visit(place, UnsafeRawBufferPointer(rebasing: bundle[offset + 2..<end]))
            offset = end
        }
        return true
    }

    /// Where the first `count` entries end, or the end of the bytes.
    static func end(of count: Int, in bundle: UnsafeRawBufferPointer) -> Int {
        var end = 0
        for _ in 0..<count where bundle.count - end >= 2 { end += 2 + length(at: end, of: bundle) }
        return min(end, bundle.count)
    }

    /// The length written at `offset`.
    static func length(at offset: Int, of bundle: UnsafeRawBufferPointer) -> Int {
        Int(bundle[offset]) << 8 | Int(bundle[offset + 1])
    }
}
