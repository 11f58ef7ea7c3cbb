package import SluiceCore
internal import SluiceCrypto

/// Asks people at a screen who they are. Checking a passphrase is dear on purpose, so few are checked at a time, and who guesses has to wait.
///
/// Failures count in three ways. One name from one address waits soonest and longest. One address waits whatever names it tries. A name waits from everywhere only
/// after many failures and never long, and not at an address where its person has come in before: so nobody keeps somebody else out for long.
package actor Doorkeeper {
    /// How a kind of failures is answered.
    struct Patience {
        /// Failures after which one has to wait.
        var failuresMax: Int
        /// The first wait; it doubles with each further failure.
        var waitSeconds: Int
        var waitSecondsMax: Int
    }
    static let ofPair = Patience(failuresMax: 5, waitSeconds: 60, waitSecondsMax: 3_600)
    static let ofAddress = Patience(failuresMax: 20, waitSeconds: 60, waitSecondsMax: 900)
    static let ofName = Patience(failuresMax: 40, waitSeconds: 30, waitSecondsMax: 30)
    /// Failures are forgotten when there was none for so long.
    static let memorySeconds = 7_200
    /// Checks at a time; each takes 32 MiB.
    static let checksMax = 2

    private struct Trouble {
        var failures = 0
        var last: ContinuousClock.Instant
        var until: ContinuousClock.Instant?
    }
    /// Names and addresses share a few thousand places, which no two processes give out alike. A name has one whether anybody is called so or not: who guesses must
    /// not learn which names there are.
    private enum Place: Hashable {
        case pair(Int), address(Int), name(Int)

        var patience: Patience {
            switch self {
            case .pair: Doorkeeper.ofPair
            case .address: Doorkeeper.ofAddress
            case .name: Doorkeeper.ofName
            }
        }
    }
    private static let placesMax = 4_096

    private let store: DirectoryStore
    private let now: @Sendable () -> ContinuousClock.Instant
    private var troubles: [Place: Trouble] = [:]
    /// Names with addresses where they came in.
    private var familiar: Set<[String]> = []
    private static let familiarMax = 1_024
    private var checks = 0

    package init(store: DirectoryStore, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.store = store
        self.now = now
    }

    /// - Parameter address: where the request came from; empty where nobody can tell.
    /// - Throws: the same words for an unknown name and a wrong passphrase.
    package func person(_ credentials: Credentials, from address: String = "") async throws(Problem) -> Person {
        let name = String(credentials.name.prefix(80))
        var places: [Place] = [.pair(Self.place([name, address])), .address(Self.place([address]))]
        if !familiar.contains([name, address]) { places.append(.name(Self.place([name]))) }
        let moment = now()
        if let until = places.compactMap({ troubles[$0]?.until }).max(), moment < until {
            let seconds = Int((until - moment).components.seconds) + 1
            throw Problem(
                status: 429, code: "log-in-waits", title: "Too many wrong passphrases",
                detail: "There were \(Self.ofPair.failuresMax) wrong passphrases or more. Try again in \(seconds) s.", retryAfterSeconds: seconds)
        }
        guard checks < Self.checksMax else {
            throw Problem(
                status: 429, code: "log-in-busy", title: "Busy", detail: "Others are being asked for their passphrase. Try again.", retryAfterSeconds: 1)
        }
        checks += 1
        defer { checks -= 1 }
        let answer: Result<Person, any Error>
        do {
            answer = .success(
                try await Worker.run { [store] in
                    try store.person(credentials.name, passphrase: try Passphrase(bytes: credentials.passphrase))
                })
        } catch { answer = .failure(error) }
        switch answer {
        case .success(let person):
            // Not the address's: who has one name must not wipe away guesses at others.
            troubles[.pair(Self.place([name, address]))] = nil
            if familiar.count >= Self.familiarMax { familiar.removeAll() }
            familiar.insert([name, address])
            return person
        case .failure(let error as DirectoryError) where error.code != .personUnknown && error.code != .passphraseWrong:
            throw Self.unable(error)
        case .failure:
            for place in places { note(place) }
            throw Problem(
                status: 403, code: "passphrase-wrong", title: "Name or passphrase wrong",
                detail: "Nobody is known here by this name and this passphrase. Nothing was done.")
        }
    }

    private static func place(_ texts: [String]) -> Int { texts.hashValue & (placesMax - 1) }

    private func note(_ place: Place) {
        let moment = now()
        var trouble = troubles[place] ?? Trouble(last: moment)
        if moment - trouble.last > .seconds(Self.memorySeconds) { trouble = Trouble(last: moment) }
        trouble.failures += 1
        trouble.last = moment
        let patience = place.patience
        if trouble.failures >= patience.failuresMax {
            let seconds = min(patience.waitSecondsMax, patience.waitSeconds << min(10, trouble.failures - patience.failuresMax))
            trouble.until = moment + .seconds(seconds)
        }
        troubles[place] = trouble
    }

    private static func unable(_ error: DirectoryError) -> Problem {
        Problem(status: 503, code: "people-unreadable", title: "The people of this node cannot be read", detail: "\(error)")
    }
}
