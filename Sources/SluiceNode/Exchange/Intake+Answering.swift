internal import SluiceCore
internal import SluiceKit

/// How an arrival ends: judged and settled, or refused before it could be believed. Each answer commits with the change that it speaks of.
extension Intake {
    /// What a judged package leaves behind, ready to be committed.
    struct Settlement: Sendable {
        var record: ExchangeRecord
        var isAccepted: Bool
        var events: [LedgerEvent]
        var dataset: DatasetRecord
        var provenance: Provenance?
        var bodies: [StoredBody]
        var receipt: [UInt8]
    }

    /// Seals the receipt and encrypts what is kept.
    nonisolated func prepare(_ trip: InboundTrip, _ verified: VerifiedPackage, _ package: Content) throws -> Settlement {
        var record = trip.record
        let sealed = try Pack(verified.seal, signer: tools.signer(at: record.updatedAt)).receipt(
            trip.receipt, findings: trip.findings.map(\.json), answeredAt: record.updatedAt)
        let receipt = try sealed.content.bytes(max: Int(tools.limits.package.memoryBytesMax))
        record.packageDigest = verified.packageDigest
        record.receiptDigest = tools.hashing.sha256(receipt).hex
        record.seal = verified.seal.identifier
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
        var kept = [try bodies.seal(.bytes(receipt), .receipt, sender: record.sender, exchangeID: record.id, key: key)]
        if trip.isAccepted {
            kept.append(try bodies.seal(package, .package, sender: record.sender, exchangeID: record.id, key: key))
        } else {
            // What may not be had is not kept: the receipt alone, which may quote from it, as long as the sender may repeat itself.
            record.retainUntil = record.createdAt.adding(configuration.clockTolerance.memoryMilliseconds)
        }
        let provenance = try trip.terms.map { terms in
            Provenance(
                exchangeID: record.id, sender: record.sender, payloadSHA256: verified.payload.sha256.hex, contentCode: trip.contentCode,
                terms: String(decoding: try terms.json.canonicalBytes(), as: UTF8.self), storedAt: record.updatedAt)
        }
        return Settlement(
            record: record, isAccepted: trip.isAccepted, events: events,
            dataset: DatasetRecord(
                exchangeID: record.id, sender: record.sender, dataflow: record.dataflow, format: verified.document.payloadFormat, name: verified.payload.name,
                sha256: verified.payload.sha256.hex, observations: record.observations, bytes: Int(verified.payload.bytes), storedAt: record.updatedAt),
            provenance: provenance, bodies: kept, receipt: receipt)
    }

    /// Stores and publishes, or refuses; either way the signed receipt and the change commit together. nil to look again.
    nonisolated func settle(_ settlement: Settlement, _ machine: IncomingExchange, _ seal: any Seal, _ peer: Peer) async throws -> InboundAnswer? {
        let entries = self.entries
        let isSettled = try await store.write { store in
            guard machine.settling(try Found(in: store, peer, machine.id, machine.packageDigest).known) == .commit else { return false }
            var events = settlement.events
            if settlement.isAccepted {
                let record = settlement.record
                let newest = try store.newestExchange(sender: record.sender, receiver: record.receiver, dataflow: record.dataflow, state: .accepted)
                // Out of the order of sending: replayed after it was parked, or held back on the way. Nobody is refused for it, and everybody can see it.
                if let younger = machine.youngerAccepted(newestAcceptedID: newest?.id),
                    let stored = events.firstIndex(where: { $0.kind == .datasetStored })
                {
                    events[stored].data.append(LedgerData.text("acceptedAfter", younger))
                }
            }
            try store.update(settlement.record)
            for body in settlement.bodies { try store.put(body) }
            try entries.record(events, in: store)
            if settlement.isAccepted {
                try store.insert(settlement.dataset)
                if let provenance = settlement.provenance { try store.insert(provenance) }
            }
            try store.publish(
                BusEvents.message(settlement.isAccepted ? "dataset.received" : "exchange.refused", settlement.record, at: settlement.record.updatedAt))
            return true
        }
        guard isSettled else {
            bodies.removeFiles(of: settlement.bodies)
            return nil
        }
        faults.reached("stored")
        afterCommit()
        return .receipt(settlement.receipt, mediaType: seal.mediaType, isAccepted: settlement.isAccepted, isRepeat: false)
    }

