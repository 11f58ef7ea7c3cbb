import Foundation
import SluiceKitTesting
import Testing

/// Three nodes: what one gave to the second under terms, the second passes on only within them.
@Suite(.serialized) struct OnwardTests {
    private static let flow = "AM.MOI:DF_PERMITS(1.0)"

    /// Sites of a ministry, an office, and the UN; the office may give the permits to the UN by an agreement of its own.
    private struct Chain {
        var pair: Pair
        var third: Pair.Site
    }

    /// - Parameters:
    ///   - given, taken: what the ministry's and the office's copy of their agreement say in the place of `onwardTransfer: none`.
    ///   - purpose: of the agreement between the office and the UN.
    ///   - more: lines for the office's configuration.
    private func chain(given: String = "onwardTransfer: none", taken: String? = nil, purpose: String = "official-statistics", more: String = "") throws -> Chain
    {
        let pair = try Pair()
        for (site, terms) in [(pair.sender, given), (pair.receiver, taken ?? given)] {
            let path = "\(site.folder)/agreements/permits.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(of: "onwardTransfer: none", with: terms)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }
        let ports = try FreePorts.find(2)
        let third = Pair.Site(id: "UN.UNSD", folder: pair.root.file("unsd"), exchangePort: ports[0], consolePort: ports[1])
        try Sluice.succeed(["init", third.folder, "--id", third.id, "--authority", pair.root.file("authority")])
        try FileManager.default.copyItem(atPath: pair.receiver.folder + "/structures/permits.xml", toPath: third.folder + "/structures/permits.xml")
        let onward = """
            agreement: ARMSTAT-UNSD-PERMITS
            version: "1.0"
            title: Permits, passed on
            giver: AM.ARMSTAT
            receiver: UN.UNSD
            dataflow: \(Self.flow)
            purpose: [\(purpose)]
            legalBasis: a letter
            validity: {from: 2025-01-01, until: 2029-12-31}
            grant: {dimensions: {FREQ: all, SEX: all, AGE: all, CITIZENSHIP: all, TIME_PERIOD: all}}
            protect: none
            obligations: {retention: unlimited, onwardTransfer: public}
            """
        for site in [pair.receiver, third] { try Data(onward.utf8).write(to: URL(fileURLWithPath: site.folder + "/agreements/onward.yaml")) }
        let office = try String(contentsOfFile: pair.receiver.configuration, encoding: .utf8)
        try Data(
            (office.replacingOccurrences(
                of: "partners: [", with: "partners: [{id: UN.UNSD, endpoint: \"https://localhost:\(third.exchangePort)\", format: sdmx-csv-2.0}, "
            )
            .replacingOccurrences(of: "agreements: [agreements/permits.yaml]", with: "agreements: [agreements/permits.yaml, agreements/onward.yaml]") + "\n"
                + more
                + "\n").utf8
        ).write(to: URL(fileURLWithPath: pair.receiver.configuration))
        let un =
            office.replacingOccurrences(of: "id: AM.ARMSTAT", with: "id: UN.UNSD").replacingOccurrences(of: "id: AM.MOI", with: "id: AM.ARMSTAT")
            .replacingOccurrences(of: "agreements/permits.yaml", with: "agreements/onward.yaml")
            .replacingOccurrences(of: "port: \(pair.receiver.exchangePort)", with: "port: \(third.exchangePort)")
            .replacingOccurrences(of: "port: \(pair.receiver.consolePort)", with: "port: \(third.consolePort)")
            .replacingOccurrences(of: "localhost:\(pair.sender.exchangePort)", with: "localhost:\(pair.receiver.exchangePort)")
        try Data(un.utf8).write(to: URL(fileURLWithPath: third.configuration))
        return Chain(pair: pair, third: third)
    }

    /// The payload that the office received, as a file in somebody's hands, and the exchange by which it came.
    private func received(_ chain: Chain) throws -> (path: String, exchange: String) {
        let pair = chain.pair
        let id = try pair.query(pair.receiver, "SELECT id FROM exchange WHERE direction = 'in'").trimmingCharacters(in: .newlines)
        let out = pair.root.file("received")
        try Sluice.succeed(["exchange", "export", id, out, "--from", pair.sender.id, "--config", pair.receiver.configuration])
        try Sluice.succeed(["package", "open", "\(out)/\(id).asice", "--ca", pair.root.file("authority/ca.pem"), "--into", out + "/open"])
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: out + "/open").first { $0.hasPrefix("data.") })
        return ("\(out)/open/\(name)", id)
    }

    private func passOn(_ chain: Chain, _ path: String, purpose: String = "official-statistics", wait: Int = 0) throws -> Run {
        try Sluice.run([
            "send", path, "--flow", Self.flow, "--to", chain.third.id, "--purpose", purpose, "--config", chain.pair.receiver.configuration, "--wait", "\(wait)",
        ])
    }

    private func eventually(_ what: String, _ isSo: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(40)
        while ContinuousClock.now < deadline {
            if try isSo() { return }
            usleep(50_000)
        }
        Issue.record("it never came to this: \(what)")
    }

    @Test func whatMayNotBePassedOnIsKnownInEverySpelling() throws {
        let chain = try chain()
        let office = try chain.pair.serve(chain.pair.receiver)
        defer { office.stop() }
        #expect(try chain.pair.send().status == 0)
        let (path, exchange) = try received(chain)
        let asItCame = try passOn(chain, path)
        #expect(asItCame.status == 1 && asItCame.output.contains("[agreement.onward]"), "\(asItCame.output) \(asItCame.errors)")
        #expect(asItCame.output.contains(exchange) && asItCame.output.contains("AM-MOI-ARMSTAT-PERMITS 1.0"))

        // Another format, other order of rows: the same observations.
        let other = chain.pair.root.file("other.csv")
        try Sluice.succeed(["convert", path, other, "--to", "sdmx-csv-1.0", "--structure", chain.third.folder + "/structures/permits.xml"])
        var lines = try String(contentsOfFile: other, encoding: .utf8).split(whereSeparator: \.isNewline).map(String.init)
        try #require(lines.count > 100)
        lines[1...].reverse()
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: other))
        let respelled = try passOn(chain, other)
        #expect(respelled.status == 1 && respelled.output.contains("[agreement.onward]"), "\(respelled.output) \(respelled.errors)")
        #expect(try chain.pair.query(chain.pair.receiver, "SELECT count(*) FROM ledger WHERE instr(entry, '\"receivedIn\":[\"\(exchange)\"]')") == "2\n")
        // The documented limit: a part of the data is another content.
        try Data((lines.dropLast().joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: other))
        let part = try passOn(chain, other)
        #expect(part.status == 0 && part.output.contains("queued"), "\(part.output) \(part.errors)")
    }

    @Test(arguments: [
        ("onwardTransfer: none", "onwardTransfer: public"), ("onwardTransfer: public", "onwardTransfer: none"),
        ("onwardTransfer: [EU.ESTAT]", "onwardTransfer: public"),
    ]) func theStricterOfBothCopiesCounts(given: String, taken: String) throws {
        let chain = try chain(given: given, taken: taken)
        let office = try chain.pair.serve(chain.pair.receiver)
        defer { office.stop() }
        #expect(try chain.pair.send().status == 0)
        let run = try passOn(chain, try received(chain).path)
        #expect(run.status == 1 && run.output.contains("[agreement.onward]"), "\(given), \(taken): \(run.output) \(run.errors)")
    }

    @Test func aRouteForwardsWithinTheTermsAndTheyTravelOn() throws {
        let route = "routes: [{id: on, on: \"dataset.received/*\", send: {to: UN.UNSD, flow: \"\(Self.flow)\", purpose: official-statistics}}]"
        let chain = try chain(given: "onwardTransfer: [UN.UNSD]", more: route)
        let nodes = try [chain.pair.serve(chain.pair.receiver), chain.pair.serve(chain.third)]
        defer { nodes.forEach { $0.stop() } }
        #expect(try chain.pair.send().status == 0)
        try nodes[1].waits(for: "sluice_exchanges{state=\"accepted\"} 1")
        let kept = try chain.pair.query(chain.third, "SELECT terms FROM provenance")
        // The UN's agreement says public and for ever; what came along says less.
        #expect(kept.contains(#""onwardTransfer":["UN.UNSD"]"#) && kept.contains("keepUntil"), "\(kept)")
        #expect(kept.contains("Ministry of Interior of the Republic of Armenia"))
        #expect(try chain.pair.query(chain.third, "SELECT retain_until IS NOT NULL FROM exchange") == "1\n")
        // At the office what it sent on ends with what it received, though its own agreement says for ever.
        let ends = try chain.pair.query(chain.pair.receiver, "SELECT count(*), count(DISTINCT retain_until), count(retain_until) FROM exchange")
        #expect(ends == "2|1|2\n", "\(ends)")
    }

    @Test func aRouteDoesNotForwardAgainstTheTerms() throws {
        let route = "routes: [{id: on, on: \"dataset.received/*\", send: {to: UN.UNSD, flow: \"\(Self.flow)\", purpose: official-statistics}}]"
        let chain = try chain(more: route)
        let office = try chain.pair.serve(chain.pair.receiver)
        defer { office.stop() }
        #expect(try chain.pair.send().status == 0)
        try office.waits(for: "sluice_exchanges{state=\"refused-here\"} 1")
        #expect(try chain.pair.query(chain.pair.receiver, "SELECT reason_code FROM exchange WHERE direction = 'out'") == "agreement.onward\n")
    }

    @Test func purposesThatWereNotReceivedAreRefused() throws {
        let chain = try chain(given: "onwardTransfer: [UN.UNSD]", purpose: "official-statistics, press-release")
        let office = try chain.pair.serve(chain.pair.receiver)
        defer { office.stop() }
        #expect(try chain.pair.send().status == 0)
        let run = try passOn(chain, try received(chain).path)
        #expect(run.status == 1 && run.output.contains("press-release") && run.output.contains("[agreement.onward]"), "\(run.output) \(run.errors)")
    }

    @Test func nobodyIsShownWhatIsUnderEmbargo() throws {
        let end = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + 25).rounded(.up))
        let format = ISO8601DateFormatter()
        let chain = try chain(
            taken: "onwardTransfer: none\n  embargo: \(format.string(from: end))",
            more: "routes: [{id: keep, on: \"dataset.received/*\", write: {directory: warehouse}}]")
        let office = try chain.pair.serve(chain.pair.receiver)
        defer { office.stop() }
        #expect(try chain.pair.send().status == 0)
        let id = try chain.pair.query(chain.pair.receiver, "SELECT id FROM exchange").trimmingCharacters(in: .newlines)
        let warehouse = chain.pair.receiver.folder + "/warehouse"
        try eventually("the route waits") { try chain.pair.query(chain.pair.receiver, "SELECT last_error FROM delivery").contains("not to be shown before") }
        let early = try Sluice.run(["exchange", "export", id, chain.pair.root.file("early"), "--from", "AM.MOI", "--config", chain.pair.receiver.configuration])
        try #require(Date() < end, "the machine was too slow to see the embargo")
        #expect(early.status == 1 && early.errors.contains("agreement.embargo"), "\(early.status) \(early.errors)")
        #expect(!FileManager.default.fileExists(atPath: warehouse))
        try eventually("the dataset is written") {
            !((try? FileManager.default.contentsOfDirectory(atPath: warehouse)) ?? []).filter { !$0.hasSuffix(".partial") }.isEmpty
        }
        #expect(Date() >= end)
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: warehouse).first)
        let written = try #require(try FileManager.default.attributesOfItem(atPath: "\(warehouse)/\(file)")[.modificationDate] as? Date)
        #expect(written >= end, "written \(written), and the embargo ended \(end)")
        try Sluice.succeed(["exchange", "export", id, chain.pair.root.file("late"), "--from", "AM.MOI", "--config", chain.pair.receiver.configuration])
    }
}
