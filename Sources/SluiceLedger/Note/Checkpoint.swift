internal import SluiceKit

/// What a log commits to: its origin, size and root (C2SP tlog-checkpoint, "Note text").
package struct Checkpoint: Hashable, Sendable {
    /// The log's name; for Sluice also the name of the key that signs.
    package let origin: String
    package let head: LedgerHead
    /// Further lines, which Sluice never writes.
    package let extensions: [String]

    package init(origin: String, head: LedgerHead) throws(LedgerError) {
        try self.init(origin: origin, head: head, extensions: [])
    }

    private init(origin: String, head: LedgerHead, extensions: [String]) throws(LedgerError) {
        guard !origin.isEmpty, ([origin] + extensions).allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 } }) else {
            throw LedgerError(.malformed, at: .checkpoint, "the origin is empty or holds a control character")
        }
        guard head.size <= MerkleFrontier.sizeMax else {
            throw LedgerError(.limitExceeded, at: .checkpoint, "a log of \(head.size) entries is larger than the \(MerkleFrontier.sizeMax) allowed")
        }
        self.origin = origin
        self.head = head
        self.extensions = extensions
    }

    /// The checkpoint in the text of a note.
    package init(body: String) throws(LedgerError) {
        let lines = body.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map { String(Substring($0)) }
        guard lines.count >= 4, lines.last == "", lines.dropLast().allSatisfy({ !$0.isEmpty }) else {
            throw LedgerError(.malformed, at: .checkpoint, "a checkpoint has three lines or more, none empty: origin, size, root")
        }
        guard let size = UInt64(lines[1]), String(size).utf8.elementsEqual(lines[1].utf8) else {
            throw LedgerError(.malformed, at: .checkpoint, "the size is no decimal number without leading zeros: \(lines[1].prefix(40).debugDescription)")
        }
        guard let root = SHA256Digest(base64: lines[2]) else {
            throw LedgerError(.malformed, at: .checkpoint, "the root is not the base 64 of 32 bytes: \(lines[2].prefix(60).debugDescription)")
        }
        try self.init(origin: lines[0], head: LedgerHead(size: size, root: root), extensions: Array(lines[3..<(lines.count - 1)]))
    }

    /// The checkpoint of `note`, once `key` is found to have signed it and to bear its origin's name.
    package init(verifying note: SignedNote, key: VerifierKey) throws(LedgerError) {
        try note.verified(by: [key])
        try self.init(body: note.body)
        guard origin == key.name else {
            throw LedgerError(.signature, at: .checkpoint, "the checkpoint is of the log \(origin.debugDescription), the key of \(key.name.debugDescription)")
        }
    }

    /// The text that is signed.
    package var body: String {
        ([origin, String(head.size), head.root.base64] + extensions).map { $0 + "\n" }.joined()
    }
}
