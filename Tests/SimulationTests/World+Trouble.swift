import SluiceCore
import SluiceKit
import SluiceLedger

/// Disks, lines, clocks and people, and what goes wrong with them.
extension World {
    // MARK: Disk

    /// One transaction: all of it or nothing, in the order of asking. `then` gets nil when the store says that it failed, and that may be a lie.
    func write<Result>(
        _ process: Process, _ name: @autoclosure @escaping () -> String, _ body: @escaping (inout SimulatedStore) -> Result,
        then: @escaping (Result?) -> Void
    ) {
        let node = process.node
        let life = process.life
        let start = max(now, node.diskFreeAt)
        node.diskFreeAt = start + (node.isSlow ? between(100, 1_500) : between(1, 12))
        after(node.diskFreeAt - now) { [unowned self] in
            guard process.life == life else {
                // Its process died while the transaction was on its way to the disk.
                if self.chance(percent: 50) {
                    self.note("N\(node.index) \(name()), kept though its process is dead")
                    _ = body(&node.store)
                }
                return
            }
            self.tally.writes += 1
            switch self.fate {
            case .failedNotKept:
                self.tally.failedWrites += 1
                self.note("N\(node.index) \(name()): failed, not kept")
                then(nil)
            case .failedButKept:
                self.tally.lostAnswersOfWrites += 1
                self.note("N\(node.index) \(name()): failed, but kept")
                _ = body(&node.store)
                then(nil)
            case .crashAfter:
                self.note("N\(node.index) \(name()), then crash")
                _ = body(&node.store)
                self.crash(process)
            case .crashBefore:
                self.note("N\(node.index) crash before \(name())")
                self.crash(process)
            case nil:
                self.note("N\(node.index) \(name())")
                then(body(&node.store))
            }
        }
    }

    /// What can become of a write, but that it succeeds.
    enum Fate: CaseIterable { case failedNotKept, failedButKept, crashAfter, crashBefore }

    private var fate: Fate? {
        if let failing { return failing.write == tally.writes - 1 ? failing.fate : nil }
        guard isStorm else { return nil }
        let number = below(50)
        return number < Fate.allCases.count ? Fate.allCases[number] : nil
    }

    func crash(_ process: Process) {
        guard process.isUp else { return }
        note("N\(process.node.index).\(process.index) is dead")
        tally.crashes += 1
        process.life += 1
        process.isUp = false
        process.isClaiming = false
        process.attempts = [:]
        process.working = 0
        after(between(100, 2_000)) { [unowned self] in if !process.isUp { self.start(process) } }
    }

    func start(_ process: Process) {
        note("N\(process.node.index).\(process.index) starts")
        process.isUp = true
        process.seenClockOffset = process.node.clockOffset
        let found = process.partialFiles.sorted { $0.key < $1.key }.map { number, offset in
            (
                key: uploadKey(plans[number]), announced: ResumableUploads.Announced(bytes: plans[number].bytes, sha256: plans[number].packageDigest),
                offset: offset,
                touchedAt: wall(process.node)
            )
        }
        process.uploads = ResumableUploads(Self.uploadLimits, found: found)
        process.rates = RateLimits()
        checkTimes(process)
        round(process)
    }

    // MARK: Line

    /// Drops, doubles, delays, and so reorders.
    func send(from: Int, to: Int, isFolder: Bool = false, _ what: @autoclosure () -> String, _ deliver: @escaping () -> Void) {
        if isCut[from][to], !isFolder || chance(percent: 50) {
            note("N\(from)→N\(to) \(what()): cut off")
            return
        }
        if storms(percent: 12) {
            tally.drops += 1
            note("N\(from)→N\(to) \(what()): lost")
            return
        }
        let copies = storms(percent: 12) ? 2 : 1
        tally.doubles += copies - 1
        for _ in 0..<copies {
            let isLate = storms(percent: 8)
            after(isLate ? between(300, 5_000) : isFolder ? between(50, 900) : between(2, 40), deliver)
        }
    }

