import Foundation
import SluiceKitTesting
import Testing

/// Arguments and the YAML files that arguments name.
extension HostileInputTests {
    // MARK: Arguments

    @Test func argumentsThatDoNotExistAreRefused() throws {
        let data = try hostile.file(Hostile.good("sdmx-csv-2.0"), "data.csv")
        let structure = ["--structure", Hostile.structure]
        for arguments in [
            ["check", data, "--format", "sdmx-csv-9"] + structure, ["convert", data, hostile.folder.file("out"), "--to", "bogus"] + structure,
            ["convert", data, hostile.folder.file("out"), "--from", "bogus", "--to", "sdmx-csv-2.0"] + structure,
        ] {
            try Hostile.refuses(arguments, status: [2])
        }
        // Data that do not bring their structure along.
        try Hostile.refuses(["check", data], status: [2])
        // The argument parser adds the usage to its sentence.
        for arguments in [
            ["check", data, "--bogus"] + structure, ["bogus"], ["check"], ["convert", data] + structure, ["agreement", "bogus"],
            ["package", "verify"],
        ] {
            let run = try Sluice.run(arguments, within: Hostile.limit)
            #expect(run.status == 2, "\(arguments)")
            #expect(run.errors.contains("Error:") && run.output == "", "\(arguments): \(run.errors)")
        }
    }

    /// A dataflow that the structure message, which has others, does not have; and what is no name of a dataflow at all.
    @Test(arguments: ["NO:SUCH(1.0)", "NO_SUCH", "AM.MOI:DF_PERMITS(9.9)", "((((", "A:B(1.0) "]) func aDataflowThatDoesNotExistIsRefused(_ flow: String) throws
    {
        let data = try hostile.file(Hostile.good("sdmx-csv-2.0"), "data.csv")
        let arguments = ["--flow", flow, "--structure", Hostile.structure]
        for command in [["check", data], ["convert", data, hostile.folder.file("out"), "--to", "sdmx-csv-1.0"]] {
            let run = try Sluice.run(command + arguments, within: Hostile.limit)
            #expect(run.status == 2, "\(command[0]) --flow \(flow): \(run.output)\(run.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: hostile.folder.file("out")))
    }

    @Test(arguments: ["AM.MOI:DF_PERMITS(1.0)", "DF_PERMITS"]) func aDataflowThatExistsIsTaken(_ flow: String) throws {
        let data = try hostile.file(Hostile.good("sdmx-csv-2.0"), "data.csv")
        try Sluice.succeed(["check", data, "--flow", flow, "--structure", Hostile.structure])
    }

    @Test func aNodeIsNotMadeAmongOtherFiles() throws {
        let taken = hostile.folder.file("taken")
        try FileManager.default.createDirectory(atPath: taken, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: taken + "/letter.txt"))
        try Hostile.refuses(["init", taken, "--id", "AM.OTHER"], status: [2])
        #expect(try FileManager.default.contentsOfDirectory(atPath: taken) == ["letter.txt"])
    }

    @Test func aNodeIsNotMadeOverAnother() throws {
        let (folder, node) = (hostile.folder.file("node"), hostile.folder.file("node/node.yaml"))
        try Sluice.succeed(["init", folder, "--id", "AM.TEST"])
        let key = folder + "/keys/sealing.key.pem"
        let before = try Data(contentsOf: URL(fileURLWithPath: key))
        try Data("# ours\n".utf8).write(to: URL(fileURLWithPath: node))
        try Hostile.refuses(["init", folder, "--id", "AM.OTHER"], status: [2])
        #expect(try Data(contentsOf: URL(fileURLWithPath: key)) == before)
        #expect(try String(contentsOfFile: node, encoding: .utf8) == "# ours\n")
        for id in ["../x", "", "a b", "A/B", ".A", "A..B"] {
            try Hostile.refuses(["init", hostile.folder.file("other"), "--id", id], status: [2])
            #expect(!FileManager.default.fileExists(atPath: hostile.folder.file("other")))
        }
    }

