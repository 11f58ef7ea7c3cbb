import Foundation
import SluiceKitTesting
import Testing

/// Two nodes of one trial authority in a temporary folder.
struct Pair {
    struct Site {
        var id: String
        var folder: String
        var exchangePort: Int
        var consolePort: Int
        var configuration: String { folder + "/node.yaml" }
        /// Where its partner's files are carried from and to, in a pair whose files are carried.
        var carried: String { folder + "/carried" }
    }

    let root: TemporaryFolder
    let sender: Site
    let receiver: Site

    /// - Parameters:
    ///   - seals: of both, as each names the other's.
    ///   - retention: of the agreement.
    ///   - carried: what `delivery.folder` says, for two nodes that do not reach each other; nil for two that do.
    init(seals: String = "[asic-e]", retention: String = "P5Y", carried: String? = nil) throws {
        root = try TemporaryFolder("sluice-pair")
        let ports = try FreePorts.find(4)
        sender = Site(id: "AM.MOI", folder: root.file("moi"), exchangePort: ports[0], consolePort: ports[1])
        receiver = Site(id: "AM.ARMSTAT", folder: root.file("armstat"), exchangePort: ports[2], consolePort: ports[3])
        let authority = root.file("authority")
        for site in [sender, receiver] {
            try Sluice.succeed(["init", site.folder, "--id", site.id, "--authority", authority])
            let other = site.id == sender.id ? receiver : sender
            let files = Repository.path("Sources/SluiceFiles/Files")
            for (from, to) in [
                ("permits-structure.xml", "structures/permits.xml"), ("permits-agreement.yaml", "agreements/permits.yaml"),
                ("permits-mapping.yaml", "mappings/permits.yaml"),
            ] {
                let text = try String(contentsOfFile: "\(files)/\(from)", encoding: .utf8).replacingOccurrences(
                    of: "retention: P5Y", with: "retention: \(retention)")
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(site.folder)/\(to)"))
            }
            for folder in ["in", "out"] {
                try FileManager.default.createDirectory(atPath: "\(site.carried)/\(folder)", withIntermediateDirectories: true)
            }
            let endpoint = carried == nil ? "https://localhost:\(other.exchangePort)" : "folder:carried"
            let yaml = """
                node:
                  id: \(site.id)
                  exchange: {host: 127.0.0.1, port: \(site.exchangePort)}
                  console: {host: 127.0.0.1, port: \(site.consolePort)}
                keys: {sealingKey: keys/sealing.key.pem, sealingCertificate: keys/sealing.cert.pem, tlsKey: keys/tls.key.pem, tlsCertificate: keys/tls.cert.pem, authority: keys/ca.pem, ledgerKey: keys/ledger.key, storageKey: keys/storage.key}
                partners: [{id: \(other.id), endpoint: "\(endpoint)", format: sdmx-ml-2.1, seals: \(seals)}]
                retention: {pollSeconds: 1}
                structures: [structures]
                agreements: [agreements/permits.yaml]
                delivery: {firstRetryMilliseconds: 50, retryMillisecondsMax: 400, timeoutSeconds: 1, pollMilliseconds: 50, folder: {\(carried ?? "")}}
                """
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: site.configuration))
        }
    }

    func send(fault: String? = nil, wait: Int = 20) throws -> Run {
        try Run.run(Sluice.executable, sending(wait: wait), environment: fault.map { ["SLUICE_FAULT": $0] } ?? [:])
    }

    /// The arguments by which the sender sends.
    func sending(wait: Int) -> [String] {
        [
            "send", Repository.path("Sources/SluiceFiles/Files/permits-register.csv"), "--mapping", sender.folder + "/mappings/permits.yaml", "--flow",
            "AM.MOI:DF_PERMITS(1.0)",
            "--to", receiver.id, "--config", sender.configuration, "--wait", "\(wait)",
        ]
    }

    /// What a site's configuration says of hop signatures, from its next start on.
    func setHopSignatures(_ mode: String, at site: Site) throws {
        let lines = try String(contentsOfFile: site.configuration, encoding: .utf8).split(separator: "\n").filter { !$0.contains("hopSignatures:") }
        let place = try #require(lines.firstIndex { $0.hasPrefix("  exchange:") })
        let changed = lines[...place] + ["  hopSignatures: \(mode)"] + lines[(place + 1)...]
        try Data(changed.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: site.configuration))
    }

    /// What a query of a node's database prints.
    func query(_ site: Site, _ sql: String) throws -> String {
        let sqlite = try #require(Tools.find("sqlite3"), "sqlite3 is not installed")
        let run = try Run.run(sqlite, ["-readonly", site.folder + "/data/node.sqlite", sql])
        #expect(run.status == 0, "\(run.errors)")
        return run.output
    }

    /// Moves what one site has laid down to the other, as a carrier does; returns the names.
    @discardableResult
    func carry(_ from: Site, _ to: Site) throws -> [String] {
        let names = try laidDown(from)
        for name in names { try FileManager.default.moveItem(atPath: "\(from.carried)/out/\(name)", toPath: "\(to.carried)/in/\(name)") }
        return names
    }

    /// What a site has laid down for the carrier, whole.
    func laidDown(_ site: Site) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: site.carried + "/out").filter { !$0.hasPrefix(".") }.sorted()
    }

    /// What a site has set aside for a person.
    func setAside(_ site: Site) -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: site.carried + "/in/refused")) ?? []).sorted() }

    /// Sends one dataset to a receiver that serves, and finds it taken, receipted and recorded once.
    func exchangesOnce() throws {
        let sent = try send()
        #expect(sent.status == 0, "\(sent.output) \(sent.errors)")
        try holdsExactlyOnce()
    }

    func serve(_ site: Site, fault: String? = nil, script: String = "exec \"$@\"") throws -> Served { try Served(site, fault: fault, script: script) }

    /// One dataset, one entry that says it was stored, one receipt, and both ledgers whole.
    func holdsExactlyOnce() throws {
        for (site, table, count) in [(receiver, "dataset", 1), (receiver, "body", 2), (sender, "body", 2)] {
            let counted = try query(site, "SELECT count(*) FROM \(table)")
            #expect(counted == "\(count)\n", "\(site.id) holds \(counted) of \(table)")
        }
        for (site, type) in [(receiver, "sluice.dataset.stored"), (receiver, "sluice.receipt.issued"), (sender, "sluice.receipt.verified")] {
            #expect(try entries(site).filter { $0.contains("\"\(type)\"") }.count == 1, "\(site.id) has \(type) not exactly once")
        }
        for site in [sender, receiver] { try Sluice.succeed(["ledger", "verify", site.folder + "/data/ledger", "--key", site.folder + "/ledger.vkey"]) }
    }

    /// The ledger's committed entries: publishing follows a little later.
    private func entries(_ site: Site) throws -> [String] {
        try query(site, "SELECT CAST(entry AS TEXT) FROM ledger ORDER BY position").split(separator: "\n").map(String.init)
    }
}

/// A node that serves until it is stopped or killed.
final class Served {
    private let process = Process()
    private let site: Pair.Site
    var console: String { "http://127.0.0.1:\(site.consolePort)" }

    var processIdentifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// - Parameter script: shell lines that end in `exec "$@"`; they set the ground on which the node stands.
    init(_ site: Pair.Site, fault: String? = nil, script: String = "exec \"$@\"") throws {
        self.site = site
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, "sh", Sluice.executable, "serve", "--config", site.configuration]
        var environment = ProcessInfo.processInfo.environment
        environment["SLUICE_FAULT"] = fault
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try waits(for: "sluice_info")
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    func waitUntilExit() { process.waitUntilExit() }

    /// Asks for the metrics until a line is among them; the condition is the metric, the pause only spares the machine.
    func waits(for line: String) throws {
        let curl = try #require(Tools.find("curl"), "curl is not installed")
        let deadline = ContinuousClock.now + .seconds(40)
        var last = ""
        while ContinuousClock.now < deadline {
            last = try Run.run(curl, ["-s", "http://127.0.0.1:\(site.consolePort)/metrics"]).output
            if last.contains(line) { return }
            usleep(50_000)
        }
        Issue.record("\(site.id) never said \(line): \(last)")
    }
}
