internal import SluiceKit

/// What a proof file and a request to a witness have in common: lines, of which the last are hashes, an empty line, and a checkpoint
/// (C2SP tlog-proof; tlog-witness, "add-checkpoint").
struct ProofText {
    /// A path in the largest tree; no client of a witness may send more.
    static let hashesMax = 63

    /// The lines before the empty one that have not been taken yet.
    private(set) var lines: ArraySlice<String>
    /// The checkpoint's bytes.
    private let checkpoint: ArraySlice<UInt8>
    private let what: String

    /// - Parameter what: what the bytes should be, in messages: `proof`.
    init(_ bytes: [UInt8], bytesMax: Int, what: String) throws(LedgerError) {
        guard bytes.count <= bytesMax else {
            throw LedgerError(.limitExceeded, "a \(what) of \(bytes.count) bytes is larger than the \(bytesMax) allowed")
        }
        // The first empty line divides the proof from the checkpoint.
        guard let gap = (1..<max(bytes.count, 1)).first(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }) else {
            throw LedgerError(.malformed, "the \(what) has no empty line before its checkpoint")
        }
        lines = bytes[..<(gap - 1)].split(separator: 0x0a, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }[...]
        checkpoint = bytes[(gap + 1)...]
        self.what = what
    }

    mutating func takeLine() -> String? { lines.popFirst() }

    /// The number of the line `word N`: without leading zeros, at most `MerkleFrontier.sizeMax`.
    mutating func takeNumber(_ word: String) throws(LedgerError) -> UInt64 {
        guard let line = takeLine(), line.hasPrefix(word + " "), let number = LedgerNumber.parse(line.dropFirst(word.count + 1)) else {
            throw LedgerError(.malformed, "the \(what) has no line \"\(word) N\" with a number without leading zeros")
        }
        return number
    }

    /// The hashes of all lines that are left.
    func hashes() throws(LedgerError) -> [SHA256Digest] {
        guard lines.count <= Self.hashesMax else {
            throw LedgerError(.limitExceeded, "the \(what) has \(lines.count) hashes, and no log needs more than \(Self.hashesMax)")
        }
        var hashes: [SHA256Digest] = []
        for line in lines {
            guard let hash = SHA256Digest(base64: line) else {
                throw LedgerError(.malformed, "hash \(hashes.count) of the \(what) is not the base 64 of 32 bytes")
            }
            hashes.append(hash)
        }
        return hashes
    }

    func note() throws(LedgerError) -> SignedNote { try SignedNote(parsing: Array(checkpoint)) }
}

/// Sizes and places as the C2SP formats write them.
enum LedgerNumber {
    /// ASCII decimal without leading zeros, at most `MerkleFrontier.sizeMax`.
    static func parse(_ text: some StringProtocol) -> UInt64? {
        guard let number = UInt64(text), String(number).utf8.elementsEqual(text.utf8), number <= MerkleFrontier.sizeMax else { return nil }
        return number
    }
}
