import SluiceCore
import SluiceKit
import SluiceKitTesting

/// A sender, a receiver and a bad network in one value, driven by one generator: the same seed is the same run.
///
/// A crash loses what is in memory and keeps what is stored; the two stores are the dictionaries below, and each commit is one step.
struct DeliverySimulation {
    /// Mistakes to put in, so that the checks are seen to notice.
    enum Flaw: CaseIterable { case receiverForgetsDuplicates, senderRemovesOnBusy, senderSkipsTheQueue }

    struct Broken: Error, CustomStringConvertible { var description: String }

    private enum Message {
        case package(id: String, flow: String)
        case receipt(id: String, isAccepted: Bool)
        case busy(id: String)
    }
    private struct InFlight {
        var message: Message
        var arrivesAt: Int64
        var tie: UInt64
    }
    /// What a worker of the sender holds in memory while it waits for an answer.
    private struct Attempt {
        var delivery: OutboxDelivery
        var timesOutAt: Int64
    }

    static let policy = DeliveryPolicy(
        attemptsMax: 6, firstDelayMilliseconds: 50, delayMillisecondsMax: 2_000, retryWindowMilliseconds: 60_000, busyDelayMilliseconds: 100,
        busyDelayMillisecondsMax: 1_000)
    static let claimMilliseconds: Int64 = 400
    static let timeoutMilliseconds: Int64 = 300
    static let stepsMax = 100_000

    private let flaw: Flaw?
    private var random: SeededGenerator
    private var now: Int64 = 0
    private var isCalm = false
    private var network: [InFlight] = []
    // The sender's store.
    private var outbox: [OutboxItem] = []
    private var settled: [String: Bool] = [:]
    private var everParked: Set<String> = []
    private var settledInOrder: [String: [String]] = [:]
    // The sender's memory.
    private var attempts: [String: Attempt] = [:]
    // The receiver's store: the first receipt of each exchange, and its effect.
    private var receipts: [String: Bool] = [:]
    private var applied: [String: [String]] = [:]
    // What happened, to show that the run was a bad one.
    private(set) var crashes = 0
    private(set) var repeats = 0
    private(set) var parkings = 0

    init(seed: UInt64, flaw: Flaw? = nil) {
        self.flaw = flaw
        random = SeededGenerator(seed: seed)
        for number in 0..<30 {
            let flow = "F\(Int.random(in: 0..<3, using: &random))"
            let due = Instant(milliseconds: Int64(number))
            outbox.append(OutboxItem(exchangeID: "\(number)", receiver: "R", dataflow: flow, sequence: Int64(number), nextAttemptAt: due))
        }
    }

    /// Runs the storm, then calm weather with an operator who replays what was parked, then checks.
    mutating func run() throws {
        try steps(until: 20_000)
        isCalm = true
        // Attempts that the storm had begun still fail in it, and may park their item.
        try steps(until: .max)
        for index in outbox.indices where outbox[index].isParked {
            var delivery = OutboxDelivery(outbox[index], policy: Self.policy)
            if case .retry(let item) = delivery.replay(at: Instant(milliseconds: now)) { outbox[index] = item }
        }
        try steps(until: .max)
        try check()
    }

    private mutating func steps(until end: Int64) throws {
        for _ in 0..<Self.stepsMax {
            guard now < end, !(outbox.allSatisfy(\.isParked) && network.isEmpty && attempts.isEmpty) else { return }
            try step()
        }
        throw Broken(description: "no end after \(Self.stepsMax) steps: \(outbox.count) items in the outbox, \(network.count) messages under way")
    }

    private mutating func step() throws {
        now += Int64.random(in: 1...20, using: &random)
        if !isCalm, random.chance(percent: 2) {
            // The sender dies; its claims run out by themselves.
            attempts = [:]
            crashes += 1
        }
        claim()
        timeOut()
        let due = network.filter { $0.arrivesAt <= now }.sorted { ($0.arrivesAt, $0.tie) < ($1.arrivesAt, $1.tie) }
        network.removeAll { $0.arrivesAt <= now }
        for arrival in due {
            switch arrival.message {
            case .package(let id, let flow): receive(id, flow)
            case .receipt(let id, let isAccepted): answer(id, .receipt(isAccepted: isAccepted))
            case .busy(let id): answer(id, .busy(retryAfterSeconds: nil, detail: "full"))
            }
        }
    }

