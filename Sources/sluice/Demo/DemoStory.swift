internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// The demonstration, scene by scene. Each scene says what it does, then holds what came of it against what must.
final class DemoStory {
    struct Scene {
        var title: String
        var lines: [String] = []
        var holds = true
    }

    let nodes: DemoNodes
    let running: [String: RunningNode]
    private(set) var scenes: [Scene] = []
    private(set) var checks: [StockTools.Check] = []
    private var evidence: [String] = []

    /// Longest wait for a receipt.
    static let waitSeconds = 60

    init(nodes: DemoNodes, running: [String: RunningNode]) {
        self.nodes = nodes
        self.running = running
    }

    /// What was checked by stock tools: packages, then ledgers.
    var subjects: [String] { evidence + DemoNodes.all }

    var holds: Bool { scenes.allSatisfy(\.holds) && checks.allSatisfy(\.holds) && !checks.isEmpty }

    func play() async throws {
        try await permits()
        try await feeds()
        try await refusedBySender()
        try await refusedByReceiver()
        try await tampered()
        try await verify()
    }

    // MARK: Scenes

    private func permits() async throws {
        var scene = Scene(title: "(a) The ministry sends residence permits, with small cells, to the statistical office")
        let (record, trip) = try await send(
            from: DemoNodes.ministry, to: DemoNodes.office, file: "incoming/permits-register.csv", mapping: "mappings/permits.yaml",
            flow: "AM.MOI:DF_PERMITS(1.0)",
            purpose: "official-statistics")
        scene.expect(record.state == .receipted, "exchange \(record.id): \(record.state.rawValue) \(record.reason)")
        let protection = trip.events.first { $0.kind == .datasetProtected }
        scene.expect(protection != nil, "the agreement obliged protection before release")
        for report in protection?.data.first(where: { $0.name == "protections" })?.value.elements ?? [] { scene.lines.append(Self.words(report)) }
        let stored = try await running[DemoNodes.office]!.node.store.read { try $0.dataset(sender: DemoNodes.ministry, exchangeID: record.id) }
        scene.expect(stored?.observations == record.observations, "\(DemoNodes.office) verified and stored \(stored?.observations ?? 0) observations")
        let events = try await types(DemoNodes.office, record.id)
        scene.expect(events.contains("sluice.dataset.stored") && events.contains("sluice.receipt.issued"), "its ledger holds \(events.count) entries on it")
        try await keep("01-permits", record, at: DemoNodes.ministry)
        scenes.append(scene)
    }

    private func feeds() async throws {
        var scene = Scene(title: "(b) Feeds carry Armenia's published SDG figures to the UN")
        let node = running[DemoNodes.office]!.node
        for (number, feed) in node.configuration.feeds.enumerated() {
            let run = try await node.feeds.runNow(feed)
            guard run.outcome == .sent else {
                scene.expect(false, "feed \(feed.id): \(run.outcome.rawValue) \(run.detail)")
                continue
            }
            let record = try await node.deliverNow(exchangeID: run.exchangeID, withinSeconds: Self.waitSeconds)
            let stored = try await running[DemoNodes.union]!.node.store.read { try $0.dataset(sender: DemoNodes.office, exchangeID: record.id) }
            scene.expect(
                record.state == .receipted && stored != nil,
                "feed \(feed.id): \(record.observations) observations \(record.state.rawValue) by \(DemoNodes.union) \(record.reason)")
            try await keep("0\(number + 2)-\(feed.id)", record, at: DemoNodes.office)
            let again = try await node.feeds.runNow(feed)
            scene.expect(again.outcome == .unchanged, "run again without a change, it sends nothing")
        }
        scene.expect(!node.configuration.feeds.isEmpty, "\(node.configuration.feeds.count) feeds ran")
        scenes.append(scene)
    }

    private func refusedBySender() async throws {
        var scene = Scene(title: "(c) What our own agreement does not allow never leaves")
        let (record, _) = try await send(
            from: DemoNodes.ministry, to: DemoNodes.union, file: "incoming/permits-register.csv", mapping: "mappings/permits.yaml",
            flow: "AM.MOI:DF_PERMITS(1.0)",
            purpose: "official-statistics")
        scene.expect(
            record.state == .refusedHere, "\(DemoNodes.ministry) → \(DemoNodes.union): \(record.state.rawValue): \(record.reason) [\(record.reasonCode)]")
        scene.expect(record.packageDigest.isEmpty, "no package was made")
        let ours = try await types(DemoNodes.ministry, record.id)
        let theirs = try await types(DemoNodes.union, record.id)
        scene.expect(ours.contains("sluice.exchange.refused") && theirs.isEmpty, "the sender's ledger says so, the receiver never heard of it")
        scenes.append(scene)
    }

    private func refusedByReceiver() async throws {
        var scene = Scene(title: "    What only the receiver does not accept comes back as a signed refusal")
        let feed = running[DemoNodes.office]!.node.configuration.feeds[0]
        let (record, _) = try await send(
            from: DemoNodes.office, to: DemoNodes.union, path: feed.sourceFile, mappingPath: feed.mapping, flow: feed.shipment.flow.description,
            purpose: "press-release")
        scene.expect(
            record.state == .refusedByReceiver,
            "\(DemoNodes.office) → \(DemoNodes.union), purpose press-release: \(record.state.rawValue): \(record.reason) [\(record.reasonCode)]")
        let ours = try await types(DemoNodes.office, record.id)
        let theirs = try await types(DemoNodes.union, record.id)
        scene.expect(ours.contains("sluice.receipt.verified") && theirs.contains("sluice.exchange.refused"), "both ledgers say so")
        if record.state == .refusedByReceiver { try await keep("05-refused-by-receiver", record, at: DemoNodes.office) }
        scenes.append(scene)
    }

