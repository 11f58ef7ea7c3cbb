import Foundation
import SluiceKitTesting
import Testing

/// `sluice agreement whatif --config`: what the node itself would say, with all that it knows.
@Suite struct WhatIfAtANodeTests {
    private static let files = Repository.path("Sources/SluiceFiles/Files")

    private static func edit(_ path: String, _ changes: [(String, String)]) throws {
        var text = try String(contentsOfFile: path, encoding: .utf8)
        for (old, new) in changes {
            try #require(text.contains(old), "\(path) does not have \(old)")
            text = text.replacingOccurrences(of: old, with: new)
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func whatIf(_ site: Pair.Site, _ file: String, mapping: String? = nil) throws -> Run {
        try Sluice.run(["agreement", "whatif", file, "--config", site.configuration] + (mapping.map { ["--mapping", $0] } ?? []))
    }

    private func whatIfOfRegister(_ pair: Pair) throws -> Run {
        try whatIf(pair.sender, Self.files + "/permits-register.csv", mapping: pair.sender.folder + "/mappings/permits.yaml")
    }

    /// A suspended agreement or a draft lets nothing leave, whatever its file says.
    @Test func anAgreementCountsAsItStandsAtTheNode() throws {
        let pair = try Pair()
        let site = pair.sender
        try pair.openDirectory(site)
        let active = try whatIfOfRegister(pair)
        #expect(active.status == 0 && active.output.contains("AM.ARMSTAT would get 150 of 510 observations"), "\(active.output) \(active.errors)")

        let (files, signed) = ("agreements: [agreements/permits.yaml]", "agreements: {files: [agreements/permits.yaml], mode: signed}")
        try Self.edit(site.configuration, [(files, signed)])
        let draft = try whatIfOfRegister(pair)
        #expect(draft.status == 1 && draft.output.contains("[agreement.draft]"), "\(draft.output) \(draft.errors)")
        try Self.edit(site.configuration, [(signed, files)])

        try Sluice.succeed(
            ["agreement", "suspend", "AM-MOI-ARMSTAT-PERMITS", "1.0", "--reason", "a laptop was lost", "--config", site.configuration]
                + pair.passphrase("anahit", site))
        let suspended = try whatIfOfRegister(pair)
        #expect(suspended.status == 1 && suspended.output.contains("[agreement.suspended]"), "\(suspended.output) \(suspended.errors)")
        #expect(suspended.output.contains("a laptop was lost") && suspended.output.contains("REFUSED") && !suspended.output.contains("PERMITTED"))
    }

    /// Of an agreement about another version of the dataflow that has ended nobody has to say that it is not meant.
    @Test func whatHasEndedLeavesNoDoubt() throws {
        let pair = try Pair()
        let site = pair.sender
        try pair.openDirectory(site)
        let (agreement, other) = (site.folder + "/agreements/permits.yaml", site.folder + "/agreements/permits-2.yaml")
        try FileManager.default.copyItem(atPath: agreement, toPath: other)
        try Self.edit(other, [("version: \"1.0\"", "version: \"2.0\""), ("DF_PERMITS(1.0)", "DF_PERMITS(2.0)")])
        try Self.edit(site.configuration, [("[agreements/permits.yaml]", "[agreements/permits.yaml, agreements/permits-2.yaml]")])
        let doubtful = try whatIfOfRegister(pair)
        #expect(doubtful.status == 2 && doubtful.errors.contains("name one with --flow"), "\(doubtful.output) \(doubtful.errors)")
        try Sluice.succeed(
            ["agreement", "end", "AM-MOI-ARMSTAT-PERMITS", "2.0", "--reason", "it was a trial", "--config", site.configuration]
                + pair.passphrase("anahit", site))
        let clear = try whatIfOfRegister(pair)
        #expect(clear.status == 0, "\(clear.output) \(clear.errors)")
        // Alone of its own, one that has ended is what is asked about, whatever is in force of what the node receives.
        try Sluice.succeed(
            ["agreement", "end", "AM-MOI-ARMSTAT-PERMITS", "1.0", "--reason", "it is over", "--config", site.configuration] + pair.passphrase("anahit", site))
        let taken = try String(contentsOfFile: site.folder + "/agreements/permits.yaml", encoding: .utf8)
            .replacingOccurrences(of: "agreement: AM-MOI-ARMSTAT-PERMITS", with: "agreement: TAKEN")
            .replacingOccurrences(of: "giver: AM.MOI", with: "giver: AM.OTHER").replacingOccurrences(of: "receiver: AM.ARMSTAT", with: "receiver: AM.MOI")
        try Data(taken.utf8).write(to: URL(fileURLWithPath: site.folder + "/agreements/taken.yaml"))
        try Self.edit(site.configuration, [("agreements/permits-2.yaml", "agreements/taken.yaml")])
        let over = try whatIfOfRegister(pair)
        #expect(over.status == 1 && over.output.contains("[agreement.ended]"), "\(over.output) \(over.errors)")
    }

    /// What a partner would send is the partner's to say.
    @Test func aNodeIsAskedAboutWhatItGives() throws {
        let pair = try Pair()
        let taken = try whatIf(pair.receiver, Self.files + "/permits-register.csv", mapping: pair.receiver.folder + "/mappings/permits.yaml")
        #expect(taken.status == 2 && taken.errors.contains("about data that AM.ARMSTAT gives"), "\(taken.output) \(taken.errors)")
    }

    @Test func theTablesOfTheNodesProtectionsAreAtHand() throws {
        let pair = try Pair()
        let site = pair.sender
        let path = site.folder + "/agreements/permits.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let begin = try #require(text.range(of: "\nprotect:\n"))
        let end = try #require(text.range(of: "\nobligations:", range: begin.upperBound..<text.endIndex))
        let changed = text.replacingCharacters(in: begin.lowerBound..<end.lowerBound, with: "\nprotect: {method: cell-key, cellKey: {table: T}}\n")
        try Data(changed.utf8).write(to: URL(fileURLWithPath: path))
        let without = try whatIfOfRegister(pair)
        #expect(without.status == 1 && without.output.contains("there is no perturbation table T"), "\(without.output) \(without.errors)")
        try Data("pcv,ckey,pvalue\n1,0,0\n".utf8).write(to: URL(fileURLWithPath: site.folder + "/t.csv"))
        try Self.edit(site.configuration, [("structures: [structures]", "structures: [structures]\nprotection: {tables: {T: t.csv}}")])
        let short = try whatIfOfRegister(pair)
        #expect(short.status == 1 && short.output.contains("pcv 1 with ckey 1 is not there"), "\(short.output) \(short.errors)")
    }

    /// What the receiver has by an earlier exchange counts, and so does a dataset of the same message.
    @Test func whatWasReleasedCounts() throws {
        let pair = try Pair()
        let site = pair.sender
        let codes = ["Y_LT15", "Y_GE15", "Y_GE18"].map { id in
            "<str:Code id=\"\(id)\"><com:Name xml:lang=\"en\">\(id)</com:Name><str:Parent><Ref id=\"_T\"/></str:Parent></str:Code>"
        }.joined()
        try Self.edit(site.folder + "/structures/permits.xml", [("<str:Code id=\"Y_LT18\">", codes + "<str:Code id=\"Y_LT18\">")])
        try Self.edit(
            site.folder + "/agreements/permits.yaml",
            [("codes: [_T, Y_LT18, Y18T34, Y35T64, Y_GE65]", "codes: all"), ("  cost: value", "  cost: value\n  differencing: {scope: receiver}")])
        let head = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,SEX,AGE,CITIZENSHIP,TIME_PERIOD,OBS_VALUE,OBS_STATUS,CONF_STATUS,UNIT_MEASURE,UNIT_MULT\n"
        func file(_ name: String, _ cells: [(String, Int)]) throws -> String {
            let rows = cells.map { "datastructure,AM.MOI:PERMITS(1.0),R,M,_T,\($0.0),_T,2026-01,\($0.1),A,,PERMITS,0\n" }
            try Data((head + rows.joined()).utf8).write(to: URL(fileURLWithPath: pair.root.file(name)))
            return pair.root.file(name)
        }
        let first = try file("first.csv", [("_T", 40), ("Y_LT15", 10), ("Y_GE15", 30)])
        let second = try file("second.csv", [("_T", 40), ("Y_LT18", 12), ("Y_GE18", 28)])
        let before = try whatIf(site, second)
        #expect(before.status == 0, "\(before.output) \(before.errors)")
        let sent = try Sluice.run([
            "send", first, "--flow", "AM.MOI:DF_PERMITS(1.0)", "--to", pair.receiver.id, "--config", site.configuration, "--wait", "0",
        ])
        #expect(sent.status == 0, "\(sent.output) \(sent.errors)")
        let after = try whatIf(site, second)
        #expect(after.status == 1 && after.output.contains("[protect.differencing]"), "\(after.output) \(after.errors)")
        #expect(try pair.query(site, "SELECT count(*) FROM release") == "1\n", "to ask what if leaves a trace in the register")
    }
}
