import Foundation
import Testing

/// The console in a real browser: what it shows of one exchange, and that nothing on the page is refused by its own content security policy.
@Suite(.enabled(if: Browser.executable != nil, "chromium is absent"))
struct ConsoleInBrowserTests {
    @Test func showsAnExchangeFromTheListToItsLedgerEntries() throws {
        let pair = try Pair()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        try #require(try pair.send().status == 0)
        try receiver.waits(for: "sluice_exchanges{state=\"accepted\"} 1")

        let list = try Browser.open(receiver.console + "/console")
        #expect(list.complaints.isEmpty, "\(list.complaints)")
        #expect(list.document.contains("AM.ARMSTAT") && list.document.contains("AM.MOI:DF_PERMITS(1.0)"))
        let links = list.document.matches(of: /href="(\/console\/exchanges\/[A-Z.]+\/[0-9a-f-]{36})"/).map { String($0.output.1) }
        let link = try #require(links.first, "no exchange in the list")
        #expect(Set(links).count == 1)

        let page = try Browser.open(receiver.console + link)
        #expect(page.complaints.isEmpty, "\(page.complaints)")
        for type in ["sluice.package.verified", "sluice.dataset.stored", "sluice.receipt.issued"] {
            #expect(page.document.contains(type), "the page has no entry \(type)")
        }
        // The style sheet was taken: a page whose policy refused it would have its list of facts unstyled, and a complaint above.
        let style = try Browser.open(receiver.console + "/console/console.css")
        #expect(style.document.contains("masthead"))
    }

    @Test func answersAnAddressThatNamesNothingWithAPage() throws {
        let pair = try Pair()
        let node = try pair.serve(pair.receiver)
        defer { node.stop() }
        let page = try Browser.open(node.console + "/console/exchanges/AM.MOI/00000000-0000-7000-8000-000000000000")
        #expect(page.document.contains("<h1>") && !page.document.contains("timeline"))
    }
}
