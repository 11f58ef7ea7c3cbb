package import SluiceKit

/// What a message holds, as text: one line per observation, `id=value` for what is not absent, after the dataset's own words.
package struct Dump: Equatable {
    package var datasets: [String] = []
    package var rows: [String] = []
    package var lines: [UInt64] = []
    package var findings: [Finding] = []
    package init() {}

    package var codes: [FindingCode] { findings.map(\.code) }
}

/// Keeps every finding; for small inputs.
package final class AllFindings: FindingSink {
    package var findings: [Finding] = []
    package init() {}
    package func add(_ finding: Finding) { findings.append(finding) }
}

extension DataFormat {
    package func dump(
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

    package func dump(_ text: String, _ structures: StructureSet, chunk: Int = .max, capacity: Int = Batch.capacityDefault, limits: ReadLimits = ReadLimits())
        throws
        -> Dump
    {
        try dump(Array(text.utf8), structures, chunk: chunk, capacity: capacity, limits: limits)
    }

    package func failure(_ bytes: [UInt8], _ structures: StructureSet, chunk: Int = .max, limits: ReadLimits = ReadLimits()) -> ReadError? {
        do {
            _ = try dump(bytes, structures, chunk: chunk, limits: limits)
            return nil
        } catch { return error as? ReadError }
    }

    /// Reads a message in this format and writes it in another.
    package func convert(
        _ bytes: [UInt8], to target: any DataFormat, _ structures: StructureSet, capacity: Int = Batch.capacityDefault, isFlat: Bool = false,
        header: MessageHeader? = nil,
        options change: (inout WriteOptions) -> Void = { _ in }
    ) throws -> [UInt8] {
        let reader = try reader(of: MemoryByteSource(bytes), in: ReadContext(structures: structures, findings: AllFindings()))
        let sink = MemoryByteSink()
        var options = WriteOptions(
            header: header ?? MessageHeader(id: "TEST1", isTest: true, prepared: "2025-11-22T00:00:00Z", senders: ["TEST"]), isFlat: isFlat)
        change(&options)
        let writer = try target.writer(to: sink, options: options)
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
