import SluiceCore
import SluiceKit
import SluiceLedger

/// What must hold of a world that has come to rest.
extension World {
    func check() {
        for plan in plans {
            checkOutcome(plan)
            checkEffect(plan)
            checkAgreement(plan)
        }
        checkOrder()
        for node in nodes { checkLedger(node) }
        if tally.queueMax > Self.queueMax { breach("\(tally.queueMax) events were waiting at once") }
    }

    /// Most events that may wait at once: nothing in a world multiplies.
    static let queueMax = 400

    /// Nothing is lost: each exchange has an end that somebody can see.
    private func checkOutcome(_ plan: Plan) {
        let store = nodes[plan.sender].store
        guard let record = store.records[plan.number] else { return breach("\(plan.id) was never recorded") }
        let isInOutbox = store.outboxIndex(plan.id) != nil
        switch record.state {
        case .receipted, .refusedByReceiver:
            if isInOutbox { breach("\(plan.id) is settled and still in the outbox") }
            if store.files[record.receiptDigest] == nil { breach("\(plan.id) is settled without its receipt") }
        case .expired, .cancelled:
            if isInOutbox { breach("\(plan.id) is \(record.state.rawValue) and still in the outbox") }
            if record.reasonCode.isEmpty { breach("\(plan.id) is \(record.state.rawValue) without a reason") }
        case .refusedHere:
            if !plan.needsApproval { breach("\(plan.id) was refused here by nobody") }
            if isInOutbox || nodes[plan.receiver].store.incoming[plan.number] != nil { breach("\(plan.id) left though a person refused it") }
        case .parked:
            if !isInOutbox { breach("\(plan.id) is parked and not in the outbox") }
            if record.reasonCode.isEmpty || record.reason.isEmpty { breach("\(plan.id) is parked without a reason") }
        default: breach("\(plan.id) is lost: \(record.state.rawValue)\(isInOutbox ? "" : ", and not in the outbox")")
        }
    }

    /// Each accepted exchange is stored and published once, no other at all.
    private func checkEffect(_ plan: Plan) {
        let store = nodes[plan.receiver].store
        let stored = store.datasets.count { $0 == plan.number }
        let published = store.published.count { $0 == plan.number }
        let isAccepted = store.incoming[plan.number]?.state == .accepted
        if stored != (isAccepted ? 1 : 0) { breach("\(plan.id) was stored \(stored) times, its row says \(isAccepted ? "accepted" : "not accepted")") }
        if published != stored { breach("\(plan.id) was stored \(stored) times and published \(published) times") }
        if acceptances.count(where: { $0 == plan.number }) > 1 { breach("\(plan.id) had its effect more than once") }
    }

    /// Where both sides have an outcome, it is the same, and by the same receipt.
    private func checkAgreement(_ plan: Plan) {
        guard let record = nodes[plan.sender].store.records[plan.number], record.state == .receipted || record.state == .refusedByReceiver,
            let receipt = nodes[plan.sender].store.files[record.receiptDigest]
        else { return }
        let store = nodes[plan.receiver].store
        let row = store.incoming[plan.number]
        let isAccepted = row?.state == .accepted
        if (record.state == .receipted) != isAccepted {
            breach("\(plan.id): the sender says \(record.state.rawValue), the receiver \(row.map { "\($0.state)" } ?? "nothing")")
        }
        let first =
            row?.state == .accepted || row?.state == .refused
            ? row?.receiptSerial : store.copies[plan.number].first { $0.packageDigest == plan.packageDigest }?.receiptSerial
        if receipt.serial != first {
            breach("\(plan.id): the sender holds receipt r\(receipt.serial), the receiver's first is \(first.map { "r\($0)" } ?? "none")")
        }
    }

    /// First acceptances of one (sender, flow, receiver) follow the sender's sequence, but for those that left the queue.
    private func checkOrder() {
        var last: [String: (sequence: Int64, id: String)] = [:]
        for number in acceptances where !hasLeftTheQueue[number] {
            let plan = plans[number]
            let lane = "N\(plan.sender) N\(plan.receiver) \(plan.flow)"
            let sequence = nodes[plan.sender].store.sequences[number]
            if let before = last[lane], before.sequence >= sequence { breach("\(plan.id) was accepted after \(before.id), against their order") }
            last[lane] = (sequence, plan.id)
        }
    }

    // MARK: Ledger

