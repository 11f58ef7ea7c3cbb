internal import Logging
internal import SluiceCore
internal import SluiceKit
internal import Synchronization

/// Takes in what was carried here: packages go the way of every package through the intake, receipts settle exchanges.
///
/// A file is removed after the commit that it led to, so each crash point leaves the file, and taking it again changes nothing: an answered
/// package gets its first receipt, a known receipt is a repeat.
final class Collector: Sendable {
    /// Files of one kind and partner taken at one look; the next look begins at once where there was work.
    static let perLookMax = 64
    /// Partners looked at side by side.
    static let partnersAtOnceMax = 4
    /// When a file is tried again that could not be read, answered or taken away.
    static let troubleSeconds = 60

    private let partners: Partners
    private let transports: Transports
    private let intake: Intake
    private let courier: Courier
    private let faults: FaultPoints
    private let log: Logger

    private struct State {
        /// What was last said of a place, so that it is not said at every look.
        var said: [ParticipantID: String] = [:]
        var waiting: [Arrival: ContinuousClock.Instant] = [:]
        var isStopping = false
    }
    private let state = Mutex(State())

    init(
        partners: Partners, transports: Transports, intake: Intake, courier: Courier, faults: FaultPoints, log: Logger
    ) {
        self.partners = partners
        self.transports = transports
        self.intake = intake
        self.courier = courier
        self.faults = faults
        self.log = log
    }

    /// Looks once at the place of each partner that has one; returns how many files were taken.
    func runDue() async -> Int {
        let now = ContinuousClock.now
        state.withLock { $0.waiting = $0.waiting.filter { $0.value > now } }
        var places = places()[...]
        return await withTaskGroup(of: Int.self) { group in
            for place in places.prefix(Self.partnersAtOnceMax) { group.addTask { await self.collect(at: place) } }
            places = places.dropFirst(Self.partnersAtOnceMax)
            var taken = 0
            for await count in group {
                taken += count
                if let place = places.popFirst() { group.addTask { await self.collect(at: place) } }
            }
            return taken
        }
    }

    /// The file under way is the last one.
    func stop() { state.withLock { $0.isStopping = true } }

    /// The partners' places. The place says who the peer is, so one that two partners share is nobody's.
    private func places() -> [Endpoint] {
        let endpoints = partners.ids.compactMap { partners.endpoint(of: $0) }.filter { transports.carries(to: $0) }
        let byURL = Dictionary(grouping: endpoints, by: \.url)
        return endpoints.filter { endpoint in
            let owners = byURL[endpoint.url] ?? []
            if owners.count == 1 { return true }
            say(
                endpoint.participant,
                "\(owners.map { "\($0.participant)" }.joined(separator: ", ")) have one endpoint, \(endpoint.url): nothing is taken from it")
            return false
        }
    }

    private func collect(at place: Endpoint) async -> Int {
        let arrivals: Arrivals
        do {
            arrivals = try await Worker.run { [carried = transports.carried] in try carried.look(at: place, limit: Self.perLookMax) }
        } catch {
            say(place.participant, "\(error)")
            return 0
        }
        for remark in arrivals.remarks where remark.isSetAside {
            log.warning("set aside, for a person to look at", metadata: ["partner": "\(place.participant)", "file": "\(remark.text)"])
        }
        say(place.participant, arrivals.remarks.filter { !$0.isSetAside }.map(\.text).joined(separator: "; "))
        var taken = 0
        // Receipts first: they make room for what waits behind the exchanges they settle.
        for arrival in arrivals.receipts where mayTake(arrival) {
            if await attempt(arrival, { try await self.takeReceipt(arrival) }) { taken += 1 }
        }
        for arrival in arrivals.packages where mayTake(arrival) {
            if await attempt(arrival, { try await self.takePackage(arrival) }) { taken += 1 }
        }
        return taken
    }

    /// Whether the file was taken; trouble is logged, and the file stays until later.
    private func attempt(_ arrival: Arrival, _ take: () async throws -> Bool) async -> Bool {
        do { return try await take() } catch {
            log.error(
                "a carried file could not be dealt with; it stays where it lies",
                metadata: ["partner": "\(arrival.endpoint.participant)", "file": "\(arrival.name)", "error": "\(error)"])
            wait(arrival, seconds: Self.troubleSeconds)
            return false
        }
    }

    // MARK: Receipts

    private func takeReceipt(_ arrival: Arrival) async throws -> Bool {
        let carried = transports.carried
        do {
            let receipt = try await Worker.run { try carried.receipt(arrival) }
            guard let receipt else { return false }
            try await courier.received(receipt, exchangeID: arrival.exchangeID, from: arrival.endpoint.participant)
        } catch let refusal as Refusal {
            try await setAside(arrival, because: "\(refusal)")
            return true
        } catch let error as TransportError where error.code == .answerMalformed {
            try await setAside(arrival, because: error.detail)
            return true
        }
        try await Worker.run { try carried.remove(arrival) }
        return true
    }

