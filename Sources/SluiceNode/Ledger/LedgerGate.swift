internal import SluiceCore
internal import SluiceKit
internal import Synchronization

/// Shut once a witness has shown, by this node's own signature, that its ledger had another history than the one in the store, or once the self check has found
/// the ledger damaged. From then on nothing is recorded, and so nothing moves: every further entry would stand on what cannot be believed.
package final class LedgerGate: Sendable {
    private let isShut = Atomic(false)
    private let reason = Mutex<String?>(nil)

    package init() {}

    package var whyShut: String? { reason.withLock { $0 } }

    func shut(_ words: String) {
        reason.withLock { $0 = $0 ?? words }
        isShut.store(true, ordering: .releasing)
    }

    /// - Throws: `OwnTrouble`, once it is shut.
    func pass() throws {
        guard isShut.load(ordering: .acquiring), let words = whyShut else { return }
        throw OwnTrouble("ledger.stopped", words)
    }

    /// What the self check found while the node served: the words that a start would end with, and what follows.
    static func words(damage: String) -> String { "the ledger is damaged: \(damage). Nothing is signed, sent or taken in any more" }

    /// What happened, and what to do.
    static func words(shown: WitnessedHead, entries: Int64) -> String {
        let what =
            entries < shown.size
            ? "a witness holds a checkpoint of this ledger with \(shown.size) entries, signed with this node's own key, and the store has only \(entries): the node was restored from an older backup, or another node signs with its key"
            : "a witness holds a checkpoint of this ledger with \(shown.size) entries, signed with this node's own key, and the first \(shown.size) of the store's \(entries) entries do not lead to its root: the node was restored from an older backup and went on, or another node signs with its key"
        return
            "\(what). Nothing is signed, sent or taken in any more. Stop the node and restore its newest data folder. If that is lost, this ledger has ended: keep the folder and the witness's checkpoint as evidence, and see Docs/Operations.md, \"Restored from an older backup\""
    }
}
