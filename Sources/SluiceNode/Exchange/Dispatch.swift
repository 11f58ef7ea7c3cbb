package import SluiceCore
package import SluiceKit

/// Sends datasets out: runs the outbound corridor and commits its outcome.
package struct Dispatch: Sendable {
    package let configuration: NodeConfiguration
    package let tools: CorridorTools
    package let store: any Store
    package let entries: EntryMaker
    package let faults: FaultPoints
    let afterCommit: @Sendable () -> Void

    /// Where the input comes from and how it is read.
    package struct Input: Sendable {
        package var path: String
        package var makeReader: ReaderMaker
        package var description: String
        package init(path: String, makeReader: @escaping ReaderMaker, description: String) {
            self.path = path
            self.makeReader = makeReader
            self.description = description
        }
    }

    /// Runs the corridor and records what came of it: with the package in the outbox, or as a refusal.
    ///
    /// The input is copied first, so that nobody can change it between the check and the release.
    /// - Parameter exchangeID: given where the caller must be able to run again with the same effect (a route's message).
    package func send(_ input: Input, shipment: NodeConfiguration.Shipment, exchangeID: String? = nil) async throws -> OutboundTrip {
        guard let partner = configuration.partner(shipment.receiver) else {
            throw NodeError("\(shipment.receiver) is not among the partners of \(configuration.file); add it there with its endpoint")
        }
        let formatID = shipment.format ?? partner.format
        guard let format = tools.format(formatID) else {
            throw NodeError("there is no format \"\(formatID)\"; there are \(tools.formats.map(\.id).joined(separator: ", "))")
        }
        let id = exchangeID ?? Identifiers.exchangeID(at: tools.clock.now())
        if let known = try await store.read({ [sender = configuration.participant.rawValue] in try $0.exchange(sender: sender, id: id) }) {
            return OutboundTrip(record: known)
        }
        let previous = try await store.read { store in
            try store.exchanges(
                ExchangeFilter(state: .receipted, direction: .outgoing, participant: shipment.receiver.rawValue, dataflow: shipment.flow.description, limit: 1)
            ).first
        }
        let tools = self.tools
        let configuration = self.configuration
        let trip = try await Worker.run {
            let previousReceipt = try previous.map { try tools.hashing.sha256(fileAt: configuration.dataDirectory + "/" + $0.receiptPath).hex } ?? ""
            let copy = "\(tools.spoolDirectory)/\(id).input"
            defer { removeFile(copy) }
            try Folders.copy(input.path, to: copy)
            var trip = try OutboundCorridor(tools).run(
                OutboundShipment(
                    exchangeID: id, receiver: shipment.receiver, flow: shipment.flow, purpose: shipment.purpose, inputPath: copy, makeReader: input.makeReader,
                    inputDescription: input.description, outputFormat: format, previousReceipt: previousReceipt))
            if let path = trip.packagePath {
                let place = "\(configuration.packageDirectory)/\(id).out.\(tools.seal.fileExtension)"
                try Folders.settle(path, at: place)
                try Folders.write(trip.inputKey, to: "\(configuration.packageDirectory)/\(id).inputkey")
                trip.packagePath = place
                trip.record.packagePath = "packages/\(id).out.\(tools.seal.fileExtension)"
            }
            return trip
        }
        faults.reached("sealed")
        try await record(trip)
        faults.reached("queued")
        return trip
    }

    private func record(_ trip: OutboundTrip) async throws {
        let entries = self.entries
        let now = tools.clock.now()
        var record = trip.record
        record.updatedAt = now
        record.findingsJSON = JSONValue.array(trip.findings.map(\.json)).compactText
        let settled = record
        try await store.write { store in
            try store.insert(settled)
            try entries.record(trip.events, in: store)
            if trip.packagePath != nil {
                try store.enqueue(OutboxItem(exchangeID: settled.id, receiver: settled.receiver, dataflow: settled.dataflow, nextAttemptAt: now))
            }
            try store.publish(BusEvents.message(trip.packagePath == nil ? "exchange.refused" : "exchange.queued", settled, at: now))
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
