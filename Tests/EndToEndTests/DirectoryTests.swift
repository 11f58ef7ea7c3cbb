import Foundation
import SluiceKitTesting
import Testing

/// Two nodes that know each other by a directory alone: three people let a participant in, one turns it away.
@Suite(.serialized) struct DirectoryTests {
    @Test func onlyWhomTwoPeopleApprovedExchanges() throws {
        let pair = try Pair()
        for site in [pair.sender, pair.receiver] { try pair.openDirectory(site) }
        try pair.letIn(pair.receiver, at: pair.sender)
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        // The sender knows the receiver, and is a stranger there.
        let early = try pair.send(wait: 2)
        #expect(early.status == 1 && early.output.contains("403"), "\(early.output) \(early.errors)")
        try pair.letIn(pair.sender, at: pair.receiver)
        try receiver.waits(for: "sluice_participants{state=\"approved\"} 1")
        try receiver.waits(for: "sluice_certificate_seconds_left{participant=\"AM.MOI\",use=\"tls\"")
        #expect(try pair.send().status == 0)
        #expect(try pair.query(pair.receiver, "SELECT count(*) FROM ledger WHERE instr(entry, 'sluice.participant.changed')") == "3\n")

        try Sluice.succeed(
            ["participant", "suspend", pair.sender.id, "--reason", "a laptop was lost"] + pair.passphrase(Pair.people[1], pair.receiver)
                + ["--config", pair.receiver.configuration])
        try receiver.waits(for: "sluice_participants{state=\"suspended\"} 1")
        let late = try pair.send(wait: 2)
        #expect(late.status == 1 && late.output.contains("403"), "\(late.output) \(late.errors)")
        #expect(try pair.query(pair.receiver, "SELECT count(*) FROM dataset") == "1\n")
    }

    /// The folder alone does not tell that the last statement is gone. Who acts on it and who looks ask the ledger.
    @Test func aSuspensionThatWasTakenOutIsMissedByWhoeverActs() throws {
        let pair = try Pair()
        let site = pair.receiver
        try pair.openDirectory(site)
        try pair.letIn(pair.sender, at: site)
        func act(_ words: [String]) throws -> Run {
            try Sluice.run(["participant"] + words + pair.passphrase(Pair.people[1], site) + ["--config", site.configuration])
        }
        let suspended = try act(["suspend", pair.sender.id, "--reason", "a laptop was lost"])
        #expect(suspended.status == 0, "\(suspended.errors)")
        let folder = "\(site.folder)/directory/records/\(pair.sender.id)"
        let last = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.max())
        let name = last.dropLast(".json".count)
        for ending in [".json", ".p7s"] { try FileManager.default.removeItem(atPath: "\(folder)/\(name)\(ending)") }
        let again = try act(["suspend", pair.sender.id, "--reason", "anew"])
        #expect(again.status != 0 && again.errors.contains("recordBroken"), "\(again.status) \(again.output) \(again.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/\(last)"), "nothing was signed in its place")
        let doctor = try Sluice.run(["doctor", pair.sender.id, "--config", site.configuration])
        #expect(doctor.status != 0 && doctor.output.contains("FAILED  participant"), "\(doctor.output)")
    }

    @Test func encryptedKeysNeedTheirPassphrase() throws {
        let pair = try Pair()
        let file = "\(pair.sender.folder)/passphrase"
        #expect(FileManager.default.createFile(atPath: file, contents: Data("long words of the keys\n".utf8), attributes: [.posixPermissions: 0o600]))
        try Sluice.succeed(["keys", "encrypt", "--new-passphrase-file", file, "--config", pair.sender.configuration])
        let without = try pair.send(wait: 0)
        #expect(without.status == 2 && without.errors.contains("passphrase"), "\(without.status) \(without.errors)")
        let yaml = try String(contentsOfFile: pair.sender.configuration, encoding: .utf8)
            .replacingOccurrences(of: "storageKey: keys/storage.key", with: "storageKey: keys/storage.key, passphraseFile: passphrase")
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: pair.sender.configuration))
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let sent = try pair.send()
        #expect(sent.status == 0, "\(sent.output) \(sent.errors)")
    }
}
