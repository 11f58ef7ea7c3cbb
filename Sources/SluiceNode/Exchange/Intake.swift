package import Logging
package import SluiceCore
package import SluiceKit

/// Takes packages in: the node's inner side of the exchange endpoint.
package actor Intake: InboundService {
    package nonisolated let packageBytesMax: Int
    package nonisolated var packageInMemoryMax: Int { tools.limits.contentInMemoryMax }
    package nonisolated var mediaTypes: [String] { [tools.seal.mediaType] }
    private let configuration: NodeConfiguration
    private let tools: CorridorTools
    private let store: any Store
    private let bodies: BodyVault
    private let entries: EntryMaker
    private let faults: FaultPoints
    private let log: Logger
    private let afterCommit: @Sendable () -> Void
    /// Packages being received or worked on.
    private var underWayCount = 0
    private var isStopping = false
    /// Exchanges being worked on, so that a sender that repeats itself waits for the first answer.
    private var underWay: [String: Task<InboundAnswer, Never>] = [:]

    package init(
        configuration: NodeConfiguration, tools: CorridorTools, store: any Store, bodies: BodyVault, entries: EntryMaker, faults: FaultPoints,
        log: Logger, afterCommit: @escaping @Sendable () -> Void
    ) {
        self.configuration = configuration
        self.tools = tools
        self.store = store
        self.bodies = bodies
        self.entries = entries
        self.faults = faults
        self.log = log
        self.afterCommit = afterCommit
        packageBytesMax = configuration.limits.packageBytesMax
    }

    package nonisolated func spoolPath() -> String { "\(configuration.spoolDirectory)/\(Identifiers.exchangeID(at: tools.clock.now())).in" }

    package func admit(_ peer: Peer) async -> Problem? {
        if isStopping { return Problem(status: 503, code: "stopping", title: "The node is stopping", detail: "Try again in a moment.", retryAfterSeconds: 5) }
        guard configuration.partner(peer.participant) != nil else {
            return Problem(
                status: 403, code: "participant-unknown", title: "Not a partner",
                detail: "\(peer.participant) is not among the partners of \(configuration.participant).")
        }
        guard underWayCount < configuration.limits.inboundConcurrentMax else {
            return Problem(status: 503, code: "busy", title: "The node is busy", detail: "It already takes in \(underWayCount) packages.", retryAfterSeconds: 2)
        }
        underWayCount += 1
        return nil
    }

    package func abandon(_ peer: Peer) async { underWayCount -= 1 }

    package func stop() { isStopping = true }

    package func accept(_ package: Content, exchangeID: String, from peer: Peer) async -> InboundAnswer {
        defer { underWayCount -= 1 }
        let key = "\(peer.participant) \(exchangeID)"
        if let first = underWay[key] {
            _ = await first.value
            return await run(package, exchangeID, peer)
        }
        let work = Task { await self.run(package, exchangeID, peer) }
        underWay[key] = work
        let answer = await work.value
        underWay[key] = nil
        return answer
    }

    private nonisolated func run(_ package: Content, _ exchangeID: String, _ peer: Peer) async -> InboundAnswer {
        let folder = spoolPath() + ".open"
        defer {
            if let path = package.path { removeFile(path) }
            Folders.removeTree(folder)
        }
        do {
            return try await take(package, exchangeID, peer, folder: folder)
        } catch {
            let correlation = Identifiers.exchangeID(at: tools.clock.now())
            log.error(
                "taking in failed",
                metadata: ["exchange": "\(exchangeID)", "peer": "\(peer.participant)", "correlation": "\(correlation)", "error": "\(error)"])
            return .problem(
                Problem(
                    status: 500, code: "internal", title: "The node could not do its work", detail: "Ask \(configuration.participant) about \(correlation).",
                    retryAfterSeconds: 5))
        }
    }

    private nonisolated func take(_ package: Content, _ exchangeID: String, _ peer: Peer, folder: String) async throws -> InboundAnswer {
        faults.reached("received")
        let receivedAt = tools.clock.now()
        let corridor = InboundCorridor(tools)
        let outcome: (digest: String, verified: Result<VerifiedPackage, Refusal>)
        do {
            let digest = try await Worker.run { [tools] in try tools.hashing.sha256(package).hex }
            if let answer = try await firstAnswer(sender: peer.participant.rawValue, exchangeID: exchangeID, packageDigest: digest) { return answer }
            outcome = try await Worker.run {
                do {
                    return (digest, .success(try corridor.verify(package, packageDigest: digest, exchangeID: exchangeID, from: peer, extractingInto: folder)))
                } catch let refusal as Refusal {
                    return (digest, .failure(refusal))
                }
            }
        }
        switch outcome.verified {
        case .failure(let refusal):
            return try await refuseUnverified(refusal, exchangeID: exchangeID, peer: peer, packageDigest: outcome.digest, receivedAt: receivedAt)
        case .success(let verified):
            let wrapped = try await recordReceived(verified, peer: peer, receivedAt: receivedAt)
            faults.reached("verified")
            let settlement = try await Worker.run { [self] in
                var trip = try corridor.judge(verified, receivedAt: receivedAt)
                faults.reached("judged")
                trip.record.wrappedKey = wrapped
                return try seal(trip, verified, package)
            }
            return try await settle(settlement)
        }
    }

    /// A repeated exchange id is answered with the first receipt, if it is the same package.
    private nonisolated func firstAnswer(sender: String, exchangeID: String, packageDigest: String) async throws -> InboundAnswer? {
        let (found, stored) = try await store.read { store in
            (try store.exchange(sender: sender, id: exchangeID), try store.body(sender: sender, exchangeID: exchangeID, kind: .receipt))
        }
        guard let known = found, known.direction == .incoming, known.state.isSettled, !known.receiptDigest.isEmpty else { return nil }
        guard known.packageDigest == packageDigest else {
            // What could not be verified then does not hold the id: the genuine package is taken as the first.
            if known.manifestDigest.isEmpty { return nil }
            return .problem(
                Problem(
                    status: 409, code: "exchange-id-reused", title: "This exchange id stands for another package",
                    detail: "\(exchangeID) was already answered for a package with another digest. Send the new package under an id of its own."))
        }
        guard let stored, !known.wrappedKey.isEmpty else {
            return .problem(
                Problem(
                    status: 410, code: "exchange-erased", title: "This exchange was answered and has been erased",
                    detail: "\(exchangeID) was answered with \(known.state.rawValue); its package and receipt were erased when their retention ended."))
        }
        let (bodies, mediaType) = (self.bodies, tools.seal.mediaType)
        let receipt = try await Worker.run { try bodies.open(stored, of: known, mediaType: mediaType).bytes() }
        return .receipt(receipt, mediaType: mediaType, isAccepted: known.state == .accepted, isRepeat: true)
    }

    /// Returns the key, wrapped, under which the exchange's bodies are kept.
    private nonisolated func recordReceived(_ verified: VerifiedPackage, peer: Peer, receivedAt: Instant) async throws -> [UInt8] {
        let events = InboundCorridor(tools).verifiedEvents(verified, from: peer)
        let entries = self.entries
        let document = verified.document
        let wrapped = try bodies.storageKey.makeKey(sender: document.sender.rawValue, exchangeID: document.exchangeID).wrapped
        let kept = try await store.write { store in
            let known = try store.exchange(sender: document.sender.rawValue, id: document.exchangeID)
            // After a crash between here and the answer the row is already there: the same package is judged again.
            if let known, known.state == .received, known.packageDigest == verified.packageDigest { return known.wrappedKey }
            var record = ExchangeRecord(
                id: document.exchangeID, direction: .incoming, sender: document.sender.rawValue, receiver: document.receiver.rawValue,
                dataflow: document.dataflow.description, state: .received, createdAt: receivedAt)
            record.manifestDigest = verified.opened.manifestSHA256.hex
            record.packageDigest = verified.packageDigest
            record.bytes = verified.packageBytes
            record.wrappedKey = wrapped
            if known == nil { try store.insert(record) } else { try store.update(record) }
            try entries.record(events, in: store)
            return wrapped
        }
        afterCommit()
        return kept
    }

    /// What a judged package leaves behind, ready to be committed.
    private struct Settlement: Sendable {
        var record: ExchangeRecord
        var isAccepted: Bool
        var events: [LedgerEvent]
        var dataset: DatasetRecord
        var bodies: [StoredBody]
        var receipt: [UInt8]
    }

    /// Seals the receipt and encrypts what is kept.
    private nonisolated func seal(_ trip: InboundTrip, _ verified: VerifiedPackage, _ package: Content) throws -> Settlement {
        var record = trip.record
        let sealed = try Pack(tools.seal, signer: tools.signer).receipt(trip.receipt, findings: trip.findings.map(\.json), answeredAt: record.updatedAt)
        let receipt = try sealed.content.bytes(max: Int(tools.limits.package.memoryBytesMax))
        record.packageDigest = verified.packageDigest
        record.receiptDigest = tools.hashing.sha256(receipt).hex
        record.seal = tools.seal.identifier
        record.findingsJSON = JSONValue.array(trip.findings.map(\.json)).compactText
        var events = trip.events
        if trip.isAccepted {
            events.append(
                LedgerEvent(
                    .datasetStored, exchange: record.id,
                    [
                        LedgerData.text("payloadSHA256", verified.payload.sha256.hex), LedgerData.text("dataflow", verified.document.dataflow.urn),
                        LedgerData.count("observations", record.observations),
                    ]))
        } else {
            events.append(
                LedgerEvent(
                    .exchangeRefused, exchange: record.id,
                    LedgerData.outcome("refused", code: record.reasonCode) + [
                        LedgerData.text("by", configuration.participant.rawValue), LedgerData.text("sender", record.sender),
                    ]))
        }
        events.append(
            LedgerEvent(
                .receiptIssued, exchange: record.id,
                [
                    LedgerData.text("outcome", trip.receipt.outcome.rawValue), LedgerData.text("receiptManifestSHA256", sealed.manifestSHA256.hex),
                    LedgerData.text("answers", record.manifestDigest),
                ]))
        let key = try bodies.storageKey.key(of: record)
        return Settlement(
            record: record, isAccepted: trip.isAccepted, events: events,
            dataset: DatasetRecord(
                exchangeID: record.id, sender: record.sender, dataflow: record.dataflow, format: verified.document.payloadFormat, name: verified.payload.name,
                sha256: verified.payload.sha256.hex, observations: record.observations, bytes: Int(verified.payload.bytes), storedAt: record.updatedAt),
            bodies: [
                try bodies.seal(package, .package, sender: record.sender, exchangeID: record.id, key: key),
                try bodies.seal(.bytes(receipt), .receipt, sender: record.sender, exchangeID: record.id, key: key),
            ], receipt: receipt)
    }

    /// Stores and publishes, or refuses; either way the signed receipt and the change commit together.
    private nonisolated func settle(_ settlement: Settlement) async throws -> InboundAnswer {
        let entries = self.entries
        try await store.write { store in
            try store.update(settlement.record)
            for body in settlement.bodies { try store.put(body) }
            try entries.record(settlement.events, in: store)
            if settlement.isAccepted { try store.insert(settlement.dataset) }
            try store.publish(
                BusEvents.message(settlement.isAccepted ? "dataset.received" : "exchange.refused", settlement.record, at: settlement.record.updatedAt))
        }
        faults.reached("stored")
        afterCommit()
        return .receipt(settlement.receipt, mediaType: tools.seal.mediaType, isAccepted: settlement.isAccepted, isRepeat: false)
    }

    /// A package that cannot be opened or is not what it says: refused with a signature of ours, recorded, and not kept.
    private nonisolated func refuseUnverified(_ refusal: Refusal, exchangeID: String, peer: Peer, packageDigest: String, receivedAt: Instant) async throws
        -> InboundAnswer
    {
        let answeredAt = tools.clock.now()
        let document = ReceiptDocument(
            exchangeID: exchangeID, issuer: configuration.participant, recipient: peer.participant, manifestDigest: "", packageDigest: packageDigest,
            outcome: .refused, reasonCode: refusal.code, reason: refusal.detail, answeredAt: answeredAt.rfc3339)
        var record = ExchangeRecord(
            id: exchangeID, direction: .incoming, sender: peer.participant.rawValue, receiver: configuration.participant.rawValue, dataflow: "",
            state: .refused, createdAt: receivedAt)
        record.reasonCode = refusal.code
        record.reason = refusal.detail
        record.packageDigest = packageDigest
        record.updatedAt = answeredAt
        let (tools, bodies, unsettled) = (self.tools, self.bodies, record)
        let (settled, receipt, manifest, body) = try await Worker.run {
            var settled = unsettled
            let sealed = try Pack(tools.seal, signer: tools.signer).receipt(document, findings: [], answeredAt: answeredAt)
            let receipt = try sealed.content.bytes(max: Int(tools.limits.package.memoryBytesMax))
            let (key, wrapped) = try bodies.storageKey.makeKey(sender: settled.sender, exchangeID: settled.id)
            settled.wrappedKey = wrapped
            settled.receiptDigest = tools.hashing.sha256(receipt).hex
            let body = try bodies.seal(.bytes(receipt), .receipt, sender: settled.sender, exchangeID: settled.id, key: key)
            return (settled, receipt, sealed.manifestSHA256.hex, body)
        }
        let (entries, by) = (self.entries, configuration.participant.rawValue)
        try await store.write { store in
            // An exchange id that is already known keeps its own history: the refused copy is answered and recorded beside it.
            if try store.exchange(sender: settled.sender, id: exchangeID) == nil {
                try store.insert(settled)
                try store.put(body)
            }
            try entries.record(
                [
                    LedgerEvent(
                        .packageReceived, exchange: exchangeID,
                        [
                            LedgerData.text("sender", peer.participant.rawValue), LedgerData.text("peerCertificateSHA256", peer.certificateDigest),
                            LedgerData.text("packageSHA256", packageDigest),
                        ]),
                    LedgerEvent(
                        .packageRefused, exchange: exchangeID,
                        LedgerData.outcome("refused", code: refusal.code) + [LedgerData.text("by", by)]),
                    LedgerEvent(
                        .receiptIssued, exchange: exchangeID,
                        [
                            LedgerData.text("outcome", "refused"), LedgerData.text("receiptManifestSHA256", manifest),
                            LedgerData.text("answers", packageDigest),
                        ]),
                ], in: store)
            try store.publish(BusEvents.message("exchange.refused", settled, at: answeredAt))
        }
        afterCommit()
        return .receipt(receipt, mediaType: tools.seal.mediaType, isAccepted: false, isRepeat: false)
    }
}
