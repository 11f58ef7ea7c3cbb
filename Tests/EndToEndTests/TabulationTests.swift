import Foundation
import SluiceKitTesting
import Testing

/// Records stay with the giver: two nodes, a register's export, and what of it arrives.
@Suite struct TabulationTests {
    private func arguments(_ command: String, _ crossings: Crossings, _ output: String, agreement: String? = nil) -> [String] {
        [
            command, crossings.records, output, "--agreement", agreement ?? crossings.agreement, "--structure", crossings.structure, "--mapping",
            crossings.mapping,
        ]
    }

    @Test func theTableEqualsWhatSQLGroups() throws {
        let sqlite = try #require(Tools.find("sqlite3"), "sqlite3 is not installed")
        let crossings = try Crossings(records: 3_000)
        let output = crossings.folder.file("table.csv")
        let run = try Sluice.run(arguments("tabulate", crossings, output))
        #expect(run.status == 0 && run.errors.contains("NOT PROTECTED"), "\(run.errors)")
        let region = "CASE WHEN Citizenship IN ('RU','KZ') THEN 'CIS' ELSE 'EU' END"
        let age = "CASE WHEN Age+0<18 THEN 'Y_LT18' WHEN Age+0<65 THEN 'Y18T64' ELSE 'Y_GE65' END"
        var selects: [String] = []
        for margins in 0..<16 {
            let columns = ["upper(Direction)", "upper(substr(Sex,1,1))", age, region].enumerated().map { margins >> $0 & 1 == 1 ? "'_T'" : $1 }
            selects.append("SELECT \(columns.joined(separator: ","))||'',substr(Crossed,1,7),count(*) FROM r GROUP BY 1,2,3,4,5")
        }
        let grouped = try Run.run(
            sqlite, [":memory:", "-cmd", ".mode csv", "-cmd", ".import '\(crossings.records)' r", selects.joined(separator: " UNION ALL ")])
        #expect(grouped.status == 0, "\(grouped.errors)")
        let expected = Set(grouped.output.split(whereSeparator: \.isNewline).map(String.init))
        let lines = try String(contentsOfFile: output, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst()
        let found = Set(lines.map { $0.split(separator: ",", omittingEmptySubsequences: false)[3..<9].joined(separator: ",") })
        #expect(found == expected && found.count == lines.count, "\(found.symmetricDifference(expected).sorted().prefix(5))")
    }

    @Test func noRecordArrivesAndTheTableDoes() throws {
        let pair = try Pair()
        let crossings = try Crossings(records: 2_000)
        for site in [pair.sender, pair.receiver] {
            try FileManager.default.copyItem(atPath: crossings.structure, toPath: site.folder + "/structures/crossings.xml")
            try FileManager.default.removeItem(atPath: site.folder + "/agreements/permits.yaml")
            try FileManager.default.copyItem(atPath: crossings.agreement, toPath: site.folder + "/agreements/permits.yaml")
        }
        let served = try pair.serve(pair.receiver)
        defer { served.stop() }
        let sent = try Sluice.run([
            "send", crossings.records, "--mapping", crossings.mapping, "--flow", Crossings.flow, "--to", pair.receiver.id, "--config",
            pair.sender.configuration, "--wait", "30",
        ])
        try #require(sent.status == 0, "\(sent.output) \(sent.errors)")
        let id = try #require(sent.output.split(separator: " ").dropFirst().first).dropLast()
        let exported = crossings.folder.file("export")
        try Sluice.succeed(["exchange", "export", String(id), exported, "--config", pair.receiver.configuration])
        let opened = crossings.folder.file("opened")
        let package = try #require(
            try FileManager.default.contentsOfDirectory(atPath: exported).first { !$0.contains("receipt") }, "no package among the exported files")
        try Sluice.succeed([
            "package", "open", "\(exported)/\(package)", opened, "--ca", pair.receiver.folder + "/keys/ca.pem",
        ])
        let table = try String(contentsOfFile: "\(opened)/data.xml", encoding: .utf8)
        #expect(table.contains("OBS_STATUS=\"Q\"") && table.contains("CITIZENSHIP=\"CIS\"") && !table.contains("\"RU\""))
        // No record-level value anywhere: not in what was carried, not in what either node keeps unencrypted.
        for folder in [exported, opened, pair.sender.folder, pair.receiver.folder] {
            for path in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? [] {
                guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(path)") else { continue }
                #expect(bytes.range(of: Data(Crossings.marker.utf8)) == nil, "\(folder)/\(path)")
            }
        }
        let entries = try pair.query(pair.sender, "SELECT * FROM ledger")
        #expect(entries.contains("sluice.dataset.tabulated") && entries.contains("\"records\":2000"))
        try Sluice.succeed(["ledger", "verify", pair.sender.folder + "/data/ledger", "--key", pair.sender.folder + "/ledger.vkey"])
    }

    @Test func recordsThatAreNotAgreedAreRefused() throws {
        let crossings = try Crossings(records: 50, isAnnotated: true)
        let without = crossings.folder.file("without.yaml")
        try Crossings.agreementText.replacingOccurrences(of: Crossings.recordsTerm, with: "").write(toFile: without, atomically: true, encoding: .utf8)
        for command in ["tabulate", "protect"] {
            let output = crossings.folder.file("out.csv")
            let run = try Sluice.run(arguments(command, crossings, output, agreement: without))
            #expect(run.status == 1 && run.errors.contains("[agreement.records]"), "\(run.status) \(run.errors)")
            #expect(!FileManager.default.fileExists(atPath: output))
        }
        let explained = try Sluice.run([
            "agreement", "explain", without, crossings.records, "--structure", crossings.structure, "--mapping", crossings.mapping,
        ])
        #expect(explained.status == 1 && explained.errors.contains("[agreement.records]"), "\(explained.output) \(explained.errors)")
    }

    @Test func aRecordGivenTwiceIsFound() throws {
        let crossings = try Crossings(records: 20)
        var text = try String(contentsOfFile: crossings.records, encoding: .utf8)
        text += "C3,in,male,40,RU,2026-01-10,PX-\(Crossings.marker)\n,in,male,40,RU,2026-01-10,PX-\(Crossings.marker)\n"
        try text.write(toFile: crossings.records, atomically: true, encoding: .utf8)
        let run = try Sluice.run(arguments("tabulate", crossings, crossings.folder.file("out.csv")))
        #expect(run.status == 1 && run.errors.contains("key.duplicate line 22"), "\(run.errors)")
        #expect(run.errors.contains("given before, in line 5") && run.errors.contains("line 23"), "\(run.errors)")
    }

    @Test func protectionSeesPeopleAndExplainSeesTheTable() throws {
        let crossings = try Crossings(records: 2_000)
        let output = crossings.folder.file("protected.csv")
        let run = try Sluice.run(arguments("protect", crossings, output))
        #expect(run.status == 0 && run.errors.contains("2000 records make"), "\(run.errors)")
        #expect(try String(contentsOfFile: output, encoding: .utf8).contains(",Q,"))
        let explained = try Sluice.run([
            "agreement", "explain", crossings.agreement, crossings.records, "--structure", crossings.structure, "--mapping", crossings.mapping,
        ])
        #expect(explained.status == 0 && explained.output.contains("2000 records make a table of") && explained.output.contains("PERMITTED"))
        #expect(!explained.output.contains(Crossings.marker))
    }
}
