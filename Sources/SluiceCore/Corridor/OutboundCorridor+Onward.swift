import SluiceKit

/// Data that were received are bound by what they came under, whichever way they leave again: by a route, or as a file from somebody's hands.
extension OutboundCorridor {
    /// Most received exchanges of one content whose terms are held together; of more than these nobody could say what binds it.
    static let receivedMax = 1_000
    /// Most of them that the ledger names.
    static let receivedInEntryMax = 100

    /// The terms of the received data that the input is: by its bytes, or by its observations.
    /// - Throws: `Refusal` where it was received more often than terms are held together.
    func terms(of input: SHA256Digest, _ survey: Survey, among received: (any ReceivedData)?) throws -> [ReceivedTerms] {
        guard let received else { return [] }
        let code = tools.contentKey.flatMap { survey.content?.code(tools.hashing, key: $0) } ?? ""
        let terms = try received.terms(payloadSHA256: input.hex, contentCode: code, atMost: Self.receivedMax + 1)
        guard terms.count <= Self.receivedMax else {
            throw Refusal(
                "agreement.onward",
                "these data came in by more than \(Self.receivedMax) exchanges, and no more terms than of so many are held together; ask \(terms[0].sender), or pass on what is newer"
            )
        }
        return terms
    }

    /// Which exchanges the data came by, for the ledger.
    func receivedData(_ received: [ReceivedTerms]) -> [JSONMember] {
        received.isEmpty ? [] : [JSONMember("receivedIn", .array(received.prefix(Self.receivedInEntryMax).map { .string($0.exchangeID) }))]
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
