import Foundation
import SluiceKitTesting
import Testing

/// What each format can be spoilt with in its own way.
extension HostileInputTests {
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
}
