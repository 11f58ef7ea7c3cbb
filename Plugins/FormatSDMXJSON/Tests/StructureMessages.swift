import FormatSDMXJSON
import Foundation
import SluiceKit
import SluiceKitTesting

/// What became of a structure message: the artefacts with the findings, or why it was refused.
struct ReadStructures {
    var set = StructureSet()
    var findings: [Finding] = []
    var error: ReadError?

    var codes: [FindingCode] { findings.map(\.code) }
    /// What is worse than a remark.
    var faults: [Finding] { findings.filter { $0.severity > .note } }
}

extension SDMXJSONStructureFormat {
    func read(_ bytes: [UInt8], limits: ReadLimits = ReadLimits(), chunk: Int = .max) -> ReadStructures {
        var result = ReadStructures()
        let sink = AllFindings()
        do throws(ReadError) { result.set = try readStructures(MemoryByteSource(bytes, chunkBytesMax: chunk), limits: limits, findings: sink) } catch {
            result.error = error
        }
        result.findings = sink.findings
        return result
    }

    func read(_ text: String, limits: ReadLimits = ReadLimits()) -> ReadStructures { read(Array(text.utf8), limits: limits) }

    /// A message with one member of `data`.
    func read(data: String, meta: String = #""contentLanguages":["en"]"#) -> ReadStructures {
        read(#"{"meta":{"id":"M","prepared":"2025-11-22T08:00:00Z","sender":{"id":"TEST"},\#(meta)},"data":{\#(data)}}"#)
    }

    func write(_ set: StructureSet) throws -> (bytes: [UInt8], losses: [Finding]) {
        let sink = MemoryByteSink()
        let losses = AllFindings()
        let header = MessageHeader(id: "TEST1", isTest: true, prepared: "2025-11-22T00:00:00Z", senders: ["AM.TEST"])
        try writeStructures(set, header: header, to: sink, findings: losses)
        return (sink.bytes, losses.findings)
    }
}

/// One of each class that structure messages 2.1 have.
func everyClass() throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/structures.json")))
}