    /// A package that cannot be opened, is not what it says, or comes at the wrong time: refused with a signature of ours, recorded, and not kept. nil to look again.
    nonisolated func refuse(_ refusal: Refusal, _ machine: IncomingExchange, _ seal: any Seal, peer: Peer, receivedAt: Instant) async throws
        -> InboundAnswer?
    {
        let answeredAt = tools.clock.now()
        let document = ReceiptDocument(
            exchangeID: machine.id, issuer: configuration.participant, recipient: peer.participant, manifestDigest: machine.manifestDigest,
            packageDigest: machine.packageDigest, outcome: .refused, reasonCode: refusal.code, reason: refusal.boundedDetail, answeredAt: answeredAt.rfc3339)
        let tools = self.tools
        let (receipt, manifest) = try await Worker.run {
            let sealed = try Pack(seal, signer: tools.signer(at: answeredAt)).receipt(document, findings: [], answeredAt: answeredAt)
            return (try sealed.content.bytes(max: Int(tools.limits.package.memoryBytesMax)), sealed.manifestSHA256.hex)
        }
        var row = ExchangeRecord(
            id: machine.id, direction: .incoming, sender: peer.participant.rawValue, receiver: configuration.participant.rawValue, dataflow: "",
            state: .refused, createdAt: receivedAt)
        row.reasonCode = refusal.code
        row.reason = refusal.boundedDetail
        row.packageDigest = machine.packageDigest
        row.receiptDigest = tools.hashing.sha256(receipt).hex
        row.seal = seal.identifier
        row.updatedAt = answeredAt
        let (refused, entries, bodies) = (row, self.entries, self.bodies)
        let retainUntil = receivedAt.adding(configuration.clockTolerance.memoryMilliseconds)
        let copy = RefusedCopy(
            sender: refused.sender, exchangeID: refused.id, packageDigest: machine.packageDigest, code: refusal.code, receipt: receipt, seal: seal.identifier,
            refusedAt: answeredAt)
        let isRefused = try await store.write { store in
            let found = try Found(in: store, peer, machine.id, machine.packageDigest)
            switch machine.refusing(found.known) {
            case .lookAgain: return false
            case .insert: try store.insert(refused)
            case .settle:
                guard var record = found.record else { throw NodeError("an exchange that was received has no row") }
                record.state = .refused
                record.reasonCode = refused.reasonCode
                record.reason = refused.reason
                record.receiptDigest = refused.receiptDigest
                record.seal = refused.seal
                record.updatedAt = answeredAt
                record.retainUntil = retainUntil
                try store.update(record)
                try store.put(
                    bodies.seal(.bytes(receipt), .receipt, sender: record.sender, exchangeID: record.id, key: bodies.storageKey.key(of: record)))
            // An exchange id that is already known keeps its own history: the refused copy is answered and recorded beside it.
            case .beside: break
            }
            // A refusal for a clock's sake holds nothing: the same bytes are taken once the clocks are right.
            if refusal.code != ClockTolerance.aheadCode { try store.put(copy) }
            try entries.record(
                [
                    LedgerEvent(
                        .packageReceived, exchange: refused.id,
                        [
                            LedgerData.text("sender", refused.sender), LedgerData.text("peerCertificateSHA256", peer.certificateDigest),
                            LedgerData.text("packageSHA256", refused.packageDigest),
                        ]),
                    LedgerEvent(
                        .packageRefused, exchange: refused.id,
                        LedgerData.outcome("refused", code: refusal.code) + [LedgerData.text("by", refused.receiver)]),
                    LedgerEvent(
                        .receiptIssued, exchange: refused.id,
                        [
                            LedgerData.text("outcome", "refused"), LedgerData.text("receiptManifestSHA256", manifest),
                            LedgerData.text("answers", refused.packageDigest),
                        ]),
                ], in: store)
            try store.publish(BusEvents.message("exchange.refused", refused, at: answeredAt))
            return true
        }
        guard isRefused else { return nil }
        afterCommit()
        return .receipt(receipt, mediaType: seal.mediaType, isAccepted: false, isRepeat: false)
    }
}