    private func tampered() async throws {
        var scene = Scene(title: "(d) A package that was changed on the way is refused")
        let node = running[DemoNodes.ministry]!.node
        let input = try node.input(
            path: nodes.folder(DemoNodes.ministry) + "/incoming/permits-register.csv", mapping: nodes.folder(DemoNodes.ministry) + "/mappings/permits.yaml",
            format: nil)
        // Sealed by the corridor but handed over by us, with one byte of it changed.
        let shipment = NodeConfiguration.Shipment(
            receiver: ParticipantID(DemoNodes.office)!, flow: ArtefactReference(.dataflow, short: "AM.MOI:DF_PERMITS(1.0)")!, purpose: "official-statistics",
            format: nil)
        let trip = try await Tampering.sealedAside(node, input, shipment)
        let folder = nodes.directory + "/tampered"
        try Folders.make(folder)
        let forged = folder + "/06-tampered.asice"
        try Folders.write(trip.package, to: forged, mode: 0o644)
        let endpoint = Endpoint(participant: shipment.receiver, url: "https://localhost:\(running[DemoNodes.office]?.exchangePort ?? 0)")
        let answer = try await node.transport.deliver(
            MemoryBody(trip.package, mediaType: node.tools.seals[0].mediaType), exchangeID: trip.exchangeID, sequence: 1, to: endpoint)
        guard case .receipt(let bytes) = answer else {
            scene.expect(false, "no receipt came back")
            scenes.append(scene)
            return
        }
        let receipt = try Tampering.receipt(bytes, seal: node.tools.seals[0], tools: node.tools, into: folder + "/open")
        try Folders.write(bytes, to: nodes.directory + "/evidence/06-tampered.receipt.asice", mode: 0o644)
        evidence.append("06-tampered.receipt")
        scene.expect(receipt.outcome == .refused, "one byte changed: signed refusal [\(receipt.reasonCode)] \(receipt.reason)")
        scene.expect(try await types(DemoNodes.office, trip.exchangeID).contains("sluice.package.refused"), "its ledger says so, and nothing was stored")
        scene.expect(
            try await running[DemoNodes.office]!.node.store.read { try $0.dataset(sender: DemoNodes.ministry, exchangeID: trip.exchangeID) } == nil,
            "the statistical office holds no dataset of it")
        scenes.append(scene)
    }

    private func verify() async throws {
        for node in running.values { try await node.node.ledger.publish() }
        let tools = StockTools(directory: nodes.directory)
        try Folders.make(nodes.directory + "/checked")
        try Folders.write(Array(StockTools.script(packages: evidence, ledgers: DemoNodes.all).utf8), to: nodes.directory + "/verify.sh", mode: 0o755)
        for name in evidence { checks += await tools.checks(ofPackage: name) }
        for id in DemoNodes.all { checks += await tools.checks(ofLedger: id) }
    }

    // MARK: Helpers

    private func send(from: String, to: String, file: String, mapping: String, flow: String, purpose: String) async throws -> (ExchangeRecord, OutboundTrip) {
        try await send(from: from, to: to, path: nodes.folder(from) + "/" + file, mappingPath: nodes.folder(from) + "/" + mapping, flow: flow, purpose: purpose)
    }

    private func send(from: String, to: String, path: String, mappingPath: String?, flow: String, purpose: String) async throws -> (
        ExchangeRecord, OutboundTrip
    ) {
        let node = running[from]!.node
        let input = try node.input(path: path, mapping: mappingPath, format: nil)
        let trip = try await node.send(
            input, shipment: .init(receiver: ParticipantID(to)!, flow: ArtefactReference(.dataflow, short: flow)!, purpose: purpose, format: nil))
        guard trip.package != nil else { return (trip.record, trip) }
        return (try await node.deliverNow(exchangeID: trip.record.id, withinSeconds: Self.waitSeconds), trip)
    }

    private func types(_ id: String, _ exchangeID: String) async throws -> [String] {
        try await running[id]!.node.ledgerEntries(subject: exchangeID).compactMap { try? JSONValue(parsing: $0.entry)["type"]?.text }
    }

    /// Copies an exchange's package and receipt to the evidence folder.
    private func keep(_ name: String, _ record: ExchangeRecord, at id: String) async throws {
        for (kind, place) in [(BodyKind.package, "\(name).asice"), (.receipt, "\(name).receipt.asice")] {
            guard let body = try await running[id]!.node.archive.body(kind, sender: record.sender, exchangeID: record.id) else {
                throw Outcome.refused("the node \(id) has no \(kind.rawValue) of exchange \(record.id)")
            }
            try body.copy(to: "\(nodes.directory)/evidence/\(place)")
        }
        evidence += [name, name + ".receipt"]
    }

    private static func words(_ report: JSONValue) -> String {
        func count(_ name: String) -> Int64 { report[name]?.integer ?? 0 }
        let width = report["narrowestWidth"]?.text.map { "; an attacker's narrowest interval is \($0) wide" } ?? ""
        return
            "of \(count("cells")) cells, \(count("primary")) were too small and withheld, \(count("secondary")) more so that they cannot be recomputed\(width)"
    }
}

extension DemoStory.Scene {
    mutating func expect(_ condition: Bool, _ words: String) {
        lines.append((condition ? "  ✓ " : "  ✗ ") + words)
        if !condition { holds = false }
    }
}
