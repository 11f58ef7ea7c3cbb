internal import Logging
internal import SluiceCore
internal import SluiceKit

/// Carries out routes: what the node does with datasets of a topic. Each route is a durable subscription.
package struct Router: Sendable {
    /// Messages of one route taken at a time.
    static let batchMax = 16

    let configuration: NodeConfiguration
    let tools: CorridorTools
    let dispatch: Dispatch
    let store: any Store
    let archive: Archive
    let clock: any WallClock
    let log: Logger

    /// Registers the routes; messages published from here on reach them.
    package func subscribe() async throws {
        let routes = configuration.routes
        guard !routes.isEmpty else { return }
        try await store.write { store in for route in routes { try store.subscribe("route.\(route.id)", pattern: route.topic) } }
    }

    /// Works off what is due; returns how many messages were handled.
    package func runDue() async throws -> Int {
        var handled = 0
        for route in configuration.routes {
            let now = clock.now()
            let due = try await store.write { try $0.dueDeliveries(subscription: "route.\(route.id)", now: now, limit: Self.batchMax) }
            for delivery in due {
                handled += 1
                do {
                    try await carryOut(route, delivery.message)
                    try await store.write { try $0.complete(delivery) }
                } catch let embargo as UnderEmbargo {
                    try await wait(delivery, embargo)
                } catch {
                    try await failed(route, delivery, "\(error)")
                }
            }
        }
        return handled
    }

    /// Data that may not be shown yet: the route waits with them, and with what comes behind, until the second at which they may.
    private func wait(_ stored: SubscriptionDelivery, _ embargo: UnderEmbargo) async throws {
        var delivery = stored
        delivery.nextAttemptAt = embargo.until
        delivery.waitingSince = embargo.until
        delivery.lastError = "not to be shown before \(embargo.until.rfc3339)"
        let waiting = delivery
        try await store.write { try $0.update(waiting) }
    }

    private struct UnderEmbargo: Error { var until: Instant }

    private func failed(_ route: NodeConfiguration.Route, _ stored: SubscriptionDelivery, _ reason: String) async throws {
        var delivery = BusDelivery(stored)
        let action = delivery.handle(.failed(.init(code: "route", detail: reason, isTransient: true)), at: clock.now(), random: UInt64.random(in: 0 ... .max))
        log.warning("a route failed", metadata: ["route": "\(route.id)", "message": "\(stored.message.sequence)", "next": "\(action)", "error": "\(reason)"])
        guard case .store(let changed) = action else { return }
        try await store.write { try $0.update(changed) }
    }

    private func carryOut(_ route: NodeConfiguration.Route, _ message: BusMessage) async throws {
        let body = try JSONValue(parsing: Array(message.body.utf8))
        guard let id = body["exchange"]?.text, let sender = body["sender"]?.text else { throw NodeError("message \(message.sequence) names no exchange") }
        guard let dataset = try await store.read({ try $0.dataset(sender: sender, exchangeID: id) }) else {
            throw NodeError("the dataset of exchange \(id) is not in the store")
        }
        if let found = try await store.read({ try $0.provenance(sender: sender, exchangeID: id) }) {
            let terms = try ReceivedTerms(found)
            if let embargo = terms.embargo, !terms.isShown(at: clock.now()) { throw UnderEmbargo(until: embargo) }
        }
        guard let format = tools.format(dataset.format) else { throw NodeError("there is no format \"\(dataset.format)\"") }
        let folder = "\(tools.spoolDirectory)/\(Identifiers.exchangeID(at: clock.now())).route"
        defer { Folders.removeTree(folder) }
        let content = try await archive.payload(of: dataset, spillingInto: folder)
        let makeReader: ReaderMaker = { (source, context) throws(ReadError) in try format.reader(of: source, in: context) }
        switch route.action {
        case .send(let shipment):
            // The id is made of the message's own, so that a route that runs twice sends once.
            let derived = tools.hashing.sha256(Array("\(route.id) \(sender) \(id)".utf8)).hex
            let exchangeID = Self.uuid(like: id, from: derived)
            let trip = try await dispatch.send(
                Dispatch.Input(content, makeReader: makeReader, description: "exchange \(id)"), shipment: shipment, by: .automatic(owner: nil),
                exchangeID: exchangeID)
            if trip.record.state == .refusedHere {
                log.notice(
                    "a route's exchange was refused here",
                    metadata: ["route": "\(route.id)", "exchange": "\(exchangeID)", "reason": "\(trip.record.reasonCode)"])
            }
        case .write(let directory, let formatID):
            guard let target = tools.format(formatID) else { throw NodeError("there is no format \"\(formatID)\"") }
            let tools = self.tools
            try await Worker.run {
                try Folders.make(directory)
                let place = "\(directory)/\(sender).\(id).\(target.fileExtension)"
                let partial = place + ".partial"
                var write = try Write(
                    target, header: MessageHeader(id: "X-\(id)", prepared: tools.clock.now().rfc3339, senders: [.init(tools.participant.headerID)]),
                    inMemoryUpTo: 0, spillingTo: partial)
                let context = ReadContext(
                    structures: tools.structures, flow: ArtefactReference(.dataflow, short: dataset.dataflow), limits: tools.limits.read,
                    findings: FindingTally(samplesPerCodeMax: 0))
                try Read(content, makeReader: makeReader, context: context).eachDataset(atMost: tools.limits.datasetsMax) { description, _ in
                    try write.begin(description)
                    return Read.Visitor(batch: { try write.write($0) })
                }
                _ = try write.finish()
                try Folders.settle(partial, at: place)
            }
        }
    }

    /// A UUID with the time of `id` and the rest from a digest: the same inputs give the same id.
    static func uuid(like id: String, from digest: String) -> String {
        let hex = Array(digest)
        return "\(id.prefix(13))-7\(String(hex[0..<3]))-8\(String(hex[3..<6]))-\(String(hex[6..<18]))"
    }
}
