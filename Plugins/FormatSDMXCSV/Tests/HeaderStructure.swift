import SluiceKit
import SluiceKitTesting
import Testing

/// A structure made of a header's own terms, for messages that come without theirs: what looks like a value or an attribute is one.
func structures(forHeaderOf bytes: [UInt8]) throws -> StructureSet {
    let scanner = CSVScanner(MemoryByteSource(bytes))
    let head = String(decoding: try scanner.head(bytesMax: 64), as: UTF8.self)
    scanner.separator = head.contains("STRUCTURE_ID;") || head.hasPrefix("DATAFLOW;") ? UInt8(ascii: ";") : UInt8(ascii: ",")
    guard try scanner.nextRow() else { return StructureSet() }
    let control: Set<String> = [
        "DATAFLOW", "STRUCTURE", "STRUCTURE[;]", "STRUCTURE[|]", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "SERIES_KEY", "OBS_KEY", "UPDATED", "SERIESKEY",
    ]
    let terms = (0..<scanner.cellCount).map { String(decoding: scanner.cell($0), as: UTF8.self) }
    var components = terms.filter { !control.contains($0) }
    if terms.contains("STRUCTURE_NAME") { components = components.enumerated().filter { $0.offset % 2 == 0 }.map(\.element) }
    var set = StructureSet()
    var structure = DataStructure(identity: ArtefactIdentity(agency: "TEST", id: "MADE"))
    let attributes = ["OBS_STATUS", "OBS_CONF", "COMMENT", "DECIMALS", "UNIT_MULT", "OBS_ATTRIBUTE", "OBS_FLAG", "CONF_STATUS"]
    for term in components {
        let name = term.firstRange(of: ": ").map { String(term[..<$0.lowerBound]) } ?? term
        let id = name.replacing(/\[[^\]]*\]/, with: "")
        var representation = Representation()
        if name.hasSuffix("[]") { representation.occursMax = .max }
        if name.contains(/\[[a-z;]+\]$/) {
            var format = TextFormat(type: .string)
            format.isMultiLingual = true
            representation.textFormat = format
        }
        if id.hasPrefix("OBS_VALUE") || id.hasPrefix("MEAS") || id == "Me_1" {
            structure.measures.append(Measure(id: id, representation: representation))
        } else if id.hasPrefix("ATT") || attributes.contains(id) || name.contains("[") {
            structure.attributes.append(Attribute(id: id, representation: representation, isMandatory: false, relationship: .observation))
            if id.hasPrefix("CO") { structure.attributes[structure.attributes.count - 1].relationship = .dimensions(["DIM_2"]) }
        } else {
            structure.dimensions.append(Dimension(id: id, kind: id == "TIME_PERIOD" ? .time : .regular))
        }
    }
    // The guides' examples of attributes at part of the key.
    if structure.measures.isEmpty {
        for index in structure.attributes.indices { structure.attributes[index].relationship = .dimensions(structure.dimensions.map(\.id)) }
    }
    set.add(structure)
    return set
}
