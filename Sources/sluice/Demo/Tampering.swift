internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// What an attacker on the way would do; the demonstration plays him.
enum Tampering {
    /// A package sealed by the node's corridor that is not in its outbox.
    static func sealedAside(_ node: Node, _ input: Dispatch.Input, _ shipment: NodeConfiguration.Shipment) async throws -> (exchangeID: String, path: String) {
        let id = Identifiers.exchangeID(at: SystemClock().now())
        let tools = node.tools
        guard let format = tools.format(node.configuration.partner(shipment.receiver)?.format ?? "") else {
            throw Outcome.unusable("the partner has no format")
        }
        let trip = try OutboundCorridor(tools).run(
            OutboundShipment(
                exchangeID: id, receiver: shipment.receiver, flow: shipment.flow, purpose: shipment.purpose, inputPath: input.path,
                makeReader: input.makeReader,
                inputDescription: input.description, outputFormat: format, previousReceipt: ""))
        guard let path = trip.packagePath else { throw Outcome.refused("the package to tamper with was refused: \(trip.record.reason)") }
        return (id, path)
    }

    /// Copies a package with one byte in its middle, inside the payload, changed.
    static func changeOneByte(of path: String, into forged: String) throws {
        var bytes = try FileByteSource.contents(of: path, bytesMax: 64 << 20)
        bytes[bytes.count / 2] ^= 1
        try Folders.write(bytes, to: forged, mode: 0o644)
    }

    /// Opens a receipt and reads its document.
    static func receipt(_ path: String, tools: CorridorTools, into directory: String) throws -> ReceiptDocument {
        try Folders.make(directory)
        defer { Folders.removeTree(directory) }
        let opened = try tools.seal.open(path, trust: tools.trust, at: tools.clock.now(), limits: PackageLimits(), extractingInto: directory)
        return try ReceiptDocument(json: JSONValue(parsing: opened.exchange))
    }
}
