import SluiceCore
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import SluiceNode
import Synchronization
import Testing

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
    private func code(_ name: String, _ passphrase: String) async -> String? {
        do throws(Problem) { _ = try await keeper.person(Credentials(name: name, passphrase: Array(passphrase.utf8))) } catch { return error.code }
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

    @Test func peopleThatCannotBeReadAreNobodysFault() async throws {
        try Folders.write(Array("people: {".utf8), to: world.folder.file("directory/people.yaml"))
        #expect(await code("anahit", "twelve bytes or more") == "people-unreadable")
    }
}
