import Foundation
import SluiceKitTesting
import Testing

/// Input that means harm ends in a sentence and an exit code, soon and in little memory, through the commands that people run.
@Suite(.serialized)
struct HostileInputTests {
    let hostile: Hostile

    init() throws { hostile = try Hostile() }

    // MARK: Any format

    @Test(arguments: Hostile.formats) func theGoodMessageIsGood(_ format: String) throws {
        try Sluice.succeed(["check", try hostile.file(Hostile.good(format)), "--structure", Hostile.structure])
    }

    @Test(arguments: Hostile.formats) func aMessageThatEndsEarlyIsRefused(_ format: String) throws {
        let good = try Hostile.good(format)
        let isCSV = format.hasPrefix("sdmx-csv")
        for part in [1, 5, 20, 33, 50, 75, 95, 99] {
            var count = good.count * part / 100
            // A CSV that ends with a whole row is whole: cut in the middle of one, after its third cell.
            if isCSV {
                let text = Array(good)
                while count > 0 && text[count - 1] != UInt8(ascii: "\n") { count -= 1 }
                count += 25
            }
            try hostile.bothRefuse(hostile.file(good.prefix(count)), format: format, status: isCSV ? [1, 2] : [2])
        }
    }

    @Test(arguments: Hostile.formats) func anUnusableFileIsNotCalledCleanOnTheWay(_ format: String) throws {
        // A message whose first lines are all there is said to be unusable, and not before that: "nothing found".
        for bytes in [try Hostile.good(format).prefix(2_500) + [0], Data("nonsense".utf8)] {
            let run = try Hostile.refuses(["check", hostile.file(bytes), "--structure", Hostile.structure, "--format", format], status: [2])
            #expect(!run.output.contains("nothing found"), "\(run.output)")
        }
    }

    @Test(arguments: Hostile.formats) func bytesThatAreNotUTF8AreRefused(_ format: String) throws {
        var bytes = try Hostile.good(format)
        let at = try #require(bytes.lastRange(of: Data("PERMITS".utf8)))
        bytes.replaceSubrange(at, with: [0x50, 0xE9, 0x52])
        try hostile.bothRefuse(hostile.file(bytes), format: format, status: format.hasPrefix("sdmx-csv") ? [1, 2] : [2])
    }

    @Test(arguments: Hostile.formats) func aNULByteIsRefused(_ format: String) throws {
        var bytes = try Hostile.good(format)
        bytes.insert(0, at: bytes.count / 2)
        try hostile.bothRefuse(hostile.file(bytes), format: format, status: format.hasPrefix("sdmx-csv") ? [1, 2] : [2])
    }