    /// As the store's `claimOutbox`: the first unparked of each flow, unless it is held or not yet due.
    private mutating func claim() {
        var flows = Set<String>()
        for index in outbox.indices where !outbox[index].isParked {
            let isFirst = flows.insert(outbox[index].dataflow).inserted
            guard isFirst || flaw == .senderSkipsTheQueue else { continue }
            guard outbox[index].nextAttemptAt.milliseconds <= now, (outbox[index].claimedUntil?.milliseconds ?? 0) <= now else { continue }
            outbox[index].claimedUntil = Instant(milliseconds: now + Self.claimMilliseconds)
            // A crash between the claim and the sending.
            if !isCalm, random.chance(percent: 2) { continue }
            let item = outbox[index]
            attempts[item.exchangeID] = Attempt(delivery: OutboxDelivery(item, policy: Self.policy), timesOutAt: now + Self.timeoutMilliseconds)
            send(.package(id: item.exchangeID, flow: item.dataflow))
        }
    }

    private mutating func timeOut() {
        for id in attempts.filter({ $0.value.timesOutAt <= now }).keys.sorted() {
            answer(id, .failed(Delivery.Failure(TransportError(.timeout, detail: "no answer"))))
        }
    }

    private mutating func answer(_ id: String, _ event: Delivery.Event) {
        // An answer to an attempt that this worker no longer knows goes nowhere, as on a closed connection.
        guard var delivery = attempts.removeValue(forKey: id)?.delivery, let index = outbox.firstIndex(where: { $0.exchangeID == id }) else { return }
        // A crash between the answer and the commit.
        if !isCalm, random.chance(percent: 3) { return }
        if flaw == .senderRemovesOnBusy, case .busy = event {
            outbox.remove(at: index)
            return
        }
        let action = delivery.handle(event, at: Instant(milliseconds: now), random: random.next())
        switch action {
        case .settle(let isAccepted):
            settledInOrder[outbox[index].dataflow, default: []].append(id)
            settled[id] = isAccepted
            outbox.remove(at: index)
        case .retry(let item): outbox[index] = item
        case .park(let item, _):
            outbox[index] = item
            everParked.insert(id)
            parkings += 1
        }
    }

    private mutating func receive(_ id: String, _ flow: String) {
        if !isCalm, random.chance(percent: 10) { return send(.busy(id: id)) }
        // A crash before the commit: nothing has happened.
        if !isCalm, random.chance(percent: 3) { return crashes += 1 }
        if let first = receipts[id], flaw != .receiverForgetsDuplicates {
            repeats += 1
            return send(.receipt(id: id, isAccepted: first))
        }
        // One commit: inbox, effect and receipt.
        let isAccepted = id.utf8.reduce(0, { $0 + Int($1) }) % 4 != 0
        receipts[id] = isAccepted
        applied[flow, default: []].append(id)
        // A crash after the commit: the effect stays, the receipt is not sent.
        if !isCalm, random.chance(percent: 5) { return crashes += 1 }
        send(.receipt(id: id, isAccepted: isAccepted))
    }

    /// Drops, doubles and delays; delays differ, so messages overtake each other.
    private mutating func send(_ message: Message) {
        if !isCalm, random.chance(percent: 25) { return }
        let copies = !isCalm && random.chance(percent: 25) ? 2 : 1
        for _ in 0..<copies {
            let longest: Int64 = !isCalm && random.chance(percent: 10) ? 3_000 : 60
            network.append(InFlight(message: message, arrivesAt: now + Int64.random(in: 1...longest, using: &random), tie: random.next()))
        }
    }

    private func check() throws {
        guard outbox.isEmpty else { throw Broken(description: "never settled: \(outbox.map(\.exchangeID))") }
        for number in 0..<30 {
            let id = "\(number)"
            let times = applied.values.joined().count { $0 == id }
            guard times == 1 else { throw Broken(description: "exchange \(id) was applied \(times) times") }
            guard let outcome = settled[id], outcome == receipts[id] else {
                throw Broken(
                    description: "exchange \(id): sender and receipt disagree, \(String(describing: settled[id])) and \(String(describing: receipts[id]))")
            }
        }
        for (flow, ids) in applied {
            // A parked item lets the others pass, so order is promised among those that never were.
            for (name, order) in [("applied", ids), ("settled", settledInOrder[flow] ?? [])] {
                let numbers = order.filter { !everParked.contains($0) }.compactMap { Int($0) }
                guard numbers == numbers.sorted() else { throw Broken(description: "\(name) out of order in \(flow): \(order)") }
            }
        }
    }
}
