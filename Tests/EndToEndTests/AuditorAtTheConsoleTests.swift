import Foundation
import SluiceKitTesting
import Testing

/// An auditor at the console, in a real browser: signs in, follows one exchange, and has the ledger recomputed there.
@Suite(.enabled(if: WebDriver.executable != nil, "chromium or its driver is absent"))
struct AuditorAtTheConsoleTests {
    private static let complaintsOfTheScript = "return document.getElementById('verdict').innerText + document.getElementById('computed').innerText"

    private func text(of file: String) throws -> String { try String(contentsOfFile: file, encoding: .utf8) }

    /// What the browser says after it has computed.
    private func computed(_ browser: WebDriver, with checkpoint: String, key: String? = nil) throws -> String {
        try browser.clear("#brought")
        try browser.fill("#brought", checkpoint)
        if let key {
            try browser.clear("#key")
            try browser.fill("#key", key)
        }
        try browser.click("#compute")
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            let words = try browser.run(Self.complaintsOfTheScript) as? String ?? ""
            if words.contains("Computed in this browser") { return words }
            usleep(100_000)
        }
        return "nothing was computed: \(try browser.text())"
    }

    /// An exchange with the receiver, whose auditor looks on; the sender serves.
    private func audited(_ body: (_ pair: Pair, _ sender: Served, _ browser: WebDriver, _ address: String) throws -> Void) throws {
        let pair = try Pair()
        try pair.openDirectory(pair.sender)
        try pair.letIn(pair.receiver, at: pair.sender)
        let file = "\(pair.sender.folder)/eduard"
        #expect(FileManager.default.createFile(atPath: file, contents: Data("a passphrase of eduard\n".utf8), attributes: [.posixPermissions: 0o600]))
        try Sluice.succeed(["people", "add", "eduard", "--role", "auditor", "--passphrase-file", file, "--config", pair.sender.configuration])
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        #expect(try pair.send().status == 0)
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        let browser = try WebDriver()
        defer { browser.stop() }
        let id = try pair.query(pair.sender, "SELECT id FROM exchange").trimmingCharacters(in: .newlines)
        try body(pair, sender, browser, "\(sender.console)/console/exchanges/AM.MOI/\(id)")
    }

    @Test func followsOneExchangeAndRecomputesItsEntries() throws {
        try audited { pair, sender, browser, address in
            let checkpointFile = pair.sender.folder + "/data/ledger/checkpoint"
            let kept = try text(of: checkpointFile)
            try browser.signIn(sender.console, as: "eduard")
            #expect(try browser.text().contains("First visit"))
            try browser.open(address)
            let page = try browser.text()
            for words in [
                "The data were read", "The agreements were asked", "Protected", "Sealed", "The receipt came and was verified", "AM-MOI-ARMSTAT-PERMITS 1.0",
            ] {
                #expect(page.contains(words), "the page lacks: \(words)")
            }
            #expect(!page.contains("What can be done"), "auditors look on")
            #expect(try browser.run("return document.querySelectorAll('svg.picture circle.step').length") as? Int ?? 0 >= 8)
            let entry = try #require(try browser.run("return document.querySelectorAll('.timeline .when a')[3].getAttribute('href')") as? String)

            try browser.open(sender.console + entry)
            let right = try computed(browser, with: kept)
            #expect(right.contains("is signed by sluice.AM.MOI") && right.contains("leads to the root of your checkpoint"), "\(right)")
            #expect(right.contains("Consistent") && !right.contains("NOT"), "\(right)")
            // The browser's hashes are the server's.
            let leaf = try #require(try browser.run("return document.querySelector('#way ~ .hashes code, ol.hashes code').innerText") as? String)
            #expect(leaf.utf8.count == 64 && right.contains(leaf))

            // A digit of the root, then of the signature; a key of somebody else; what is no checkpoint.
            var lines = kept.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            lines[2] = (lines[2].first == "A" ? "B" : "A") + lines[2].dropFirst()
            let forged = try computed(browser, with: lines.joined(separator: "\n"))
            #expect(forged.contains("NOT signed") && forged.contains("NOT consistent") && forged.contains("NOT in it"), "\(forged)")
            let other = try text(of: pair.receiver.folder + "/ledger.vkey").trimmingCharacters(in: .newlines)
            #expect(try computed(browser, with: kept, key: other).contains("NOT signed"))
            #expect(try computed(browser, with: "<script>alert(1)</script>").contains("Not computed"))

            // An older checkpoint covers the older entries alone, and today's goes on from it.
            let own = try text(of: pair.sender.folder + "/ledger.vkey").trimmingCharacters(in: .newlines)
            for _ in 0..<2 { #expect(try pair.send().status == 0) }
            try sender.waits(for: "sluice_exchanges{state=\"receipted\"} 3")
            let deadline = ContinuousClock.now + .seconds(20)
            while try text(of: checkpointFile) == kept, ContinuousClock.now < deadline { usleep(100_000) }
            let later = try computed(browser, with: kept, key: own)
            #expect(later.contains("Today's ledger goes on from your checkpoint") && later.contains("leads to the root") && !later.contains("NOT"), "\(later)")

            // Each look was noted, with a code for the person, in a log that verifies by itself.
            try browser.signOut()
            try browser.signIn(sender.console, as: "eduard")
            let card = try browser.text()
            #expect(card.contains("Consistent since your last visit"), "\(card)")
            try browser.open(sender.console + "/console/looks")
            let looks = try browser.text()
            #expect(looks.contains("eduard") && looks.contains(String(address.suffix(36))) && looks.contains("entry "), "\(looks)")
        }
    }

    /// With the keyboard alone, from everything that there is to one entry and its exchange; the address brings a colleague to the same page.
    @Test func findsEntriesByWhatTheyAreAbout() throws {
        try audited { pair, sender, browser, address in
            try browser.signIn(sender.console, as: "eduard")
            try browser.open(sender.console + "/console/search")
            let entries = try #require(Int(try pair.query(pair.sender, "SELECT count(*) FROM ledger").trimmingCharacters(in: .newlines)))
            #expect(try browser.run("return document.querySelectorAll('#found tbody tr').length") as? Int == entries)
            #expect(try browser.text().contains("AM.ARMSTAT"))

            // What happened, by the space bar; the way on, by the return key.
            let box = try #require(try browser.run("return document.querySelector('input[value=\"package.sealed\"]').id") as? String)
            try browser.fill("#" + box, " ")
            try browser.fill("#exchange", String(address.suffix(36)) + "\u{E007}")
            let chosen = try browser.page()
            #expect(chosen.contains("type=package.sealed") && chosen.contains("exchange="), "\(chosen)")
            let found = try browser.text("#found")
            #expect(found.contains("sluice ledger search") || found.contains("Keep or pass on this search"), "\(found)")
            #expect(try browser.run("return document.querySelectorAll('#found tbody tr').length") as? Int == 1, "\(found)")
            #expect(found.contains("Sealed") && found.contains("AM.MOI:DF_PERMITS(1.0)") && found.contains(String(address.suffix(36))), "\(found)")
            let own = try #require(try browser.run("return document.querySelector('#found details a').getAttribute('href')") as? String)

            // From there to the exchange and to the entry, which the browser could recompute.
            try browser.click("#found tbody td a")
            #expect(try browser.page() == address)
            try browser.open(sender.console + own)
            #expect(try browser.text("#found tbody").contains("package.sealed"))
            try browser.click("#found tbody th a")
            #expect(try browser.text().contains("sluice.package.sealed"))

            // What is chosen is taken away again; what nothing has says so; what is not understood says that.
            try browser.open(sender.console + own)
            try browser.click("#found .counts a")
            #expect(try !browser.page().contains("type="))
            try browser.open(sender.console + "/console/search?last=2001-01-01")
            #expect(try browser.text().contains("No entry has all that is chosen"))
            try browser.open(sender.console + "/console/search?first=soon")
            #expect(try browser.text(".notice").contains("The first day is a date such as 2026-11-30, not “soon”."))

            // Each of these looks was noted, with what was asked for.
            try browser.open(sender.console + "/console/looks")
            let looks = try browser.text()
            #expect(looks.contains("type=package.sealed") && looks.contains("first=soon") && looks.contains("last=2001-01-01"), "\(looks)")

            // The colleague signs in first and is led on to it; the command finds the same.
            try browser.signOut()
            try browser.open(sender.console + own)
            try browser.fill("#person", "eduard")
            try browser.fill("#passphrase", "a passphrase of eduard")
            try browser.click("main button[type=submit]")
            #expect(try browser.page() == sender.console + own)
            let command = try #require(try browser.run("return document.querySelector('#found pre').textContent") as? String)
            let arguments = command.split(separator: " ").map(String.init).dropFirst().map { $0 == "node.yaml" ? pair.sender.configuration : $0 }
            let lines = try Sluice.succeed(Array(arguments)).split(separator: "\n")
            #expect(lines.count == 1 && lines[0].contains("package.sealed"), "\(lines)")
        }
    }

    @Test func seesWhoWitnessesTheLedger() throws {
        let pair = try Pair.witnessing()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        let browser = try WebDriver()
        defer { browser.stop() }
        try sender.waits(for: "sluice_ledger_quorum_reached 1")
        try receiver.waits(for: "sluice_ledger_quorum_reached 1")
        try browser.open(sender.console + "/console")
        #expect(try browser.text().contains("1 of 1 witness has cosigned it within the hour; 1 is needed."))
        try browser.click("a[href='/console/visit#witnesses']")
        let page = try browser.text("#witnesses")
        for words in ["Witnessed", "sluice.AM.ARMSTAT/witness", "ago", "one history", "sluice.AM.ARMSTAT", "Whose ledgers this node witnesses"] {
            #expect(page.contains(words), "the page lacks: \(words): \(page)")
        }
        try keep(browser, ["witnesses": sender.console + "/console/visit", "front-witnessed": sender.console + "/console"], in: pictures)
    }

    @Test func theLogOfLooksIsALedgerOfItsOwn() throws {
        var folder = ""
        let pair = try Pair()
        try pair.openDirectory(pair.receiver)
        let node = try pair.serve(pair.receiver)
        let browser = try WebDriver()
        defer { browser.stop() }
        do {
            defer { node.stop() }
            try browser.signIn(node.console, as: "anahit")
            for _ in 0..<3 { try browser.open(node.console + "/console/approvals") }
        }
        let looks = pair.receiver.folder + "/data/looks"
        folder = looks + "/" + (try #require(try FileManager.default.contentsOfDirectory(atPath: looks).first))
        let verified = try Sluice.succeed(["ledger", "verify", folder + "/ledger", "--key", folder + "/ledger.vkey"])
        #expect(verified.contains("The ledger is whole") && verified.contains("/looks/2"), "\(verified)")
        let journal = try Data(contentsOf: URL(fileURLWithPath: folder + "/journal"))
        #expect(journal.range(of: Data("anahit".utf8)) == nil && journal.range(of: Data("\"page\":\"approvals\"".utf8)) != nil)
        // Somebody changes it by hand: the log shows it.
        let tiles = folder + "/ledger/tile/entries"
        let file = try #require(FileManager.default.enumerator(atPath: tiles)?.compactMap { $0 as? String }.first { $0.contains(".p/") })
        var bytes = try Data(contentsOf: URL(fileURLWithPath: "\(tiles)/\(file)"))
        let place = try #require(bytes.range(of: Data("approvals".utf8)))
        bytes.replaceSubrange(place, with: Data("exchanges".utf8))
        try bytes.write(to: URL(fileURLWithPath: "\(tiles)/\(file)"))
        #expect(try Sluice.run(["ledger", "verify", folder + "/ledger", "--key", folder + "/ledger.vkey"]).status == 1)
    }

    /// Also on a small screen nothing is cut off but what scrolls by itself, and axe-core, where it is installed, finds nothing against WCAG. Pictures are kept
    /// where SLUICE_PICTURES names a folder.
    @Test func pagesFitSmallScreensAndReadersAndStayBelow100KB() throws {
        try audited { _, sender, browser, address in
            try browser.open(sender.console + "/console/sign-in")
            var pages = ["sign-in": sender.console + "/console/sign-in"]
            try keep(browser, pages, in: pictures)
            try browser.signIn(sender.console, as: "eduard")
            pages = [
                "front": sender.console + "/console", "exchange": address, "entry": sender.console + "/console/ledger/3",
                "visit": sender.console + "/console/visit", "looks": sender.console + "/console/looks",
                "approvals": sender.console + "/console/approvals", "statistics": sender.console + "/console/statistics",
                "retention": sender.console + "/console/retention", "register": sender.console + "/console/register",
                "search": sender.console + "/console/search", "search-mistaken": sender.console + "/console/search?first=soon&colour=red",
                "search-chosen": sender.console + "/console/search?type=package.sealed&type=dataset.read&participant=AM.ARMSTAT&first=2026-01-01",
                "search-empty": sender.console + "/console/search?outcome=nobody-has-this&order=oldest",
            ]
            try keep(browser, pages, in: pictures)
        }
    }

    private var pictures: String? { ProcessInfo.processInfo.environment["SLUICE_PICTURES"] }

    private func keep(_ browser: WebDriver, _ pages: [String: String], in folder: String?) throws {
        for (name, address) in pages.sorted(by: { $0.key < $1.key }) {
            for width in [1_280, 360] {
                try browser.resize(width: width, height: 900)
                try browser.open(address)
                let inner = try browser.run("return window.innerWidth") as? Int ?? 0
                let wide = try browser.run("return document.documentElement.scrollWidth") as? Int ?? .max
                #expect(wide <= max(inner, 1), "\(name) is \(wide) wide on a screen of \(inner)")
                let bytes = try browser.run("return new Blob([document.documentElement.outerHTML]).size") as? Int ?? .max
                #expect(bytes < 100_000, "\(name) has \(bytes) bytes")
                let violations = try Axe.violations(in: browser)
                #expect(violations.isEmpty, "\(name) at \(width): \(violations)")
                if let folder {
                    let height = try browser.run("return document.documentElement.scrollHeight") as? Int ?? 900
                    try browser.resize(width: width, height: min(4_000, height + 150))
                    try browser.picture().write(to: URL(fileURLWithPath: "\(folder)/\(name)-\(width).png"))
                }
            }
        }
    }
}
