import Foundation
import SluiceKitTesting
import Testing

/// The mappings that the product carries turn Armenia's published tables into SDG data that nothing is wrong with.
@Suite(.enabled(if: Corpus.isPresent, Corpus.absent))
struct MapsArmenianTablesTests {
    static let tables = ["10-7-4", "16-2-2", "8-8-1"]

    func map(_ table: String, to out: String, _ format: String = "sdmx-csv-2.0") throws -> Run {
        try Sluice.run([
            "map", Corpus.path("armstat-sdg/data/indicator_\(table).csv"), out, "--mapping", Repository.path("Config/flows/sdg-reporting-am/armstat-\(table).yaml"),
            "--structure", Corpus.sdg,
            "--to", format, "--json",
        ])
    }

    @Test(.enabled(if: Tools.python != nil, "python3 is absent"), arguments: tables)
    func everyRowOfTheTableBecomesAnObservationWithItsFigure(_ table: String) throws {
        let folder = try TemporaryFolder()
        let run = try map(table, to: folder.file("out.csv"))
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains(#""findings":[]"#))
        // Year and figure of every row, read by somebody else, in the order of the table.
        let program = """
            import csv, sys
            rows = [r for r in csv.DictReader(open(sys.argv[1], encoding="utf-8-sig")) if any(r.values())]
            out = list(csv.DictReader(open(sys.argv[2], encoding="utf-8-sig")))
            a, b = [(r["Year"], r["Value"]) for r in rows], [(r["TIME_PERIOD"], r["OBS_VALUE"]) for r in out]
            assert len(a) > 20
            assert sorted(a) == sorted(b), sorted(set(a) ^ set(b))
            """
        try Tools.python(program, [Corpus.path("armstat-sdg/data/indicator_\(table).csv"), folder.file("out.csv")])
    }

    @Test(arguments: tables) func nothingIsWrongWithTheResult(_ table: String) throws {
        let folder = try TemporaryFolder()
        for (name, format) in [("out.csv", "sdmx-csv-2.0"), ("out.xml", "sdmx-ml-2.1"), ("out.json", "sdmx-json-2.0")] {
            #expect(try map(table, to: folder.file(name), format).status == 0)
            let run = try Sluice.run(["check", folder.file(name), "--structure", Corpus.sdg, "--json"])
            #expect(run.status == 0)
            #expect(run.output.contains(#""findings":[]"#), "\(run.output.prefix(500))")
        }
    }

    @Test func aLabelThatIsNotMappedIsReportedAndItsRowLeftOut() throws {
        let folder = try TemporaryFolder()
        let table = folder.file("table.csv")
        let rows = "Year,Units,Country,Value\n2023,%,Ukraine,1.5\n2023,%,Atlantis,2.5\n"
        try Data(rows.utf8).write(to: URL(fileURLWithPath: table))
        let run = try Sluice.run([
            "map", table, folder.file("out.csv"), "--mapping", Repository.path("Config/flows/sdg-reporting-am/armstat-10-7-4.yaml"), "--structure", Corpus.sdg, "--to",
            "sdmx-csv-2.0",
        ])
        #expect(run.status == 1)
        #expect(run.errors.contains("Atlantis"))
        let out = try String(contentsOfFile: folder.file("out.csv"), encoding: .utf8)
        #expect(out.contains(",1.5,") && !out.contains(",2.5,"))
    }
}
