import SluiceCore
import SluiceKit
import SluiceKitTesting
import SluiceLedger

/// Several nodes, the network between them, their disks and their clocks, driven by one number: the same seed is the same history.
///
/// No task, no thread, no real clock: events in a queue, and a generator that decides everything that a world decides.
final class World {
    struct Plan {
        var number: Int
        var id: String
        var sender: Int
        var receiver: Int
        var flow: String
        var bytes: Int
        /// Carried by files in folders; the receipt comes by itself.
        var isFolder: Bool
        /// The receiver's checks refuse it.
        var isBad: Bool
        /// Somebody else than whoever sent it has to approve it first.
        var needsApproval: Bool
        var packageDigest: String { "p\(number)" }
    }

    /// An organisation: one store and one clock, and one or two processes that share them.
    final class Node {
        let index: Int
        var store: SimulatedStore
        var processes: [Process]
        var clockOffset: Int64 = 0
        var isSlow = false
        /// The disk writes one transaction at a time.
        var diskFreeAt: Int64 = 0

        init(index: Int, store: SimulatedStore, processes: [Process]) {
            self.index = index
            self.store = store
            self.processes = processes
        }
    }

    /// A process: what it holds is lost with it.
    final class Process {
        unowned let node: Node
        let index: Int
        /// Counts its lives; a thing begun in one life means nothing in the next.
        var life = 0
        var isUp = true
        var isClaiming = false
        var attempts: [Int: Attempt] = [:]
        var working = 0
        var seenClockOffset: Int64 = 0
        var uploads: ResumableUploads
        var partialFiles: [Int: Int] = [:]
        var rates = RateLimits()

        init(node: Node, index: Int, uploads: ResumableUploads) {
            self.node = node
            self.index = index
            self.uploads = uploads
        }
    }

    struct Attempt {
        var exchange: Int
        var claim: Instant?
    }

    // MARK: Limits and rules, scaled down: a day is a minute here

    static let stormMilliseconds: Int64 = 15_000
    static let calmMillisecondsMax: Int64 = 400_000
    static let eventsMax = 60_000
    static let claimMilliseconds: Int64 = 2_000
    static let timeoutMilliseconds: Int64 = 900
    static let pollMilliseconds: Int64 = 350
    static let clockStepMilliseconds: Int64 = 1_000
    static let workingMax = 3
    static let uploadLimits = ResumableUploads.Limits(packageBytesMax: 1 << 20, uploadsMax: 4, bytesMax: 1 << 20, idleMillisecondsMax: 10_000)
    static let rateLimits = RateLimit.Limits(exchangesPerMinute: 8, bytesPerMinute: 20_000, burstMinutes: 1)
    static let tolerance = ClockTolerance(skewMilliseconds: 3_000, packageAgeMillisecondsMax: 60_000)

    let seed: UInt64
    let flaw: Flaw?
    private var random: SeededGenerator
    let policy: DeliveryPolicy
    let plans: [Plan]
    private(set) var nodes: [Node] = []
    let hasher = MerkleHasher()
    private var queue = EventQueue()
    private(set) var now: Int64 = 0
    private(set) var isStorm: Bool
    /// In a calm world, the one write that fails, and how.
    let failing: (write: Int, fate: Fate)?
    /// `[from][to]`: nothing gets through.
    var isCut: [[Bool]]
    private var serials = 0
    private var attemptNumbers = 0
    /// What must not have happened at any moment, found while it happened.
    private(set) var breaches: [String] = []
    /// Serial of the receipt that was answered for (exchange, bytes).
    var answeredSerials: [String: Int] = [:]
    /// Acceptances in the order of their commits.
    var acceptances: [Int] = []
    /// Those that order says nothing about: they left the queue before they were settled.
    var hasLeftTheQueue: [Bool]
    var hasConflict: [Bool]
    var tally = Tally()
    private let isTracing: Bool
    private(set) var trace: [String] = []

