internal import FormatCSV
internal import FormatSDMXCSV
internal import FormatSDMXJSON
internal import FormatSDMXML
internal import Glibc
internal import SluiceKit

/// Coverage-guided fuzzing of the readers by libFuzzer (`make fuzz TARGET=…`): an input may be refused, but never crash, hang or grow past the limits.
///
/// What a reader takes is also written back in its own format, so that writers meet what readers let through.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    Target.chosen.run(input)
    return 0
}

/// One reader. `SLUICE_FUZZ_TARGET` names it: the id of a data or structure format, or `csv-mapping`.
enum Target {
    case data(any DataFormat)
    case structures(any StructureFormat)
    case mapping

    static let chosen: Target = {
        let name = getenv("SLUICE_FUZZ_TARGET").map { String(cString: $0) } ?? ""
        let plugins: [any FormatPlugin.Type] = [SDMXMLPlugin.self, SDMXCSVPlugin.self, SDMXJSONPlugin.self]
        if let format = plugins.flatMap({ $0.dataFormats }).first(where: { $0.id == name }) { return .data(format) }
        if let format = plugins.flatMap({ $0.structureFormats }).first(where: { $0.id == name }) { return .structures(format) }
        if name == "csv-mapping" { return .mapping }
        let known = plugins.flatMap { $0.dataFormats.map(\.id) + $0.structureFormats.map(\.id) } + ["csv-mapping"]
        print("SLUICE_FUZZ_TARGET names none of \(known.joined(separator: ", "))")
        exit(2)
    }()

    /// Small, so that a limit that is not kept shows as memory or time.
    static let limits: ReadLimits = {
        var limits = ReadLimits()
        limits.valueBytesMax = 1 << 16
        return limits
    }()

    func run(_ input: [UInt8]) {
        // The first byte chooses how the input is cut, so that every boundary of pieces is met; the rest is the message.
        guard let first = input.first else { return }
        let bytes = Array(input.dropFirst())
        let piece = first == 0 ? Int.max : Int(first)
        let findings = FindingTally(samplesPerCodeMax: 1)
        switch self {
        case .data(let format):
            _ = format.recognises(bytes)
            _ = try? format.outline(of: MemoryByteSource(bytes, chunkBytesMax: piece), limits: Self.limits, findings: findings)
            let context = ReadContext(structures: Sample.structures, limits: Self.limits, findings: findings)
            guard let reader = try? format.reader(of: MemoryByteSource(bytes, chunkBytesMax: piece), in: context) else { return }
            copy(reader, to: try? format.writer(to: MemoryByteSink(), options: WriteOptions(header: reader.header)))
        case .structures(let format):
            _ = format.recognises(bytes)
            guard let set = try? format.readStructures(MemoryByteSource(bytes, chunkBytesMax: piece), limits: Self.limits, findings: findings) else { return }
            try? format.writeStructures(set, header: MessageHeader(id: "FUZZ", senders: ["FUZZ"]), to: MemoryByteSink())
            for structure in set.dataStructures { _ = DatasetSchema(structure, in: set) }
        case .mapping:
            let context = ReadContext(structures: Sample.structures, limits: Self.limits, findings: findings)
            guard let reader = try? CSVPlugin.reader(of: MemoryByteSource(bytes, chunkBytesMax: piece), mapping: Sample.mapping, in: context) else { return }
            copy(reader, to: nil)
        }
    }

    private func copy(_ reader: any DatasetReader, to writer: (any DatasetWriter)?) {
        do {
            while let description = try reader.nextDataset() {
                let batch = Batch(schema: description.schema, capacity: 64, limits: Self.limits)
                try writer?.beginDataset(description)
                while try reader.read(into: batch) > 0 {
                    try writer?.write(batch)
                    batch.removeAllRows()
                }
            }
            try writer?.finish()
        } catch {}
    }
}

/// A data structure with something of every kind, and a mapping onto it.
enum Sample {
    static let structures: StructureSet = {
        func identity(_ id: String) -> ArtefactIdentity { ArtefactIdentity(agency: "FUZZ", id: id, version: "1.0", names: LocalisedText(id)) }
        func coded(_ list: String) -> Representation { Representation(enumeration: ArtefactReference(.codelist, agency: "FUZZ", id: list, version: "1.0")) }
        var set = StructureSet()
        set.add(Codelist(identity: identity("CL_FREQ"), codes: [Code(id: "A"), Code(id: "M")]))
        set.add(Codelist(identity: identity("CL_AREA"), codes: [Code(id: "AM"), Code(id: "AL"), Code(id: "_T")]))
        set.add(Codelist(identity: identity("CL_STATUS"), codes: [Code(id: "A"), Code(id: "M")]))
        var several = Attribute(id: "NOTE", isMandatory: false, relationship: .observation)
        several.representation = Representation()
        several.representation?.occursMax = .max
        set.add(
            DataStructure(
                identity: identity("DSD"),
                dimensions: [
                    Dimension(id: "FREQ", representation: coded("CL_FREQ")), Dimension(id: "AREA", representation: coded("CL_AREA")),
                    Dimension(id: "TIME_PERIOD", kind: .time),
                ],
                groups: [DimensionGroup(id: "Sibling", dimensions: ["AREA"])], measures: [Measure(id: "OBS_VALUE"), Measure(id: "SECOND")],
                attributes: [
                    Attribute(id: "OBS_STATUS", representation: coded("CL_STATUS"), isMandatory: true, relationship: .observation),
                    Attribute(id: "UNIT", isMandatory: false, relationship: .dimensions(["FREQ", "AREA"])),
                    Attribute(id: "AREA_NOTE", isMandatory: false, relationship: .group("Sibling")),
                    Attribute(id: "TITLE", isMandatory: false, relationship: .dataset), several,
                ]))
        set.add(Dataflow(identity: identity("DF"), structure: ArtefactReference(.dataStructure, agency: "FUZZ", id: "DSD", version: "1.0")))
        return set
    }()

    static let mapping: CSVMapping = {
        let yaml = """
            mapping: 1
            structure: FUZZ:DSD(1.0)
            columns:
              Year: TIME_PERIOD
              Area: {into: AREA, labels: {Armenia: AM, Albania: AL, Total: _T}}
              Value: OBS_VALUE
            constants: {FREQ: A, OBS_STATUS: A}
            """
        do { return try CSVMapping(yaml: yaml, file: "sample") } catch { fatalError("the sample mapping is not understood: \(error)") }
    }()
}
