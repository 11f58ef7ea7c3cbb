package import SluiceKit

/// What a witness's own checkpoint of our log means. Only what our own key has signed proves anything against us: a witness that merely names a
/// larger size stops nobody.
package enum WitnessView: Hashable, Sendable {
    /// It is a beginning of our log, or all of it.
    case beginning(UInt64)
    /// Our key signed more entries than we have: the store was restored from an older backup, or the key signs elsewhere.
    case ahead(LedgerHead)
    /// Our key signed another history.
    case forked(LedgerHead)
    /// It proves nothing.
    case unproven(String)

    /// - Parameters:
    ///   - bytes: the checkpoint as the witness gave it.
    ///   - key: our own log's.
    ///   - size: entries of our log.
    ///   - rootAt: the root of its first entries.
    package static func judge(_ bytes: [UInt8], key: VerifierKey, size: UInt64, rootAt: (UInt64) throws -> SHA256Digest) rethrows -> WitnessView {
        let head: LedgerHead
        do throws(LedgerError) {
            head = try Checkpoint(verifying: SignedNote(parsing: bytes), key: key).head
        } catch {
            return .unproven("it shows no checkpoint that this node has signed: \(error.detail)")
        }
        guard head.size <= size else { return .ahead(head) }
        let root = head.size == 0 ? MerkleHasher.emptyRoot : try rootAt(head.size)
        return root == head.root ? .beginning(head.size) : .forked(head)
    }
}
