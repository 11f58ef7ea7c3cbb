package import SluiceCore
package import SluiceKit

/// Sends datasets out: runs the outbound corridor and commits its outcome.
package struct Dispatch: Sendable {
    package let configuration: NodeConfiguration
    package let partners: Partners
    package let tools: CorridorTools
    package let store: any Store
    package let bodies: BodyVault
    package let entries: EntryMaker
    package let faults: FaultPoints
    let afterCommit: @Sendable () -> Void

    /// Where the input comes from and how it is read.
    package struct Input: Sendable {
        package var content: Content
        package var makeReader: ReaderMaker
        package var description: String
        package init(_ content: Content, makeReader: @escaping ReaderMaker, description: String) {
            self.content = content
            self.makeReader = makeReader
            self.description = description
        }
    }

    /// Runs the corridor and records what came of it: with the package in the outbox, or as a refusal.
    ///
    /// The input is copied first, so that nobody can change it between the check and the release.
    /// - Parameters:
    ///   - requester: who asks for it.
    ///   - exchangeID: given where the caller must be able to run again with the same effect (a route's message).
    package func send(
        _ input: Input, shipment: NodeConfiguration.Shipment, by requester: ReleaseRequester = .unnamed, exchangeID: String? = nil
    ) async throws -> OutboundTrip {
        guard let partner = partners.partner(shipment.receiver) else {
            throw NodeError("\(shipment.receiver) is not among the partners of \(configuration.file); add it there with its endpoint")
        }
        let formatID = shipment.format ?? partner.format
        guard let format = tools.format(formatID) else {
            throw NodeError("there is no format \"\(formatID)\"; there are \(tools.formats.map(\.id).joined(separator: ", "))")
        }
        guard let seal = tools.seal(firstOf: partner.seals) else {
            throw NodeError("none of the seals of \(partner.id) (\(partner.seals.joined(separator: ", "))) is of this build")
        }
        let id = exchangeID ?? Identifiers.exchangeID(at: tools.clock.now())
        let (known, previous, hasReceived) = try await store.read { [sender = configuration.participant.rawValue] store in
            (
                // A new id is nobody's yet.
                try exchangeID.flatMap { try store.exchange(sender: sender, id: $0) },
                try store.newestExchange(
                    sender: sender, receiver: shipment.receiver.rawValue, dataflow: shipment.flow.description, state: .receipted),
                try store.hasProvenances()
            )
        }
        if let known { return OutboundTrip(record: known) }
        var overtaken: OutboundTrip?
        for _ in 1...Self.overtakenMax {
            switch try await run(
                input, shipment, requester, id, format, seal, previousReceipt: previous?.receiptDigest ?? "", hasReceived: hasReceived)
            {
            case .recorded(let trip): return trip
            // Held against the other one too, the next time.
            case .overtaken(let trip): overtaken = trip
            }
        }
        guard let overtaken else { throw NodeError("exchange \(id) was not run") }
        let refused = OutboundCorridor(tools).refused(
            overtaken, flow: shipment.flow,
            as: Refusal(
                "protect.overtaken",
                "\(Self.overtakenMax) times another release about the same people was recorded while this one was held against those before it, so it did not leave; send it again when the others are done"
            ))
        try await record(refused, [], [])
        return refused
    }

    private enum Outcome {
        case recorded(OutboundTrip)
        /// Nothing of it is kept.
        case overtaken(OutboundTrip)
    }

    /// How often a trip is run when releases of its population overtake it.
    private static let overtakenMax = 5

    private func run(
        _ input: Input, _ shipment: NodeConfiguration.Shipment, _ requester: ReleaseRequester, _ id: String, _ format: any DataFormat, _ seal: any Seal,
        previousReceipt: String, hasReceived: Bool
    ) async throws -> Outcome {
        let (tools, bodies) = (self.tools, self.bodies)
        let register = StoredRegister(participant: tools.participant, store: store, storageKey: bodies.storageKey)
        let (trip, kept, releases) = try await Worker.run {
            let (key, wrapped) = try bodies.storageKey.makeKey(sender: tools.participant.rawValue, exchangeID: id)
            let copy = "\(tools.spoolDirectory)/\(id).input"
            defer { removeFile(copy) }
            var asked = OutboundShipment(
                exchangeID: id, receiver: shipment.receiver, flow: shipment.flow, purpose: shipment.purpose,
                input: try Self.held(input.content, inMemoryUpTo: tools.limits.contentInMemoryMax, copyingTo: copy), inputKey: key.inputKey,
                makeReader: input.makeReader, inputDescription: input.description, outputFormat: format, seal: seal,
                previousReceipt: previousReceipt)
            asked.requester = requester
            asked.mayHaveBeenReceived = hasReceived
            var trip = try OutboundCorridor(tools).run(asked)
            // Kept for a refusal too: its ledger entry has the input's digest under this key.
            trip.record.wrappedKey = wrapped
            func keep(_ content: Content, _ kind: BodyKind) throws -> StoredBody {
                defer { if let path = content.path { removeFile(path) } }
                return try bodies.seal(content, kind, sender: tools.participant.rawValue, exchangeID: id, key: key)
            }
            var kept: [StoredBody] = []
            if let package = trip.package { kept.append(try keep(package, .package)) }
            if let (draft, payload) = trip.waiting {
                kept = [try keep(payload, .payload), try keep(.bytes(draft.json.canonicalBytes()), .draft)]
            }
            return (trip, kept, try trip.releases.enumerated().map { try register.seal($1.figures, dataset: $0, key: key) })
        }
        faults.reached("sealed")
        do { try await record(trip, kept, releases) } catch is ReleaseOvertaken {
            bodies.removeFiles(of: kept)
            return .overtaken(trip)
        }
        faults.reached("queued")
        return .recorded(trip)
    }

    /// The input as nobody can change it during the trip: in memory where it is small, else a copy.
    private static func held(_ input: Content, inMemoryUpTo bytesMax: Int, copyingTo path: String) throws -> Content {
        guard case .file(let source) = input else { return input }
        if try input.byteCount() <= bytesMax { return .bytes(try FileByteSource.contents(of: source, bytesMax: bytesMax)) }
        try Folders.copy(source, to: path)
        return .file(path: path)
    }

    private func record(_ trip: OutboundTrip, _ kept: [StoredBody], _ releases: [ReleaseRecord]) async throws {
        let entries = self.entries
        let now = tools.clock.now()
        var record = trip.record
        record.updatedAt = now
        record.findingsJSON = JSONValue.array(trip.findings.map(\.json)).compactText
        let settled = record
        try await store.write { store in
            for release in trip.releases {
                guard let mark = release.mark else { continue }
                let last = try store.lastRelease(population: release.figures.population, periods: Set(release.figures.periods))
                if last != mark { throw ReleaseOvertaken() }
            }
            try store.insert(settled)
            for release in releases { try store.insert(release) }
            try entries.record(trip.events, in: store)
            for body in kept { try store.put(body) }
            if settled.state == .queued {
                try store.enqueue(OutboxItem(exchangeID: settled.id, receiver: settled.receiver, dataflow: settled.dataflow, nextAttemptAt: now))
            }
            let topic =
                switch settled.state {
                case .queued: "exchange.queued"
                case .awaitingApproval: "exchange.awaiting-approval"
                default: "exchange.refused"
                }
            try store.publish(BusEvents.message(topic, settled, at: now))
        }
        afterCommit()
    }
}

/// What the node says on its bus.
enum BusEvents {
    static func message(_ topic: String, _ record: ExchangeRecord, at time: Instant) -> BusMessage {
        let body = JSONValue.object([
            JSONMember("exchange", .string(record.id)), JSONMember("sender", .string(record.sender)), JSONMember("receiver", .string(record.receiver)),
            JSONMember("dataflow", .string(record.dataflow)), JSONMember("state", .string(record.state.rawValue)),
            JSONMember("reasonCode", .string(record.reasonCode)),
        ])
        // Topics name the flow without its version, so that a subscription survives a new one.
        let flow = record.dataflow.split(separator: "(").first.map(String.init) ?? record.dataflow
        return BusMessage(topic: "\(topic)/\(flow)", orderKey: "\(record.sender) \(record.dataflow)", body: body.compactText, publishedAt: time)
    }
}
