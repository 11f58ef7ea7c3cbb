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
}
