import SluiceCore
import SluiceKit

/// The sender's glue around `OutgoingExchange`: what a courier does.
extension World {
    /// Records and queues, again and again until it is there, as a route or a feed does under one id.
    func dispatch(_ plan: Plan) {
        let node = nodes[plan.sender]
        guard node.store.records[plan.number] == nil else { return }
        after(900) { [unowned self] in self.dispatch(plan) }
        guard let process = node.processes.first(where: \.isUp) else { return }
        write(process, "queues \(plan.id) for N\(plan.receiver) \(plan.flow)") { [unowned self] store in
            guard store.records[plan.number] == nil else { return }
            let now = self.wall(node)
            var record = ExchangeRecord(
                id: plan.id, direction: .outgoing, sender: "N\(plan.sender)", receiver: "N\(plan.receiver)", dataflow: plan.flow, state: .queued, createdAt: now
            )
            record.manifestDigest = "m\(plan.number)"
            record.bytes = plan.bytes
            if plan.needsApproval { record.state = .awaitingApproval }
            store.records[plan.number] = record
            guard !plan.needsApproval else { return store.append(.exchangeAwaitsApproval, plan.number, "awaiting-approval") }
            store.enqueue(
                OutboxItem(exchangeID: plan.id, receiver: record.receiver, dataflow: plan.flow, nextAttemptAt: now), exchange: plan.number)
            store.append(.exchangeQueued, plan.number, "queued")
        } then: {
            _ in
        }
    }

    /// A second person at the console, again and again until somebody has ruled; sometimes it is the one who sent it, who may not.
    func rule(_ plan: Plan) {
        let node = nodes[plan.sender]
        let state = node.store.records[plan.number]?.state
        guard state == nil || state == .awaitingApproval else { return }
        after(900) { [unowned self] in self.rule(plan) }
        guard state != nil, let process = node.processes.first(where: \.isUp) else { return }
        let sealed = ReleaseRuling.Sealed(
            seal: "", packageDigest: plan.packageDigest, manifestDigest: "m\(plan.number)", bytes: plan.bytes,
            events: [LedgerEvent(.packageSealed, exchange: plan.id, [])])
        let verdict: ReleaseRuling.Verdict = storms(percent: 15) ? .refuse(reason: "not this month") : .approve(sealed)
        let person = storms(percent: 25) ? Self.whoSends : "besarta"
        let ruling = ReleaseRuling(verdict, person: person, sentBy: flaw == .forgetsWhoSent ? nil : Self.whoSends)
        commit(plan, .ruled(ruling), in: process) { [unowned self] action in
            if action == .nothing(.selfApproval) { self.tally.selfApprovals += 1 }
        }
    }

    static let whoSends = "anahit"

    func poll(_ process: Process) {
        let node = process.node
        if abs(node.clockOffset - process.seenClockOffset) >= Self.clockStepMilliseconds {
            process.seenClockOffset = node.clockOffset
            checkTimes(process)
        } else if below(12) == 0 {
            checkTimes(process)
        }
        for key in process.uploads.expire(at: wall(node)) {
            if let number = plans.firstIndex(where: { $0.id == key.exchangeID }) { process.partialFiles[number] = nil }
        }
        guard !process.isClaiming, !node.store.claimable(now: wall(node), flaw: flaw).isEmpty else { return }
        process.isClaiming = true
        let flaw = flaw
        write(process, "claims") { [unowned self] store in
            let now = self.wall(node)
            return store.claim(now: now, until: now.advanced(byMilliseconds: Self.claimMilliseconds), limit: 4, flaw: flaw)
        } then: { [unowned self] items in
            process.isClaiming = false
            for item in items ?? [] { self.begin(item, in: process) }
        }
    }

    /// Time alone: expiry, and times that a wrong clock set.
    func checkTimes(_ process: Process) {
        guard flaw != .keepsTimesOfAWrongClock else { return }
        let node = process.node
        for plan in plans where plan.sender == node.index {
            guard let record = node.store.records[plan.number], [.queued, .handedOver, .parked, .awaitingApproval].contains(record.state) else { continue }
            let item = node.store.outbox.first { $0.exchangeID == plan.id }
            var exchange = OutgoingExchange(record, item: item, policy: policy)
            if case .commit = exchange.handle(.timeChecked, at: wall(node), random: 0) { commit(plan, .timeChecked, in: process) { _ in } }
        }
    }

