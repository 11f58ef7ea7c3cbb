import Foundation
import SluiceKitTesting
import Testing

/// Small good messages in every format, to be spoilt; and what the product owes to whoever gives it a spoilt one.
struct Hostile: Sendable {
    /// What a run on hostile input may take of memory in a debug build, where the test process's own memory counts into the mark. (A release build alone: 64 MB.)
    static let peakBytesMax = 150 << 20
    static let limit = Duration.seconds(20)

    static let structure = Repository.path("Sources/SluiceFiles/Files/permits-structure.xml")

    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("sluice-hostile") }

    /// A good message, by the product's own writer.
    static let good: Result<[String: Data], any Error> = Result {
        let folder = try TemporaryFolder("sluice-good")
        var csv = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,SEX,AGE,CITIZENSHIP,TIME_PERIOD,OBS_VALUE,OBS_STATUS,CONF_STATUS,UNIT_MEASURE,UNIT_MULT\n"
        for sex in ["_T", "M", "F"] {
            for country in ["_T", "CIS", "EU", "RU", "SY", "US"] {
                for month in 1...12 {
                    csv += "datastructure,AM.MOI:PERMITS(1.0),R,M,\(sex),_T,\(country),2025-\(month < 10 ? "0" : "")\(month),\(month * 7),A,F,PERMITS,0\n"
                }
            }
        }
        try Data(csv.utf8).write(to: URL(fileURLWithPath: folder.file("seed.csv")))
        var good: [String: Data] = [:]
        for format in formats {
            let file = folder.file("good")
            try Sluice.succeed(["convert", folder.file("seed.csv"), file, "--to", format, "--structure", structure])
            good[format] = try Data(contentsOf: URL(fileURLWithPath: file))
        }
        return good
    }

    static let formats = ["sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-json-2.0"]
    static let xmlFormats = ["sdmx-ml-2.1", "sdmx-ml-2.1-generic"]
    static let csvFormats = ["sdmx-csv-1.0", "sdmx-csv-2.0"]

    static func good(_ format: String) throws -> Data { try #require(good.get()[format]) }
    static func goodText(_ format: String) throws -> String { String(decoding: try good(format), as: UTF8.self) }

    func file(_ bytes: Data, _ name: String = "hostile") throws -> String {
        try bytes.write(to: URL(fileURLWithPath: folder.file(name)))
        return folder.file(name)
    }

    func file(_ text: String, _ name: String = "hostile") throws -> String { try file(Data(text.utf8), name) }

    /// Runs `sluice` on hostile input and holds what is always owed: an end in time, the exit code, no crash, little memory, words for people.
    @discardableResult
    static func refuses(_ arguments: [String], input: Run.Input = .none, status: Set<Int32> = [1, 2], at location: SourceLocation = #_sourceLocation) throws
        -> Run
    {
        let run = try Sluice.run(arguments, input: input, within: limit, at: location)
        let what = "sluice \(arguments.map { ($0 as NSString).lastPathComponent }.joined(separator: " "))"
        #expect(status.contains(run.status), "\(what): exit code \(run.status): \(run.output.suffix(300))\(run.errors.suffix(500))", sourceLocation: location)
        #expect(run.peakBytes < peakBytesMax, "\(what): \(run.peakBytes >> 20) MB", sourceLocation: location)
        for word in ["Fatal error", "Stack dump", "stack trace", "Crash:", "libswift", "Optional(", "unexpectedly found nil", ".swift:"] {
            #expect(!run.errors.contains(word), "\(what): \(run.errors.prefix(500))", sourceLocation: location)
        }
        if run.status == 2 {
            let lines = run.errors.split(separator: "\n")
            #expect(lines.count == 1 && (10...1_500).contains(run.errors.utf8.count), "\(what) says: \(run.errors.prefix(2_000))", sourceLocation: location)
        }
        return run
    }

    /// `check` and `convert` both refuse, and an unusable input leaves no half file.
    func bothRefuse(
        _ file: String, format: String?, input: (@Sendable () -> Run.Input)? = nil, status: Set<Int32> = [2], at location: SourceLocation = #_sourceLocation
    ) throws {
        try Self.refuses(
            ["check", file, "--structure", Self.structure] + (format.map { ["--format", $0] } ?? []), input: input?() ?? .none, status: status, at: location)
        let out = folder.file("out.\(UUID().uuidString)")
        let convert = try Self.refuses(
            ["convert", file, out, "--to", "sdmx-csv-2.0", "--structure", Self.structure] + (format.map { ["--from", $0] } ?? []), input: input?() ?? .none,
            status: status,
            at: location)
        #expect((convert.status == 1) == FileManager.default.fileExists(atPath: out), "exit code \(convert.status)", sourceLocation: location)
    }

    /// A stream that begins well and then never ends its line: `beginning`, then a thousand million bytes of `filling`.
    static func endless(_ beginning: Data, filling: UInt8) -> Run.Input {
        .stream { descriptor in
            func write(_ bytes: [UInt8]) -> Bool {
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
                    guard count > 0 else { return false }
                    rest = rest.dropFirst(count)
                }
                return true
            }
            guard write([UInt8](beginning)) else { return }
            let block = [UInt8](repeating: filling, count: 1 << 20)
            for _ in 0..<954 where !write(block) { return }
        }
    }
}
