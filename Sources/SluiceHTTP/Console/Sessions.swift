internal import SluiceCore
internal import Synchronization

/// Who is signed in. Sessions are in memory alone: a node that starts again has none.
final class Sessions: Sendable {
    struct Session: Sendable {
        /// As it was at sign-in: who has another passphrase since has to sign in again.
        let person: Person
        /// What each form has to bring.
        let formToken: String
        let begun: ContinuousClock.Instant
        var used: ContinuousClock.Instant
        let earlierVisit: EarlierVisit
    }

    /// Without a request for so long, or so long after sign-in, a session is over.
    static let idleSecondsMax = 1_800
    static let secondsMax = 43_200
    /// A further one ends the person's oldest.
    static let perPersonMax = 8

    private let sessions = Mutex<[String: Session]>([:])
    private let now: @Sendable () -> ContinuousClock.Instant

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

    /// 256 random bits in hexadecimal, from the system's generator.
    static func newToken() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// - Returns: the id of the new session, which is in no answer but the one that begins it.
    func begin(_ person: Person, earlierVisit: EarlierVisit) -> String {
        let id = Self.newToken()
        let moment = now()
        sessions.withLock { sessions in
            sessions = sessions.filter { !Self.isOver($0.value, at: moment) }
            let own = sessions.filter { $0.value.person.name == person.name }.sorted { $0.value.begun < $1.value.begun }
            for (old, _) in own.dropLast(min(own.count, Self.perPersonMax - 1)) { sessions[old] = nil }
            sessions[id] = Session(person: person, formToken: Self.newToken(), begun: moment, used: moment, earlierVisit: earlierVisit)
        }
        return id
    }

    /// The session, which is in use by that; nil for one that is over or never was.
    func session(_ id: String) -> Session? {
        let moment = now()
        return sessions.withLock { sessions in
            guard var session = sessions[id] else { return nil }
            guard !Self.isOver(session, at: moment) else {
                sessions[id] = nil
                return nil
            }
            session.used = moment
            sessions[id] = session
            return session
        }
    }

    func end(_ id: String) { sessions.withLock { $0[id] = nil } }

    var count: Int { sessions.withLock { $0.count } }

    private static func isOver(_ session: Session, at moment: ContinuousClock.Instant) -> Bool {
        moment - session.used >= .seconds(idleSecondsMax) || moment - session.begun >= .seconds(secondsMax)
    }

    /// Compares what is secret without telling by its time where it differs.
    static func equal(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
