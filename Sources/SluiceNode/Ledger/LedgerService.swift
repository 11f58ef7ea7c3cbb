internal import SluiceCore
package import SluiceKit
package import SluiceLedger

/// Publishes the entries that the store has committed: tiles, then the head, then the signed checkpoint.
///
/// Entries commit with the change they record; publishing follows and may lag, never lead. Several processes of one node (a `sluice send`
/// beside a running server) take turns by a lock file beside the ledger's folder.
package actor LedgerService {
    package nonisolated let directory: String
    /// Held while something is published.
    nonisolated var lockPath: String { directory + ".lock" }
    package nonisolated let verifier: VerifierKey
    package nonisolated let gate: LedgerGate
    private let store: any Store
    private let publisher: LedgerPublisher
    private let source: StoreEntrySource
    private var frontier = MerkleFrontier()
    private let hasher = MerkleHasher()
    package private(set) var publishedSize: Int64 = 0
    private var lastPublishing: Task<Void, any Error>?
    private var isWitnessedHeadKept = false

    package init(directory: String, keyPath: String, store: any Store, gate: LedgerGate = LedgerGate()) throws {
        guard let text = String(validating: try FileByteSource.contents(of: keyPath, bytesMax: 4_096), as: UTF8.self) else {
            throw NodeError("the ledger key \(keyPath) is not text")
        }
        let key = try LedgerKey(text: text.trimmingASCIIWhitespace)
        self.directory = directory
        self.store = store
        self.gate = gate
        verifier = key.verifier
        try Folders.make(directory)
        publisher = LedgerPublisher(files: LedgerDirectory(path: directory), key: key)
        source = StoreEntrySource(store: store)
    }

    /// Recomputes the ledger from the store's entries and holds it against the head that was last signed; a difference does not start.
    /// Then publishes what a crash left unpublished.
    package func start() async throws {
        try await recompute()
        try await publish()
    }

    /// The store's entries against the head that was last signed and the published tiles.
    func recompute() async throws {
        let head = try await store.read { try $0.ledgerHead() }
        if let head {
            let source = self.source
            let directory = self.directory
            try await Worker.run { try LedgerRecomputation.check(head: head.tree(), source: source, files: LedgerDirectory(path: directory)) }
        } else if Folders.exists(directory + "/" + LedgerPublisher.checkpointName) {
            throw NodeError(
                "the ledger at \(directory) is published, but the store knows no head of it: the store is not the one that wrote this ledger. Restore the node's store"
            )
        }
    }

    /// A head of this log that a witness has shown earlier, signed with this node's key, has to be a part of it by now; before anything is signed.
    private func requireWitnessedHead() async throws {
        let origin = verifier.name
        guard let shown = try await store.read({ try $0.witnessedHead(origin: origin) }) else {
            isWitnessedHeadKept = true
            return
        }
        let size = try await store.read { try $0.ledgerSize() }
        guard size >= shown.size else { throw stopped(LedgerGate.words(shown: shown, entries: size)) }
        let source = self.source
        let root = try await Worker.run {
            let hasher = MerkleHasher()
            var frontier = MerkleFrontier()
            while frontier.size < UInt64(shown.size) {
                let entries = try source.entries(from: frontier.size, limit: 1_024)
                guard !entries.isEmpty else { throw NodeError("the store lost ledger entry \(frontier.size)") }
                for entry in entries where frontier.size < UInt64(shown.size) { frontier.append(hasher.leaf(entry), with: hasher) }
            }
            return frontier.root(with: hasher).hex
        }
        guard root == shown.root else { throw stopped(LedgerGate.words(shown: shown, entries: size)) }
        isWitnessedHeadKept = true
    }

    private func stopped(_ words: String) -> NodeError {
        gate.shut(words)
        return NodeError(words)
    }

    /// The published checkpoint with what it is signed by; nil where nothing is published.
    package func publishedNote() throws(LedgerError) -> (checkpoint: Checkpoint, note: SignedNote)? { try publisher.published() }

    /// Shows the cosignatures of `note` with the published ledger.
    package func keep(_ cosignatures: [Cosignature], of note: SignedNote, policy: WitnessPolicy) async throws {
        try await inTurn {
            let lock = try FileLock(self.lockPath)
            defer { lock.release() }
            let publisher = self.publisher
            try await Worker.run { try publisher.keep(cosignatures, of: note, policy: policy) }
        }
    }

    /// Brings the published ledger up to all committed entries.
    ///
    /// One at a time: an actor lets a second call in while the first waits, and the second would then block on the first one's lock.
    package func publish() async throws { try await inTurn { try await self.publishCommitted() } }

    private func inTurn(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let previous = lastPublishing
        let turn = Task {
            _ = await previous?.result
            try await work()
        }
        lastPublishing = turn
        try await turn.value
    }

    private func publishCommitted() async throws {
        try gate.pass()
        if !isWitnessedHeadKept { try await requireWitnessedHead() }
        let size = try await store.read { try $0.ledgerSize() }
        guard size > publishedSize || publishedSize == 0 else { return }
        let lock = try FileLock(lockPath)
        defer { lock.release() }
        // Under the lock the size can only have grown, and only ahead of what anybody published.
        let committed = try await store.read { try $0.ledgerSize() }
        guard committed > 0 else { return }
        while frontier.size < UInt64(committed) {
            let from = Int64(frontier.size)
            let entries = try await store.read { try $0.ledgerEntries(from: from, limit: 1_024) }
            guard !entries.isEmpty else { throw NodeError("the store lost ledger entry \(from)") }
            for entry in entries where frontier.size < UInt64(committed) { frontier.append(hasher.leaf(entry), with: hasher) }
        }
        let head = frontier.head(with: hasher)
        let publisher = self.publisher
        let source = self.source
        let store = self.store
        _ = try await Worker.run {
            try publisher.publish(head: head, source: source) { head in try Worker.wait { try await store.write { try $0.setLedgerHead(PublishedHead(head)) } }
            }
        }
        publishedSize = committed
    }
}

/// The store's entries as the ledger wants them: by blocking calls, on a worker thread.
struct StoreEntrySource: EntrySource {
    let store: any Store
    func entries(from index: UInt64, limit: Int) throws -> [[UInt8]] {
        let store = self.store
        return try Worker.wait { try await store.read { try $0.ledgerEntries(from: Int64(index), limit: limit) } }
    }
}

extension String {
    /// Without blanks and line ends around it.
    package var trimmingASCIIWhitespace: String {
        let kept = utf8.drop { $0 <= 0x20 }
        var end = kept.endIndex
        while end > kept.startIndex, kept[kept.index(before: end)] <= 0x20 { end = kept.index(before: end) }
        return String(kept[kept.startIndex..<end]) ?? ""
    }
}