    @Test(arguments: [
        "demo", "serve", "init", "config check", "plugins describe", "check", "convert", "map", "protect", "agreement explain", "send", "package verify",
        "package open",
        "ledger verify", "feed list", "feed run",
    ])
    func everyCommandHasHelp(_ command: String) throws {
        let help = try Sluice.succeed(command.split(separator: " ").map(String.init) + ["--help"])
        #expect(help.contains("USAGE: sluice \(command)") && help.contains("OVERVIEW:"))
    }

    // MARK: YAML

    /// The commands that read YAML, each with a file in the place of the good one.
    func commands(reading yaml: String) throws -> [[String]] {
        let data = try hostile.file(Hostile.good("sdmx-csv-2.0"), "data.csv")
        let (out, structure) = (hostile.folder.file("out.csv"), ["--structure", Hostile.structure])
        return [
            ["map", Repository.path("Sources/SluiceFiles/Files/permits-register.csv"), out, "--to", "sdmx-csv-2.0", "--mapping", yaml] + structure,
            ["protect", data, out, "--agreement", yaml] + structure, ["agreement", "explain", yaml], ["config", "check", yaml],
        ]
    }

    /// The good files, in the order of `commands`.
    static let goodYAML = [
        "Sources/SluiceFiles/Files/permits-mapping.yaml", "Config/agreements/am-moi-armstat-permits.yaml", "Config/agreements/am-moi-armstat-permits.yaml",
        "Config/node.yaml",
    ]

    @Test(arguments: 0..<4) func anUnknownOrRepeatedKeyIsRefusedWithItsLine(_ which: Int) throws {
        let good = try String(contentsOfFile: Repository.path(Self.goodYAML[which]), encoding: .utf8)
        let lines = good.split(separator: "\n").count
        #expect(lines > 5)
        let first = try #require(good.split(separator: "\n").first { !$0.hasPrefix("#") && $0.contains(":") && !$0.hasPrefix(" ") })
        for (text, word) in [
            (good + "\nnoSuchKey: 1\n", "noSuchKey"), (good + "\n\(first.split(separator: ":")[0]): 1\n", String(first.split(separator: ":")[0])),
        ] {
            let file = try hostile.file(text, "hostile.yaml")
            let run = try Hostile.refuses(commands(reading: file)[which], status: [2])
            #expect(run.errors.contains(word) && run.errors.contains(#/hostile\.yaml:\d+/#), "\(run.errors)")
            #expect(!FileManager.default.fileExists(atPath: hostile.folder.file("out.csv")))
        }
    }

    @Test(arguments: 0..<4) func yamlThatMeansHarmIsRefused(_ which: Int) throws {
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1...12 { bomb += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",") + "]\n" }
        let texts = [
            bomb, "a: &a [*a]\n", String(repeating: "[", count: 10_000), String(repeating: "- ", count: 20_000) + "x", String(repeating: "a: {", count: 10_000),
            "", "- 1\n", "5", "\u{0}",
            "a: b: c", "\ta: 1", "%YAML 9.9\n---\na: 1", "a: !!python/object x", "--- 1\n--- 2\n", String(repeating: "k", count: 1_000_000) + ": 1",
            "a: \"" + String(repeating: "x", count: 3_000_000) + "\"",
        ]
        for text in texts {
            try Hostile.refuses(commands(reading: hostile.file(text, "hostile.yaml"))[which], status: [2])
        }
        try Hostile.refuses(commands(reading: hostile.file(Data([0x61, 0x3A, 0x20, 0xFF, 0xE9, 0x0A]), "hostile.yaml"))[which], status: [2])
        for path in [hostile.folder.path, hostile.folder.file("missing"), try hostile.file("", "empty")] {
            try Hostile.refuses(commands(reading: path)[which], status: [2])
        }
    }

    @Test(arguments: 0..<4) func yamlWithoutEndIsRefused(_ which: Int) throws {
        let file = try hostile.file("a: ", "sparse.yaml")
        try #require(truncate(file, 1_000_000_000) == 0)
        try Hostile.refuses(commands(reading: file)[which], status: [2])
    }
}
