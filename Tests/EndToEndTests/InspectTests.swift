import Foundation
import SluiceKitTesting
import Testing

/// `sluice inspect` says what a file is without a data structure, and exits with 0 only when it read all of it.
@Suite(.enabled(if: Corpus.isPresent, Corpus.absent))
struct InspectTests {
    private struct Report: Decodable {
        struct Dataset: Decodable {
            let structure: String?
            let observations: Int
        }
        struct Artefact: Decodable {
            let `class`, reference: String
            let items: Int?
        }
        let format, message: String
        let complete: Bool
        let datasets: [Dataset]?
        let structures: [Artefact]?
    }

    private func report(_ path: String) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(Sluice.succeed(["inspect", path, "--json"]).utf8))
    }

    @Test(arguments: [
        ("ss21.xml", "sdmx-ml-2.1"), ("gen21.xml", "sdmx-ml-2.1-generic"), ("ss30.xml", "sdmx-ml-3.0"), ("csv10.csv", "sdmx-csv-1.0"),
        ("csv20.csv", "sdmx-csv-2.0"), ("json20.json", "sdmx-json-2.0"),
    ])
    func countsTheObservationsOfEveryFormat(_ file: String, _ format: String) throws {
        let report = try report(Corpus.clean(file))
        #expect(report.format == format && report.message == "data" && report.complete)
        #expect(report.datasets?.map(\.observations).reduce(0, +) == 1_000)
        #expect(report.datasets?.allSatisfy { $0.structure?.contains("SDG") == true } == true)
    }

    @Test func listsTheArtefactsOfAStructureMessage() throws {
        let report = try report(Corpus.sdg)
        #expect(report.format == "sdmx-ml-2.1-structure" && report.message == "structure")
        let artefacts = try #require(report.structures)
        #expect(artefacts.contains { $0.class == "DataStructure" && $0.reference == "IAEG-SDGs:SDG(1.4)" && $0.items == 33 })
        #expect(artefacts.first { $0.reference == "IAEG-SDGs:CL_SERIES(1.4)" }?.items == 623)
    }

    /// What is cut off is never called whole: at 20 places of each file, the very end included.
    @Test(arguments: ["ss21.xml", "gen21.xml", "ss30.xml", "json20.json"]) func aCutFileIsNotReadWhole(_ file: String) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: Corpus.clean(file)))
        let folder = try TemporaryFolder("sluice-inspect")
        for step in 1...20 {
            let path = folder.file("cut-\(step)-\(file)")
            // Behind the last bracket only white space may follow.
            try whole.prefix((whole.count - 3) * step / 20).write(to: URL(fileURLWithPath: path))
            let run = try Sluice.run(["inspect", path, "--json"])
            #expect(run.status == 2, "cut at \(step)/20: \(run.output.prefix(300)) \(run.errors.prefix(300))")
            #expect(!run.errors.isEmpty)
        }
    }

    /// A pipe cannot be read twice: the report is that of the file.
    @Test(arguments: ["ss21.xml", "csv20.csv", "json20.json"]) func readsAPipe(_ file: String) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Corpus.clean(file)))
        let run = try Sluice.run(["inspect", "-"], input: .stream { descriptor in _ = try? FileHandle(fileDescriptor: descriptor).write(contentsOf: bytes) })
        let ofFile = try Sluice.succeed(["inspect", Corpus.clean(file)])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.split(separator: "\n").dropFirst() == ofFile.split(separator: "\n").dropFirst())
    }

    @Test func aFaultyStructureMessageIsReportedAndNotCalledFine() throws {
        let folder = try TemporaryFolder("sluice-inspect")
        let text = try String(contentsOfFile: Corpus.sdg, encoding: .utf8)
        let head = try #require(text.firstRange(of: "<str:Code "))
        let code = text[head.lowerBound..<(try #require(text[head.lowerBound...].firstRange(of: "</str:Code>"))).upperBound]
        try Data((text[..<head.lowerBound] + code + text[head.lowerBound...]).utf8).write(to: URL(fileURLWithPath: folder.file("twice.xml")))
        let run = try Sluice.run(["inspect", folder.file("twice.xml")])
        #expect(run.status == 1 && run.output.contains("item.duplicate"), "\(run.status): \(run.output.suffix(400)) \(run.errors)")
    }

    @Test func whatIsNoMessageIsRefused() throws {
        let folder = try TemporaryFolder("sluice-inspect")
        for (name, text) in [("empty.xml", ""), ("page.html", "<!doctype html><p>x</p>"), ("table.csv", "Year,Value\n2020,1\n"), ("list.json", "[1,2]")] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
            let run = try Sluice.run(["inspect", folder.file(name)])
            #expect(run.status == 2 && run.errors.contains(name), "\(name): \(run.errors)")
        }
    }
}
