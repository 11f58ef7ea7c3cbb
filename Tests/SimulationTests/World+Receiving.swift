import SluiceCore
import SluiceKit

/// The receiver's glue around `IncomingExchange`: what an intake does.
extension World {
    enum Reply {
        case receipt(SimulatedStore.SealedReceipt)
        case busy(Int?)
        /// The upload broke, with so many bytes more than before.
        case broken(Int)
        case failed
        case rejected
    }

    func uploadKey(_ plan: Plan) -> ResumableUploads.Key {
        ResumableUploads.Key(sender: ParticipantID("N\(plan.sender)") ?? fallback, exchangeID: plan.id)
    }

    private var fallback: ParticipantID {
        guard let id = ParticipantID("N") else { preconditionFailure("N is a participant id") }
        return id
    }

    /// A request at the endpoint.
    func arrive(_ plan: Plan, from offset: Int, isDamaged: Bool, sealedAt: Instant, reply: @escaping (Reply) -> Void) {
        let node = nodes[plan.receiver]
        let up = node.processes.filter(\.isUp)
        guard !up.isEmpty else { return }
        let process = up[below(up.count)]
        let key = uploadKey(plan)
        if case .refused(let seconds) = process.rates.admit(key.sender, Self.rateLimits, at: wall(node), bytes: plan.bytes - offset) {
            tally.rateRefusals += 1
            return reply(.busy(seconds))
        }
        guard process.working < Self.workingMax, !storms(percent: 4) else { return reply(.busy(nil)) }
        if plan.bytes >= policy.resumeBytesMin {
            let announced = ResumableUploads.Announced(bytes: plan.bytes, sha256: plan.packageDigest)
            switch process.uploads.begin(key, announced, from: offset, at: wall(node)) {
            case .tooLarge: return reply(.rejected)
            case .refused(let seconds): return reply(.busy(seconds))
            case .mismatch: return reply(.failed)
            case .write(let writer, let offset, _):
                if offset > 0 { tally.resumedUploads += 1 }
                let rest = plan.bytes - offset
                let count = storms(percent: 30) ? below(rest) : rest
                let step = process.uploads.wrote(count, by: writer, at: wall(node))
                process.uploads.ended(writer)
                process.partialFiles[plan.number] = offset + count
                guard step == .complete else { return reply(.broken(count)) }
                process.uploads.finish(key, announced)
                process.partialFiles[plan.number] = nil
                // The announced digest is checked when all is there.
                if isDamaged { return reply(.failed) }
            }
        }
        process.working += 1
        take(plan, isDamaged ? "d\(plan.packageDigest)-\(nextSerial())" : plan.packageDigest, sealedAt, process, look: 0) { answer in
            process.working -= 1
            reply(answer)
        }
    }

    /// A file in the folder stays there until it has been answered.
    func arriveByFolder(_ plan: Plan, isDamaged: Bool, sealedAt: Instant, digest: String? = nil) {
        let digest = digest ?? (isDamaged ? "d\(plan.packageDigest)-\(nextSerial())" : plan.packageDigest)
        guard let process = nodes[plan.receiver].processes.first(where: \.isUp) else {
            return after(600) { [unowned self] in self.arriveByFolder(plan, isDamaged: isDamaged, sealedAt: sealedAt, digest: digest) }
        }
        let life = process.life
        var isDone = false
        take(plan, digest, sealedAt, process, look: 0) { [unowned self] reply in
            switch reply {
            case .receipt(let receipt):
                isDone = true
                self.send(from: plan.receiver, to: plan.sender, isFolder: true, "\(plan.id) receipt by folder") { [unowned self] in
                    self.arriveReceipt(plan, receipt)
                }
            case .rejected: isDone = true
            case .busy, .broken, .failed: break
            }
        }
        after(3_500) { [unowned self] in
            if !isDone || process.life != life && !isDone { self.arriveByFolder(plan, isDamaged: isDamaged, sealedAt: sealedAt, digest: digest) }
        }
    }

    // MARK: The machine's steps

    private func known(_ store: SimulatedStore, _ number: Int, _ digest: String) -> IncomingExchange.Known {
        let known = store.known(number, packageDigest: digest)
        if flaw == .forgetsDuplicates, case .answered = known { return .nothing }
        return known
    }

    private func take(
        _ plan: Plan, _ digest: String, _ sealedAt: Instant, _ process: Process, look: Int, reply: @escaping (Reply) -> Void
    ) {
        guard look < IncomingExchange.looksMax else { return reply(.busy(nil)) }
        if look > 0 { tally.secondLooks += 1 }
        let node = process.node
        let known = known(node.store, plan.number, digest)
        var exchange = IncomingExchange(id: plan.id, packageDigest: digest, tolerance: Self.tolerance)
        switch exchange.arrived(known) {
        case .problem: reply(.rejected)
        case .answerFirst:
            guard var receipt = node.store.firstReceipt(plan.number, packageDigest: digest) else { return reply(.failed) }
            tally.repeats += 1
            if flaw == .sealsAgainForARepeat { receipt.serial = nextSerial() }
            answer(plan, digest, receipt, reply)
        case .verify:
            after(between(3, 30), in: process) { [unowned self] in
                let again = { self.take(plan, digest, sealedAt, process, look: look + 1, reply: reply) }
                guard digest == plan.packageDigest else {
                    return self.refuse(plan, exchange, Refusal("seal.digestMismatch", "damaged"), process, again, reply)
                }
                switch exchange.verified(manifestDigest: "m\(plan.number)", sealedAt: sealedAt, known: known, at: self.wall(node)) {
                case .problem: reply(.rejected)
                case .refuse(let refusal):
                    self.tally.clockRefusals += 1
                    self.refuse(plan, exchange, refusal, process, again, reply)
                case .record: self.record(plan, exchange, process, again, reply)
                }
            }
        }
    }

