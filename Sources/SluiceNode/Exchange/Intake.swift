package import Logging
package import SluiceCore
package import SluiceKit

/// Takes packages in: the node's inner side of the exchange endpoint.
package actor Intake: InboundService {
    package nonisolated let packageBytesMax: Int
    private let configuration: NodeConfiguration
    private let tools: CorridorTools
    private let store: any Store
    private let entries: EntryMaker
    private let faults: FaultPoints
    private let log: Logger
    private let afterCommit: @Sendable () -> Void
    private var bodies = 0
    private var isStopping = false
    /// Exchanges being worked on, so that a sender that repeats itself waits for the first answer.
    private var underWay: [String: Task<InboundAnswer, Never>] = [:]

    package init(
        configuration: NodeConfiguration, tools: CorridorTools, store: any Store, entries: EntryMaker, faults: FaultPoints, log: Logger,
        afterCommit: @escaping @Sendable () -> Void
    ) {
        self.configuration = configuration
        self.tools = tools
        self.store = store
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
        guard bodies < configuration.limits.inboundConcurrentMax else {
            return Problem(status: 503, code: "busy", title: "The node is busy", detail: "It already takes in \(bodies) packages.", retryAfterSeconds: 2)
        }
        bodies += 1
        return nil
    }

    package func abandon(_ peer: Peer) async { bodies -= 1 }

    package func stop() { isStopping = true }

    package func accept(packageAt path: String, exchangeID: String, from peer: Peer) async -> InboundAnswer {
        defer { bodies -= 1 }
        let key = "\(peer.participant) \(exchangeID)"
        if let first = underWay[key] {
            _ = await first.value
            return await run(path, exchangeID, peer)
        }
        let work = Task { await self.run(path, exchangeID, peer) }
        underWay[key] = work
        let answer = await work.value
        underWay[key] = nil
        return answer
    }

    private func run(_ path: String, _ exchangeID: String, _ peer: Peer) async -> InboundAnswer {
        let folder = path + ".open"
        defer {
            removeFile(path)
            Folders.removeTree(folder)
        }
        do {
            return try await take(path, exchangeID, peer, folder: folder)
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

    private func take(_ path: String, _ exchangeID: String, _ peer: Peer, folder: String) async throws -> InboundAnswer {
        faults.reached("received")
        let receivedAt = tools.clock.now()
        let packageDigest = try await Worker.run { [tools] in try tools.hashing.sha256(fileAt: path).hex }
        if let answer = try await firstAnswer(sender: peer.participant.rawValue, exchangeID: exchangeID, packageDigest: packageDigest) { return answer }

        let corridor = InboundCorridor(tools)
        let verified: VerifiedPackage
        do {
            verified = try await Worker.run {
                try Folders.make(folder)
                return try corridor.verify(packageAt: path, exchangeID: exchangeID, from: peer, extractingInto: folder)
            }
        } catch let refusal as Refusal {
            return try await refuseUnverified(refusal, path: path, exchangeID: exchangeID, peer: peer, packageDigest: packageDigest, receivedAt: receivedAt)
        }
        try await recordReceived(verified, peer: peer, receivedAt: receivedAt)
        faults.reached("verified")

        let trip = try await Worker.run { try corridor.judge(verified, receivedAt: receivedAt) }
        faults.reached("judged")
        return try await settle(trip, verified, path: path)
    }

    /// A repeated exchange id is answered with the first receipt, if it is the same package.
    private func firstAnswer(sender: String, exchangeID: String, packageDigest: String) async throws -> InboundAnswer? {
        guard let known = try await store.read({ try $0.exchange(sender: sender, id: exchangeID) }), known.direction == .incoming, known.state.isSettled,
            !known.receiptPath.isEmpty
        else { return nil }
        let receiptPath = configuration.dataDirectory + "/" + known.receiptPath
        let digestOfFirst = try await Worker.run { [tools, configuration] in
            // The answered package's digest stands in the kept package; a refused unreadable one is remembered by its digest alone.
            known.packagePath.isEmpty ? known.manifestDigest : try tools.hashing.sha256(fileAt: configuration.dataDirectory + "/" + known.packagePath).hex
        }
        guard digestOfFirst == packageDigest else {
            // What could not be verified then does not hold the id: the genuine package is taken as the first.
            if known.packagePath.isEmpty { return nil }
            return .problem(
                Problem(
                    status: 409, code: "exchange-id-reused", title: "This exchange id stands for another package",
                    detail: "\(exchangeID) was already answered for a package with another digest. Send the new package under an id of its own."))
        }
        return .receipt(path: receiptPath, isAccepted: known.state == .accepted, isRepeat: true)
    }

    private func recordReceived(_ verified: VerifiedPackage, peer: Peer, receivedAt: Instant) async throws {
        let events = InboundCorridor(tools).verifiedEvents(verified, from: peer)
        let entries = self.entries
        let document = verified.document
        try await store.write { store in
            let known = try store.exchange(sender: document.sender.rawValue, id: document.exchangeID)
            // After a crash between here and the answer the row is already there: the same package is judged again.
            if let known, known.state == .received, known.manifestDigest == verified.opened.manifestSHA256.hex { return }
            var record = ExchangeRecord(
                id: document.exchangeID, direction: .incoming, sender: document.sender.rawValue, receiver: document.receiver.rawValue,
                dataflow: document.dataflow.description, state: .received, createdAt: receivedAt)
            record.manifestDigest = verified.opened.manifestSHA256.hex
            record.bytes = verified.packageBytes
            if known == nil { try store.insert(record) } else { try store.update(record) }
            try entries.record(events, in: store)
        }
        afterCommit()
    }

    /// Stores and publishes, or refuses; either way the signed receipt and the change commit together.
    private func settle(_ trip: InboundTrip, _ verified: VerifiedPackage, path: String) async throws -> InboundAnswer {
        let stem = "\(trip.record.sender).\(trip.record.id)"
        var record = trip.record
        record.packagePath = "packages/\(stem).in.\(tools.seal.fileExtension)"
        record.receiptPath = "packages/\(stem).receipt.\(tools.seal.fileExtension)"
        record.findingsJSON = JSONValue.array(trip.findings.map(\.json)).compactText
        let datasetPath = "datasets/\(stem).\(verified.payload.name)"
        let (tools, configuration) = (self.tools, self.configuration)
        let settled = record
        let receipt = try await Worker.run {
            let spool = "\(tools.spoolDirectory)/\(stem).receipt"
            let sealed = try Pack(tools.seal, signer: tools.signer).receipt(
                trip.receipt, findings: trip.findings.map(\.json), answeredAt: settled.updatedAt, into: spool)
            try Folders.settle(spool, at: configuration.dataDirectory + "/" + settled.receiptPath)
            try Folders.settle(path, at: configuration.dataDirectory + "/" + settled.packagePath)
            if trip.isAccepted { try Folders.settle(verified.payloadPath, at: configuration.dataDirectory + "/" + datasetPath) }
            return sealed
        }
        var events = trip.events
        if trip.isAccepted {
            events.append(
                LedgerEvent(
                    .datasetStored, exchange: settled.id,
                    [
                        LedgerData.text("payloadSHA256", verified.payload.sha256.hex), LedgerData.text("dataflow", verified.document.dataflow.urn),
                        LedgerData.count("observations", settled.observations),
                    ]))
        } else {
            events.append(
                LedgerEvent(
                    .exchangeRefused, exchange: settled.id,
                    LedgerData.outcome("refused", code: settled.reasonCode) + [
                        LedgerData.text("by", configuration.participant.rawValue), LedgerData.text("sender", settled.sender),
                    ]))
        }
        events.append(
            LedgerEvent(
                .receiptIssued, exchange: settled.id,
                [
                    LedgerData.text("outcome", trip.receipt.outcome.rawValue), LedgerData.text("receiptManifestSHA256", receipt.manifestSHA256.hex),
                    LedgerData.text("answers", settled.manifestDigest),
                ]))
        let entries = self.entries
        let recorded = events
        try await store.write { store in
            try store.update(settled)
            try entries.record(recorded, in: store)
            if trip.isAccepted {
                try store.insert(
                    DatasetRecord(
                        exchangeID: settled.id, sender: settled.sender, dataflow: settled.dataflow, format: verified.document.payloadFormat, path: datasetPath,
                        sha256: verified.payload.sha256.hex, observations: settled.observations, bytes: Int(verified.payload.bytes), storedAt: settled.updatedAt
                    ))
            }
            try store.publish(BusEvents.message(trip.isAccepted ? "dataset.received" : "exchange.refused", settled, at: settled.updatedAt))
        }
        faults.reached("stored")
        afterCommit()
        return .receipt(path: configuration.dataDirectory + "/" + settled.receiptPath, isAccepted: trip.isAccepted, isRepeat: false)
    }

    /// A package that cannot be opened or is not what it says: refused with a signature of ours, recorded, and not kept.
    private func refuseUnverified(_ refusal: Refusal, path: String, exchangeID: String, peer: Peer, packageDigest: String, receivedAt: Instant) async throws
        -> InboundAnswer
    {
        let stem = "\(peer.participant).\(exchangeID)"
        let answeredAt = tools.clock.now()
        let document = ReceiptDocument(
            exchangeID: exchangeID, issuer: configuration.participant, recipient: peer.participant, manifestDigest: "", packageDigest: packageDigest,
            outcome: .refused,
            reasonCode: refusal.code, reason: refusal.detail, answeredAt: answeredAt.rfc3339)
        // An exchange id that is already known keeps its own history: the refused copy is answered and recorded beside it.
        let attempt = "\(stem).\(packageDigest.prefix(16))"
        var record = ExchangeRecord(
            id: exchangeID, direction: .incoming, sender: peer.participant.rawValue, receiver: configuration.participant.rawValue, dataflow: "",
            state: .refused, createdAt: receivedAt)
        record.reasonCode = refusal.code
        record.reason = refusal.detail
        record.manifestDigest = packageDigest
        record.receiptPath = "packages/\(attempt).receipt.\(tools.seal.fileExtension)"
        record.updatedAt = answeredAt
        let (tools, configuration, settled, entries) = (self.tools, self.configuration, record, self.entries)
        let receipt = try await Worker.run {
            let spool = "\(tools.spoolDirectory)/\(attempt).receipt"
            let sealed = try Pack(tools.seal, signer: tools.signer).receipt(document, findings: [], answeredAt: answeredAt, into: spool)
            try Folders.settle(spool, at: configuration.dataDirectory + "/" + settled.receiptPath)
            return sealed
        }
        try await store.write { store in
            if try store.exchange(sender: settled.sender, id: exchangeID) == nil { try store.insert(settled) }
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
                        LedgerData.outcome("refused", code: refusal.code) + [LedgerData.text("by", configuration.participant.rawValue)]),
                    LedgerEvent(
                        .receiptIssued, exchange: exchangeID,
                        [
                            LedgerData.text("outcome", "refused"), LedgerData.text("receiptManifestSHA256", receipt.manifestSHA256.hex),
                            LedgerData.text("answers", packageDigest),
                        ]),
                ], in: store)
            try store.publish(BusEvents.message("exchange.refused", settled, at: answeredAt))
        }
        afterCommit()
        return .receipt(path: configuration.dataDirectory + "/" + settled.receiptPath, isAccepted: false, isRepeat: false)
    }
}
