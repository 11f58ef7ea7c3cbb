import Foundation
import Testing

/// An operator parks and replays an exchange at the console, in a real browser.
@Suite(.enabled(if: WebDriver.executable != nil, "chromium or its driver is absent"))
struct ConsoleActsTests {
    @Test func aPersonParksAndReplaysAnExchange() throws {
        let pair = try Pair()
        try pair.openDirectory(pair.sender)
        try pair.letIn(pair.receiver, at: pair.sender)
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        let sent = try pair.send(wait: 1)
        #expect(sent.status == 1, "nobody takes it yet: \(sent.output) \(sent.errors)")
        let id = try pair.query(pair.sender, "SELECT id FROM exchange").trimmingCharacters(in: .newlines)
        let browser = try WebDriver()
        defer { browser.stop() }

        func act(_ act: String, _ passphrase: String, reason: String? = nil) throws {
            try browser.open("\(sender.console)/console/exchanges/AM.MOI/\(id)")
            try browser.fill("#passphrase", passphrase)
            if let reason { try browser.fill("#reason", reason) }
            try browser.click("button[value=\(act)]")
        }
        try browser.open("\(sender.console)/console/exchanges/AM.MOI/\(id)")
        #expect(try browser.page().contains("/console/sign-in?to=") && !browser.text().contains(id), "nobody has signed in")
        try browser.signIn(sender.console, as: "anahit")
        try act("park", "a passphrase of somebody else", reason: "the partner is being moved")
        #expect(try browser.text().contains("Nobody is known here by this name and this passphrase"))
        #expect(try pair.query(pair.sender, "SELECT state FROM exchange") == "queued\n")
        try act("park", "a passphrase of anahit", reason: "the partner is being moved <b>")
        #expect(try browser.page().hasSuffix("/console/exchanges/AM.MOI/\(id)"))
        let parked = try browser.text()
        #expect(parked.contains("Parked") && parked.contains("by anahit: the partner is being moved <b>"), "\(parked)")

        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        try browser.signOut()
        try browser.signIn(sender.console, as: "besarta")
        try act("replay", "a passphrase of besarta")
        try sender.waits(for: "sluice_exchanges{state=\"receipted\"} 1")
        try pair.holdsExactlyOnce()
        #expect(try pair.query(pair.sender, "SELECT count(*) FROM ledger WHERE CAST(entry AS TEXT) LIKE '%exchange.replayed%'") == "1\n")
        // Two approvals are about a participant; of exchanges, the ledger names nobody.
        #expect(try pair.query(pair.sender, "SELECT count(*) FROM ledger WHERE subject = '\(id)' AND CAST(entry AS TEXT) LIKE '%anahit%'") == "0\n")
        try browser.open("\(sender.console)/console/exchanges/AM.MOI/\(id)")
        #expect(try !browser.text().contains("What can be done"), "nothing is left to do")
    }
}
