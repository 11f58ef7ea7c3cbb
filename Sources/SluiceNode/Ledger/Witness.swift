internal import Logging
package import SluiceCore
internal import SluiceCrypto
package import SluiceKit
internal import SluiceLedger

/// This node as a witness of its partners' ledgers: for each it remembers the last head it has cosigned, and cosigns only what continues that.
///
/// The head is in the store before the cosignature is shown. What a log has signed and cannot be made to fit is kept as evidence and entered in this
/// node's own ledger. Two partners may hand in heads of a third one's log: so a log that shows each of them another history is found.
package actor Witness: WitnessService {
    package nonisolated let bodyBytesMax = WitnessRequest.bytesMax
    /// Pieces of evidence kept of one log; the first ones prove enough.
    static let evidenceMax = 16
    /// What one partner may ask.
    static let rate = RateLimit.Limits(exchangesPerMinute: 120, bytesPerMinute: 16 << 20)
    /// When it may ask again after trouble of our own.
    private static let troubleSeconds = 60

    private let key: WitnessKey
    private let ownOrigin: String
    private let partners: Partners
    private let store: any Store
    private let entries: EntryMaker
    private let log: Logger
    private let afterCommit: @Sendable () -> Void
    private var rates = RateLimits()

    init(
        key: WitnessKey, ownOrigin: String, partners: Partners, store: any Store, entries: EntryMaker, log: Logger, afterCommit: @escaping @Sendable () -> Void
    ) {
        self.key = key
        self.ownOrigin = ownOrigin
        self.partners = partners
        self.store = store
        self.entries = entries
        self.log = log
        self.afterCommit = afterCommit
    }

    /// The key that others check this node's cosignatures with.
    package nonisolated var verifierText: String { key.verifier.text }

    package func addCheckpoint(_ body: [UInt8], from peer: Peer) async throws(Problem) -> TransportAnswer {
        try admit(peer, bytes: body.count)
        let request: WitnessRequest
        do throws(LedgerError) { request = try WitnessRequest(parsing: body) } catch { return WitnessDecision.malformed(error.detail).answer() }
        let (origin, owner) = (request.checkpoint.origin, knownLog(request.checkpoint.origin))
        if let refusal = WitnessDecision.refusal(of: request, key: owner?.key) { return refusal.answer() }
        guard let owner, let note = try? owner.key.only(in: request.note) else { return WitnessDecision.unknownLog.answer() }
        do {
            try entries.gate.pass()
            let now = entries.clock.now()
            let (entries, participant) = (self.entries, peer.participant)
            let outcome = try await store.write { store -> (decision: WitnessDecision, evidence: WitnessDecision.Evidence?)? in
                let known = try store.witnessedHead(origin: origin)
                // A cosignature says "as of this time": never one before the last.
                if let known, known.witnessedAt.seconds > now.seconds { return nil }
                var (decision, evidence) = WitnessDecision.decide(request, known: try known?.tree())
                if let found = evidence, let known {
                    let isNew = try Self.keep(found, request, note, known, from: participant, at: now, entries, in: store)
                    if !isNew { evidence = nil }
                }
                if decision == .cosign { try store.setWitnessedHead(WitnessedHead(request.checkpoint, note, at: now)) }
                return (decision, evidence)
            }
            guard let outcome else {
                log.error("this node's clock is behind the time of its last cosignature; set it by NTP", metadata: ["log": "\(origin)"])
                return Self.later("the clock of this witness is behind its own last cosignature")
            }
            if let evidence = outcome.evidence {
                log.critical(
                    "a log that this node witnesses signed what does not continue what it signed before",
                    metadata: ["log": "\(origin)", "of": "\(owner.participant)", "from": "\(peer.participant)", "is": "\(evidence)"])
                afterCommit()
            }
            guard outcome.decision == .cosign else { return outcome.decision.answer() }
            return WitnessDecision.cosign.answer([try key.cosign(request.note.body, time: UInt64(max(0, now.seconds)))])
        } catch {
            log.error("a checkpoint could not be witnessed", metadata: ["log": "\(origin)", "error": "\(error)"])
            return Self.later("this witness cannot keep the checkpoint now; nothing was decided about it")
        }
    }

    package func checkpoint(originSHA256: String, for peer: Peer) async throws(Problem) -> TransportAnswer {
        try admit(peer, bytes: 0)
        do {
            let heads = try await store.read { try $0.witnessedHeads(limit: DirectoryLimits.participantsMax) }
            guard let head = heads.first(where: { $0.origin != ownOrigin && SHA256.hash(Array($0.origin.utf8)).hex == originSHA256 }) else {
                return WitnessDecision.unknownLog.answer()
            }
            // Signing the same at the same time gives the same line as then.
            let note = try SignedNote(parsing: Array(head.note.utf8))
            let cosignature = try key.cosign(note.body, time: UInt64(max(0, head.witnessedAt.seconds)))
            return TransportAnswer(200, try note.adding([cosignature.line]).text)
        } catch {
            log.error("a witnessed checkpoint could not be read", metadata: ["error": "\(error)"])
            return Self.later("this witness cannot read what it has")
        }
    }

    private func admit(_ peer: Peer, bytes: Int) throws(Problem) {
        guard partners.partner(peer.participant) != nil else {
            throw Problem(
                status: 403, code: "participant-unknown", title: "Not a partner", detail: "\(peer.participant) is not among the partners of this node.")
        }
        if case .refused(let seconds) = rates.admit(peer.participant, Self.rate, at: entries.clock.now(), bytes: bytes) {
            throw Problem(
                status: 429, code: "rate-limited", title: "Too many requests", detail: "\(peer.participant) asks more often than a witness answers.",
                retryAfterSeconds: seconds)
        }
    }

    /// A partner's log; never this node's own, of which other things are kept.
    private func knownLog(_ origin: String) -> (participant: ParticipantID, key: VerifierKey)? {
        guard origin != ownOrigin, let found = partners.ledgerKey(origin: origin) else { return nil }
        do { return (found.participant, try VerifierKey(text: found.text)) } catch {
            log.error("the ledger key of a partner cannot be used", metadata: ["participant": "\(found.participant)", "error": "\(error)"])
            return nil
        }
    }

    private static func later(_ words: String) -> TransportAnswer { TransportAnswer(503, words + "\n", retryAfterSeconds: troubleSeconds) }

    /// - Returns: whether it was kept; not what is known already, nor more than is needed.
    private static func keep(
        _ evidence: WitnessDecision.Evidence, _ request: WitnessRequest, _ note: SignedNote, _ known: WitnessedHead, from participant: ParticipantID,
        at now: Instant, _ entries: EntryMaker, in store: any StoreWriting
    ) throws -> Bool {
        let (origin, head) = (request.checkpoint.origin, request.checkpoint.head)
        let isProven = evidence == .fork
        let kept = try store.logForks(origin: origin, limit: evidenceMax * 2).filter { $0.isProven == isProven }
        guard kept.count < evidenceMax else { return false }
        let fork = LogFork(
            origin: origin, size: Int64(head.size), root: head.root.hex, note: note.text, knownNote: known.note, isProven: isProven,
            participant: participant.rawValue, foundAt: now)
        guard try store.insert(fork) else { return false }
        let data = [
            LedgerData.text("outcome", isProven ? "fork" : "unproven"), LedgerData.text("log", origin), LedgerData.text("from", participant.rawValue),
            JSONMember("size", .integer(fork.size)), LedgerData.text("root", fork.root), JSONMember("sizeWitnessed", .integer(known.size)),
            LedgerData.text("rootWitnessed", known.root),
        ]
        try entries.record([LedgerEvent(.witnessFork, exchange: origin, data)], in: store)
        return true
    }
}

extension VerifierKey {
    /// The note with this key's signature alone: other lines are nobody's that this node knows.
    func only(in note: SignedNote) throws(LedgerError) -> SignedNote {
        try SignedNote(body: note.body, signatures: note.signatures.filter { $0.name == name && $0.keyID == id })
    }
}

extension WitnessedHead {
    init(_ checkpoint: Checkpoint, _ note: SignedNote, at now: Instant) {
        self.init(
            origin: checkpoint.origin, size: Int64(checkpoint.head.size), root: checkpoint.head.root.hex, note: note.text, witnessedAt: now)
    }

    func tree() throws -> LedgerHead { try PublishedHead(size: size, root: root).tree() }
}
