import Foundation
import SluiceKitTesting
import Testing

/// Kills the sender or the receiver at every named point of an exchange (`SLUICE_FAULT`) and starts it again: nothing is lost, nothing doubled.
@Suite(.serialized) struct CrashTests {
    /// Points that the sending process meets; the first lies before anything is recorded.
    @Test(arguments: ["sealed", "queued", "delivered", "settled"])
    func aKilledSenderFinishesAfterItsRestart(_ point: String) throws {
        let pair = try Pair()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let killed = try pair.send(fault: point)
        #expect(killed.signal == SIGKILL, "the fault at \(point) was not met: \(killed.errors)")
        if point == "sealed" {
            // Nothing was recorded: the steward sends again.
            #expect(try pair.send().status == 0)
        }
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try sender.waits(for: "sluice_exchanges{state=\"receipted\"} 1")
        try receiver.waits(for: "sluice_exchanges{state=\"accepted\"} 1")
        try pair.holdsExactlyOnce()
    }

    @Test(arguments: ["received", "verified", "judged", "stored"])
    func aKilledReceiverAnswersAfterItsRestart(_ point: String) throws {
        let pair = try Pair()
        let doomed = try pair.serve(pair.receiver, fault: point)
        let sent = try pair.send(wait: 2)
        #expect(sent.status == 1, "no receipt can have come: \(sent.output) \(sent.errors)")
        doomed.waitUntilExit()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try sender.waits(for: "sluice_exchanges{state=\"receipted\"} 1")
        try receiver.waits(for: "sluice_exchanges{state=\"accepted\"} 1")
        try pair.holdsExactlyOnce()
    }

    @Test func aStoreThatLostALedgerEntryDoesNotStart() throws {
        let pair = try Pair()
        let receiver = try pair.serve(pair.receiver)
        #expect(try pair.send().status == 0)
        receiver.stop()
        let sqlite = try #require(Tools.find("sqlite3"), "sqlite3 is not installed")
        let changed = try Run.run(
            sqlite,
            [
                pair.receiver.folder + "/data/node.sqlite",
                "DROP TRIGGER ledger_no_update; UPDATE ledger SET entry = CAST(replace(CAST(entry AS TEXT), 'AM.MOI', 'AM.XXX') AS BLOB) WHERE position = 1",
            ])
        #expect(changed.status == 0, "\(changed.errors)")
        let run = try Sluice.run(["serve", "--config", pair.receiver.configuration], within: .seconds(20))
        #expect(run.status == 2 && run.errors.contains("entry"), "started, or says too little: \(run.errors)")
    }
}
