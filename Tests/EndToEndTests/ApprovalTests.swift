import Foundation
import SluiceKitTesting
import Testing

/// An agreement that obliges a second person, with real nodes: what waits, who may rule, and what is left when a process is killed.
@Suite(.serialized) struct ApprovalTests {
    /// Two nodes under an agreement with four eyes; at the sender there are three people.
    private func pair(retention: String = "P5Y") throws -> Pair {
        let pair = try Pair(retention: retention)
        for site in [pair.sender, pair.receiver] {
            let path = "\(site.folder)/agreements/permits.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try Data(text.replacingOccurrences(of: "fourEyes: false", with: "fourEyes: true").utf8).write(to: URL(fileURLWithPath: path))
        }
        try pair.openDirectory(pair.sender)
        try pair.letIn(pair.receiver, at: pair.sender)
        return pair
    }

    private func send(_ pair: Pair, by name: String) throws -> Run { try Sluice.run(pair.sending(wait: 5) + pair.passphrase(name, pair.sender)) }

    private func id(_ pair: Pair) throws -> String {
        try pair.query(pair.sender, "SELECT id FROM exchange WHERE state = 'awaiting-approval'").trimmingCharacters(in: .newlines)
    }

    private func rule(_ act: String, _ pair: Pair, _ id: String, by name: String, _ more: [String] = []) -> [String] {
        ["exchange", act, id, "--config", pair.sender.configuration] + pair.passphrase(name, pair.sender) + more
    }

