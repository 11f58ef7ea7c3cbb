import SluiceCore
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Synchronization
import Testing

@testable import SluiceNode

struct DoorkeeperTests {
    private let world: DirectoryWorld
    private let keeper: Doorkeeper
    private let time = Time()

    private final class Time: Sendable {
        private let start = ContinuousClock.now
        private let passed = Mutex(Duration.zero)
        var now: ContinuousClock.Instant { start + passed.withLock { $0 } }
        func pass(_ seconds: Int) { passed.withLock { $0 += .seconds(seconds) } }
    }

    init() throws {
        world = try DirectoryWorld()
        try world.store.add("anahit", roles: [.operator], passphrase: Passphrase(bytes: Array("twelve bytes or more".utf8)))
        keeper = Doorkeeper(store: world.store, now: { [time] in time.now })
    }

    /// The problem's code, or nil for somebody who is let in.
    private func code(_ name: String, _ passphrase: String, from address: String = "") async -> String? {
        do throws(Problem) { _ = try await keeper.person(Credentials(name: name, passphrase: Array(passphrase.utf8)), from: address) } catch {
            return error.code
        }
        return nil
    }

    @Test func whoGuessesHasToWaitLongerEachTime() async throws {
        for _ in 0..<5 { #expect(await code("anahit", "wrong") == "passphrase-wrong") }
        #expect(await code("anahit", "twelve bytes or more") == "log-in-waits", "the right one waits too: else the wait would tell it")
        time.pass(61)
        #expect(await code("anahit", "wrong") == "passphrase-wrong")
        time.pass(61)
        #expect(await code("anahit", "twelve bytes or more") == "log-in-waits", "two minutes by now")
        time.pass(61)
        #expect(await code("anahit", "twelve bytes or more") == nil)
        #expect(await code("anahit", "wrong") == "passphrase-wrong", "who was let in begins anew")
    }

    @Test func strangersAreToldNothingAndDoNotKeepKnownPeopleOut() async throws {
        for _ in 0..<5 { #expect(await code("stranger", "wrong") == "passphrase-wrong") }
        #expect(await code("stranger", "wrong") == "log-in-waits", "as a name that is known would")
        #expect(await code("anahit", "twelve bytes or more") == nil)
        #expect(await code("anahit", "") == "passphrase-wrong")
        #expect(await code("anahit", String(repeating: "x", count: 5_000)) == "passphrase-wrong")
    }

    /// Guesses at a name from elsewhere neither keep its person out where they have been before, nor anywhere else for long.
    @Test func nobodyKeepsSomebodyElseOutForLong() async throws {
        #expect(await code("anahit", "twelve bytes or more", from: "10.0.0.1") == nil)
        for host in 0..<8 { for _ in 0..<5 { #expect(await code("anahit", "wrong", from: "192.0.2.\(host)") == "passphrase-wrong") } }
        #expect(await code("anahit", "wrong", from: "192.0.2.9") == "log-in-waits", "from everywhere, by now")
        #expect(await code("anahit", "twelve bytes or more", from: "10.0.0.2") == "log-in-waits")
        #expect(await code("anahit", "twelve bytes or more", from: "10.0.0.1") == nil, "where she has been before she comes in")
        time.pass(31)
        #expect(await code("anahit", "twelve bytes or more", from: "10.0.0.2") == nil, "half a minute at most")
    }

    @Test func oneAddressDoesNotTryAllNames() async throws {
        for name in 0..<20 { #expect(await code("name\(name)", "wrong", from: "192.0.2.1") == "passphrase-wrong") }
        #expect(await code("anahit", "twelve bytes or more", from: "192.0.2.1") == "log-in-waits")
        #expect(await code("anahit", "twelve bytes or more", from: "192.0.2.2") == nil)
        time.pass(61)
        #expect(await code("anahit", "twelve bytes or more", from: "192.0.2.1") == nil)
        #expect(await code("name", "wrong", from: "192.0.2.1") == "passphrase-wrong")
        #expect(await code("anahit", "twelve bytes or more", from: "192.0.2.1") == "log-in-waits", "one right name does not wipe away guesses at others")
        time.pass(Doorkeeper.memorySeconds + 1)
        #expect(await code("name", "wrong", from: "192.0.2.1") == "passphrase-wrong")
        #expect(await code("anahit", "twelve bytes or more", from: "192.0.2.1") == nil, "after two quiet hours all begins anew")
    }

    @Test func peopleThatCannotBeReadAreNobodysFault() async throws {
        try Folders.write(Array("people: {".utf8), to: world.folder.file("directory/people.yaml"))
        #expect(await code("anahit", "twelve bytes or more") == "people-unreadable")
    }
}