    private func record(_ plan: Plan, _ exchange: IncomingExchange, _ process: Process, _ again: @escaping () -> Void, _ reply: @escaping (Reply) -> Void) {
        write(process, "receives \(plan.id)") { [unowned self] store in
            let recording = exchange.recording(self.known(store, plan.number, exchange.packageDigest))
            if recording == .insert || recording == .replace {
                store.incoming[plan.number] = SimulatedStore.Incoming(state: .received, packageDigest: exchange.packageDigest)
                store.append(.packageReceived, plan.number)
                store.append(.packageVerified, plan.number)
            }
            return recording
        } then: { [unowned self] recording in
            guard let recording else { return reply(.failed) }
            if recording == .lookAgain { return again() }
            self.after(self.between(5, 60), in: process) { self.judge(plan, exchange, process, again, reply) }
        }
    }

    /// Checks, seals the answer, and commits effect and answer together.
    private func judge(_ plan: Plan, _ exchange: IncomingExchange, _ process: Process, _ again: @escaping () -> Void, _ reply: @escaping (Reply) -> Void) {
        let node = process.node
        let receipt = SimulatedStore.SealedReceipt(
            serial: nextSerial(), exchange: plan.number, packageDigest: exchange.packageDigest, isVerified: true, outcome: plan.isBad ? .refused : .accepted,
            code: plan.isBad ? "check.findings" : "")
        let flaw = flaw
        if flaw == .answersBeforeTheCommit { answer(plan, exchange.packageDigest, receipt, reply) }
        after(between(1, 8), in: process) { [unowned self] in
            node.store.files[flaw == .namesReceiptsByExchange ? "of\(plan.number)" : "r\(receipt.serial)"] = receipt
            self.write(process, "answers \(plan.id) \(receipt.outcome) r\(receipt.serial)") { [unowned self] store in
                let settling = exchange.settling(self.known(store, plan.number, exchange.packageDigest))
                guard settling == .commit || flaw == .settlesWithoutLookingAgain else { return settling }
                var row = SimulatedStore.Incoming(state: plan.isBad ? .refused : .accepted)
                row.packageDigest = exchange.packageDigest
                row.receiptSerial = receipt.serial
                store.incoming[plan.number] = row
                if plan.isBad {
                    store.append(.exchangeRefused, plan.number)
                } else {
                    store.append(.datasetStored, plan.number)
                    store.datasets.append(plan.number)
                    store.published.append(plan.number)
                    self.acceptances.append(plan.number)
                }
                store.append(.receiptIssued, plan.number, "\(receipt.outcome)")
                return .commit
            } then: { [unowned self] settling in
                if flaw == .answersBeforeTheCommit { return }
                guard let settling else { return reply(.failed) }
                if settling == .lookAgain { return again() }
                guard let first = node.store.firstReceipt(plan.number, packageDigest: exchange.packageDigest) else { return reply(.failed) }
                self.answer(plan, exchange.packageDigest, first, reply)
            }
        }
    }

    /// A signed refusal of what did not verify, or not now.
    private func refuse(
        _ plan: Plan, _ exchange: IncomingExchange, _ refusal: Refusal, _ process: Process, _ again: @escaping () -> Void, _ reply: @escaping (Reply) -> Void
    ) {
        let receipt = SimulatedStore.SealedReceipt(
            serial: nextSerial(), exchange: plan.number, packageDigest: exchange.packageDigest, isVerified: false, outcome: .refused, code: refusal.code)
        after(between(1, 8), in: process) { [unowned self] in
            process.node.store.files["r\(receipt.serial)"] = receipt
            self.write(process, "refuses \(plan.id) \(refusal.code)") { [unowned self] store in
                let refusing = exchange.refusing(self.known(store, plan.number, exchange.packageDigest))
                guard refusing != .lookAgain else { return refusing }
                if refusing == .insert { store.incoming[plan.number] = SimulatedStore.Incoming(state: .unverified) }
                // Only time ends a certificate, and no plan here has one: bytes that were verified once are verified always.
                if refusing == .settle { self.breach("\(plan.id) was received, and then refused as never verified") }
                let copy = SimulatedStore.RefusedCopy(packageDigest: exchange.packageDigest, code: refusal.code, receiptSerial: receipt.serial)
                if let index = store.copies[plan.number].firstIndex(where: { $0.packageDigest == exchange.packageDigest }) {
                    store.copies[plan.number][index] = copy
                } else {
                    store.copies[plan.number].append(copy)
                }
                store.append(.packageReceived, plan.number)
                store.append(.packageRefused, plan.number)
                store.append(.receiptIssued, plan.number, "refused")
                return refusing
            } then: { [unowned self] refusing in
                guard let refusing else { return reply(.failed) }
                if refusing == .lookAgain { return again() }
                self.answer(plan, exchange.packageDigest, receipt, reply)
            }
        }
    }

    private func answer(_ plan: Plan, _ digest: String, _ receipt: SimulatedStore.SealedReceipt, _ reply: (Reply) -> Void) {
        if receipt.code != ClockTolerance.aheadCode {
            let key = "\(plan.number) \(digest)"
            if let first = answeredSerials[key], first != receipt.serial {
                breach("\(plan.id) was answered with receipt r\(first), and again with r\(receipt.serial)")
            }
            answeredSerials[key] = receipt.serial
        }
        reply(.receipt(receipt))
    }
}
