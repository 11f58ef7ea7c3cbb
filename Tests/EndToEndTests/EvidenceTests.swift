import Foundation
import SluiceKitTesting
import Testing

/// What is kept of an exchange, what can be taken out of it, and what is left when it is erased.
@Suite(.serialized) struct EvidenceTests {
    /// The package and the receipt of the sender's only exchange, exported.
    private func export(_ pair: Pair) throws -> (id: String, package: String, receipt: String) {
        let id = try pair.query(pair.sender, "SELECT id FROM exchange").trimmingCharacters(in: .whitespacesAndNewlines)
        let files = try Sluice.succeed(["exchange", "export", id, pair.root.file("out"), "--config", pair.sender.configuration])
            .split(separator: "\n").map(String.init)
        try #require(files.count == 3, "package, receipt and input key were expected: \(files)")
        return (id, files[0], files[1])
    }

    @Test(arguments: ["[asic-e]", "[jws]", "[jws, asic-e]"])
    func aPackageAndItsReceiptHaveTheSealThatTheReceiverLikesBest(_ seals: String) throws {
        let pair = try Pair(seals: seals)
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        #expect(try pair.send().status == 0)
        try pair.holdsExactlyOnce()
        let (_, package, receipt) = try export(pair)
        for file in [package, receipt] {
            #expect(file.hasSuffix(seals.contains("jws") ? ".jwsz" : ".asice"))
            try Sluice.succeed(["package", "verify", file, "--ca", pair.root.file("authority/ca.pem")])
        }
    }

    @Test func whatIsErasedStillVerifiesFromACopy() throws {
        let pair = try Pair(retention: "P0D")
        let receiver = try pair.serve(pair.receiver)
        #expect(try pair.send().status == 0)
        let (id, package, receipt) = try export(pair)
        let sender = try pair.serve(pair.sender)
        for (node, site) in [(receiver, pair.receiver), (sender, pair.sender)] {
            try node.waits(for: "sluice_exchanges_erased 1")
            #expect(try pair.query(site, "SELECT count(*) FROM body") == "0\n")
            #expect(try pair.query(site, "SELECT length(wrapped_key), findings_json, is_erased FROM exchange") == "0|[]|1\n")
            #expect(try pair.query(site, "SELECT count(*) FROM ledger WHERE instr(entry, 'sluice.exchange.erased')") == "1\n")
        }
        // A copy that somebody kept is what the records say it is, and its seal holds.
        let digests = try pair.query(pair.receiver, "SELECT package_digest || ' ' || receipt_digest FROM exchange").split(separator: "\n")[0]
        let sums = try [package, receipt].map { try Run.run("/usr/bin/sha256sum", [$0]).output.prefix(64) }
        #expect(digests == sums.joined(separator: " "))
        for file in [package, receipt] { try Sluice.succeed(["package", "verify", file, "--ca", pair.root.file("authority/ca.pem")]) }
        sender.stop()
        receiver.stop()
        for site in [pair.sender, pair.receiver] {
            try Sluice.succeed(["ledger", "verify", site.folder + "/data/ledger", "--key", site.folder + "/ledger.vkey"])
            let run = try Sluice.run(["exchange", "export", id, pair.root.file("again"), "--from", pair.sender.id, "--config", site.configuration])
            #expect(run.status == 1 && run.errors.contains("erased"), "\(run.status) \(run.errors)")
        }
    }

    @Test func aParkedExchangeIsCancelledAndAnUnknownOneIsNot() throws {
        let pair = try Pair()
        // Nobody serves: it waits in the outbox.
        #expect(try pair.send(wait: 0).status == 0)
        let id = try pair.query(pair.sender, "SELECT id FROM exchange").trimmingCharacters(in: .whitespacesAndNewlines)
        let node = ["--config", pair.sender.configuration]
        #expect(try Sluice.succeed(["exchange", "park", id, "--reason", "the office is closed"] + node).contains("parked: the office is closed"))
        #expect(try Sluice.run(["exchange", "park", id, "--reason", "again"] + node).status == 1)
        #expect(try Sluice.succeed(["exchange", "cancel", id, "--reason", "sent by mistake"] + node).contains("cancelled: sent by mistake"))
        let replay = try Sluice.run(["exchange", "replay", id] + node)
        #expect(replay.status == 1 && replay.errors.contains("settled"), "\(replay.status) \(replay.errors)")
        #expect(try Sluice.succeed(["exchange", "show", id] + node).contains("sluice.exchange.cancelled"))
        let unknown = "01a203bd-0000-7000-8000-000000000000"
        #expect(try Sluice.run(["exchange", "show", unknown] + node).status == 2)
        #expect(try Sluice.run(["exchange", "cancel", unknown, "--reason", "who knows"] + node).status == 2)
    }
}
