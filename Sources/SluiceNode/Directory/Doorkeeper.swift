package import SluiceCore
internal import SluiceCrypto

/// Asks people at a screen who they are. Checking a passphrase is dear on purpose, so few are checked at a time, and who guesses has to wait.
package actor Doorkeeper {
    /// Wrong passphrases in a row after which a name has to wait.
    static let failuresMax = 5
    /// The first wait; it doubles with each further failure.
    static let waitSeconds = 60
    static let waitSecondsMax = 3_600
    /// Checks at a time; each takes 32 MiB.
    static let checksMax = 2

    private struct Trouble {
        var failures = 0
        var until: ContinuousClock.Instant?
    }

    private let store: DirectoryStore
    private let now: @Sendable () -> ContinuousClock.Instant
    /// By name, whether anybody is called so or not: who guesses must not learn which names there are. Names share a few thousand places, which no
    /// two processes give out alike.
    private var troubles: [Int: Trouble] = [:]
    private static let placesMax = 4_096
    private var checks = 0

    package init(store: DirectoryStore, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.store = store
        self.now = now
    }

    /// - Throws: the same words for an unknown name and a wrong passphrase.
    package func person(_ credentials: Credentials) async throws(Problem) -> Person {
        let place = credentials.name.hashValue & (Self.placesMax - 1)
        if let until = troubles[place]?.until, now() < until {
            let seconds = Int((until - now()).components.seconds) + 1
            throw Problem(
                status: 429, code: "log-in-waits", title: "Too many wrong passphrases",
                detail: "There were \(Self.failuresMax) wrong passphrases or more. Try again in \(seconds) s.", retryAfterSeconds: seconds)
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
            troubles[place] = nil
            return person
        case .failure(let error as DirectoryError) where error.code != .personUnknown && error.code != .passphraseWrong:
            throw Self.unable(error)
        case .failure:
            note(place)
            throw Problem(
                status: 403, code: "passphrase-wrong", title: "Name or passphrase wrong",
                detail: "Nobody is known here by this name and this passphrase. Nothing was done.")
        }
    }

    private func note(_ place: Int) {
        var trouble = troubles[place] ?? Trouble()
        trouble.failures += 1
        if trouble.failures >= Self.failuresMax {
            let seconds = min(Self.waitSecondsMax, Self.waitSeconds << min(10, trouble.failures - Self.failuresMax))
            trouble.until = now() + .seconds(seconds)
        }
        troubles[place] = trouble
    }

    private static func unable(_ error: DirectoryError) -> Problem {
        Problem(status: 503, code: "people-unreadable", title: "The people of this node cannot be read", detail: "\(error)")
    }
}