    /// The one way in which an outgoing exchange changes.
    func commit(_ plan: Plan, _ event: OutgoingExchange.Event, in process: Process, then: @escaping (OutgoingExchange.Action?) -> Void) {
        let node = process.node
        let random = anyNumber()
        let (flaw, policy) = (flaw, policy)
        let early = (node.store.records[plan.number], node.store.outbox.first { $0.exchangeID == plan.id })
        var owed: [LedgerEvent] = []
        write(process, "commits \(plan.id) \(Self.short(event))") { [unowned self] store in
            guard var record = store.records[plan.number] else { return OutgoingExchange.Action.nothing(.notInOutbox) }
            var item = store.outboxIndex(plan.id).map { store.outbox[$0] }
            if flaw == .overwritesWithAStaleRecord, let known = early.0 { (record, item) = (known, early.1) }
            if flaw == .believesTheLastReceipt, case .receipt = event { record.state = .queued }
            if flaw == .dropsWhatMetABusyReceiver, case .ended(.busy, _) = event {
                if let index = store.outboxIndex(plan.id) { store.outbox.remove(at: index) }
                return .nothing(.settled)
            }
            let before = record.state
            var exchange = OutgoingExchange(record, item: item, policy: policy)
            let action = exchange.handle(event, at: self.wall(node), random: random)
            if case .commit(let change) = action {
                store.apply(change, exchange: plan.number, withEvents: flaw != .settlesOutsideTheTransaction)
                if flaw == .settlesOutsideTheTransaction { owed = change.events }
                self.tell(plan, from: before, change)
                if case .ruled(let ruling) = event, ruling.person == Self.whoSends, change.record.state != .expired {
                    self.breach("\(plan.id) was ruled on by whoever sent it")
                }
            } else if case .nothing(let why) = action {
                self.note("  nothing: \(why.rawValue)")
            }
            return action
        } then: { [unowned self] action in
            if !owed.isEmpty {
                let events = owed
                self.write(process, "enters \(plan.id)") { store in
                    for event in events { store.append(event, plan.number) }
                } then: { _ in
                }
            }
            then(action)
        }
    }

    private func tell(_ plan: Plan, from before: ExchangeState, _ change: OutgoingExchange.Change) {
        let state = change.record.state
        note("  \(plan.id) \(before.rawValue) → \(state.rawValue) \(change.record.reasonCode)")
        // Nothing stood in its way for half a (scaled) month: it was let lie.
        if state == .expired, before != .parked, now > Self.stormMilliseconds + 30_000 { breach("\(plan.id) lay in calm weather until it expired") }
        switch state {
        case .parked, .expired, .cancelled: hasLeftTheQueue[plan.number] = true
        default: break
        }
        for event in change.events {
            switch event.kind {
            case .exchangeParked: tally.parkings += 1
            case .exchangeReplayed: tally.replays += 1
            case .exchangeExpired: tally.expiries += 1
            case .exchangeCancelled: tally.cancellations += 1
            case .exchangeApproved: tally.approvals += 1
            case .exchangeRefused: tally.refusedApprovals += 1
            case .exchangeHandedOver: tally.handOvers += 1
            case .receiptConflicting: tally.conflicts += 1
            case .receiptVerified:
                tally.settled += 1
                if before == .parked || before == .expired || before == .cancelled { tally.lateReceipts += 1 }
            default: break
            }
        }
    }

    private static func short(_ event: OutgoingExchange.Event) -> String {
        switch event {
        case .due: "due"
        case .ended(let ending, _): "ended: \(ending)"
        case .receipt(let receipt, _): "receipt \(receipt.digest) \(receipt.outcome) \(receipt.reasonCode)"
        case .park: "park"
        case .cancel: "cancel"
        case .replay: "replay"
        case .ruled(let ruling): if case .approve = ruling.verdict { "approved by \(ruling.person)" } else { "refused by \(ruling.person)" }
        case .timeChecked: "time checked"
        }
    }

    // MARK: Attempts

    private func begin(_ item: OutboxItem, in process: Process) {
        guard let number = Int(item.exchangeID.dropFirst()), let record = process.node.store.records[number] else { return }
        let plan = plans[number]
        var exchange = OutgoingExchange(record, item: item, policy: policy)
        switch exchange.handle(.due, at: wall(process.node), random: 0) {
        case .commit: commit(plan, .due, in: process) { _ in }
        case .nothing: break
        case .attempt(let asksOffset):
            if plan.isFolder { return handOver(plan, sealedAt: record.createdAt, claim: item.claimedUntil, in: process) }
            let attempt = nextAttemptNumber()
            process.attempts[attempt] = Attempt(exchange: number, claim: item.claimedUntil)
            after(Self.timeoutMilliseconds, in: process) { [unowned self] in
                self.end(attempt, .failed(Delivery.Failure(code: "timeout", detail: "no answer", isTransient: true)), in: process)
            }
            guard asksOffset else { return upload(plan, from: 0, sealedAt: record.createdAt, attempt, in: process) }
            send(from: plan.sender, to: plan.receiver, "\(plan.id) asks its offset") { [unowned self] in
                guard let other = self.nodes[plan.receiver].processes.first(where: \.isUp) else { return }
                let offset = other.uploads.offset(of: self.uploadKey(plan), .init(bytes: plan.bytes, sha256: plan.packageDigest)) ?? 0
                self.send(from: plan.receiver, to: plan.sender, "\(plan.id) offset \(offset)") { [unowned self] in
                    if process.attempts[attempt] != nil { self.upload(plan, from: offset, sealedAt: record.createdAt, attempt, in: process) }
                }
            }
        }
    }

