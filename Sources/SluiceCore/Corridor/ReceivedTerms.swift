package import SluiceKit

/// What binds data that were received: the giver's terms as they were sealed, and this node's own, each at its stricter.
///
/// A value: whether the data may go on, and until when they may not be shown, is asked of it with a time.
package struct ReceivedTerms: Hashable, Sendable {
    /// The exchange by which they came in, and who sent it.
    package var exchangeID: String
    package var sender: String
    /// The giver's agreement, `ID VERSION`.
    package var agreement: String
    package var onwardTransfer: HandlingObligations.OnwardTransfer
    package var purposes: [String]
    /// Before this they may not be shown to anybody.
    package var embargo: Instant?
    /// After this nobody may have them any longer.
    package var keepUntil: Instant?
    package var citation: String?

    package init(
        exchangeID: String, sender: String, agreement: String, onwardTransfer: HandlingObligations.OnwardTransfer, purposes: [String], embargo: Instant? = nil,
        keepUntil: Instant? = nil, citation: String? = nil
    ) {
        self.exchangeID = exchangeID
        self.sender = sender
        self.agreement = agreement
        self.onwardTransfer = onwardTransfer
        self.purposes = purposes
        self.embargo = embargo
        self.keepUntil = keepUntil
        self.citation = citation
    }

    /// - Parameters:
    ///   - sealed: what came along; nil of a sender that says nothing.
    ///   - own: what this node's agreements say of the same data.
    init(_ document: ExchangeDocument, sealed: SealedObligations?, own: SealedObligations, receivedAt: Instant) {
        let handling = sealed.map { ObligationMerge.stricter($0.handling, own.handling) } ?? own.handling
        let ends = [handling.retention.flatMap(RetentionPeriod.init)?.end(from: receivedAt), sealed?.keepUntil].compactMap { $0 }
        self.init(
            exchangeID: document.exchangeID, sender: document.sender.rawValue, agreement: "\(document.agreementID) \(document.agreementVersion)",
            onwardTransfer: handling.onwardTransfer, purposes: sealed.map { $0.purposes.filter(own.purposes.contains) } ?? own.purposes,
            // The two texts need not be spelled alike, so times are compared, not texts.
            embargo: [sealed?.handling.embargo, own.handling.embargo].compactMap { $0.flatMap { Instant(rfc3339: $0) } }.max(),
            keepUntil: ends.min(), citation: handling.citation)
    }

    private var name: String { "exchange \(exchangeID) of \(sender), under \(agreement)" }

    /// Whether the data may be shown to anybody at a time; the embargo's own second is no longer under it.
    package func isShown(at time: Instant) -> Bool { embargo.map { time >= $0 } ?? true }

    /// What stands against passing the data on; nil where nothing does. Back to where they came from they may always go.
    /// - Parameter purposes: of the agreement under which they would go on.
    package func objection(to receiver: ParticipantID, purposes asked: [String], at time: Instant) -> Refusal? {
        if receiver.rawValue == sender { return nil }
        func refusal(_ words: String, code: String = "agreement.onward") -> Refusal { Refusal(code, "these data came in by \(name): \(words)") }
        if let keepUntil, time >= keepUntil { return refusal("they were to be kept until \(keepUntil.rfc3339) at the latest, and may not be passed on since") }
        if let embargo, time < embargo { return refusal("they are not to be shown to anybody before \(embargo.rfc3339)", code: "agreement.embargo") }
        switch onwardTransfer {
        case .public: return nil
        case .none: return refusal("they may not be passed on to anybody; ask \(sender)")
        case .to(let allowed) where !allowed.contains(receiver.rawValue):
            return refusal("they may be passed on to \(allowed.joined(separator: ", ")), and not to \(receiver); ask \(sender)")
        case .to: break
        }
        let others = asked.filter { !purposes.contains($0) }
        guard others.isEmpty else {
            return refusal(
                "they may be used for \(purposes.joined(separator: ", ")), and the agreement to pass them on says \(others.joined(separator: ", ")) as well")
        }
        return nil
    }

    /// What goes on with the data: what this node's agreement says, and no looser than what they came under.
    func narrowing(_ own: SealedObligations) -> SealedObligations {
        var result = own
        if onwardTransfer != .public { result.purposes = own.purposes.filter(purposes.contains) }
        let received = HandlingObligations(
            retention: own.handling.retention, onwardTransfer: onwardTransfer, embargo: [embargo?.rfc3339, own.handling.embargo].compactMap { $0 }.max(),
            citation: citation)
        result.handling = ObligationMerge.stricter(own.handling, received)
        result.keepUntil = [own.keepUntil, keepUntil].compactMap { $0 }.min()
        return result
    }

    // MARK: As the store keeps them

    package var json: JSONValue {
        var members = [
            JSONMember("agreement", .string(agreement)),
            JSONMember(
                "obligations",
                SealedObligations(
                    handling: HandlingObligations(onwardTransfer: onwardTransfer, embargo: embargo?.rfc3339, citation: citation), purposes: purposes,
                    keepUntil: keepUntil
                ).json),
        ]
        if purposes.isEmpty { members.append(JSONMember("forNothing", .bool(true))) }
        return .object(members)
    }

    package init(_ provenance: Provenance) throws(DocumentError) {
        guard let json = try? JSONValue(parsing: Array(provenance.terms.utf8)), let agreement = json["agreement"]?.text, var kept = json["obligations"] else {
            throw DocumentError(detail: "the terms of exchange \(provenance.exchangeID) are not as they are kept")
        }
        // Two agreements may have no purpose in common; a sealed document has at least one.
        let isForNothing = json["forNothing"] != nil
        if isForNothing, let members = kept.members {
            kept = .object(members.map { $0.name == "purposes" ? JSONMember("purposes", .array([.string("none")])) : $0 })
        }
        let obligations = try SealedObligations(json: kept)
        self.init(
            exchangeID: provenance.exchangeID, sender: provenance.sender, agreement: agreement, onwardTransfer: obligations.handling.onwardTransfer,
            purposes: isForNothing ? [] : obligations.purposes, embargo: obligations.handling.embargo.flatMap { Instant(rfc3339: $0) },
            keepUntil: obligations.keepUntil, citation: obligations.handling.citation)
    }
}

/// Where the corridor asks whether data that are about to leave were once received. Asked on a thread that may block.
package protocol ReceivedData: Sendable {
    /// The terms of all that had this payload, or these observations.
    /// - Parameter limit: how many at most, the last received first.
    func terms(payloadSHA256: String, contentCode: String, atMost limit: Int) throws -> [ReceivedTerms]
}