    /// - Parameter failing: a calm world in which this write alone goes wrong; a number past the last write for a world without any trouble.
    init(seed: UInt64, flaw: Flaw? = nil, failing: (write: Int, fate: Fate)? = nil, isTracing: Bool = false) {
        self.seed = seed
        self.failing = failing
        isStorm = failing == nil
        self.flaw = flaw
        self.isTracing = isTracing
        random = SeededGenerator(seed: seed)
        var random = SeededGenerator(seed: seed ^ 0x5eed)
        func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        let nodeCount = seed % 2 == 0 ? 2 : 5
        // In some worlds packages expire soon, in most the storm is over before.
        policy = DeliveryPolicy(
            attemptsMax: 5, firstDelayMilliseconds: 100, delayMillisecondsMax: 2_000, retryWindowMilliseconds: below(4) == 0 && isStorm ? 4_000 : 20_000,
            busyDelayMilliseconds: 200, busyDelayMillisecondsMax: 1_500, replyMillisecondsMax: 3_000,
            validityMilliseconds: below(4) == 0 && isStorm ? 6_000 : 60_000,
            resumeBytesMin: 1_000, progressBytesMin: 100, claimMillisecondsMax: 3_000)
        let folderShare = below(3) * 25
        // Few pairs, so that lanes hold several exchanges and there is an order to keep.
        let pairs = (0..<(nodeCount == 2 ? 2 : 4)).map { _ in
            let sender = below(nodeCount)
            return (sender: sender, receiver: (sender + 1 + below(nodeCount - 1)) % nodeCount)
        }
        plans = (0..<(nodeCount == 2 ? 7 : 10)).map { number in
            let (sender, receiver) = pairs[below(pairs.count)]
            // Folders and lines differ by pair, as in life, so that one lane has one way.
            let isFolder = (sender * 7 + receiver * 13 + Int(seed % 97)) % 100 < folderShare
            return Plan(
                number: number, id: "x\(number)", sender: sender, receiver: receiver, flow: "F\(below(2))", bytes: below(3) == 0 ? 4_000 : 300,
                isFolder: isFolder, isBad: below(5) == 0, needsApproval: (number + Int(seed % 4)) % 4 == 0)
        }
        isCut = Array(repeating: Array(repeating: false, count: nodeCount), count: nodeCount)
        hasLeftTheQueue = Array(repeating: false, count: plans.count)
        hasConflict = Array(repeating: false, count: plans.count)
        for index in 0..<nodeCount {
            let node = Node(index: index, store: SimulatedStore(exchanges: plans.count, hasher: hasher), processes: [])
            let processes = below(3) == 0 ? 2 : 1
            node.processes = (0..<processes).map { Process(node: node, index: $0, uploads: ResumableUploads(Self.uploadLimits)) }
            nodes.append(node)
        }
    }

    // MARK: Chance and time

    func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
    func between(_ low: Int64, _ high: Int64) -> Int64 { low + Int64(random.next() % UInt64(high - low + 1)) }
    func chance(percent: Int) -> Bool { Int(random.next() % 100) < percent }
    /// As `chance`, and never once the storm is over.
    func storms(percent: Int) -> Bool { isStorm && chance(percent: percent) }
    func anyNumber() -> UInt64 { random.next() }
    func nextSerial() -> Int {
        serials += 1
        return serials
    }
    func nextAttemptNumber() -> Int {
        attemptNumbers += 1
        return attemptNumbers
    }
    func wall(_ node: Node) -> Instant { Instant(milliseconds: 1_000_000_000 + now + node.clockOffset) }

    func note(_ text: @autoclosure () -> String) {
        guard isTracing else { return }
        let time = String(now)
        trace.append(String(repeating: " ", count: max(0, 7 - time.count)) + time + "  " + text())
    }

    func breach(_ text: String) {
        note("BREACH \(text)")
        breaches.append(text)
    }

    func after(_ milliseconds: Int64, isRound: Bool = false, _ run: @escaping () -> Void) { queue.add(at: now + milliseconds, isRound: isRound, run) }

    /// Goes on only if the process still lives the same life.
    func after(_ milliseconds: Int64, in process: Process, _ run: @escaping () -> Void) {
        let life = process.life
        after(milliseconds) { if process.life == life, process.isUp { run() } }
    }

    // MARK: The run

