import Foundation
import SluiceKit

/// Reference data outside the repository: `SLUICE_CORPUS`, else `../shared/corpus` beside the repository's root.
enum Corpus {
    static let folder: String? = {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let beside: String? = root.deletingLastPathComponent().appendingPathComponent("shared/corpus").path
        let candidates = [ProcessInfo.processInfo.environment["SLUICE_CORPUS"], beside]
        return candidates.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0 + "/generated") }
    }()
    static var isPresent: Bool { folder != nil }

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: (folder ?? "") + "/" + path))) }

    static func files(under path: String, suffix: String) -> [String] {
        guard let folder else { return [] }
        let all = FileManager.default.enumerator(atPath: folder + "/" + path)?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(suffix) }.sorted().map { path + "/" + $0 }
    }

    /// Rows of the manifest of the SDMX files, by column name.
    static func manifest() throws -> [[String: String]] {
        let lines = String(decoding: try bytes("sdmx/MANIFEST.tsv"), as: UTF8.self).split(whereSeparator: \.isNewline)
        let names = lines[0].split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        return lines.dropFirst().map {
            Dictionary(uniqueKeysWithValues: zip(names, $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)))
        }
    }
}

/// Runs the real tools of others where they are at hand: a Python with the named packages, from `SLUICE_TOOLS` or the PATH.
enum Tools {
    static func python(with package: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let folders = [environment["SLUICE_TOOLS"]].compactMap { $0 } + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return folders.map { $0 + "/python3" }.first {
            FileManager.default.isExecutableFile(atPath: $0) && (try? run($0, ["-c", "import \(package)"]).status) == 0
        }
    }

    static func run(_ tool: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    static func temporaryFile(_ name: String, _ bytes: [UInt8]) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        return file
    }
}

/// What a message holds, as text: one line per observation, `id=value` for what is not absent, after the dataset's own words.
struct Dump: Equatable {
    var datasets: [String] = []
    var rows: [String] = []
    var lines: [UInt64] = []
    var findings: [Finding] = []

    var codes: [FindingCode] { findings.map(\.code) }
}

/// Keeps every finding; for small inputs.
final class AllFindings: FindingSink {
    var findings: [Finding] = []
    func add(_ finding: Finding) { findings.append(finding) }
}

extension DataFormat {
    func dump(
        _ bytes: [UInt8], _ structures: StructureSet, chunk: Int = .max, capacity: Int = Batch.capacityDefault, limits: ReadLimits = ReadLimits(),
        flow: ArtefactReference? = nil
    ) throws -> Dump {
        let findings = AllFindings()
        let source = MemoryByteSource(bytes, chunkBytesMax: chunk)
        let reader = try reader(of: source, in: ReadContext(structures: structures, flow: flow, limits: limits, findings: findings))
        var dump = Dump()
        while let description = try reader.nextDataset() {
            dump.datasets.append("\(description.reference.artefactClass.rawValue) \(description.reference) \(description.action.rawValue)")
            let batch = Batch(schema: description.schema, capacity: capacity, limits: limits)
            while try reader.read(into: batch) > 0 {
                for row in 0..<batch.rowCount {
                    let cells = description.schema.components.indices.compactMap { column in
                        batch.string(column, row).map { "\(description.schema.components[column].id)=\($0)" }
                    }
                    dump.rows.append(cells.joined(separator: "|"))
                    dump.lines.append(batch.lines[row])
                }
                batch.removeAllRows()
            }
        }
        dump.findings = findings.findings
        return dump
    }

    func dump(_ text: String, _ structures: StructureSet, chunk: Int = .max, capacity: Int = Batch.capacityDefault, limits: ReadLimits = ReadLimits()) throws
        -> Dump
    {
        try dump(Array(text.utf8), structures, chunk: chunk, capacity: capacity, limits: limits)
    }

    func failure(_ bytes: [UInt8], _ structures: StructureSet, chunk: Int = .max, limits: ReadLimits = ReadLimits()) -> ReadError? {
        do {
            _ = try dump(bytes, structures, chunk: chunk, limits: limits)
            return nil
        } catch { return error as? ReadError }
    }

    /// Reads a message in this format and writes it in another.
    func convert(_ bytes: [UInt8], to target: any DataFormat, _ structures: StructureSet, capacity: Int = Batch.capacityDefault, isFlat: Bool = false) throws
        -> [UInt8]
    {
        let reader = try reader(of: MemoryByteSource(bytes), in: ReadContext(structures: structures, findings: AllFindings()))
        let sink = MemoryByteSink()
        let header = MessageHeader(id: "TEST1", isTest: true, prepared: "2025-11-22T00:00:00Z", senders: ["TEST"])
        let writer = try target.writer(to: sink, options: WriteOptions(header: header, isFlat: isFlat))
        while let description = try reader.nextDataset() {
            try writer.beginDataset(description)
            let batch = Batch(schema: description.schema, capacity: capacity)
            while try reader.read(into: batch) > 0 {
                try writer.write(batch)
                batch.removeAllRows()
            }
        }
        try writer.finish()
        return sink.bytes
    }
}

/// The bytes of a file in `Tests/Fixtures`.
func fixture(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)")))
}