    private func upload(_ plan: Plan, from offset: Int, sealedAt: Instant, _ attempt: Int, in process: Process) {
        send(from: plan.sender, to: plan.receiver, "\(plan.id) from \(offset)") { [unowned self] in
            let isDamaged = self.storms(percent: 3)
            self.arrive(plan, from: offset, isDamaged: isDamaged, sealedAt: sealedAt) { [unowned self] reply in
                self.send(from: plan.receiver, to: plan.sender, "\(plan.id) answer \(reply)") { [unowned self] in
                    self.answered(plan, attempt, reply, in: process)
                }
            }
        }
    }

    private func end(_ attempt: Int, _ ending: OutgoingExchange.Ending, in process: Process) {
        guard let ended = process.attempts.removeValue(forKey: attempt) else { return }
        commit(plans[ended.exchange], .ended(ending, claim: ended.claim), in: process) { _ in }
    }

    private func answered(_ plan: Plan, _ attempt: Int, _ reply: Reply, in process: Process) {
        guard let under = process.attempts[attempt] else { return }
        switch reply {
        case .receipt(let receipt):
            process.attempts[attempt] = nil
            guard receipt.packageDigest == plan.packageDigest || flaw == .trustsReceiptsForOtherBytes, !storms(percent: 1) else {
                return commit(plan, .ended(.receiptNotVerified(code: "receipt.digest", detail: "it answers other bytes"), claim: under.claim), in: process) {
                    _ in
                }
            }
            keep(plan, receipt, claim: under.claim, in: process) { _ in }
        case .busy(let seconds): end(attempt, .busy(retryAfterSeconds: seconds, detail: "not now"), in: process)
        case .broken(let gained):
            end(attempt, .broken(bytesGained: gained, Delivery.Failure(code: "unreachable", detail: "the line broke", isTransient: true)), in: process)
        case .failed: end(attempt, .failed(Delivery.Failure(code: "unreachable", detail: "it stumbled", isTransient: true)), in: process)
        case .rejected: end(attempt, .failed(Delivery.Failure(code: "rejected", detail: "no receipt to be had", isTransient: false)), in: process)
        }
    }

    /// The receipt's file first, under a name made of its bytes, then the transaction that names it.
    private func keep(
        _ plan: Plan, _ receipt: SimulatedStore.SealedReceipt, claim: Instant?, in process: Process, then: @escaping (OutgoingExchange.Action?) -> Void
    ) {
        let path = "r\(receipt.serial)"
        after(between(1, 8), in: process) { [unowned self] in
            process.node.store.files[path] = receipt
            let verified = OutgoingExchange.Receipt(
                outcome: receipt.outcome, reasonCode: receipt.code, digest: path, manifestDigest: path, certificateDigest: "", answeredAt: "")
            self.commit(plan, .receipt(verified, claim: claim), in: process, then: then)
        }
    }

    // MARK: Folders

    private func handOver(_ plan: Plan, sealedAt: Instant, claim: Instant?, in process: Process) {
        send(from: plan.sender, to: plan.receiver, isFolder: true, "\(plan.id) by folder") { [unowned self] in
            self.arriveByFolder(plan, isDamaged: self.storms(percent: 3), sealedAt: sealedAt)
        }
        // The file lies in the folder before the transaction says so; a crash between them hands it over twice.
        after(between(1, 8), in: process) { [unowned self] in self.commit(plan, .ended(.handedOver, claim: claim), in: process) { _ in } }
    }

    /// A receipt that comes by itself stays in the folder until it has been dealt with.
    func arriveReceipt(_ plan: Plan, _ receipt: SimulatedStore.SealedReceipt) {
        guard receipt.packageDigest == plan.packageDigest || flaw == .trustsReceiptsForOtherBytes else {
            return note("N\(plan.sender) lays aside a receipt for other bytes")
        }
        guard let process = nodes[plan.sender].processes.first(where: \.isUp) else {
            return after(500) { [unowned self] in self.arriveReceipt(plan, receipt) }
        }
        let life = process.life
        var isDone = false
        keep(plan, receipt, claim: nil, in: process) { isDone = $0 != nil }
        after(2_500) { [unowned self] in if !isDone || process.life != life { self.arriveReceipt(plan, receipt) } }
    }
}
