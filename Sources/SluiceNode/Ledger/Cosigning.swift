internal import Logging
internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
package import SluiceLedger

/// Has this node's ledger cosigned by its witnesses, in the background: the newest checkpoint, to all that are due at once, at most one request per witness
/// in `WitnessRound.pauseSeconds`. Nothing waits for it.
package actor Cosigning {
    package struct Place: Sendable {
        package var place: NodeConfiguration.Witness.Place
        package var key: CosignerKey
    }

    /// Longest wait for one answer.
    static let answerSecondsMax = 10
    /// And before a start, which waits for it.
    static let firstAnswerSecondsMax = 5
    private static let answerBytesMax = SignedNote.bytesMax
    private static let pause = Duration.seconds(1)

    package nonisolated let policy: WitnessPolicy
    package nonisolated let witnesses: [Place]
    private let ledger: LedgerService
    private let store: any Store
    private let transports: Transports
    private let partners: Partners
    private let fetch: WebAsk
    private let clock: any WallClock
    private let log: Logger
    private var rounds: [WitnessRound]
    /// As the store has them.
    private var kept: [CosignedHead] = []

    /// - Parameter policy: its witnesses, in the order of `places`.
    init(
        policy: WitnessPolicy, places: [NodeConfiguration.Witness.Place], ledger: LedgerService, store: any Store, transports: Transports, partners: Partners,
        ask: @escaping WebAsk, clock: any WallClock, log: Logger
    ) {
        self.policy = policy
        witnesses = zip(places, policy.witnesses).map { Place(place: $0, key: $1) }
        self.ledger = ledger
        self.store = store
        self.transports = transports
        self.partners = partners
        fetch = ask
        self.clock = clock
        self.log = log
        rounds = policy.witnesses.map { WitnessRound(key: $0) }
    }

    /// What is known of each witness.
    package var states: [WitnessRound] { rounds }

    /// Asks each witness what it has of this ledger, before anything new is signed. One that is not there is asked again later, with a submission.
    /// - Throws: `NodeError` where one has what this node signed and does not have.
    package func lookBack() async throws {
        try await recall()
        await withTaskGroup { group in
            for index in witnesses.indices { group.addTask { await self.look(index, because: "", secondsMax: Self.firstAnswerSecondsMax) } }
        }
        if let words = ledger.gate.whyShut { throw NodeError(words) }
    }

    /// What earlier processes were given.
    private func recall() async throws {
        kept = try await store.read { try $0.cosignedHeads() }
        rounds = policy.witnesses.map { key in
            guard let head = kept.first(where: { $0.witness == key.name }), head.size > 0 else { return WitnessRound(key: key) }
            return WitnessRound(key: key, cosignedSize: UInt64(head.size), cosignedAt: UInt64(max(0, head.cosignedAt.seconds)))
        }
    }

    func run() async {
        while !Task.isCancelled {
            do { try await submitNewest() } catch { log.error("the ledger could not be given to its witnesses", metadata: ["error": "\(error)"]) }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// One turn: the published checkpoint to each witness that is due.
    func submitNewest() async throws {
        let now = clock.now()
        // Of the store: a `sluice send` beside this process publishes too.
        let size = UInt64(max(0, try await store.read { try $0.ledgerHead() }?.size ?? 0))
        guard size > 0, ledger.gate.whyShut == nil, rounds.contains(where: { $0.due(size: size, at: now) != nil }) else { return }
        guard let (checkpoint, note) = try await ledger.publishedNote(), let plain = try? ledger.verifier.only(in: note) else { return }
        let head = checkpoint.head
        let due = rounds.indices.compactMap { index in rounds[index].due(size: head.size, at: now).map { (index: index, old: $0) } }
        let cosignatures = await withTaskGroup(of: Cosignature?.self, returning: [Cosignature].self) { group in
            for (index, old) in due { group.addTask { await self.submit(plain, head, from: old, to: index) } }
            var cosignatures: [Cosignature] = []
            for await one in group { if let one { cosignatures.append(one) } }
            return cosignatures
        }
        if !cosignatures.isEmpty { try await ledger.keep(cosignatures, of: plain, policy: policy) }
        try await remember(head, cosignatures)
    }

    private func submit(_ note: SignedNote, _ head: LedgerHead, from first: UInt64, to index: Int) async -> Cosignature? {
        var old = first
        for isSecond in [false, true] {
            let answer: TransportAnswer
            do {
                let request = try await request(note, head, from: old)
                answer = try await ask(witnesses[index], "add-checkpoint", body: Array(request.text.utf8), secondsMax: Self.answerSecondsMax)
            } catch {
                rounds[index].failed("\(error)", at: clock.now())
                return nil
            }
            switch rounds[index].answered(answer, to: note, size: head.size, from: old, isSecond: isSecond, at: clock.now()) {
            case .keep(let cosignature): return cosignature
            case .again(let size): old = size
            case .look(let words):
                await look(index, because: words, secondsMax: Self.answerSecondsMax)
                return nil
            case .later: return nil
            }
        }
        return nil
    }

    /// The request, its proof made from the published tiles and checked here first: a witness that then refuses it knows another history.
    private func request(_ note: SignedNote, _ head: LedgerHead, from old: UInt64) async throws -> WitnessRequest {
        let directory = ledger.directory
        return try await Worker.run {
            guard old > 0, old < head.size else { return try WitnessRequest(oldSize: old, proof: [], note: note) }
            let prover = MerkleProver(nodes: TileReader(files: LedgerDirectory(path: directory), size: head.size))
            let proof = try prover.consistency(from: old, to: head.size)
            let oldRoot = try prover.root(start: 0, end: old)
            guard MerkleVerification.isConsistent(oldSize: old, oldRoot: oldRoot, size: head.size, root: head.root, proof: proof, with: MerkleHasher()) else {
                throw NodeError("the tiles of this node's ledger do not lead to its published root; run sluice ledger verify")
            }
            return try WitnessRequest(oldSize: old, proof: proof, note: note)
        }
    }

    /// Looks at the checkpoint that a witness has of this ledger. Only one with this node's own signature proves anything: a witness that only says so stops nobody.
    /// - Parameter words: why; empty where nothing is wrong yet.
    private func look(_ index: Int, because words: String, secondsMax: Int) async {
        let witness = witnesses[index]
        do {
            let path = SHA256.hash(Array(ledger.verifier.name.utf8)).hex + "/checkpoint"
            let answer = try await ask(witness, path, body: nil, secondsMax: secondsMax)
            guard answer.status == 200 else {
                guard answer.status == 404, words.isEmpty else {
                    rounds[index].failed(words.isEmpty ? "\(witness.key.name) answered \(answer.status)" : words, at: clock.now())
                    return
                }
                return
            }
            // After the answer: another process of this node may have published what the witness then saw.
            guard let head = try await store.read({ try $0.ledgerHead() })?.tree() else { return try await judge(answer, index, .empty, words) }
            try await judge(answer, index, head, words)
        } catch {
            if !words.isEmpty { rounds[index].failed("\(words); and what it has could not be looked at: \(error)", at: clock.now()) }
        }
    }

    private func judge(_ answer: TransportAnswer, _ index: Int, _ head: LedgerHead, _ words: String) async throws {
        let (verifier, directory, name) = (ledger.verifier, ledger.directory, witnesses[index].key.name)
        let view = try await Worker.run {
            try WitnessView.judge(answer.body, key: verifier, size: head.size) { size in
                try MerkleProver(nodes: TileReader(files: LedgerDirectory(path: directory), size: head.size)).root(start: 0, end: size)
            }
        }
        switch view {
        case .beginning(let size):
            // Under another witness's name it would be no news; a correction is one.
            rounds[index].knows(size)
        case .unproven(let why):
            rounds[index].failed("\(words.isEmpty ? name : words); \(why). It is not believed, and this node goes on", at: clock.now())
        case .ahead(let shown), .forked(let shown): await stop(shown, answer.body, head, witness: name)
        }
    }

    private func stop(_ shown: LedgerHead, _ note: [UInt8], _ head: LedgerHead, witness: String) async {
        let evidence = WitnessedHead(
            origin: ledger.verifier.name, size: Int64(shown.size), root: shown.root.hex, note: String(decoding: note, as: UTF8.self), witnessedAt: clock.now())
        let words = LedgerGate.words(shown: evidence, entries: Int64(head.size))
        ledger.gate.shut(words)
        log.critical("\(words)", metadata: ["witness": "\(witness)"])
        do { try await store.write { try $0.setWitnessedHead(evidence) } } catch {
            log.error("what the witness showed could not be kept; the witness shows it again at the next start", metadata: ["error": "\(error)"])
        }
    }

    private func ask(_ witness: Place, _ path: String, body: [UInt8]?, secondsMax: Int) async throws -> TransportAnswer {
        let type = "text/plain; charset=utf-8"
        switch witness.place {
        case .participant(let id):
            guard let endpoint = partners.endpoint(of: id) else { throw NodeError("\(id) is no partner with an endpoint, so its witness cannot be asked") }
            let question = TransportQuestion(
                path: "\(WitnessPaths.prefix)/\(path)", body: body, bodySHA256: body.map { SHA256.hash($0) }, contentType: type,
                bytesMax: Self.answerBytesMax, secondsMax: secondsMax)
            return try await transports.ask(question, of: endpoint)
        case .url(let prefix):
            return try await fetch(
                WebRequest(url: "\(prefix)/\(path)", body: body, contentType: type, bytesMax: Self.answerBytesMax, secondsMax: secondsMax))
        }
    }

    /// Puts into the store what has changed since it was put there.
    private func remember(_ head: LedgerHead, _ cosignatures: [Cosignature]) async throws {
        var changed: [CosignedHead] = []
        for round in rounds {
            let before = kept.first { $0.witness == round.key.name }
            let problem = round.problem.isEmpty ? round.warning : round.problem
            var now = before ?? CosignedHead(witness: round.key.name, size: 0, root: "", cosignedAt: Instant(milliseconds: 0))
            if let new = cosignatures.first(where: { $0.key == round.key }) {
                now.size = Int64(head.size)
                now.root = head.root.hex
                now.cosignedAt = new.instant
            }
            if now.problem != problem, !problem.isEmpty {
                log.warning("a witness has not cosigned", metadata: ["witness": "\(round.key.name)", "why": "\(problem)"])
            }
            now.problem = problem
            if now != before { changed.append(now) }
        }
        guard !changed.isEmpty else { return }
        let new = changed
        try await store.write { store in for head in new { try store.setCosignedHead(head) } }
        kept = kept.filter { old in !new.contains { $0.witness == old.witness } } + new
    }
}
