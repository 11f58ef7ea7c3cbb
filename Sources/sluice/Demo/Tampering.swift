internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// What an attacker on the way would do; the demonstration plays him.
enum Tampering {
    /// A package sealed by the node's corridor that is not in its outbox, with one byte in its middle, inside the payload, changed.
    static func sealedAside(_ node: Node, _ input: Dispatch.Input, _ shipment: NodeConfiguration.Shipment) async throws -> (
        exchangeID: String, package: [UInt8]
    ) {
        let id = Identifiers.exchangeID(at: SystemClock().now())
        let tools = node.tools
        guard let format = tools.format(node.partners.partner(shipment.receiver)?.format ?? "") else {
            throw Outcome.unusable("the partner has no format")
        }
        guard let seal = tools.seals.first else { throw Outcome.unusable("there is no seal") }
        let trip = try OutboundCorridor(tools).run(
            OutboundShipment(
                exchangeID: id, receiver: shipment.receiver, flow: shipment.flow, purpose: shipment.purpose, input: input.content,
                inputKey: Array("none".utf8), makeReader: input.makeReader, inputDescription: input.description, outputFormat: format, seal: seal,
                previousReceipt: ""))
        guard let package = trip.package else { throw Outcome.refused("the package to tamper with was refused: \(trip.record.reason)") }
        var bytes = try package.bytes(max: 64 << 20)
        bytes[bytes.count / 2] ^= 1
        return (id, bytes)
    }

    /// Opens a receipt and reads its document.
    static func receipt(_ receipt: [UInt8], seal: any Seal, tools: CorridorTools, into directory: String) throws -> ReceiptDocument {
        defer { Folders.removeTree(directory) }
        let opened = try Unpack(tools).open(.bytes(receipt), sealedWith: seal, at: tools.clock.now(), spillingInto: directory)
        return try ReceiptDocument(json: JSONValue(parsing: opened.exchange))
    }
}
