import Foundation
import Testing

/// Partners by a directory: three people let them in.
extension Pair {
    static let people = ["anahit", "besarta", "chinara"]

    func passphrase(_ name: String, _ site: Pair.Site) -> [String] { ["--as", name, "--passphrase-file", "\(site.folder)/\(name)"] }

    /// Makes a site's partners those of its directory, with three people who may let somebody in.
    func openDirectory(_ site: Pair.Site) throws {
        let yaml = try String(contentsOfFile: site.configuration, encoding: .utf8)
        let lines = yaml.split(separator: "\n").map { $0.hasPrefix("partners:") ? "directory: directory" : $0 }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: site.configuration))
        for name in Self.people {
            let file = "\(site.folder)/\(name)"
            #expect(FileManager.default.createFile(atPath: file, contents: Data("a passphrase of \(name)\n".utf8), attributes: [.posixPermissions: 0o600]))
            try Sluice.succeed(["people", "add", name, "--role", "administrator", "--passphrase-file", file, "--config", site.configuration])
        }
    }

    /// - Parameter way: how packages reach the other; over HTTPS unless said.
    func letIn(_ other: Pair.Site, at site: Pair.Site, by way: [String]? = nil) throws {
        let document = try Sluice.succeed(
            ["participant", "export", "--own"] + (way ?? ["--endpoint", "https://localhost:\(other.exchangePort)"]) + [
                "--format", "sdmx-csv-2.0", "--config", other.configuration,
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
}