    func run() {
        for plan in plans { after(between(0, 9_000)) { [unowned self] in self.dispatch(plan) } }
        for plan in plans where plan.needsApproval { after(between(1_000, 12_000)) { [unowned self] in self.rule(plan) } }
        for node in nodes { for process in node.processes { round(process) } }
        for _ in 0..<(isStorm ? 3 + below(8) : 0) { after(between(500, Self.stormMilliseconds)) { [unowned self] in self.strike() } }
        for node in nodes { publishRound(node) }
        if isStorm {
            go(until: Self.stormMilliseconds)
            heal()
        }
        go(until: Self.stormMilliseconds + Self.calmMillisecondsMax)
        if !isQuiet { breach("never settles: \(waiting)") }
        // Twice, since the one write that fails may be this.
        for _ in 0..<2 {
            for node in nodes where node.store.ledger.count > Int(node.store.heads.last?.size ?? 0) { publish(node) }
            while queue.open > 0, let event = queue.next(), tally.events < Self.eventsMax { if !event.isRound { step(event) } }
        }
        check()
    }

    private func go(until end: Int64) {
        while tally.events < Self.eventsMax, let event = queue.next() {
            step(event)
            if isStorm ? now >= end : now >= end || isQuiet { return }
        }
    }

    private func step(_ event: EventQueue.Event) {
        now = max(now, event.time)
        tally.events += 1
        tally.queueMax = max(tally.queueMax, queue.count)
        event.run()
    }

    private var isQuiet: Bool { queue.open == 0 && nodes.allSatisfy { $0.store.outbox.allSatisfy(\.isParked) } }

    private var waiting: String {
        "\(queue.open) events open, in the outboxes "
            + nodes.flatMap { $0.store.outbox }.filter { !$0.isParked }.map { "\($0.exchangeID) due \($0.nextAttemptAt.milliseconds - 1_000_000_000 - now)" }
            .joined(separator: ", ")
    }

    /// The storm ends: lines and clocks are right, everything is up, and an operator replays most of what was parked.
    private func heal() {
        isStorm = false
        note("the storm is over")
        for from in isCut.indices { for to in isCut.indices { isCut[from][to] = false } }
        for node in nodes {
            node.clockOffset = 0
            node.isSlow = false
            for process in node.processes where !process.isUp { start(process) }
        }
        after(8_000) { [unowned self] in
            for plan in self.plans where self.chance(percent: 70) {
                let node = self.nodes[plan.sender]
                if node.store.records[plan.number]?.state == .parked { self.commit(plan, .replay(by: nil), in: node.processes[0]) { _ in } }
            }
        }
    }

    /// What a run saw, to show that storms are storms.
    struct Tally {
        var events = 0
        var writes = 0
        var queueMax = 0
        var crashes = 0
        var failedWrites = 0
        var lostAnswersOfWrites = 0
        var drops = 0
        var doubles = 0
        var repeats = 0
        var parkings = 0
        var replays = 0
        var expiries = 0
        var cancellations = 0
        var clockJumps = 0
        var clockRefusals = 0
        var resumedUploads = 0
        var rateRefusals = 0
        var handOvers = 0
        var conflicts = 0
        var erasures = 0
        var lateReceipts = 0
        var secondLooks = 0
        var settled = 0
        var approvals = 0
        var refusedApprovals = 0
        var selfApprovals = 0

        static func += (sum: inout Tally, one: Tally) {
            sum.events += one.events
            sum.writes += one.writes
            sum.queueMax = max(sum.queueMax, one.queueMax)
            sum.crashes += one.crashes
            sum.failedWrites += one.failedWrites
            sum.lostAnswersOfWrites += one.lostAnswersOfWrites
            sum.drops += one.drops
            sum.doubles += one.doubles
            sum.repeats += one.repeats
            sum.parkings += one.parkings
            sum.replays += one.replays
            sum.expiries += one.expiries
            sum.cancellations += one.cancellations
            sum.clockJumps += one.clockJumps
            sum.clockRefusals += one.clockRefusals
            sum.resumedUploads += one.resumedUploads
            sum.rateRefusals += one.rateRefusals
            sum.handOvers += one.handOvers
            sum.conflicts += one.conflicts
            sum.erasures += one.erasures
            sum.lateReceipts += one.lateReceipts
            sum.secondLooks += one.secondLooks
            sum.settled += one.settled
            sum.approvals += one.approvals
            sum.refusedApprovals += one.refusedApprovals
            sum.selfApprovals += one.selfApprovals
        }

        /// The kinds of trouble that never happened.
        var missing: [String] {
            Mirror(reflecting: self).children.compactMap { ($0.value as? Int) == 0 ? $0.label : nil }
        }
    }
}
