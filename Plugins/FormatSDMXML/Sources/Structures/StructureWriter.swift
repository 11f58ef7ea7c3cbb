import SluiceKit

/// Writes a structure message of SDMX-ML 2.1, 3.0 or 3.1 that follows the official schemas.
///
/// An artefact is written whole or not at all: what the version has no place for is named in a finding, and an artefact that cannot be written
/// without what the schemas demand is left out and named. An artefact without a name is named by its id.
final class StructureWriter {
    let structures: StructureSet
    let version: SDMXMLVersion
    /// Where the artefact being written goes: into memory first, so that half of it never reaches the message.
    private(set) var writer: ByteWriter
    private let header: MessageHeader
    let findings: any FindingSink
    /// The artefact being written, for findings.
    private(set) var artefact = ""
    private var losses: [String: Loss] = [:]

    /// What has no place, reported once with the first artefact and the number.
    private struct Loss {
        var severity: Finding.Severity
        var artefact: String
        var count: Int
        var order: Int
    }
    /// Most different losses; more are counted as one.
    private static let lossesMax = 256

    init(_ structures: StructureSet, version: SDMXMLVersion, header: MessageHeader, to sink: any ByteSink, findings: any FindingSink) {
        self.structures = structures
        self.version = version
        self.header = header
        self.findings = findings
        writer = ByteWriter(sink)
    }

    var isVersion3: Bool { version != .v2_1 }
    var formatID: String { "sdmx-ml-\(version.rawValue)-structure" }

    func write() throws(WriteError) {
        let namespace = "http://www.sdmx.org/resources/sdmxml/schemas/v" + (version == .v2_1 ? "2_1" : version == .v3_0 ? "3_0" : "3_1")
        try writer.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mes:Structure")
        try writer.write(attribute: "xmlns:mes", namespace + "/message")
        try writer.write(attribute: "xmlns:str", namespace + "/structure")
        try writer.write(attribute: "xmlns:com", namespace + "/common")
        try writer.write(">\n<mes:Header>\n")
        try writer.writeHeaderStart(header, otherwiseSender: "UNKNOWN")
        try writer.writeSources(header)
        try writer.write("</mes:Header>\n")
        if !structures.isEmpty {
            try writer.write("<mes:Structures>\n")
            if isVersion3 { try writeContainers3() } else { try writeContainers21() }
            try writer.write("</mes:Structures>\n")
        }
        try writer.write("</mes:Structure>\n")
        try writer.flush()
        reportLosses()
    }

    // MARK: Containers

    /// The artefacts of one container: those that could be written, each whole.
    final class Container {
        let name: String
        var isOpen = false
        init(_ name: String) { self.name = name }
    }

    func open(_ name: String, _ body: (Container) throws(WriteError) -> Void) throws(WriteError) {
        let container = Container(name)
        try body(container)
        if container.isOpen { try writer.write(text: "</str:\(name)>\n") }
    }

    func write<Artefact: MaintainableArtefact>(
        _ artefacts: [Artefact], in container: Container, _ body: (Artefact) throws(WriteError) -> Void
    ) throws(WriteError) {
        for artefact in artefacts {
            try write("\(artefact.artefactClass.name(before3: !isVersion3)) \(artefact.reference)", in: container) { () throws(WriteError) in
                try body(artefact)
            }
        }
    }

    /// Writes one artefact into memory and then into the container; one that cannot be written is named and left out.
    func write(_ name: String, in container: Container, _ body: () throws(WriteError) -> Void) throws(WriteError) {
        artefact = name
        let message = writer
        let sink = MemoryByteSink()
        writer = ByteWriter(sink, bufferBytes: 16 << 10)
        defer { writer = message }
        do {
            try body()
            try writer.flush()
        } catch {
            guard error.code == .unsupported else { throw error }
            findings.add(
                Finding(
                    .structureNotKept, severity: .warning, component: name, message: "Not written: \(name), since \(error.detail).",
                    advice: "Write it in another format, or change it."))
            return
        }
        if !container.isOpen {
            try message.write(text: "<str:\(container.name)>\n")
            container.isOpen = true
        }
        try message.write(whole: sink.bytes)
    }

    // MARK: Losses

    /// Notes what the version has no place for: a warning where meaning is lost, a note where only a remark is.
    func lose(_ what: String, _ severity: Finding.Severity = .warning) {
        let key = losses.count < Self.lossesMax || losses[what] != nil ? what : "other properties"
        let order = losses.count
        losses[key, default: Loss(severity: severity, artefact: artefact, count: 0, order: order)].count += 1
    }

    private func reportLosses() {
        for (what, loss) in losses.sorted(by: { $0.value.order < $1.value.order }) {
            findings.add(
                Finding(
                    .structureNotKept, severity: loss.severity, component: loss.artefact, offendingText: what,
                    message:
                        "SDMX-ML \(version.rawValue) has no place for \(what); left out \(loss.count == 1 ? "once" : "\(loss.count) times"), first in \(loss.artefact).",
                    advice: "Write another version if it matters."))
        }
    }
}

extension ByteWriter {
    /// Writes bytes as they are.
    fileprivate func write(whole bytes: [UInt8]) throws(WriteError) {
        let result: Result<Void, WriteError> = bytes.withUnsafeBytes { buffer in
            do throws(WriteError) { return .success(try write(buffer)) } catch { return .failure(error) }
        }
        try result.get()
    }
}
