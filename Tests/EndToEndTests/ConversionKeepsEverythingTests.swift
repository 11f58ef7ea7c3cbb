import Foundation
import SluiceKitTesting
import Testing

/// `sluice convert` there and back: no observation, attribute or figure's text is lost or changed, as others read it.
@Suite(.enabled(if: Corpus.isPresent && Tools.python != nil, "the corpus (SLUICE_CORPUS) or python3 is absent"))
struct ConversionKeepsEverythingTests {
    /// A file, and how many observations it has.
    struct Source: CustomTestStringConvertible, Sendable {
        let path: String
        let observations: Int
        var testDescription: String { (path as NSString).lastPathComponent }
    }

    static let sources = [
        Source(path: Corpus.clean("ss21.xml"), observations: 1_000),
        Source(path: Corpus.tajik("data_generic21__Tajstat21_DATA.xml"), observations: 188),
        Source(path: Corpus.tajik("data_ss21_a__Tajstat_ss_21_DATA.xml"), observations: 188),
    ]

    /// The steps of the journey, each from the file before.
    static let journey = [
        ("1.csv", "sdmx-csv-2.0"), ("2.json", "sdmx-json-2.0"), ("3.xml", "sdmx-ml-2.1-generic"), ("4.xml", "sdmx-ml-2.1"), ("5.csv", "sdmx-csv-1.0"),
        ("6.csv", "sdmx-csv-2.0"),
    ]

    /// Walks the journey, in which every format is told from the bytes; returns the files in order.
    func convert(_ source: Source, in folder: TemporaryFolder) throws -> [String] {
        var from = source.path
        return try Self.journey.map { name, format in
            try Sluice.succeed(["convert", from, folder.file(name), "--to", format, "--structure", Corpus.sdg])
            from = folder.file(name)
            return from
        }
    }

    @Test(arguments: sources) func everyStepOfAJourneyThroughAllFormatsSaysTheSame(_ source: Source) throws {
        let folder = try TemporaryFolder()
        let files = try convert(source, in: folder)
        #expect(try Tools.python(Oracle.allEqual, [source.path] + files) == "\(source.observations)\n")
    }

    @Test(arguments: sources) func theCSVOfBothEndsIsTheSameByteForByte(_ source: Source) throws {
        let folder = try TemporaryFolder()
        let files = try convert(source, in: folder)
        let back = folder.file("back.csv")
        try Sluice.succeed(["convert", files[3], back, "--to", "sdmx-csv-2.0", "--structure", Corpus.sdg])
        let first = try Data(contentsOf: URL(fileURLWithPath: files[0]))
        #expect(first.count > 10_000)
        #expect(try Data(contentsOf: URL(fileURLWithPath: back)) == first)
    }

    @Test(.enabled(if: Tools.pysdmx, "pysdmx is absent (SLUICE_TOOLS)"), arguments: sources)
    func pysdmxReadsEveryMessageAlike(_ source: Source) throws {
        let folder = try TemporaryFolder()
        let files = try convert(source, in: folder)
        #expect(try Tools.python(Oracle.pysdmx, [source.path, files[0], files[2], files[3], files[4]]) == "\(source.observations)\n")
    }

    // sdmx1 2.28 reads SDMX-CSV of version 2.0 only.
    @Test(.enabled(if: Tools.sdmx1, "sdmx1 is absent (SLUICE_TOOLS)"), arguments: sources)
    func sdmx1ReadsEveryMessageAlike(_ source: Source) throws {
        let folder = try TemporaryFolder()
        let files = try convert(source, in: folder)
        #expect(try Tools.python(Oracle.sdmx1, [Corpus.sdg, source.path, files[0], files[2], files[3]]) == "\(source.observations)\n")
    }

    @Test func aDashIsStandardInputAndOutput() throws {
        let folder = try TemporaryFolder()
        try Sluice.succeed(["convert", Corpus.clean("ss21.xml"), folder.file("a.csv"), "--structure", Corpus.sdg, "--to", "sdmx-csv-2.0"])
        let piped = try Sluice.succeed(["convert", "-", "-", "--structure", Corpus.sdg, "--to", "sdmx-csv-2.0"], input: .file(Corpus.clean("ss21.xml")))
        #expect(Data(piped.utf8) == (try Data(contentsOf: URL(fileURLWithPath: folder.file("a.csv")))))
    }

    @Test func namingTheFormatAndGuessingItAgree() throws {
        let names = [
            "ss21.xml": "sdmx-ml-2.1", "gen21.xml": "sdmx-ml-2.1-generic", "ss30.xml": "sdmx-ml-3.0", "csv10.csv": "sdmx-csv-1.0", "csv20.csv": "sdmx-csv-2.0",
            "json20.json": "sdmx-json-2.0",
        ]
        for (file, format) in names {
            let guess = ["convert", Corpus.clean(file), "-", "--to", "sdmx-csv-2.0", "--structure", Corpus.sdg]
            let guessed = try Sluice.succeed(guess)
            #expect(guessed.utf8.count > 10_000)
            #expect(try Sluice.succeed(guess + ["--from", format]) == guessed, "\(file)")
        }
    }

    @Test(arguments: [".xml", ".csv", ".json"]) func theFormatToWriteIsToldFromTheEnding(_ ending: String) throws {
        let folder = try TemporaryFolder()
        let file = folder.file("out" + ending)
        try Sluice.succeed(["convert", Corpus.clean("csv20.csv"), file, "--structure", Corpus.sdg])
        #expect(try Tools.python(Oracle.allEqual, [Corpus.clean("csv20.csv"), file]) == "1000\n")
    }

    @Test func aFileIsNotWrittenOverItself() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("data.csv")
        try FileManager.default.copyItem(atPath: Corpus.clean("csv20.csv"), toPath: file)
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        let run = try Sluice.run(["convert", file, file, "--structure", Corpus.sdg, "--to", "sdmx-csv-1.0"])
        let after = try Data(contentsOf: URL(fileURLWithPath: file))
        // Either it is refused and the file is as it was, or the whole file is there in the new format.
        if run.status == 0 {
            #expect(after != before)
            #expect(try Tools.python(Oracle.allEqual, [Corpus.clean("csv20.csv"), file]) == "1000\n")
        } else {
            #expect(after == before, "the input was destroyed: \(after.count) bytes are left of \(before.count)")
        }
    }
}
