import SluiceKit

/// Data that were received are bound by what they came under, whichever way they leave again: by a route, or as a file from somebody's hands.
extension OutboundCorridor {
    /// Most received exchanges of one content whose terms are held together.
    package static let receivedMax = 100

    /// The key of the content's code, where there is anything that it could find.
    func contentKeyIfAsked() throws -> [UInt8]? {
        guard let received = tools.received, let key = tools.contentKey else { return nil }
        return try received.isEmpty() ? nil : key
    }

    /// The terms of the received data that the input is: by its bytes, or by its observations.
    func receivedTerms(of input: SHA256Digest, _ survey: Survey) throws -> [ReceivedTerms] {
        guard let received = tools.received, try !received.isEmpty() else { return [] }
        return try received.terms(payloadSHA256: input.hex, contentCode: tools.contentKey.flatMap { survey.content?.code(tools.hashing, key: $0) } ?? "")
    }

    /// Which exchanges the data came by, for the ledger.
    func receivedData(_ received: [ReceivedTerms]) -> [JSONMember] {
        received.isEmpty ? [] : [JSONMember("receivedIn", .array(received.prefix(Self.receivedMax).map { .string($0.exchangeID) }))]
    }

    /// What goes along with the data: our agreements' obligations, and no looser than what the data came under.
    /// - Throws: `Refusal` where the data may not be passed on.
    func passedOn(_ ruling: Ruling, _ received: [ReceivedTerms], _ shipment: OutboundShipment) throws -> SealedObligations {
        let now = tools.clock.now()
        for terms in received {
            if let objection = terms.objection(to: shipment.receiver, purposes: ruling.purposes, at: now) { throw objection }
        }
        return received.filter { $0.sender != shipment.receiver.rawValue }.reduce(ruling.sealedObligations()) { $1.narrowing($0) }
    }
}