    // MARK: Packages

    private func takePackage(_ arrival: Arrival) async throws -> Bool {
        // There is no connection, and so no certificate of one: the folder says who it is.
        let peer = Peer(participant: arrival.endpoint.participant, certificateDigest: "", channel: arrival.endpoint.scheme)
        if let problem = await intake.admit(peer, byteCount: arrival.byteCount) { return try await end(arrival, with: problem) }
        let copy: Content?
        do { copy = try await copied(arrival) } catch {
            await intake.abandon(peer)
            throw error
        }
        guard let copy else {
            await intake.abandon(peer)
            return false
        }
        switch await intake.accept(copy, digest: nil, mediaType: arrival.mediaType, exchangeID: arrival.exchangeID, from: peer) {
        case .receipt(let receipt, let mediaType, _, _):
            let carried = transports.carried
            try await Worker.run {
                try carried.answer(receipt, mediaType: mediaType, exchangeID: arrival.exchangeID, to: arrival.endpoint)
            }
            faults.reached("answered")
            try await Worker.run { try carried.remove(arrival) }
            return true
        case .problem(let problem): return try await end(arrival, with: problem)
        }
    }

    /// A copy that nobody else can change; nil when the file is no longer what was found.
    private func copied(_ arrival: Arrival) async throws -> Content? {
        let (carried, path, bytesMax) = (transports.carried, intake.spoolPath(), intake.packageInMemoryMax)
        return try await Worker.run {
            let sink = SpillingByteSink(bytesMax: bytesMax, spillingTo: path)
            do {
                if try carried.copy(arrival, to: sink) { return sink.content }
            } catch {
                removeFile(path)
                throw error
            }
            removeFile(path)
            return nil
        }
    }

    /// No signed answer is possible: for now, so that the file waits; or at all, so that people hear of it.
    private func end(_ arrival: Arrival, with problem: Problem) async throws -> Bool {
        let metadata: Logger.Metadata = [
            "partner": "\(arrival.endpoint.participant)", "file": "\(arrival.name)", "code": "\(problem.code)", "detail": "\(problem.detail)",
        ]
        if problem.retryAfterSeconds != nil || problem.status >= 500 || problem.status == 403 {
            log.info("a carried package waits", metadata: metadata)
            wait(arrival, seconds: problem.retryAfterSeconds ?? Self.troubleSeconds)
            return false
        }
        let (carried, bytes) = (transports.carried, problem.json(exchangeID: arrival.exchangeID))
        try await Worker.run { try carried.explain(bytes, exchangeID: arrival.exchangeID, to: arrival.endpoint) }
        // What was erased because nobody may keep it is not kept for a person either.
        if problem.status == 410 {
            log.warning("a package came again after its erasure, and was removed", metadata: metadata)
            try await Worker.run { try carried.remove(arrival) }
        } else {
            try await setAside(arrival, because: "\(problem.detail) [\(problem.code)]")
        }
        return true
    }

    // MARK: Bookkeeping

    private func setAside(_ arrival: Arrival, because reason: String) async throws {
        try await Worker.run { [carried = transports.carried] in try carried.setAside(arrival) }
        log.warning(
            "set aside, for a person to look at",
            metadata: ["partner": "\(arrival.endpoint.participant)", "file": "\(arrival.name)", "reason": "\(reason)"])
    }

    private func wait(_ arrival: Arrival, seconds: Int) { state.withLock { $0.waiting[arrival] = .now + .seconds(seconds) } }
    private func mayTake(_ arrival: Arrival) -> Bool { state.withLock { !$0.isStopping && $0.waiting[arrival] == nil } }

    /// Says what is wrong with a partner's place, once; nothing when all is well.
    private func say(_ partner: ParticipantID, _ text: String) {
        let isNew = state.withLock { state in
            defer { state.said[partner] = text.isEmpty ? nil : text }
            return state.said[partner] ?? "" != text
        }
        guard isNew else { return }
        if text.isEmpty {
            log.notice("the folders of a partner are usable again", metadata: ["partner": "\(partner)"])
        } else {
            log.error("the folders of a partner need a person", metadata: ["partner": "\(partner)", "reason": "\(text)"])
        }
    }
}

extension Problem {
    /// RFC 9457, as a file.
    fileprivate func json(exchangeID: String) -> [UInt8] {
        let value = JSONValue.object([
            JSONMember("type", .string("urn:sluice:problem:\(code)")), JSONMember("title", .string(title)), JSONMember("status", .integer(Int64(status))),
            JSONMember("detail", .string(detail)), JSONMember("exchange", .string(exchangeID)),
        ])
        return Array(value.prettyText.utf8)
    }
}
