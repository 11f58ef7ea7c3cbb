package import Logging
package import SluiceCore
package import SluiceKit

/// Takes packages in: the node's inner side of the exchange endpoint.
package actor Intake: InboundService {
    package nonisolated let packageBytesMax: Int
    package nonisolated var packageInMemoryMax: Int { tools.limits.contentInMemoryMax }
    package nonisolated var mediaTypes: [String] { tools.seals.map(\.mediaType) }
    let configuration: NodeConfiguration
    private let partners: Partners
    let tools: CorridorTools
    let store: any Store
    let bodies: BodyVault
    let entries: EntryMaker
    let faults: FaultPoints
    private let log: Logger
    let afterCommit: @Sendable () -> Void
    /// Packages being received or worked on.
    private var underWayCount = 0
    private var isStopping = false
    private var rates = RateLimits()
    /// Exchanges being worked on, so that a sender that repeats itself waits for the first answer.
    private var underWay: [String: Task<InboundAnswer, Never>] = [:]

    package init(
        configuration: NodeConfiguration, partners: Partners, tools: CorridorTools, store: any Store, bodies: BodyVault, entries: EntryMaker,
        faults: FaultPoints,
        log: Logger, afterCommit: @escaping @Sendable () -> Void
    ) {
        self.configuration = configuration
        self.partners = partners
        self.tools = tools
        self.store = store
        self.bodies = bodies
        self.entries = entries
        self.faults = faults
        self.log = log
        self.afterCommit = afterCommit
        packageBytesMax = configuration.limits.packageBytesMax
    }

    /// When a sender may try again after trouble that a person or time has to mend.
    private static let troubleSeconds = 60

    package nonisolated func spoolPath() -> String { "\(configuration.spoolDirectory)/\(Identifiers.exchangeID(at: tools.clock.now())).in" }

    package func admit(_ peer: Peer, byteCount: Int) async -> Problem? {
        if isStopping { return Problem(status: 503, code: "stopping", title: "The node is stopping", detail: "Try again in a moment.", retryAfterSeconds: 5) }
        guard let partner = partners.partner(peer.participant) else {
            return stranger(peer)
        }
        if entries.gate.whyShut != nil {
            return Problem(
                status: 503, code: "ledger-stopped", title: "The node was stopped",
                detail: "\(configuration.participant) cannot record anything until its operator has looked; nothing was decided about the package.",
                retryAfterSeconds: Self.troubleSeconds)
        }
        guard byteCount <= partner.packageBytesMax ?? packageBytesMax else {
            return Problem(
                status: 413, code: "package-too-large", title: "Package too large",
                detail: "This node takes packages of \(peer.participant) up to \(partner.packageBytesMax ?? packageBytesMax) bytes; this one has \(byteCount).")
        }
        guard underWayCount < configuration.limits.inboundConcurrentMax else {
            return Problem(
                status: 503, code: "busy", title: "The node is busy", detail: "It already takes in \(underWayCount) packages.", retryAfterSeconds: 2)
        }
        if case .refused(let seconds) = rates.admit(peer.participant, partner.rate ?? configuration.limits.rate, at: tools.clock.now(), bytes: byteCount) {
            return Problem(
                status: 429, code: "rate-limited", title: "Too many packages",
                detail: "\(peer.participant) has handed in more than was agreed for this time; the package was not taken.", retryAfterSeconds: seconds)
        }
        underWayCount += 1
        return nil
    }

    package func greeting(to peer: Peer) async throws(Problem) -> Greeting {
        guard let partner = partners.partner(peer.participant) else { throw stranger(peer) }
        // Whoever asks all the time is told to wait, as for packages.
        if case .refused(let seconds) = rates.admit(peer.participant, partner.rate ?? configuration.limits.rate, at: tools.clock.now(), bytes: 0) {
            throw Problem(
                status: 429, code: "rate-limited", title: "Too many requests", detail: "\(peer.participant) asks more often than was agreed.",
                retryAfterSeconds: seconds)
        }
        return tools.greeting(to: peer.participant, packageBytesMax: partner.packageBytesMax ?? packageBytesMax)
    }

    private func stranger(_ peer: Peer) -> Problem {
        Problem(
            status: 403, code: "participant-unknown", title: "Not a partner",
            detail: "\(peer.participant) is not among the partners of \(configuration.participant).")
    }

    package func abandon(_ peer: Peer) async { underWayCount -= 1 }

    package func stop() { isStopping = true }

    package nonisolated func sha256(_ package: Content) async throws -> SHA256Digest {
        try await Worker.run { [tools] in try tools.hashing.sha256(package) }
    }

    package nonisolated func answered(exchangeID: String, digest: SHA256Digest, from peer: Peer) async -> InboundAnswer? {
        let machine = IncomingExchange(id: exchangeID, packageDigest: digest.hex, tolerance: configuration.clockTolerance)
        do {
            let found = try await store.read { try Found(in: $0, peer, exchangeID, digest.hex) }
            return switch machine.arrived(found.known) {
            case .problem(let problem): .problem(problem)
            case .answerFirst: try await first(found)
            case .verify: nil
            }
        } catch {
            // The package itself will meet the same trouble, and be told of it.
            log.error("an earlier answer could not be looked up", metadata: ["exchange": "\(exchangeID)", "peer": "\(peer.participant)", "error": "\(error)"])
            return nil
        }
    }

    package func accept(_ package: Content, digest: SHA256Digest?, mediaType: String, exchangeID: String, from peer: Peer) async -> InboundAnswer {
        defer { underWayCount -= 1 }
        guard let seal = tools.seal(mediaType: mediaType) else {
            return .problem(
                Problem(status: 415, code: "media-type-unsupported", title: "Media type not supported", detail: "This node opens no such packages."))
        }
        let key = "\(peer.participant) \(exchangeID)"
        if let first = underWay[key] {
            _ = await first.value
            return await run(package, digest, seal, exchangeID, peer)
        }
        let work = Task { await self.run(package, digest, seal, exchangeID, peer) }
        underWay[key] = work
        let answer = await work.value
        underWay[key] = nil
        return answer
    }

    private nonisolated func run(
        _ package: Content, _ digest: SHA256Digest?, _ seal: any Seal, _ exchangeID: String, _ peer: Peer
    ) async -> InboundAnswer {
        let folder = spoolPath() + ".open"
        defer {
            if let path = package.path { removeFile(path) }
            Folders.removeTree(folder)
        }
        do {
            return try await take(package, digest, seal, exchangeID, peer, folder: folder)
        } catch {
            let correlation = Identifiers.exchangeID(at: tools.clock.now())
            log.error(
                "taking in failed",
                metadata: ["exchange": "\(exchangeID)", "peer": "\(peer.participant)", "correlation": "\(correlation)", "error": "\(error)"])
            if let trouble = error as? OwnTrouble {
                // The code is fit for strangers, the detail names paths.
                return .problem(
                    Problem(
                        status: 503, code: "temporarily-unavailable", title: "Temporarily unavailable",
                        detail: "\(trouble.code); nothing was decided about the package. \(configuration.participant) finds \(correlation) in its log.",
                        retryAfterSeconds: Self.troubleSeconds))
            }
            return .problem(
                Problem(
                    status: 500, code: "internal", title: "The node could not do its work", detail: "Ask \(configuration.participant) about \(correlation).",
                    retryAfterSeconds: 5))
        }
    }

    private nonisolated func take(
        _ package: Content, _ known: SHA256Digest?, _ seal: any Seal, _ exchangeID: String, _ peer: Peer, folder: String
    ) async throws -> InboundAnswer {
        faults.reached("received")
        let receivedAt = tools.clock.now()
        let corridor = InboundCorridor(tools)
        let digest = if let known { known.hex } else { try await sha256(package).hex }
        var verification: Result<VerifiedPackage, Refusal>?
        for _ in 0..<IncomingExchange.looksMax {
            var machine = IncomingExchange(id: exchangeID, packageDigest: digest, tolerance: configuration.clockTolerance)
            let found = try await store.read { try Found(in: $0, peer, exchangeID, digest) }
            switch machine.arrived(found.known) {
            case .problem(let problem): return .problem(problem)
            case .answerFirst: return try await first(found)
            case .verify: break
            }
            if verification == nil {
                verification = try await Worker.run {
                    do {
                        return .success(
                            try corridor.verify(package, sealedWith: seal, packageDigest: digest, exchangeID: exchangeID, from: peer, extractingInto: folder))
                    } catch let refusal as Refusal {
                        return .failure(refusal)
                    }
                }
            }
            switch verification {
            case .success(let verified):
                let manifest = verified.opened.manifestSHA256.hex
                switch machine.verified(manifestDigest: manifest, sealedAt: verified.sealedAt, known: found.known, at: tools.clock.now()) {
                case .problem(let problem): return .problem(problem)
                case .refuse(let refusal):
                    if let answer = try await refuse(refusal, machine, seal, peer: peer, receivedAt: receivedAt) { return answer }
                case .record:
                    guard let wrapped = try await record(verified, machine, peer: peer, receivedAt: receivedAt) else { continue }
                    faults.reached("verified")
                    let settlement = try await Worker.run { [self] in
                        var trip = try corridor.judge(verified, receivedAt: receivedAt)
                        faults.reached("judged")
                        trip.record.wrappedKey = wrapped
                        return try prepare(trip, verified, package)
                    }
                    if let answer = try await settle(settlement, machine, seal, peer) { return answer }
                }
            case .failure(let refusal):
                if let answer = try await refuse(refusal, machine, seal, peer: peer, receivedAt: receivedAt) { return answer }
            case nil: break
            }
        }
        return .problem(
            Problem(
                status: 503, code: "busy", title: "The exchange is being worked on", detail: "\(exchangeID) is just being taken in by others.",
                retryAfterSeconds: 2))
    }

    /// What the store says of an exchange id and of these very bytes.
    struct Found: Sendable {
        var record: ExchangeRecord?
        var receipt: StoredBody?
        var refused: RefusedCopy?

        init(in store: any StoreReading, _ peer: Peer, _ exchangeID: String, _ digest: String) throws {
            let sender = peer.participant.rawValue
            record = try store.exchange(sender: sender, id: exchangeID)
            receipt = record == nil ? nil : try store.body(sender: sender, exchangeID: exchangeID, kind: .receipt)
            refused = record == nil ? nil : try store.refusedCopy(sender: sender, exchangeID: exchangeID, packageDigest: digest)
        }

        var known: IncomingExchange.Known {
            guard let record else { return .nothing }
            let row: IncomingExchange.Known =
                switch record.state {
                case .received: .received(manifestDigest: record.manifestDigest, packageDigest: record.packageDigest)
                case _ where record.manifestDigest.isEmpty: .unverified
                case _ where record.isErased: .erased(packageDigest: record.packageDigest)
                default: .answered(packageDigest: record.packageDigest)
                }
            return .of(row: row, refusalOfTheseBytes: refused?.code)
        }
    }

    /// The first receipt again, byte for byte.
    private nonisolated func first(_ found: Found) async throws -> InboundAnswer {
        guard let identifier = found.refused?.seal ?? found.record?.seal, let seal = tools.seal(identifier) else {
            throw NodeError("the seal of an answered exchange is not of this build")
        }
        if let refused = found.refused { return .receipt(refused.receipt, mediaType: seal.mediaType, isAccepted: false, isRepeat: true) }
        guard let record = found.record, let stored = found.receipt else { throw NodeError("an answered exchange has no receipt in the store") }
        let bodies = self.bodies
        let receipt = try await Worker.run { try bodies.open(stored, of: record, mediaType: seal.mediaType).bytes() }
        return .receipt(receipt, mediaType: seal.mediaType, isAccepted: record.state == .accepted, isRepeat: true)
    }

    /// Commits that the package was received. Returns the key, wrapped, under which the exchange's bodies are kept; nil to look again.
    private nonisolated func record(_ verified: VerifiedPackage, _ machine: IncomingExchange, peer: Peer, receivedAt: Instant) async throws -> [UInt8]? {
        let events = InboundCorridor(tools).verifiedEvents(verified, from: peer)
        let entries = self.entries
        let document = verified.document
        let wrapped = try bodies.storageKey.makeKey(sender: document.sender.rawValue, exchangeID: document.exchangeID).wrapped
        let kept = try await store.write { store -> [UInt8]? in
            let found = try Found(in: store, peer, document.exchangeID, machine.packageDigest)
            let recording = machine.recording(found.known)
            switch recording {
            case .lookAgain: return nil
            // After a crash between here and the answer the row is already there: the same package is judged again.
            case .resume: return found.record?.wrappedKey
            case .insert, .replace: break
            }
            var record = ExchangeRecord(
                id: document.exchangeID, direction: .incoming, sender: document.sender.rawValue, receiver: document.receiver.rawValue,
                dataflow: document.dataflow.description, state: .received, createdAt: receivedAt)
            record.manifestDigest = verified.opened.manifestSHA256.hex
            record.packageDigest = verified.packageDigest
            record.bytes = verified.packageBytes
            record.wrappedKey = wrapped
            if recording == .insert { try store.insert(record) } else { try store.update(record) }
            try entries.record(events, in: store)
            return wrapped
        }
        if kept != nil { afterCommit() }
        return kept
    }
}
