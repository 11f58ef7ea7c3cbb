import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

@Suite struct CheckReportTests {
    /// A report of rows in which much is wrong, some of it hostile.
    private func report(rowsPerCode: Int = 20) throws -> CheckReport {
        let tally = FindingTally(samplesPerCodeMax: rowsPerCode, keepsCells: true)
        let schema = CheckSample.schema()
        let message = MessageCheck(findings: tally, temporaryDirectory: "/tmp")
        let check = message.check(for: DatasetDescription(schema: schema, reference: schema.structure.reference))
        let batch = Batch(schema: schema)
        let rows =
            (0..<30).map { CheckSample.row(["TIME_PERIOD": "\(1990 + $0)", "OBS_VALUE": "1,5"]) } + [
                CheckSample.row(["SEX": "<script>alert('&')</script>\u{1F}\u{0}\u{FFFE}\u{202E}"]), CheckSample.row(["SEX": "F", "AREA_NOTE": nil]),
                CheckSample.row(["SEX": "F", "AREA_NOTE": "\"other\""]), CheckSample.row(["SEX": "F", "TITLE": "t`t"]),
            ]
        for row in rows {
            let index = batch.appendRow(line: UInt64(batch.rowCount + 2))
            for (id, value) in row {
                if let column = schema.index(of: id) { try Array(value.utf8).withUnsafeBytes { try batch.set(column, index, $0) } }
            }
        }
        try check.check(batch, dataset: 1)
        try message.finish(check)
        try message.finish(header: nil)
        var report = CheckReport(file: "<b>data & more</b>.xml", format: "sdmx-ml-2.1", tally: tally)
        report.structures = ["TEST:DSD(1.0)"]
        report.datasets = 1
        report.observations = rows.count
        report.checkedAt = "2026-03-01T09:00:00Z"
        try report.severities.set("time.frequency=error")
        return report
    }

    @Test func showsTheFirstRowsOfEachCodeWithTheirCellsMarked() throws {
        let html = try report().html
        #expect(html.contains("The first 20 of 31 findings"))
        #expect(html.components(separatedBy: "<mark>").count - 1 > 20)
        #expect(html.contains("<td class=\"wrong\"><mark><span class=\"spoken\">here: </span><bdi>1,5</bdi></mark></td>"))
        #expect(html.contains("<h2 id=\"code-value.type\">"))
        #expect(html.contains(HTMLText.prose(FindingCatalogue[.valueType]?.why ?? "?")))
        #expect(html.contains("time.frequency error"))
    }

    @Test func escapesWhateverTheDataHold() throws {
        let html = try report().html
        #expect(!html.contains("<script") && !html.contains("<b>data"))
        #expect(html.contains("&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;\u{241F}\u{2400}\u{FFFD}"))
        #expect(!html.unicodeScalars.contains { $0.value < 0x20 && $0.value != 0x0A || $0.value == 0xFFFE })
        // Nothing runs and nothing is fetched.
        #expect(html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\""))
        for fetched in ["src=", "url(", "@import", "http:", "https:"] { #expect(!html.contains(fetched), "\(fetched)") }
    }

    @Test func saysTheSameInJSON() throws {
        let report = try report(rowsPerCode: 3)
        let json = try JSONValue(parsing: Array(report.json.prettyText.utf8))
        #expect(json == report.json)
        guard case .object(let members) = json, case .array(let groups)? = members.first(where: { $0.name == "groups" })?.value else {
            Issue.record("\(json)")
            return
        }
        #expect(members.first { $0.name == "errors" }?.value == .integer(Int64(report.count(.error))))
        var findings: Int64 = 0
        for case .object(let group) in groups {
            func value(_ name: String) -> JSONValue? { group.first { $0.name == name }?.value }
            guard case .integer(let count)? = value("findings"), case .array(let first)? = value("first") else {
                Issue.record("\(group)")
                continue
            }
            findings += count
            #expect(first.count == min(3, Int(count)))
            #expect(value("mend") != nil)
        }
        #expect(findings == Int64(report.tally.count))
        // The gravest first.
        #expect(report.groups.map(\.count.severity) == report.groups.map(\.count.severity).sorted(by: >))
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_ORACLE_PYTHON"] != nil, "SLUICE_ORACLE_PYTHON is not set"))
    func isHTMLThatAStrictParserTakes() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("report.html")
        for (index, rowsPerCode) in [0, 20].enumerated() {
            try report(rowsPerCode: rowsPerCode).html.write(toFile: path, atomically: true, encoding: .utf8)
            let python = Process()
            python.executableURL = URL(fileURLWithPath: ProcessInfo.processInfo.environment["SLUICE_ORACLE_PYTHON"] ?? "")
            python.arguments = [
                "-c",
                """
                import sys, html5lib
                tree = html5lib.HTMLParser(strict=True).parse(open(sys.argv[1], "rb"))
                x = "{http://www.w3.org/1999/xhtml}"
                assert not list(tree.iter(x + "script"))
                tables = list(tree.iter(x + "table"))
                for table in tables:
                    assert table.find(x + "caption") is not None
                    heads = table.find(x + "thead").findall(".//" + x + "th")
                    assert heads and all(h.get("scope") == "col" for h in heads)
                    for row in table.find(x + "tbody"):
                        assert len(row) == len(heads), (len(row), len(heads))
                        assert row.find(x + "th").get("scope") == "row"
                print(len(tables))
                """, path,
            ]
            let output = Pipe()
            (python.standardOutput, python.standardError) = (output, output)
            try python.run()
            let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            python.waitUntilExit()
            #expect(python.terminationStatus == 0, "\(said)")
            #expect(index == 0 ? said == "1\n" : (Int(said.dropLast()) ?? 0) > 4)
        }
    }
}