    @Test func aReleaseWaitsForASecondPersonAndIsSealedThen() throws {
        let pair = try pair()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let unnamed = try pair.send()
        #expect(unnamed.status == 1 && unnamed.output.contains("agreement.approval") && unnamed.output.contains("--person"), "\(unnamed.output)")
        let sent = try send(pair, by: "anahit")
        #expect(sent.status == 0 && sent.output.contains("awaiting-approval"), "\(sent.output) \(sent.errors)")
        let id = try id(pair)
        let node = ["--config", pair.sender.configuration]

        // Nothing is sealed, queued or known to the receiver; the very bytes that would leave can be looked at.
        #expect(try pair.query(pair.sender, "SELECT group_concat(kind) FROM body") == "draft,payload\n")
        #expect(try pair.query(pair.sender, "SELECT count(*) FROM outbox") == "0\n")
        #expect(try pair.query(pair.sender, "SELECT count(*) FROM ledger WHERE instr(entry, 'sluice.package.sealed')") == "0\n")
        let waiting = try Sluice.succeed(["exchange", "export", id, pair.root.file("waiting")] + node).split(separator: "\n").map(String.init)
        let payload = try #require(waiting.first { $0.hasSuffix(".data.csv") || $0.hasSuffix(".data.xml") })
        let payloadSum = try Run.run("/usr/bin/sha256sum", [payload]).output.prefix(64)
        #expect(try pair.query(pair.sender, "SELECT count(*) FROM ledger WHERE instr(entry, '\"payloadSHA256\":\"\(payloadSum)\"')") == "2\n")

        let own = try Sluice.run(rule("approve", pair, id, by: "anahit"))
        #expect(own.status == 1 && own.errors.contains("approval.self"), "\(own.status) \(own.output) \(own.errors)")
        let ownRefusal = try Sluice.run(rule("refuse", pair, id, by: "anahit", ["--reason", "x"]))
        #expect(ownRefusal.status == 1 && ownRefusal.errors.contains("approval.self"))
        let wrong = try Sluice.run(["exchange", "approve", id, "--as", "besarta", "--passphrase-file", "\(pair.sender.folder)/chinara"] + node)
        #expect(wrong.status == 1 && wrong.errors.contains("passphraseWrong"), "\(wrong.errors)")
        let file = "\(pair.sender.folder)/dora"
        #expect(FileManager.default.createFile(atPath: file, contents: Data("a passphrase of dora\n".utf8), attributes: [.posixPermissions: 0o600]))
        try Sluice.succeed(["people", "add", "dora", "--role", "operator", "--passphrase-file", file] + node)
        let clerk = try Sluice.run(rule("approve", pair, id, by: "dora"))
        #expect(clerk.status == 1 && clerk.errors.contains("approval.role"), "\(clerk.errors)")
        #expect(try pair.query(pair.sender, "SELECT state FROM exchange WHERE id = '\(id)'") == "awaiting-approval\n")

        let approved = try Sluice.run(rule("approve", pair, id, by: "besarta"))
        #expect(approved.status == 0 && approved.output.contains("receipted"), "\(approved.output) \(approved.errors)")
        let again = try Sluice.run(rule("approve", pair, id, by: "chinara"))
        #expect(again.status == 1 && again.errors.contains("approval.state"), "\(again.errors)")
        #expect(
            try pair.query(pair.sender, "SELECT group_concat(kind) FROM body") == "approval,package,receipt\n", "what waited is gone, what was said is kept")
        #expect(
            try pair.query(pair.sender, "SELECT count(*) FROM ledger WHERE subject = '\(id)' AND (instr(entry, 'anahit') OR instr(entry, 'besarta'))") == "0\n")

        // What was approved is what was sent; the approval is signed, and the package names it.
        let out = pair.root.file("out")
        try Sluice.succeed(["exchange", "export", id, out] + node)
        let openssl = try #require(Tools.find("openssl"), "openssl is not installed")
        let statement = "\(out)/\(id).approval"
        let verified = try Run.run(
            openssl,
            [
                "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", statement + ".p7s", "-content", statement + ".json", "-CAfile",
                pair.root.file("authority/ca.pem"), "-out", "/dev/null",
            ])
        #expect(verified.status == 0, "\(verified.errors)")
        let said = try String(contentsOfFile: statement + ".json", encoding: .utf8)
        #expect(said.contains("\"person\":\"besarta\"") && said.contains("\"sentBy\":\"anahit\"") && said.contains(payloadSum))
        let package = try Sluice.succeed(["package", "verify", "\(out)/\(id).asice", "--ca", pair.root.file("authority/ca.pem"), "--json"])
        let statementSum = try Run.run("/usr/bin/sha256sum", [statement + ".json"]).output.prefix(64)
        #expect(package.contains(statementSum) && package.contains(payloadSum))
        for site in [pair.sender, pair.receiver] {
            try Sluice.succeed(["ledger", "verify", site.folder + "/data/ledger", "--key", site.folder + "/ledger.vkey"])
        }
    }

    @Test func whatASecondPersonRefusesNeverLeaves() throws {
        let pair = try pair()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        #expect(try send(pair, by: "anahit").status == 0)
        let id = try id(pair)
        let refused = try Sluice.run(rule("refuse", pair, id, by: "chinara", ["--reason", "July is missing"]))
        #expect(refused.status == 0 && refused.output.contains("refused-here: by chinara: July is missing [approval.refused]"), "\(refused.output)")
        #expect(try Sluice.run(rule("approve", pair, id, by: "besarta")).status == 1)
        #expect(try pair.query(pair.sender, "SELECT group_concat(kind) FROM body") == "approval\n", "what was not let out is not kept")
        #expect(try pair.query(pair.receiver, "SELECT count(*) FROM exchange") == "0\n")
        // Nobody has to stay stuck with it: whoever sent it may cancel.
        #expect(try send(pair, by: "anahit").status == 0)
        try Sluice.succeed(["exchange", "cancel", try self.id(pair), "--reason", "the wrong file", "--config", pair.sender.configuration])
    }

    /// A retention of no time says that nothing stays once an exchange is over. One that waits is not: the eraser, which was there, left it.
    @Test func whatIsNotToBeKeptStillWaitsForApproval() throws {
        let pair = try pair(retention: "P0D")
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        #expect(try send(pair, by: "anahit").status == 0)
        let over = try Sluice.run(rule("refuse", pair, try id(pair), by: "chinara", ["--reason", "July is missing"]))
        #expect(over.status == 0, "\(over.errors)")
        #expect(try send(pair, by: "anahit").status == 0)
        let waiting = try id(pair)
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try sender.waits(for: "sluice_exchanges_erased 1")
        let approved = try Sluice.run(rule("approve", pair, waiting, by: "besarta"))
        #expect(approved.status == 0, "\(approved.output) \(approved.errors)")
        try sender.waits(for: "sluice_exchanges_erased 2")
        #expect(try pair.query(pair.sender, "SELECT state FROM exchange WHERE id = '\(waiting)'") == "receipted\n")
    }

    @Test func whatIsForbiddenSinceIsNotApproved() throws {
        let pair = try pair()
        #expect(try send(pair, by: "anahit").status == 0)
        let id = try id(pair)
        let forbids = """
            agreement: STOP
            version: "1.0"
            effect: forbid
            title: No permits for now
            giver: AM.MOI
            receiver: all
            dataflow: AM.MOI:DF_PERMITS
            purpose: all
            legalBasis: an order
            validity: {from: 2025-01-01, until: 2099-12-31}
            """
        try Data(forbids.utf8).write(to: URL(fileURLWithPath: pair.sender.folder + "/agreements/stop.yaml"))
        let yaml = try String(contentsOfFile: pair.sender.configuration, encoding: .utf8)
        try Data(yaml.replacingOccurrences(of: "[agreements/permits.yaml]", with: "[agreements/permits.yaml, agreements/stop.yaml]").utf8)
            .write(to: URL(fileURLWithPath: pair.sender.configuration))
        let held = try Sluice.run(rule("approve", pair, id, by: "besarta"))
        #expect(held.status == 1 && held.errors.contains("approval.agreement") && held.errors.contains("STOP 1.0"), "\(held.output) \(held.errors)")
        #expect(try pair.query(pair.sender, "SELECT count(*) FROM outbox") == "0\n")
        // To refuse it is free.
        #expect(try Sluice.run(rule("refuse", pair, id, by: "besarta", ["--reason", "an order"])).status == 0)
    }

    @Test func aNodeWithoutPeopleRefusesToSend() throws {
        let pair = try Pair()
        let path = "\(pair.sender.folder)/agreements/permits.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try Data(text.replacingOccurrences(of: "fourEyes: false", with: "fourEyes: true").utf8).write(to: URL(fileURLWithPath: path))
        let sent = try pair.send(wait: 0)
        #expect(sent.status == 1 && sent.output.contains("agreement.approval") && sent.output.contains("knows no people"), "\(sent.output)")
    }

    /// Killed before the commit, nothing was said; killed after it, the running node delivers.
    @Test(arguments: ["ruling", "ruled"]) func anApprovalIsWholeOrNotThere(_ point: String) throws {
        let pair = try pair()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        #expect(try send(pair, by: "anahit").status == 0)
        let id = try id(pair)
        let killed = try Run.run(Sluice.executable, rule("approve", pair, id, by: "besarta"), environment: ["SLUICE_FAULT": point])
        #expect(killed.signal == SIGKILL, "the fault at \(point) was not met: \(killed.output) \(killed.errors)")
        let sealed = try pair.query(pair.sender, "SELECT count(*) FROM ledger WHERE instr(entry, 'sluice.package.sealed')")
        let queued = try pair.query(pair.sender, "SELECT count(*) FROM outbox")
        #expect(sealed == (point == "ruled" ? "1\n" : "0\n") && queued == sealed, "\(sealed) \(queued)")
        if point == "ruling" {
            #expect(try Sluice.run(rule("approve", pair, id, by: "chinara")).status == 0)
        } else {
            let sender = try pair.serve(pair.sender)
            defer { sender.stop() }
            try sender.waits(for: "sluice_exchanges{state=\"receipted\"} 1")
        }
        try receiver.waits(for: "sluice_exchanges{state=\"accepted\"} 1")
        #expect(try pair.query(pair.sender, "SELECT count(*) FROM ledger WHERE instr(entry, 'sluice.exchange.approved')") == "1\n")
    }

    @Test(.enabled(if: WebDriver.executable != nil, "chromium or its driver is absent")) func aSecondPersonApprovesAtTheConsole() throws {
        let pair = try pair()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        #expect(try send(pair, by: "anahit").status == 0)
        let id = try id(pair)
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        let browser = try WebDriver()
        defer { browser.stop() }
        try browser.signIn(sender.console, as: "anahit")
        try browser.open("\(sender.console)/console/approvals")
        let list = try browser.text()
        #expect(list.contains(id) && list.contains("AM.ARMSTAT") && list.contains("suppression") && list.contains("AM-MOI-ARMSTAT-PERMITS 1.0"), "\(list)")

        func approve(as name: String) throws {
            try browser.open("\(sender.console)/console/exchanges/AM.MOI/\(id)")
            try browser.fill("#passphrase", "a passphrase of \(name)")
            try browser.click("button[value=approve]")
        }
        // Who sent at the command line is the same person here.
        try approve(as: "anahit")
        let answer = try browser.text()
        #expect(answer.contains("cannot rule on it"), "\(answer)")
        try browser.click(".out button")
        try browser.signIn(sender.console, as: "besarta")
        try approve(as: "besarta")
        try sender.waits(for: "sluice_exchanges{state=\"receipted\"} 1")
        try receiver.waits(for: "sluice_exchanges{state=\"accepted\"} 1")
        try browser.open("\(sender.console)/console/approvals")
        #expect(try browser.text().contains("Nothing waits for approval"))
    }
}
