import Foundation
import SluiceKitTesting
import Testing

/// `sluice agreement check` and `diff`, as a steward runs them before signing.
@Suite struct AgreementCommandsTests {
    private static let agreement = Repository.path("Sources/SluiceFiles/Files/permits-agreement.yaml")
    private static let structure = Repository.path("Sources/SluiceFiles/Files/permits-structure.xml")

    private func changed(_ folder: TemporaryFolder, _ replacements: [(String, String)]) throws -> String {
        var text = try String(contentsOfFile: Self.agreement, encoding: .utf8)
        for (old, new) in replacements {
            try #require(text.contains(old), "\(old)")
            text = text.replacingOccurrences(of: old, with: new)
        }
        let path = folder.file("changed.yaml")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func whatShipsIsInOrder() throws {
        for arguments in [[Repository.path("Config/agreements")], [Self.agreement, "--structure", Self.structure]] {
            let run = try Sluice.run(["agreement", "check"] + arguments)
            #expect(run.status == 0 && run.output.contains("nothing found") && run.errors.isEmpty, "\(run.output) \(run.errors)")
        }
    }

    @Test func aWiderVersionIsNamedAndEndsWithOne() throws {
        let folder = try TemporaryFolder("sluice-agreement")
        let newer = try changed(folder, [("version: \"1.0\"", "version: \"1.1\""), ("minimumCell: 5", "minimumCell: 3")])
        let diff = try Sluice.run(["agreement", "diff", Self.agreement, newer])
        #expect(diff.status == 1 && diff.output.contains("  wider  protect.minimumCell: 3, and was 5\n"), "\(diff.output) \(diff.errors)")
        let back = try Sluice.run(["agreement", "diff", newer, Self.agreement, "--json"])
        let document = try #require(try JSONSerialization.jsonObject(with: Data(back.output.utf8)) as? [String: Any])
        let changes = try #require(document["changes"] as? [[String: String]])
        #expect(back.status == 0 && changes == [["effect": "narrower", "term": "protect.minimumCell", "words": "5, and was 3"]])
        let check = try Sluice.run(["agreement", "check", Self.agreement, newer, "--structure", Self.structure])
        #expect(check.status == 1 && check.output.contains("warning shadowed AM-MOI-ARMSTAT-PERMITS 1.1: "), "\(check.output) \(check.errors)")
    }

    @Test func aProtectionThatMayBeWeakerEndsWithOne() throws {
        let folder = try TemporaryFolder("sluice-agreement")
        let text = try String(contentsOfFile: Self.agreement, encoding: .utf8)
        let begin = try #require(text.range(of: "\nprotect:\n"))
        let end = try #require(text.range(of: "\nobligations:", range: begin.upperBound..<text.endIndex))
        func version(_ name: String, _ protect: String) throws -> String {
            let changed = text.replacingCharacters(in: begin.lowerBound..<end.lowerBound, with: "\nprotect: \(protect)\n")
            try changed.write(toFile: folder.file(name), atomically: true, encoding: .utf8)
            return folder.file(name)
        }
        let ten = try version("ten.yaml", "{method: random-rounding, rounding: {base: 10}}")
        let three = try version("three.yaml", "{method: random-rounding, rounding: {base: 3}}")
        let suppressed = try version("suppressed.yaml", "{method: suppression, minimumCell: 3}")
        for (old, new, status) in [(ten, three, 1), (three, ten, 0), (ten, suppressed, 1), (suppressed, ten, 1)] as [(String, String, Int32)] {
            let run = try Sluice.run(["agreement", "diff", old, new])
            #expect(run.status == status, "\(old) \(new): \(run.output) \(run.errors)")
        }
    }

    @Test func aTermThatTheStructureDoesNotHaveIsAnError() throws {
        let folder = try TemporaryFolder("sluice-agreement")
        let other = try changed(folder, [("    SEX: all\n", "    SEX: {codes: [_T, NOBODY]}\n")])
        let check = try Sluice.run(["agreement", "check", other, "--structure", Self.structure, "--json"])
        #expect(check.status == 1 && check.output.contains("\"code\": \"unbound\"") && check.output.contains("NOBODY"), "\(check.output) \(check.errors)")
    }

    @Test func whatCannotBeReadEndsWithTwo() throws {
        let folder = try TemporaryFolder("sluice-agreement")
        #expect(try Sluice.run(["agreement", "check", folder.path]).errors.contains("there is no .yaml file"))
        let broken = try changed(folder, [("minimumCell: 5", "minimumCell: 0")])
        for arguments in [["check", folder.file("absent.yaml")], ["check", broken], ["check", Self.agreement, broken], ["diff", Self.agreement, broken]] {
            let run = try Sluice.run(["agreement"] + arguments)
            #expect(run.status == 2 && !run.errors.isEmpty && run.output.isEmpty, "\(arguments): \(run.status) \(run.output) \(run.errors)")
        }
    }

    // MARK: Tests beside agreements

    /// Those of the flows are run by the tests of the flows.
    @Test func theShippedAgreementsPassTheirTests() throws {
        let run = try Sluice.run(["agreement", "test", Repository.path("Config/agreements"), "--json"])
        let document = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any], "\(run.errors)")
        let cases = try #require(document["cases"] as? [[String: Any]])
        for one in cases where one["asExpected"] as? Bool != true { Issue.record("\(one["file"] ?? ""): \(one["name"] ?? ""): \(one["found"] ?? "")") }
        #expect(run.status == 0 && cases.count > 5, "\(cases.count) cases, \(run.errors)")
    }

    @Test func aCaseThatFailsSaysWhatWasExpectedAndFound() throws {
        let folder = try TemporaryFolder("sluice-agreement")
        let path = try changed(folder, [("minimumCell: 5", "minimumCell: 3")])
        let header = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,SEX,AGE,CITIZENSHIP,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE,UNIT_MULT"
        let row = "datastructure,AM.MOI:PERMITS(1.0),R,M,_T,_T,CIS,2026-02,40,A,PERMITS,0"
        try """
        structures: [\(Self.structure)]
        cases:
          - {name: permitted, date: 2026-03-31, expect: permit}
          - {name: wrongly permitted, date: 2026-03-31, receiver: UN.UNSD, expect: permit}
          - {name: another reason, date: 2026-03-31, receiver: UN.UNSD, expect: refuse, reason: purpose.other}
          - name: other data
            date: 2026-03-31
            data: |
              \(header)
              \(row)
            expect: permit
            withheld: 1
            released: |
              \(header)
              \(row.replacingOccurrences(of: ",40,", with: ",41,"))
        """.write(toFile: folder.file("changed.tests.yaml"), atomically: true, encoding: .utf8)
        let run = try Sluice.run(["agreement", "test", path])
        #expect(run.status == 1 && run.output.contains("3 of 4 cases fail"), "\(run.output) \(run.errors)")
        for line in [
            "  ok     permitted\n", "  FAILS  wrongly permitted\n", "found     refuse for agreement.none, receiver.other\n",
            "expected  refuse for purpose.other\n",
            "found     0 cells withheld\n", "- FREQ=M SEX=_T AGE=_T CITIZENSHIP=CIS TIME_PERIOD=2026-02 OBS_VALUE=41", "changed.tests.yaml:4\n",
        ] { #expect(run.output.contains(line), "\(line) in \(run.output)") }
    }

    @Test func testsThatCannotBeReadEndWithTwo() throws {
        let folder = try TemporaryFolder("sluice-agreement")
        let path = try changed(folder, [])
        for (tests, words) in [
            (nil, "changed.tests.yaml"), ("cases: []", "from 1 to"), ("cases: [{name: a, expect: maybe}]", "permit or refuse"),
            ("cases: [{name: a, expect: permit, reason: x}]", "has no reason"), ("cases: [{name: a, expect: permit, withheld: 1}]", "give data or file"),
            ("cases: [{name: a, expect: permit}, {name: a, expect: permit}]", "two cases"), ("cases: [{name: a, expekt: permit}]", "expect"),
            ("structures: [absent.xml]\ncases: [{name: a, expect: permit}]", "absent.xml"),
        ] as [(String?, String)] {
            try tests?.write(toFile: folder.file("changed.tests.yaml"), atomically: true, encoding: .utf8)
            let run = try Sluice.run(["agreement", "test", path])
            #expect(run.status == 2 && run.errors.contains(words) && run.output.isEmpty, "\(tests ?? "none"): \(run.status) \(run.output) \(run.errors)")
        }
    }

    /// No agreement refuses what cannot be read, and a row that cannot be read is none that is not expected.
    @Test func dataThatCannotBeReadFailTheirCase() throws {
        let folder = try TemporaryFolder("sluice-agreement")
        let path = try changed(folder, [])
        let header = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,SEX,AGE,CITIZENSHIP,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE,UNIT_MULT"
        let row = "datastructure,AM.MOI:PERMITS(1.0),R,M,_T,_T,CIS,2026-02,40,A,PERMITS,0"
        func data(_ rows: [String]) -> String { rows.map { "\n      " + $0 }.joined() }
        try """
        structures: [\(Self.structure)]
        cases:
          - name: of no structure
            date: 2026-03-31
            data: |\(data([header.replacingOccurrences(of: "SEX", with: "GENDER"), row]))
            expect: refuse
          - name: another structure
            date: 2026-03-31
            data: |\(data([header, row.replacingOccurrences(of: "PERMITS(1.0)", with: "OTHERS(1.0)")]))
            expect: refuse
          - name: a torn row more
            date: 2026-03-31
            data: |\(data([header, row]))
            expect: permit
            released: |\(data([header, row, "datastructure,AM.MOI:PERMITS(1.0),R,M,_T"]))
          - name: exactly this
            date: 2026-03-31
            data: |\(data([header, row]))
            expect: permit
            released: |\(data([header, row]))
        """.write(toFile: folder.file("changed.tests.yaml"), atomically: true, encoding: .utf8)
        let run = try Sluice.run(["agreement", "test", path])
        #expect(run.status == 1 && run.output.contains("3 of 4 cases fail") && run.output.contains("  ok     exactly this\n"), "\(run.output) \(run.errors)")
        #expect(run.output.contains("errors in the expected data"), "\(run.output)")
    }

    @Test func testsWithoutTheirAgreementEndWithTwo() throws {
        let folder = try TemporaryFolder("sluice-agreement")
        let path = try changed(folder, [])
        let tests = "structures: [\(Self.structure)]\ncases: [{name: permitted, date: 2026-03-31, expect: permit}]\n"
        try tests.write(toFile: folder.file("changed.tests.yaml"), atomically: true, encoding: .utf8)
        #expect(try Sluice.run(["agreement", "test", folder.path]).status == 0)
        for name in ["renamed.tests.yaml", "changed.tests.yml"] {
            try tests.write(toFile: folder.file(name), atomically: true, encoding: .utf8)
            let run = try Sluice.run(["agreement", "test", folder.path])
            #expect(run.status == 2 && run.errors.contains(folder.file(name)) && run.output.isEmpty, "\(name): \(run.status) \(run.output) \(run.errors)")
            // Whoever names the agreement has no orphan.
            #expect(try Sluice.run(["agreement", "test", path]).status == 0)
            try FileManager.default.removeItem(atPath: folder.file(name))
        }
    }

    // MARK: On data

    private func table(_ folder: TemporaryFolder) throws -> String {
        let path = folder.file("permits.csv")
        try Sluice.succeed([
            "map", Repository.path("Sources/SluiceFiles/Files/permits-register.csv"), path, "--mapping",
            Repository.path("Sources/SluiceFiles/Files/permits-mapping.yaml"), "--structure", Self.structure,
        ])
        return path
    }

    /// What-if writes byte for byte what `protect` writes, and says why it would be refused.
    @Test func whatIfIsWhatWouldLeave() throws {
        let folder = try TemporaryFolder("sluice-agreement")
        let data = try table(folder)
        let arguments = ["agreement", "whatif", data, Self.agreement, "--structure", Self.structure]
        let run = try Sluice.run(arguments + ["--out", folder.file("if.csv"), "--date", "2026-03-31"])
        #expect(run.status == 0 && run.output.contains("AM.ARMSTAT would get 150 of 510 observations"), "\(run.output) \(run.errors)")
        try Sluice.succeed(["protect", data, folder.file("protected.csv"), "--agreement", Self.agreement, "--structure", Self.structure])
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("if.csv"))) == Data(contentsOf: URL(fileURLWithPath: folder.file("protected.csv"))))
        let other = try Sluice.run(arguments + ["--receiver", "UN.UNSD", "--json"])
        let document = try #require(try JSONSerialization.jsonObject(with: Data(other.output.utf8)) as? [String: Any])
        #expect(other.status == 1 && document["permit"] as? Bool == false && document["reasonCode"] as? String == "agreement.none")
        #expect(try Sluice.run(arguments + ["--date", "2031-01-01"]).output.contains("[validity.expired]"))
    }

    /// Counts and lines of two versions on real data: regions become countries, and the threshold falls.
    @Test func twoVersionsAreHeldAgainstEachOtherOnData() throws {
        let folder = try TemporaryFolder("sluice-agreement")
        let data = try table(folder)
        let newer = try changed(
            folder, [("version: \"1.0\"", "version: \"1.1\""), ("deepestLevel: 2", "deepestLevel: 3"), ("minimumCell: 5", "minimumCell: 3")])
        let common = ["--data", data, "--structure", Self.structure, "--date", "2026-03-31"]
        let run = try Sluice.run(["agreement", "diff", Self.agreement, newer, "--out", folder.file("changes.csv"), "--json"] + common)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any], "\(run.errors)")
        let counts = try #require(document["data"] as? [String: Any])
        #expect(run.status == 1 && counts["finer"] as? Int == 360 && counts["released"] as? Int == 0 && counts["gone"] as? Int == 0, "\(counts)")
        let lines = try String(contentsOfFile: folder.file("changes.csv"), encoding: .utf8).split(separator: "\r\n")
        let changed = ["finer", "shown", "withheld", "value"].reduce(0) { $0 + (counts[$1] as? Int ?? 0) }
        #expect(lines.count == changed + 1 && lines.first == "CHANGE,FREQ,SEX,AGE,CITIZENSHIP,TIME_PERIOD,OLD_OBS_VALUE,NEW_OBS_VALUE")
        let back = try Sluice.run(["agreement", "diff", newer, Self.agreement] + common)
        #expect(back.output.contains("  360 observations travel within a broader one, and did by themselves\n"), "\(back.output)")
    }

    // MARK: For others

    @Test func theDigestIsThatOfTheCanonicalForm() throws {
        let canonical = try Sluice.succeed(["agreement", "digest", Self.agreement, "--canonical"])
        let digest = try Sluice.succeed(["agreement", "digest", Self.agreement])
        let folder = try TemporaryFolder("sluice-agreement")
        try Data(canonical.utf8).write(to: URL(fileURLWithPath: folder.file("canonical.json")))
        let sum = try Run.run("/usr/bin/env", ["sha256sum", folder.file("canonical.json")])
        #expect(digest.split(separator: " ").first == sum.output.split(separator: " ").first)
        #expect(try JSONSerialization.jsonObject(with: Data(canonical.utf8)) is [String: Any])
    }

    @Test func schemaAndODRLAreJSON() throws {
        let schema = try Sluice.succeed(["agreement", "schema"])
        #expect(try schema == String(contentsOfFile: Repository.path("Config/agreement.schema.json"), encoding: .utf8))
        let odrl = try Sluice.succeed(["agreement", "odrl", Self.agreement])
        let document = try #require(try JSONSerialization.jsonObject(with: Data(odrl.utf8)) as? [String: Any])
        #expect(document["@type"] as? String == "Agreement" && document["uid"] as? String == "urn:sluice:agreement:AM-MOI-ARMSTAT-PERMITS:1.0")
    }
}
