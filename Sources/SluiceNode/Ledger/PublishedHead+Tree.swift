internal import SluiceKit
internal import SluiceLedger

extension PublishedHead {
    /// The tree's head as the store keeps it.
    init(_ head: LedgerHead) { self.init(size: Int64(head.size), root: head.root.hex) }

    /// The store's head as the tree wants it.
    func tree() throws -> LedgerHead {
        guard size >= 0, let digest = SHA256Digest(hex: root) else { throw NodeError("the store's ledger head is damaged") }
        return LedgerHead(size: UInt64(size), root: digest)
    }
}
