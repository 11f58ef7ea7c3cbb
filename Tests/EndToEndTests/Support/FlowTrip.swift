import Foundation
import SluiceKitTesting
import Testing

/// The nodes of a flow, set up as its page says, each receiver a process of its own; every feed of the giver is run once.
struct FlowTrip {
    struct Exchange {
        var feed: Flow.Node.Feed
        var status: Int32
        /// What `sluice feed run` said.
        var words: String
        var id: String { words.firstMatch(of: /exchange ([0-9a-f-]{36})/).map { String($0.1) } ?? "none" }
    }

    let flow: Flow
    let giver: Flow.Node
    let root: TemporaryFolder
    private(set) var exchanges: [Exchange] = []
    private let sites: [String: Pair.Site]

    /// - Parameter edit: of the giver's copy of the flow's agreements.
    init(_ flow: Flow, edit: (String) -> String = { $0 }) throws {
        self.flow = flow
        let root = try TemporaryFolder("sluice-flow")
        self.root = root
        let nodes = flow.nodes
        giver = try #require(nodes.first { !$0.feeds.isEmpty }, "no node of \(flow.name) has feeds")
        let ports = try FreePorts.find(2 * nodes.count)
        var sites: [String: Pair.Site] = [:]
        for (place, node) in nodes.enumerated() {
            sites[node.id] = Pair.Site(id: node.id, folder: root.file(node.id), exchangePort: ports[2 * place], consolePort: ports[2 * place + 1])
        }
        self.sites = sites
        for node in nodes { try Self.setUp(node, of: flow, sites, authority: root.file("authority")) }
        for file in giver.agreements {
            let path = "\(root.file(giver.id))/flows/\(flow.name)/\(file)"
            try Data(edit(try String(contentsOfFile: path, encoding: .utf8)).utf8).write(to: URL(fileURLWithPath: path))
        }
        if giver.text.contains("\ndirectory:") { try letIn(nodes.filter { $0.id != giver.id }.map(\.id)) }
        let served = try nodes.filter { $0.id != giver.id }.map { try Served(#require(sites[$0.id])) }
        defer { served.forEach { $0.stop() } }
        for feed in giver.feeds {
            let run = try Sluice.run(["feed", "run", feed.id, "--config", try #require(sites[giver.id]).configuration], within: .seconds(120))
            exchanges.append(Exchange(feed: feed, status: run.status, words: run.output + run.errors))
            if run.output.contains("awaiting-approval") { try approve(&exchanges[exchanges.count - 1]) }
        }
        let wanted = exchanges.filter { $0.status == 0 }.count
        let deadline = ContinuousClock.now + .seconds(40)
        while try received().count < wanted, ContinuousClock.now < deadline { usleep(50_000) }
    }

    /// `sluice init`, the flow's folder, the node's configuration with addresses of this machine, and the exports in `incoming`.
    private static func setUp(_ node: Flow.Node, of flow: Flow, _ sites: [String: Pair.Site], authority: String) throws {
        let site = try #require(sites[node.id])
        try Sluice.succeed(["init", site.folder, "--id", node.id, "--authority", authority])
        try FileManager.default.createDirectory(atPath: "\(site.folder)/flows", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: flow.folder, toPath: "\(site.folder)/flows/\(flow.name)")
        var yaml = node.text.replacing("{host: 0.0.0.0, port: 8443}", with: "{host: 127.0.0.1, port: \(site.exchangePort)}")
            .replacing("port: 8080", with: "port: \(site.consolePort)")
        for other in sites.values {
            let begin = "{id: \(other.id), endpoint: \""
            guard let found = yaml.range(of: begin), let end = yaml[found.upperBound...].firstIndex(of: "\"") else { continue }
            yaml.replaceSubrange(found.upperBound..<end, with: "https://localhost:\(other.exchangePort)")
        }
        yaml += "delivery: {firstRetryMilliseconds: 50, retryMillisecondsMax: 400, pollMilliseconds: 50, attemptsMax: 20}\n"
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: site.configuration))
        let check = try Sluice.run(["config", "check", site.configuration])
        try #require(check.status == 0, "\(flow.name), \(node.id): \(check.errors)")
        guard !node.feeds.isEmpty else { return }
        try FileManager.default.createDirectory(atPath: "\(site.folder)/incoming", withIntermediateDirectories: true)
        for feed in node.feeds { try flow.layDown(feed.file, in: "\(site.folder)/incoming") }
    }

    // MARK: People, where an agreement obliges a second one

    private static let people = ["anahit", "besarta", "chinara"]

    private func person(_ name: String) throws -> [String] {
        let site = try #require(sites[giver.id])
        return ["--as", name, "--passphrase-file", "\(site.folder)/\(name)", "--config", site.configuration]
    }

    /// Three people, of whom one brings each receiver's document and the others let it in.
    private func letIn(_ receivers: [String]) throws {
        let site = try #require(sites[giver.id])
        for name in Self.people {
            let file = "\(site.folder)/\(name)"
            #expect(FileManager.default.createFile(atPath: file, contents: Data("a passphrase of \(name)\n".utf8), attributes: [.posixPermissions: 0o600]))
            try Sluice.succeed(["people", "add", name, "--role", "administrator", "--passphrase-file", file, "--config", site.configuration])
        }
        for id in receivers {
            let other = try #require(sites[id])
            let document = try Sluice.succeed([
                "participant", "export", "--own", "--endpoint", "https://localhost:\(other.exchangePort)", "--config", other.configuration,
            ])
            let file = "\(site.folder)/\(id).yaml"
            try Data(document.utf8).write(to: URL(fileURLWithPath: file))
            let brought = try Sluice.succeed(["participant", "import", file, "--json"] + person(Self.people[0]))
            let digest = try #require(brought.firstMatch(of: /"document": "([0-9a-f]{64})"/)).1
            for name in Self.people.dropFirst() { try Sluice.succeed(["participant", "approve", id, "--document", String(digest)] + person(name)) }
        }
    }

    /// Who answers for the feed cannot approve; somebody else does.
    private func approve(_ exchange: inout Exchange) throws {
        let id = exchange.id
        let own = try Sluice.run(["exchange", "approve", id] + person(Self.people[0]))
        #expect(own.status == 1 && own.errors.contains("approval.self"), "\(exchange.feed.id) was approved by its owner: \(own.output)\(own.errors)")
        let run = try Sluice.run(["exchange", "approve", id] + person(Self.people[1]), within: .seconds(120))
        exchange.status = run.status
        exchange.words = run.output + run.errors
    }

    /// A dataset that a receiver's route has written.
    struct Received {
        var receiver: String
        /// The file's name, in which the exchange's id stands.
        var name: String
        var rows: [[String: String]]
        /// What makes the key of a row: in SDMX-CSV it stands between the message's own columns and the measure.
        var dimensions: [String]
    }

    func received() throws -> [Received] {
        try sites.values.flatMap { site in
            let folder = "\(site.folder)/warehouse"
            let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".csv") }
            return try names.map { name in
                let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                let dimensions = CSVText.header(text).drop { ["DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "ACTION"].contains($0) }.prefix { $0 != "OBS_VALUE" }
                return Received(receiver: site.id, name: name, rows: CSVText.rows(text), dimensions: Array(dimensions))
            }
        }
    }

    /// What a feed's file says before anything is protected: mapped, or the table that the agreement makes of its records.
    func unprotected(_ feed: Flow.Node.Feed, under agreement: Flow.Agreement) throws -> [[String: String]] {
        let folder = try TemporaryFolder("sluice-unprotected")
        try flow.layDown(feed.file, in: folder.path)
        let (file, out) = (folder.file(feed.file), folder.file("unprotected.csv"))
        let mapping = try feed.mapping.map { ["--mapping", "\(try #require(sites[giver.id]).folder)/\($0)"] } ?? []
        if agreement.isTabulated {
            try Sluice.succeed(["tabulate", file, out, "--agreement", "\(flow.folder)/\(agreement.file)", "--structure", flow.folder] + mapping)
        } else if mapping.isEmpty {
            return CSVText.rows(try String(contentsOfFile: file, encoding: .utf8))
        } else {
            try Sluice.succeed(["map", file, out, "--structure", flow.folder] + mapping)
        }
        return CSVText.rows(try String(contentsOfFile: out, encoding: .utf8))
    }

    /// Every byte of the packages and receipts that the giver keeps, taken out of their containers.
    func packages() throws -> [(name: String, bytes: Data)] {
        let site = try #require(sites[giver.id])
        let list = try Sluice.succeed(["exchange", "list", "--json", "--config", site.configuration])
        let entries = try #require(try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [[String: Any]])
        let unzip = try #require(Tools.find("unzip"), "unzip is not installed")
        var found: [(String, Data)] = []
        for entry in entries where entry["state"] as? String == "receipted" {
            let out = root.file("out-\(entry["exchange"] ?? "")")
            try Sluice.succeed(["exchange", "export", "\(entry["exchange"] ?? "")", out, "--config", site.configuration])
            for name in try FileManager.default.contentsOfDirectory(atPath: out) where name.hasSuffix(".asice") {
                try Sluice.succeed(["package", "verify", "\(out)/\(name)", "--ca", root.file("authority/ca.pem")])
                let folder = "\(out)/\(name).d"
                _ = try Run.run(unzip, ["-q", "\(out)/\(name)", "-d", folder])
                for file in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? []
                where !FileManager.default.isFolder("\(folder)/\(file)") {
                    found.append(("\(name)/\(file)", try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))))
                }
            }
        }
        return found
    }

    /// The agreement of the giver's node about a feed.
    func agreement(of feed: Flow.Node.Feed) throws -> Flow.Agreement {
        try #require(
            flow.agreements.first {
                giver.agreements.contains($0.file) && ($0.receivers.contains(feed.to) || $0.receivers == ["all"]) && $0.dataflow.hasPrefix(feed.dataflow)
            },
            "no agreement of \(giver.id) is about \(feed.id)")
    }
}

/// SDMX-CSV as this product writes it, without anything of this product's.
enum CSVText {
    static func header(_ text: String) -> [String] { text.split(whereSeparator: \.isNewline).first.map(cells) ?? [] }

    /// Rows by column name.
    static func rows(_ text: String) -> [[String: String]] {
        let lines = text.split(whereSeparator: \.isNewline).map(cells)
        guard let header = lines.first else { return [] }
        return lines.dropFirst().map { Dictionary(zip(header, $0), uniquingKeysWith: { first, _ in first }) }
    }

    private static func cells(_ line: Substring) -> [String] {
        var cells = [""]
        var isQuoted = false
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: cells.append("")
            default: cells[cells.count - 1].append(character)
            }
        }
        return cells
    }
}
