import Foundation
import Logging
import SluiceCore
import SluiceKit
import SluiceKitTesting
import StoreSQLite
import Testing

@testable import SluiceLedger
@testable import SluiceNode

/// The self check of a small ledger in a real store, step by step.
@Suite struct SelfCheckTests {
    private let ledger: SmallLedger
    private let clock = FakeClock()

    init() throws { ledger = try SmallLedger() }

    private func check(_ opened: SmallLedger.Opened, paceSeconds: Int = 86_400) -> SelfCheck { opened.check(ledger.statePath, paceSeconds, clock) }

    /// Steps until the round under way ends.
    private func round(_ check: SelfCheck) async {
        let before = await check.status.lastRound
        for _ in 0..<100 {
            _ = await check.next()
            clock.advance(byMilliseconds: 1_000)
            let status = await check.status
            if status.lastRound != before || !status.damage.isEmpty || !status.trouble.isEmpty { return }
        }
    }

    @Test func saysWhenARoundEndedAndHowOldThatIs() async throws {
        let opened = try await ledger.filled(600)
        let check = check(opened)
        #expect(await check.status.sentence.contains("never begun"))
        #expect(await !check.status.isLate)
        _ = await check.next()
        #expect(await check.status.entriesChecked == 256)
        #expect(await check.status.sentence == "the first round began 0 s ago, and 256 entries were whole so far")
        await round(check)
        var status = await check.status
        #expect(status.lastRound?.entries == 600 && status.isWell)
        clock.advance(byMilliseconds: 3 * 3_600_000)
        status = await check.status
        #expect(status.sentence == "600 entries were whole 180 min ago")
        clock.advance(byMilliseconds: 2 * 86_400_000)
        status = await check.status
        #expect(status.isLate && !status.isWell)
        #expect(status.sentence.contains("51 h ago, which is too long: a round should end within 24 h"))
        // Set back: no negative age.
        clock.advance(byMilliseconds: -10 * 86_400_000)
        status = await check.status
        #expect(status.ageSeconds == 0)
        try await opened.close()
    }

    @Test func aNodeThatIsStartedAnewGoesOnWhereItWas() async throws {
        let opened = try await ledger.filled(600)
        let first = check(opened)
        _ = await first.next()
        _ = await first.next()
        clock.advance(byMilliseconds: 61_000)
        let second = check(opened)
        // Noted at the first step, and then each minute.
        #expect(await second.status.entriesChecked == 256)
        await round(second)
        #expect(await check(opened).status.lastRound == second.status.lastRound)
        #expect(second.noted.lastRound?.entries == 600)
        try await opened.close()
    }

    @Test(arguments: ["", "{", "[]", #"{"bundle":-1,"begunAt":"x","lastRound":{"entries":1},"damagedBundle":1e9}"#, #"{"bundle":9007199254740991}"#])
    func aNoteThatCannotBeReadBeginsAnew(_ text: String) async throws {
        let opened = try await ledger.filled(300)
        try Data(text.utf8).write(to: URL(fileURLWithPath: ledger.statePath))
        let check = check(opened)
        await round(check)
        await round(check)
        #expect(await check.status.lastRound?.entries == 300)
        #expect(await check.status.damage.isEmpty)
        try await opened.close()
    }

    @Test func damageStopsTheNodeAndItsNextStartUntilItIsMended() async throws {
        let opened = try await ledger.filled(600)
        let check = check(opened)
        await round(check)
        let tile = opened.ledger.directory + "/tile/0/001"
        let whole = try Data(contentsOf: URL(fileURLWithPath: tile))
        var changed = whole
        changed[5] ^= 4
        try changed.write(to: URL(fileURLWithPath: tile))
        await round(check)
        let status = await check.status
        #expect(status.damage.hasPrefix("tile/0/001: its hashes do not give hash 1 of tile/1/000.p/2"))
        #expect(status.damage.contains("Stop the node and restore the file from a backup"))
        let why = try #require(opened.ledger.gate.whyShut)
        #expect(why.contains(status.damage) && why.contains("Nothing is signed, sent or taken in any more"))
        #expect(check.noted.damage == status.damage, "another process tells it too")
        await #expect(throws: OwnTrouble.self) { try await opened.ledger.publish() }

        // A start meets the same damage, with the same words.
        let again = self.check(opened)
        do {
            try await again.requireMended()
            Issue.record("it started")
        } catch { #expect("\(error)" == status.damage) }
        try whole.write(to: URL(fileURLWithPath: tile))
        try await again.requireMended()
        #expect(await again.status.damage.isEmpty)
        #expect(self.check(opened).noted.damage.isEmpty)
        try await opened.close()
    }

    @Test func troubleThatIsNoDamageStopsNothing() async throws {
        let opened = try await ledger.filled(300)
        let check = check(opened)
        // A folder where a file should be cannot be read, whoever asks.
        let tile = opened.ledger.directory + "/tile/entries/000"
        try FileManager.default.moveItem(atPath: tile, toPath: tile + ".away")
        try FileManager.default.createDirectory(atPath: tile, withIntermediateDirectories: false)
        let pause = await check.next()
        #expect(await check.status.damage.isEmpty && pause == .seconds(SelfCheck.troubleSeconds))
        #expect(await check.status.sentence.contains("It cannot go on"))
        #expect(opened.ledger.gate.whyShut == nil)
        try FileManager.default.removeItem(atPath: tile)
        try FileManager.default.moveItem(atPath: tile + ".away", toPath: tile)
        await round(check)
        #expect(await check.status.trouble.isEmpty)
        #expect(await check.status.lastRound?.entries == 300)
        try await opened.close()
    }

    @Test func aRoundIsSpreadOverItsPace() async throws {
        let opened = try await ledger.filled(600)
        // Three bundles and what there may be of superseded tiles.
        #expect(await check(opened, paceSeconds: 175).next() == .seconds(5))
        let slow = check(opened, paceSeconds: 1_000_000)
        #expect(await slow.next() == .seconds(SelfCheck.stepPauseSecondsMax))
        var pause = Duration.zero
        while await slow.status.lastRound == nil { pause = await slow.next() }
        #expect(pause == .seconds(SelfCheck.roundPauseSecondsMax), "the next round may wait")
        #expect(await check(opened, paceSeconds: 0).next() == .milliseconds(SelfCheck.pauseMillisecondsMin))
        try await opened.close()
    }
}
