import Foundation
import SluiceKitTesting
import Testing

/// Two nodes that know each other by a directory alone: three people let a participant in, one turns it away.
@Suite(.serialized) struct DirectoryTests {
    private static let people = ["anahit", "besarta", "chinara"]

    private func passphrase(_ name: String, _ site: Pair.Site) -> [String] { ["--as", name, "--passphrase-file", "\(site.folder)/\(name)"] }

    /// Makes a site's partners those of its directory, with three people who may let somebody in.
    private func prepare(_ site: Pair.Site) throws {
        let yaml = try String(contentsOfFile: site.configuration, encoding: .utf8)
        let lines = yaml.split(separator: "\n").map { $0.hasPrefix("partners:") ? "directory: directory" : $0 }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: site.configuration))
        for name in Self.people {
            let file = "\(site.folder)/\(name)"
            #expect(FileManager.default.createFile(atPath: file, contents: Data("a passphrase of \(name)\n".utf8), attributes: [.posixPermissions: 0o600]))
            try Sluice.succeed(["people", "add", name, "--role", "administrator", "--passphrase-file", file, "--config", site.configuration])
        }
    }

    private func letIn(_ other: Pair.Site, at site: Pair.Site) throws {
        let document = try Sluice.succeed([
            "participant", "export", "--own", "--endpoint", "https://localhost:\(other.exchangePort)", "--format", "sdmx-csv-2.0", "--config",
            other.configuration,
        ])
        let file = "\(site.folder)/\(other.id).yaml"
        try Data(document.utf8).write(to: URL(fileURLWithPath: file))
        let node = ["--config", site.configuration]
        let brought = try Sluice.succeed(["participant", "import", file, "--json"] + passphrase(Self.people[0], site) + node)
        let digest = try #require(brought.firstMatch(of: /"document": "([0-9a-f]{64})"/)).1
        let approval = ["participant", "approve", other.id, "--document", String(digest)]
        let mistaken = try Sluice.run(["participant", "approve", other.id, "--document", String(digest.reversed())] + passphrase(Self.people[1], site) + node)
        #expect(mistaken.status == 1, "another document than the one that waits was approved: \(mistaken.output)")
        let own = try Sluice.run(approval + passphrase(Self.people[0], site) + node)
        #expect(own.status == 1, "whoever brought a document approved it: \(own.output)")
        for name in Self.people.dropFirst() { try Sluice.succeed(approval + passphrase(name, site) + node) }
    }

    @Test func onlyWhomTwoPeopleApprovedExchanges() throws {
        let pair = try Pair()
        for site in [pair.sender, pair.receiver] { try prepare(site) }
        try letIn(pair.receiver, at: pair.sender)
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        // The sender knows the receiver, and is a stranger there.
        let early = try pair.send(wait: 2)
        #expect(early.status == 1 && early.output.contains("403"), "\(early.output) \(early.errors)")
        try letIn(pair.sender, at: pair.receiver)
        try receiver.waits(for: "sluice_participants{state=\"approved\"} 1")
        try receiver.waits(for: "sluice_certificate_seconds_left{participant=\"AM.MOI\",use=\"tls\"")
        #expect(try pair.send().status == 0)
        #expect(try pair.query(pair.receiver, "SELECT count(*) FROM ledger WHERE instr(entry, 'sluice.participant.changed')") == "3\n")

        try Sluice.succeed(
            ["participant", "suspend", pair.sender.id, "--reason", "a laptop was lost"] + passphrase(Self.people[1], pair.receiver)
                + ["--config", pair.receiver.configuration])
        try receiver.waits(for: "sluice_participants{state=\"suspended\"} 1")
        let late = try pair.send(wait: 2)
        #expect(late.status == 1 && late.output.contains("403"), "\(late.output) \(late.errors)")
        #expect(try pair.query(pair.receiver, "SELECT count(*) FROM dataset") == "1\n")
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
