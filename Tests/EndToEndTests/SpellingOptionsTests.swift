import Foundation
import SluiceKitTesting
import Testing

/// What the options of `sluice convert` write is SDMX-CSV that reads back to the same cells, and that Python's own CSV reader takes apart as asked.
@Suite(.enabled(if: Corpus.isPresent, Corpus.absent))
struct SpellingOptionsTests {
    private let plain: String

    init() throws {
        plain = try Sluice.succeed(["convert", Corpus.clean("ss21.xml"), "-", "--to", "sdmx-csv-2.0", "--structure", Corpus.sdg])
    }

    @Test(arguments: [
        ["--labels", "both"], ["--labels", "name"], ["--keys", "both"], ["--separator", "semicolon"],
        ["--separator", "tab", "--labels", "name", "--keys", "obs"],
        ["--separator", "bar", "--labels", "both", "--keys", "series"],
    ])
    func spelledOtherwiseItReadsBackToTheSameCells(_ options: [String]) throws {
        let folder = try TemporaryFolder("sluice-spelling")
        try Sluice.succeed(["convert", Corpus.clean("ss21.xml"), folder.file("spelled.csv"), "--structure", Corpus.sdg] + options)
        let spelled = try String(contentsOfFile: folder.file("spelled.csv"), encoding: .utf8)
        #expect(spelled != plain)
        let back = try Sluice.succeed(["convert", folder.file("spelled.csv"), "-", "--to", "sdmx-csv-2.0", "--structure", Corpus.sdg])
        #expect(back == plain)
    }

    @Test func namesKeysAndDaysAreWhatTheStructureSays() throws {
        let folder = try TemporaryFolder("sluice-spelling")
        try Sluice.succeed(
            [
                "convert", Corpus.clean("ss21.xml"), folder.file("a.csv"), "--structure", Corpus.sdg, "--labels", "name", "--keys", "obs", "--separator",
                "semicolon", "--time-format", "normalized", "--language", "en",
            ])
        let program = """
            import csv, sys
            rows = list(csv.reader(open(sys.argv[1], encoding="utf-8", newline=""), delimiter=";", strict=True))
            head, first = rows[0], rows[1]
            assert len(rows) == 1001 and all(len(row) == len(head) for row in rows)
            at = head.index
            assert head[at("SEX") + 1] == "Sex" and first[at("FREQ"):at("FREQ") + 2] == ["A", "Annual"], first[:12]
            dimensions = [first[at(name)] for name in ("FREQ", "REPORTING_TYPE", "SERIES", "REF_AREA", "SEX", "AGE")]
            assert first[at("OBS_KEY")].startswith(".".join(dimensions) + "."), first[at("OBS_KEY")]
            assert all(row[at("TIME_PERIOD")][4:] == "-01-01" for row in rows[1:])
            """
        let run = try Run.run(try #require(Tools.python), ["-c", program, folder.file("a.csv")])
        #expect(run.status == 0, "\(run.errors.suffix(600))")
    }

    @Test(arguments: [
        ["--separator", "letter"], ["--labels", "all"], ["--keys", "some"], ["--time-format", "iso"],
    ]) func whatIsNoSpellingIsRefused(_ options: [String]) throws {
        let run = try Sluice.run(["convert", Corpus.clean("ss21.xml"), "-", "--to", "sdmx-csv-2.0", "--structure", Corpus.sdg] + options)
        #expect(run.status == 2 && run.errors.contains(options[1]), "\(run.status): \(run.errors)")
        #expect(run.output.isEmpty)
    }
}
