package import SluiceCore
internal import SluiceKit

/// Lets a second person rule on what waits for approval: signs what they said, seals what they approved, and has both committed together.
package struct Approvals: Sendable {
    let tools: CorridorTools
    let store: any Store
    let bodies: BodyVault
    let archive: Archive
    let courier: Courier
    let faults: FaultPoints

    /// Approves or refuses.
    /// - Throws: `ApprovalError` where this person may not, or nothing can be done now; `OwnTrouble`, and what the store throws. Nothing has changed then.
    package func rule(_ act: ExchangeAct, exchangeID: String, reason: String, by person: Person) async throws {
        let sender = tools.participant.rawValue
        guard person.mayRule else {
            throw ApprovalError(
                .roleMissing,
                "\(person.name) is \(person.roles.map(\.rawValue).joined(separator: ", ")), who may not approve or refuse; ask a steward or an administrator")
        }
        guard let record = try await store.read({ try $0.exchange(sender: sender, id: exchangeID) }), record.direction == .outgoing else {
            throw ApprovalError(.unknown, "this node has sent no exchange \(exchangeID)")
        }
        guard let (draft, payload) = try await archive.waiting(record) else {
            throw ApprovalError(.stateWrong, "exchange \(exchangeID) is \(record.state.rawValue): \(OutgoingExchange.Idle.notAwaiting.rawValue)")
        }
        guard draft.sentBy != person.name else { throw Self.selfApproval(person) }
        if act == .approve { try requireInForce(draft, record) }
        let previous = try await store.read {
            try $0.newestExchange(sender: sender, receiver: record.receiver, dataflow: record.dataflow, state: .receipted)?.receiptDigest
        }
        let (ruling, kept) = try await Worker.run { [self] in
            try prepare(act, reason, by: person, on: record, draft, payload, previousReceipt: previous ?? "")
        }
        faults.reached("ruling")
        switch try await courier.rule(ruling, exchangeID: exchangeID, keeping: kept) {
        case nil: break
        case .selfApproval?: throw Self.selfApproval(person)
        case let idle?: throw ApprovalError(.stateWrong, "exchange \(exchangeID): \(idle.rawValue)")
        }
    }

    private static func selfApproval(_ person: Person) -> ApprovalError {
        ApprovalError(.selfApproval, "\(person.name) sent this exchange: \(OutgoingExchange.Idle.selfApproval.rawValue)")
    }

    /// What was decided when it was sent has to hold now.
    private func requireInForce(_ draft: ReleaseDraft, _ record: ExchangeRecord) throws {
        let objection = draft.objection(
            retainUntil: record.leavesUntil, under: tools.book.now, channel: tools.channel(draft.document.receiver), structures: tools.structures,
            hashing: tools.hashing, at: tools.clock.now())
        if let objection { throw ApprovalError(.agreementChanged, objection) }
    }

    private func prepare(
        _ act: ExchangeAct, _ reason: String, by person: Person, on record: ExchangeRecord, _ draft: ReleaseDraft, _ payload: KeptBody, previousReceipt: String
    ) throws -> (ReleaseRuling, [StoredBody]) {
        let corridor = OutboundCorridor(tools)
        let key = try bodies.storageKey.key(of: record)
        let now = tools.clock.now()
        var statement = [
            JSONMember("kind", .string("approval")), JSONMember("version", .integer(1)), JSONMember("act", .string(act.rawValue)),
            JSONMember("exchange", .string(record.id)), JSONMember("receiver", .string(record.receiver)), JSONMember("dataflow", .string(record.dataflow)),
            JSONMember("agreementSHA256", .string(draft.document.agreementDigest)), JSONMember("payloadSHA256", .string(draft.payloadDigest)),
            JSONMember("person", .string(person.name)), JSONMember("time", .string(now.rfc3339)),
        ]
        if let sentBy = draft.sentBy { statement.append(JSONMember("sentBy", .string(sentBy))) }
        if !reason.isEmpty { statement.append(JSONMember("reason", .string(reason))) }
        let signed = try SignedStatement(.object(statement), by: tools.signer(at: now), at: now)
        let digest = tools.hashing.sha256(signed.bytes).hex
        func keep(_ content: Content, _ kind: BodyKind) throws -> StoredBody {
            try bodies.seal(content, kind, sender: record.sender, exchangeID: record.id, key: key)
        }
        var kept = [try keep(.bytes(signed.json.canonicalBytes()), .approval)]
        var verdict = ReleaseRuling.Verdict.refuse(reason: reason)
        if act == .approve {
            // Of this ruling alone: two people may rule at the same time.
            let copy = "\(tools.spoolDirectory)/\(Identifiers.exchangeID(at: now)).\(draft.document.payloadName)"
            defer { removeFile(copy) }
            let content = try payload.content(copyingTo: copy)
            guard try tools.hashing.sha256(content).hex == draft.payloadDigest else { throw NodeError("what waits in \(record.id) is not what was written") }
            guard let seal = tools.seal(draft.seal) else { throw NodeError("the seal \(draft.seal) is not of this build") }
            var draft = draft
            draft.document.approval = digest
            draft.document.previousReceipt = previousReceipt
            let (sealed, event) = try corridor.seal(draft, payload: content, with: seal)
            defer { if let path = sealed.content.path { removeFile(path) } }
            verdict = .approve(
                ReleaseRuling.Sealed(
                    seal: seal.identifier, packageDigest: try tools.hashing.sha256(sealed.content).hex, manifestDigest: sealed.manifestSHA256.hex,
                    bytes: Int(sealed.bytes), events: [event]))
            kept.append(try keep(sealed.content, .package))
        }
        let ruling = ReleaseRuling(
            verdict, person: person.name, sentBy: draft.sentBy, personCode: corridor.personCode(person.name, key: key.inputKey),
            roles: person.roles.filter(Person.ruling.contains).map(\.rawValue), statement: digest, payloadDigest: draft.payloadDigest)
        return (ruling, kept)
    }
}

/// Why a person's ruling was not taken.
package struct ApprovalError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case unknown = "approval.unknown"
        case roleMissing = "approval.role"
        /// Whoever sent it is not a second person.
        case selfApproval = "approval.self"
        case stateWrong = "approval.state"
        case agreementChanged = "approval.agreement"
    }
    package var code: Code
    package var detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(detail) [\(code.rawValue)]" }
}