    private func checkLedger(_ node: Node) {
        let store = node.store
        var frontier = MerkleFrontier()
        var roots: [SHA256Digest] = [frontier.root(with: hasher)]
        var out: [ExchangeState?] = Array(repeating: nil, count: plans.count)
        var into: [SimulatedStore.Incoming.State?] = Array(repeating: nil, count: plans.count)
        var owesReceipt = Array(repeating: false, count: plans.count)
        let hasHeads = !store.heads.isEmpty
        for line in store.ledger {
            frontier.append(hasher.leaf(SimulatedStore.bytes(of: line)), with: hasher)
            if hasHeads { roots.append(frontier.root(with: hasher)) }
            let number = line.exchange
            if let next = Self.outgoing(out[number], line) {
                out[number] = next
            } else if let next = Self.incoming(into[number], line) {
                if next.isAnswered { owesReceipt[number] = true }
                into[number] = next.state
            } else if line.kind == .receiptIssued, owesReceipt[number] {
                owesReceipt[number] = false
            } else {
                breach(
                    "N\(node.index)'s ledger has \(line.kind.rawValue) for x\(number) after \(out[number]?.rawValue ?? into[number].map { "\($0)" } ?? "nothing")"
                )
            }
        }
        if frontier != store.frontier { breach("N\(node.index)'s ledger has another root than its entries") }
        for head in store.heads where head.size >= UInt64(roots.count) || roots[Int(head.size)] != head.root {
            breach("N\(node.index) made known a head that its ledger does not have")
        }
        if zip(store.heads, store.heads.dropFirst()).contains(where: { $0.size >= $1.size }) { breach("N\(node.index)'s head went back") }
        if Int(store.heads.last?.size ?? 0) != store.ledger.count { breach("N\(node.index)'s last entries were never made known") }
        for plan in plans where plan.sender == node.index && store.records[plan.number]?.state != out[plan.number] {
            breach("\(plan.id) is \(store.records[plan.number]?.state.rawValue ?? "nothing"), and the ledger says \(out[plan.number]?.rawValue ?? "nothing")")
        }
        for plan in plans where plan.receiver == node.index && store.incoming[plan.number]?.state != into[plan.number] {
            breach("\(plan.id) at its receiver is \(store.incoming[plan.number].map { "\($0.state)" } ?? "nothing"), and the ledger says otherwise")
        }
        for (number, owes) in owesReceipt.enumerated() where owes { breach("N\(node.index) answered x\(number) without an entry of the receipt") }
    }

    /// The state after an entry of the sender's; nil where the entry has no business there. Written from the table in Docs/ExchangeProtocol.md.
    private static func outgoing(_ state: ExchangeState?, _ line: SimulatedStore.LedgerLine) -> ExchangeState? {
        switch (line.kind, state) {
        case (.exchangeQueued, nil), (.exchangeQueued, .awaitingApproval): .queued
        case (.exchangeAwaitsApproval, nil), (.exchangeApproved, .awaitingApproval), (.packageSealed, .awaitingApproval): .awaitingApproval
        case (.exchangeRefused, .awaitingApproval): .refusedHere
        case (.exchangeExpired, .awaitingApproval): .expired
        case (.exchangeCancelled, .awaitingApproval): .cancelled
        case (.deliveryFailed, .queued), (.deliveryFailed, .handedOver): .queued
        case (.exchangeHandedOver, .queued): .handedOver
        case (.exchangeParked, .queued), (.exchangeParked, .handedOver): .parked
        case (.exchangeReplayed, .parked): .queued
        case (.exchangeExpired, .queued), (.exchangeExpired, .handedOver), (.exchangeExpired, .parked): .expired
        case (.exchangeCancelled, .queued), (.exchangeCancelled, .parked): .cancelled
        case (.receiptVerified, .queued), (.receiptVerified, .handedOver), (.receiptVerified, .parked), (.receiptVerified, .expired),
            (.receiptVerified, .cancelled):
            line.outcome == "accepted" ? .receipted : .refusedByReceiver
        case (.receiptConflicting, .receipted), (.receiptConflicting, .refusedByReceiver): state
        default: nil
        }
    }

    private static func incoming(_ state: SimulatedStore.Incoming.State?, _ line: SimulatedStore.LedgerLine) -> (
        state: SimulatedStore.Incoming.State?, isAnswered: Bool
    )? {
        switch (line.kind, state) {
        case (.packageReceived, _): (state, false)
        case (.packageVerified, nil), (.packageVerified, .unverified): (.received, false)
        case (.packageRefused, _): (state ?? .unverified, true)
        case (.datasetStored, .received): (.accepted, true)
        case (.exchangeRefused, .received): (.refused, true)
        default: nil
        }
    }
}