    // MARK: Strikes

    func strike() {
        guard isStorm else { return }
        let node = nodes[below(nodes.count)]
        switch below(12) {
        case 0, 1: crash(node.processes[below(node.processes.count)])
        case 2, 3:
            let (from, to) = (node.index, (node.index + 1 + below(nodes.count - 1)) % nodes.count)
            note("N\(from)→N\(to) is cut")
            isCut[from][to] = true
            after(between(500, 6_000)) { [unowned self] in self.isCut[from][to] = false }
        case 4, 5:
            let jump = chance(percent: 30) ? between(-600_000, 600_000) : between(-8_000, 8_000)
            node.clockOffset += jump
            tally.clockJumps += 1
            note("N\(node.index)'s clock jumps by \(jump)")
            if chance(percent: 60) { after(between(500, 6_000)) { node.clockOffset = 0 } }
        case 6:
            node.isSlow = true
            after(between(500, 4_000)) { node.isSlow = false }
        case 7, 8, 9: operate()
        case 10: erase(node)
        default: contradict()
        }
    }

    /// A person at a console.
    private func operate() {
        let plan = plans[below(plans.count)]
        let process = nodes[plan.sender].processes[0]
        guard process.isUp else { return }
        let event: OutgoingExchange.Event = [.park(detail: "by the operator"), .cancel(detail: "by the operator"), .replay(by: nil)][below(3)]
        commit(plan, event, in: process) { _ in }
    }

    /// Retention: package and receipt of something answered go away; the id stays.
    private func erase(_ node: Node) {
        guard
            let number = node.store.incoming.indices.first(where: {
                node.store.incoming[$0].map { ($0.state == .accepted || $0.state == .refused) && !$0.isErased } ?? false
            })
        else { return }
        tally.erasures += 1
        note("N\(node.index) erases x\(number)")
        if flaw == .forgetsErasedIDs {
            node.store.incoming[number] = nil
        } else {
            node.store.incoming[number]?.isErased = true
        }
    }

    /// A receiver that was restored from an old backup signs another outcome for what is settled.
    private func contradict() {
        guard
            let plan = plans.first(where: { plan in
                let state = nodes[plan.sender].store.records[plan.number]?.state
                return (state == .receipted || state == .refusedByReceiver) && !hasConflict[plan.number]
            })
        else { return }
        let isAccepted = nodes[plan.sender].store.records[plan.number]?.state == .receipted
        hasConflict[plan.number] = true
        note("N\(plan.receiver) contradicts itself about \(plan.id)")
        arriveReceipt(
            plan,
            SimulatedStore.SealedReceipt(
                serial: nextSerial(), exchange: plan.number, packageDigest: plan.packageDigest, isVerified: true, outcome: isAccepted ? .refused : .accepted,
                code: isAccepted ? "check.findings" : ""))
    }

    // MARK: Rounds

    func round(_ process: Process) {
        let life = process.life
        after(Self.pollMilliseconds + Int64(below(60)), isRound: true) { [unowned self] in
            guard process.life == life, process.isUp else { return }
            self.poll(process)
            self.round(process)
        }
    }

    func publishRound(_ node: Node) {
        after(between(800, 2_500), isRound: true) { [unowned self] in
            if node.store.ledger.count > Int(node.store.heads.last?.size ?? 0) { self.publish(node) }
            self.publishRound(node)
        }
    }

    /// Makes the ledger's head known; several may be at it at a time.
    func publish(_ node: Node) {
        let head = node.store.frontier.head(with: hasher)
        let process = node.processes[0]
        after(storms(percent: 20) ? between(500, 4_000) : between(1, 30), in: process) { [unowned self] in
            self.write(process, "makes known \(head.size) entries") { store in
                // As `Store.setLedgerHead`: a head never goes back.
                if head.size > store.heads.last?.size ?? 0 || self.flaw == .letsTheHeadGoBack { store.heads.append(head) }
            } then: {
                _ in
            }
        }
    }
}
