import Foundation
import SluiceKitTesting
import Testing

/// A node that looks its ledger through while it serves.
@Suite(.serialized) struct SelfCheckTests {
    private func pace(_ seconds: Int, at site: Pair.Site) throws {
        let text = try String(contentsOfFile: site.configuration, encoding: .utf8) + "\nledger: {selfCheckSeconds: \(seconds)}\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: site.configuration))
    }

    private func check(_ site: Pair.Site, _ options: String...) throws -> Run { try Sluice.run(["ledger", "check", "--config", site.configuration] + options) }

    private func page(_ node: Served, _ path: String) throws -> String {
        try Run.run(#require(Tools.find("curl"), "curl is not installed"), ["-s", "-w", " %{http_code}", node.console + path]).output
    }

    @Test func damageIsFoundToldAndStopsTheNodeUntilItIsMended() throws {
        let pair = try Pair()
        let (site, other) = (pair.sender, pair.receiver)
        try pace(2, at: site)
        let receiver = try pair.serve(other)
        defer { receiver.stop() }
        var sender = try pair.serve(site)
        #expect(try pair.send().status == 0)
        try sender.waits(for: "sluice_ledger_check_pace_seconds 2")
        try sender.waits(for: "sluice_ledger_check_age_seconds")
        let size = try pair.query(site, "SELECT count(*) FROM ledger").trimmingCharacters(in: .whitespacesAndNewlines)
        try sender.waits(for: "sluice_ledger_check_entries \(size)")
        #expect(try page(sender, "/health/ready").hasPrefix("ready\nledger self check: \(size) entries were whole"))
        #expect(try page(sender, "/console").contains("Ledger self check"))
        let well = try check(site, "--now")
        #expect(well.status == 0 && well.output.contains("The ledger is whole: \(size) entries"), "\(well.output) \(well.errors)")

        // One bit of the last tile of the lowest level, while it serves.
        let folder = site.folder + "/data/ledger"
        let tile = "tile/0/000.p/\(size)"
        let whole = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(tile)"))
        var changed = whole
        changed[40] ^= 1
        try changed.write(to: URL(fileURLWithPath: "\(folder)/\(tile)"))
        try sender.waits(for: "sluice_ledger_check_damaged 1")
        let ready = try page(sender, "/health/ready")
        #expect(ready.contains("the ledger is damaged: \(tile): hash 1") && ready.hasSuffix(" 503"), "\(ready)")
        #expect(try page(sender, "/console").contains("DAMAGED \(tile): hash 1"))
        let told = try check(site)
        #expect(told.status == 1 && told.output.contains("DAMAGED \(tile)"), "\(told.output)")
        let found = try check(site, "--now", "--json")
        #expect(found.status == 1 && found.output.contains("\"whole\": false") && found.output.contains("\(tile): hash 1"), "\(found.output)")
        // Nothing goes out or comes in, by this process or another.
        #expect(try pair.send(wait: 0).status == 2)
        #expect(try pair.query(site, "SELECT count(*) FROM ledger").trimmingCharacters(in: .whitespacesAndNewlines) == size)
        sender.stop()
        let start = try Sluice.run(["serve", "--config", site.configuration])
        #expect(start.status == 2 && start.errors.contains("\(tile): hash 1"), "\(start.status) \(start.errors)")

        // Mended as it says: the folder is published anew from the store.
        try FileManager.default.moveItem(atPath: folder, toPath: pair.root.file("evidence"))
        sender = try pair.serve(site)
        defer { sender.stop() }
        try sender.waits(for: "sluice_ledger_check_damaged 0")
        #expect(try pair.send().status == 0)
        #expect(try check(site, "--now").status == 0)
        let verified = try Sluice.run(
            ["ledger", "consistency", folder, "--since", pair.root.file("evidence/checkpoint"), "--key", site.folder + "/ledger.vkey"])
        #expect(verified.status == 0, "\(verified.output) \(verified.errors)")
    }

    @Test func anEntryChangedInTheStoreIsNamed() throws {
        let pair = try Pair()
        let site = pair.sender
        try pace(1, at: site)
        let sender = try pair.serve(site)
        defer { sender.stop() }
        #expect(try pair.send(wait: 0).status == 0)
        let position = try pair.query(site, "SELECT min(position) FROM ledger WHERE instr(entry, '\"outcome\":\"passed\"')").trimmingCharacters(
            in: .whitespacesAndNewlines)
        let sqlite = try #require(Tools.find("sqlite3"), "sqlite3 is not installed")
        let forged = try Run.run(
            sqlite,
            [
                "-cmd", ".timeout 30000", site.folder + "/data/node.sqlite",
                "BEGIN IMMEDIATE; DROP TRIGGER ledger_no_update; UPDATE ledger SET entry = CAST(replace(CAST(entry AS TEXT), '\"outcome\":\"passed\"', '\"outcome\":\"parsed\"') AS BLOB) WHERE position = \(position); COMMIT",
            ])
        #expect(forged.status == 0, "\(forged.errors)")
        try sender.waits(for: "sluice_ledger_check_damaged 1")
        let told = try check(site)
        #expect(told.status == 1 && told.output.contains("DAMAGED entry \(position): the store holds other bytes than were signed"), "\(told.output)")
    }

    @Test func aNodeThatNeverServedSaysSo() throws {
        let pair = try Pair()
        let run = try check(pair.sender)
        #expect(run.status == 0 && run.output.contains("never begun"), "\(run.output) \(run.errors)")
        for value in ["0", "-1", "x", "31536001"] {
            let text = try String(contentsOfFile: pair.receiver.configuration, encoding: .utf8)
            let file = pair.receiver.folder + "/other.yaml"
            try Data((text + "\nledger: {selfCheckSeconds: \(value)}\n").utf8).write(to: URL(fileURLWithPath: file))
            let refused = try Sluice.run(["ledger", "check", "--config", file])
            #expect(refused.status == 2 && refused.errors.contains("a whole number from 1 to 31536000"), "\(value): \(refused.errors)")
        }
    }
}