    @Test(arguments: Hostile.formats) func utf16WorksOrIsRefused(_ format: String) throws {
        let text = try Hostile.goodText(format).replacing("encoding=\"UTF-8\"", with: "encoding=\"UTF-16\"")
        let bytes = try #require(text.data(using: .utf16))
        let file = try hostile.file(bytes)
        let run = try Hostile.refuses(["check", file, "--structure", Hostile.structure, "--format", format, "--json"], status: [0, 2])
        if run.status == 0 { #expect(run.output.contains(#""observations":216"#)) }
    }

    @Test(arguments: Hostile.formats) func aLineThatNeverEndsIsRefused(_ format: String) throws {
        try hostile.bothRefuse("-", format: format, input: { Hostile.endless(Data(), filling: UInt8(ascii: "a")) })
    }

    @Test(arguments: Hostile.formats) func aValueThatNeverEndsIsRefused(_ format: String) throws {
        let good = try Hostile.good(format)
        // In the middle of the last value of the message.
        let at = try #require(good.lastRange(of: Data("PERMITS".utf8))).lowerBound + 2
        try hostile.bothRefuse("-", format: format, input: { Hostile.endless(good.prefix(at), filling: UInt8(ascii: "a")) })
    }

    @Test(arguments: Hostile.formats) func aGoodMessageThatZerosFollowIsRefused(_ format: String) throws {
        let good = try Hostile.good(format)
        try hostile.bothRefuse("-", format: format, input: { Hostile.endless(good, filling: 0) }, status: format.hasPrefix("sdmx-csv") ? [1, 2] : [2])
    }

    @Test(arguments: Hostile.formats) func aSparseFileOfZerosIsRefused(_ format: String) throws {
        let file = try hostile.file("")
        try #require(truncate(file, 1_000_000_000) == 0)
        try hostile.bothRefuse(file, format: format)
        try hostile.bothRefuse(file, format: nil)
    }

    @Test(arguments: Hostile.formats) func aMessageOfAnotherFormatIsRefused(_ format: String) throws {
        for other in Hostile.formats where other != format {
            try hostile.bothRefuse(hostile.file(Hostile.good(other)), format: format)
        }
    }

    // MARK: XML

    /// The message with something between its declaration and its first element.
    func withProlog(_ format: String, _ prolog: String) throws -> String {
        let text = try Hostile.goodText(format)
        let end = try #require(text.range(of: "?>")).upperBound
        return text[..<end] + prolog + text[end...]
    }

    @Test(arguments: Hostile.xmlFormats) func anyDOCTYPEIsRefused(_ format: String) throws {
        let laughs = (1...9).map { "<!ENTITY l\($0) \"" + String(repeating: "&l\($0 - 1);", count: 10) + "\">" }.joined()
        let prologs = [
            "<!DOCTYPE x>", "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>",
            "<!DOCTYPE x [<!ENTITY % p SYSTEM \"http://127.0.0.1:9/x.dtd\"> %p;]>", "<!DOCTYPE x [<!ENTITY l0 \"ha\">\(laughs)]>",
            "<!DOCTYPE x [<!ENTITY a \"" + String(repeating: "a", count: 1_000_000) + "\">]>",
        ]
        for prolog in prologs {
            let text = try withProlog(format, prolog).replacing("PERMITS\"", with: prolog.contains("l9") ? "&l9;\"" : "PERMITS\"")
            let file = try hostile.file(text)
            try hostile.bothRefuse(file, format: format)
            let run = try Hostile.refuses(["check", file, "--structure", Hostile.structure, "--format", format], status: [2])
            #expect(run.errors.contains("DOCTYPE"), "\(run.errors)")
            #expect(!run.errors.contains("root:"))
        }
    }

    @Test(.enabled(if: Corpus.isPresent, Corpus.absent)) func theBombOfTheCorpusIsRefused() throws {
        let bomb = Corpus.path("vectors/own_made_here/bomb.xml")
        for format in Hostile.xmlFormats { try hostile.bothRefuse(bomb, format: format) }
        try hostile.bothRefuse(bomb, format: nil)
        try Hostile.refuses(["check", hostile.file(Hostile.good("sdmx-csv-2.0")), "--structure", bomb], status: [2])
    }

    @Test(arguments: Hostile.xmlFormats) func tenThousandElementsInOneAnotherAreRefused(_ format: String) throws {
        let text = try Hostile.goodText(format)
        let end = try #require(text.range(of: "</mes:DataSet>")).lowerBound
        let nest = String(repeating: "<a>", count: 10_000) + String(repeating: "</a>", count: 10_000)
        try hostile.bothRefuse(hostile.file(text[..<end] + nest + text[end...]), format: format)
    }

    @Test(arguments: Hostile.xmlFormats) func anElementWithAHundredThousandAttributesIsRefused(_ format: String) throws {
        let text = try Hostile.goodText(format)
        let end = try #require(text.range(of: "<mes:DataSet ")).upperBound
        let attributes = (0..<100_000).map { "a\($0)=\"\" " }.joined()
        try hostile.bothRefuse(hostile.file(text[..<end] + attributes + text[end...]), format: format)
    }

    @Test(arguments: Hostile.xmlFormats) func aCommentThatNeverEndsIsRefused(_ format: String) throws {
        let prefix = try #require(withProlog(format, "<!-- ").range(of: "<!-- "))
        let beginning = try Data(withProlog(format, "<!-- ")[..<prefix.upperBound].utf8)
        try hostile.bothRefuse("-", format: format, input: { Hostile.endless(beginning, filling: UInt8(ascii: "a")) })
    }

    // MARK: CSV

    @Test(arguments: Hostile.csvFormats) func aRowWithAnotherNumberOfCellsIsAFinding(_ format: String) throws {
        let text = try Hostile.goodText(format)
        let rows = text.split(whereSeparator: \.isNewline).map(String.init)
        try #require(rows.count == 217)
        for (row, code) in [(rows[5].split(separator: ",").prefix(4).joined(separator: ","), "row.too-few-cells"), (rows[5] + ",1,2", "row.too-many-cells")] {
            var changed = rows
            changed[5] = row
            let file = try hostile.file(changed.joined(separator: "\n") + "\n")
            try hostile.bothRefuse(file, format: format, status: [1])
            let run = try Hostile.refuses(["check", file, "--structure", Hostile.structure, "--json", "--all"], status: [1])
            #expect(run.output.contains(code) && run.output.contains(#""line":6"#), "\(run.output.prefix(600))")
        }
    }

    @Test(arguments: Hostile.csvFormats) func aQuoteThatNeverClosesIsRefused(_ format: String) throws {
        let text = try Hostile.goodText(format)
        try hostile.bothRefuse(hostile.file(text + "\"datastructure,x"), format: format, status: [1, 2])
        try hostile.bothRefuse("-", format: format, input: { Hostile.endless(Data((text + "\"").utf8), filling: UInt8(ascii: "\n")) }, status: [1, 2])
    }

    @Test(arguments: Hostile.csvFormats) func aHeaderThatIsNoneIsRefused(_ format: String) throws {
        let text = try Hostile.goodText(format)
        let header = try #require(text.split(whereSeparator: \.isNewline).first)
        let wide = header + "," + (0..<100_000).map { "C\($0)" }.joined(separator: ",")
        for other in [wide, header + ",OBS_VALUE", header.replacing(",TIME_PERIOD", with: "")] {
            try hostile.bothRefuse(hostile.file(text.replacing(header, with: other, maxReplacements: 1)), format: format, status: [1, 2])
        }
    }

    // MARK: JSON

    @Test func tenThousandArraysInOneAnotherAreRefused() throws {
        let nest = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
        let text = try Hostile.goodText("sdmx-json-2.0")
        for changed in [nest, "{\"x\":\(nest)," + text.dropFirst(), text.replacing("\"test\":false", with: "\"test\":false,\"x\":\(nest)", maxReplacements: 1)]
        {
            try hostile.bothRefuse(hostile.file(changed), format: "sdmx-json-2.0")
        }
    }

    @Test func aNameThatStandsTwiceInTheFrameIsRefused() throws {
        let text = try Hostile.goodText("sdmx-json-2.0")
        for (name, twice) in [
            ("\"data\":{", "\"data\":{},\"data\":{"), ("\"action\":", "\"action\":\"Delete\",\"action\":"),
            ("\"dataSets\":[", "\"dataSets\":[],\"dataSets\":["),
        ] {
            let changed = text.replacing(name, with: twice, maxReplacements: 1)
            try #require(changed != text)
            try hostile.bothRefuse(hostile.file(changed), format: "sdmx-json-2.0")
        }
    }

    @Test func anObservationThatStandsTwiceIsAFinding() throws {
        let text = try Hostile.goodText("sdmx-json-2.0")
        let first = try #require(text.firstRange(of: #/"observations":\{("0":\[[^\]]*\],)/#))
        let whole = String(text[first])
        let again = try #require(whole.firstMatch(of: #/\{(.*)/#)).output.1
        let changed = text.replacing(whole, with: whole + again, maxReplacements: 1)
        let file = try hostile.file(changed)
        try hostile.bothRefuse(file, format: "sdmx-json-2.0", status: [1])
        let run = try Hostile.refuses(["check", file, "--structure", Hostile.structure, "--json", "--all"], status: [1])
        #expect(run.output.contains("member.duplicate"), "\(run.output.prefix(500))")
    }

    @Test func brokenEscapesAndNumbersAreRefused() throws {
        let text = try Hostile.goodText("sdmx-json-2.0")
        for broken in [#""\uD800""#, #""\u00""#, #""\q""#, "01", "1e", "-", "NaN", "tru", "'x'", String(repeating: "9", count: 2_000_000)] {
            try hostile.bothRefuse(hostile.file(text.replacing("\"test\":false", with: "\"test\":\(broken)", maxReplacements: 1)), format: "sdmx-json-2.0")
        }
    }

    // MARK: Files

    @Test func whatIsNoFileIsRefused() throws {
        try FileManager.default.createDirectory(atPath: hostile.folder.file("folder"), withIntermediateDirectories: true)
        for file in [try hostile.file("", "empty"), hostile.folder.file("missing"), hostile.folder.file("folder"), ""] {
            try hostile.bothRefuse(file, format: nil)
            try hostile.bothRefuse(file, format: "sdmx-csv-2.0")
        }
        for device in ["/dev/null", "/proc/self/mem"] { try hostile.bothRefuse(device, format: nil) }
    }

    @Test(.enabled(if: geteuid() != 0 || Tools.find("setpriv") != nil, "root reads everything, and setpriv is absent"))
    func aFileWithoutPermissionIsRefused() throws {
        let file = try hostile.file(Hostile.good("sdmx-csv-2.0"), "secret.csv")
        let structure = hostile.folder.file("structure.xml")
        try FileManager.default.copyItem(atPath: Hostile.structure, toPath: structure)
        let program = hostile.folder.file("sluice")
        try FileManager.default.copyItem(atPath: Sluice.executable, toPath: program)
        try #require(chmod(file, 0) == 0 && chmod(structure, 0o644) == 0 && chmod(program, 0o755) == 0 && chmod(hostile.folder.path, 0o755) == 0)
        // Root may read any file: give the right up before.
        let aside = geteuid() == 0 ? [try #require(Tools.find("setpriv")), "--reuid=65534", "--regid=65534", "--clear-groups"] : []
        let command = aside + [program, "check", file, "--structure", structure]
        let run = try Run.run(command[0], Array(command.dropFirst()))
        #expect(run.status == 2)
        #expect(run.errors.contains("secret.csv") && run.errors.lowercased().contains("permi"), "\(run.errors)")
    }

    @Test func aStructureThatIsNoneIsRefused() throws {
        let data = try hostile.file(Hostile.good("sdmx-csv-2.0"), "data.csv")
        let structure = try String(contentsOfFile: Hostile.structure, encoding: .utf8)
        let others = [
            data, try hostile.file("", "empty"), hostile.folder.file("missing"), try hostile.file(Hostile.good("sdmx-ml-2.1"), "data.xml"),
            try hostile.file(structure.replacing("?>", with: "?><!DOCTYPE x>", maxReplacements: 1), "doctype.xml"),
            try hostile.file(String(structure.dropLast(200)), "cut.xml"),
            try hostile.file("<a/>", "other.xml"),
            try hostile.file(String(repeating: "<a>", count: 10_000) + String(repeating: "</a>", count: 10_000), "deep.xml"),
        ]
        for other in others {
            try Hostile.refuses(["check", data, "--structure", other], status: [2])
            try Hostile.refuses(["convert", data, "-", "--to", "sdmx-json-2.0", "--structure", other], status: [2])
        }
        let empty = hostile.folder.file("nothing")
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        try Hostile.refuses(["check", data, "--structure", empty], status: [2])
    }

    @Test func anOutputThatCannotBeWrittenIsRefused() throws {
        let data = try hostile.file(Hostile.good("sdmx-csv-2.0"), "data.csv")
        for out in [hostile.folder.path, hostile.folder.file("no/such/folder/out.csv"), "/dev/full"] {
            try Hostile.refuses(["convert", data, out, "--to", "sdmx-csv-2.0", "--structure", Hostile.structure], status: [2])
        }
    }

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
        // The argument parser adds the usage to its sentence.
        for arguments in [
            ["check", data, "--bogus"] + structure, ["bogus"], ["check"], ["check", data], ["convert", data] + structure, ["agreement", "bogus"],
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

    // MARK: Packages and ledgers

    @Test func whatIsNoPackageIsRefused() throws {
        let ca = hostile.folder.file("ca.pem")
        for bytes in [Data(), Data("PK".utf8), Data(repeating: 0, count: 1_000), Data(repeating: 0x50, count: 5_000_000)] {
            let file = try hostile.file(bytes, "no.asice")
            // Without an authority nothing can be told; with one the package is refused.
            try Hostile.refuses(["package", "verify", file, "--ca", ca], status: [2])
        }
        try Hostile.refuses(["package", "verify", hostile.folder.file("missing"), "--ca", ca], status: [2])
        try Hostile.refuses(["ledger", "verify", hostile.folder.file("missing"), "--key", "x"], status: [2])
    }
}
