import Foundation
import SluiceKitTesting
import Testing

/// `sluice protect --earlier`: a file held against those that the receiver has already.
@Suite struct EarlierFilesTests {
    private let folder: TemporaryFolder
    private var structure: String { folder.file("structure.xml") }
    private var agreement: String { folder.file("agreement.yaml") }
    private var output: String { folder.file("out.csv") }

    private static let header = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,SEX,AGE,CITIZENSHIP,TIME_PERIOD,OBS_VALUE,OBS_STATUS,CONF_STATUS,UNIT_MEASURE,UNIT_MULT\n"
    private static let cutAt15 = [("_T", "40"), ("Y_LT15", "10"), ("Y_GE15", "30")]
    private static let cutAt18 = [("_T", "40"), ("Y_LT18", "12"), ("Y_GE18", "28")]

    /// Ages cut at 15 and at 18 in the code list, all granted, and an agreement that looks across releases.
    init() throws {
        folder = try TemporaryFolder("sluice-earlier")
        let codes = ["Y_LT15", "Y_GE15", "Y_GE18"].map { id in
            "<str:Code id=\"\(id)\"><com:Name xml:lang=\"en\">\(id)</com:Name><str:Parent><Ref id=\"_T\"/></str:Parent></str:Code>"
        }.joined()
        try copy("permits-structure.xml", to: structure, [("<str:Code id=\"Y_LT18\">", codes + "<str:Code id=\"Y_LT18\">")])
        try copy(
            "permits-agreement.yaml", to: agreement,
            [
                ("codes: [_T, Y_LT18, Y18T34, Y35T64, Y_GE65]", "codes: all"),
                ("  cost: value", "  cost: value\n  differencing: {scope: receiver, population: AM-PERMITS}"),
            ])
    }

    private func copy(_ name: String, to path: String, _ changes: [(String, String)]) throws {
        var text = try String(contentsOfFile: Repository.path("Sources/SluiceFiles/Files/\(name)"), encoding: .utf8)
        for (old, new) in changes {
            try #require(text.contains(old), "\(name) does not have \(old)")
            text = text.replacingOccurrences(of: old, with: new)
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private static func rows(_ cells: [(String, String)], action: String = "R") -> String {
        cells.map { "datastructure,AM.MOI:PERMITS(1.0),\(action),M,_T,\($0.0),_T,2026-01,\($0.1),A,,PERMITS,0\n" }.joined()
    }

    private func file(_ name: String, _ rows: String) throws -> String {
        let path = folder.file(name)
        try Data((Self.header + rows).utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func protect(_ input: String, agreement: String? = nil, earlier: [String] = []) throws -> Run {
        try? FileManager.default.removeItem(atPath: output)
        return try Sluice.run(
            ["protect", input, output, "--agreement", agreement ?? self.agreement, "--structure", structure] + (earlier.isEmpty ? [] : ["--earlier"] + earlier))
    }

    /// What is left of a damaged file would count as all that the receiver holds, and the release as safe.
    @Test func aDamagedEarlierFileRefuses() throws {
        let second = try file("second.csv", Self.rows(Self.cutAt18))
        let whole = try protect(second, earlier: [try file("first.csv", Self.rows(Self.cutAt15))])
        #expect(whole.status == 1 && whole.errors.contains("[protect.differencing]"), "\(whole.errors)")
        for (name, rows) in [
            ("no-number.csv", Self.rows([("_T", "4o"), ("Y_LT15", "1o"), ("Y_GE15", "3o")])),
            ("unknown-code.csv", Self.rows([("_T", "40"), ("Y_LT_15", "10"), ("Y_GE_15", "30")])),
            ("torn.csv", String(Self.rows(Self.cutAt15).dropLast(30))),
            ("no-row.csv", ""),
            ("withdrawn.csv", Self.rows([("_T", ""), ("Y_LT15", ""), ("Y_GE15", "")])),
        ] {
            let damaged = try file(name, rows)
            let run = try protect(second, earlier: [try file("total.csv", Self.rows([("_T", "40")])), damaged])
            #expect(run.status == 2 && run.errors.contains(damaged), "\(name): \(run.status) \(run.errors)")
            #expect(!FileManager.default.fileExists(atPath: output), "\(name)")
        }
    }

    /// One code can say both: a warning of it that comes first does not hide the errors behind.
    @Test func anErrorBehindAWarningOfItsCodeRefuses() throws {
        let text = try String(contentsOfFile: structure, encoding: .utf8)
        let list = try #require(text.range(of: "id=\"CL_CITIZENSHIP\""))
        try Data(text.replacingCharacters(in: list, with: "id=\"CL_CITIZENSHIP\" isPartial=\"true\"").utf8).write(to: URL(fileURLWithPath: structure))
        let warned = "datastructure,AM.MOI:PERMITS(1.0),R,M,_T,_T,XX,2026-01,7,A,,PERMITS,0\n"
        let second = try file("second.csv", Self.rows(Self.cutAt18))
        let sound = try protect(second, earlier: [try file("sound.csv", warned + Self.rows([("_T", "40")]))])
        #expect(sound.status == 0, "\(sound.errors)")
        let damaged = try file("damaged.csv", warned + Self.rows([("_T", "40"), ("Y_LT_15", "10"), ("Y_GE_15", "30")]))
        let run = try protect(second, earlier: [damaged])
        #expect(run.status == 2 && run.errors.contains("2 errors") && run.errors.contains(damaged), "\(run.status) \(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    /// As at a node: two datasets that are each safe and together are not do not leave in one message either.
    @Test func datasetsOfOneMessageAreHeldTogether() throws {
        let both = try file("both.csv", Self.rows(Self.cutAt15) + Self.rows(Array(Self.cutAt18.dropFirst()), action: "A"))
        for earlier in [[], [try file("total.csv", Self.rows([("_T", "40")]))]] {
            let run = try protect(both, earlier: earlier)
            #expect(run.status == 1 && run.errors.contains("[protect.differencing]") && run.errors.contains("this message"), "\(run.status) \(run.errors)")
        }
        let whatIf = try Sluice.run(["agreement", "whatif", both, agreement, "--structure", structure])
        #expect(whatIf.status == 1 && whatIf.output.contains("[protect.differencing]"), "\(whatIf.output) \(whatIf.errors)")
    }

    /// A node under such an agreement would let it leave; a command that says otherwise would be wrong of it.
    @Test func anAgreementThatJudgesEachReleaseAloneTakesNoEarlierFiles() throws {
        let alone = folder.file("alone.yaml")
        let text = try String(contentsOfFile: agreement, encoding: .utf8)
        try text.replacingOccurrences(of: "  differencing: {scope: receiver, population: AM-PERMITS}", with: "").write(
            toFile: alone, atomically: true, encoding: .utf8)
        let both = try file("both.csv", Self.rows(Self.cutAt15) + Self.rows(Array(Self.cutAt18.dropFirst()), action: "A"))
        let run = try protect(both, agreement: alone)
        #expect(run.status == 0, "\(run.errors)")
        let held = try protect(both, agreement: alone, earlier: [try file("first.csv", Self.rows(Self.cutAt15))])
        #expect(held.status == 2 && held.errors.contains("differencing") && held.errors.contains("--earlier"), "\(held.status) \(held.errors)")
    }
}
