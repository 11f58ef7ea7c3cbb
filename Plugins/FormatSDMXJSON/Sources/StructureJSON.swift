import SluiceKit

/// Writes what a message says of its components.
struct StructureJSON {
    let version: SDMXJSONFormat.Version
    let schema: DatasetSchema
    let reference: ArtefactReference
    let out: ByteWriter

    /// A level with its components, and the values that are listed for each.
    typealias Level = (name: String, columns: [(column: Int, values: ValueDictionary?)])

    func write(dimensions: [Level], measures: [Level], attributes: [Level], dataSets: [Int]) throws(WriteError) {
        try out.write("{\"links\":")
        try Self.writeLinks(reference, schema, to: out)
        try out.write(",\"name\":")
        try JSONText.write(schema.structure.identity.names.text() ?? schema.structure.identity.id, to: out)
        if !dataSets.isEmpty, version != .v1 { try out.write(text: ",\"dataSets\":[\(dataSets.map(String.init).joined(separator: ","))]") }
        try out.write(",\"dimensions\":{")
        try writeLevels(dimensions)
        if version != .v1 {
            try out.write("},\"measures\":{")
            try writeLevels(measures)
        }
        try out.write("},\"attributes\":{")
        try writeLevels(attributes)
        try out.write("}}")
    }

    static func writeLinks(_ reference: ArtefactReference, _ schema: DatasetSchema, to out: ByteWriter) throws(WriteError) {
        let structure = schema.structure.reference
        var links = [reference]
        if let flow = schema.flow, reference.artefactClass != .dataflow { links.append(flow) }
        if reference.artefactClass != .dataStructure { links.append(structure) }
        try out.write("[")
        for (index, link) in links.enumerated() {
            let resource = link.artefactClass.rawValue.lowercased()
            // A reference that came without agency makes no URN; as an address it reads back.
            let isAddress = link.agency.isEmpty && link.version == nil
            try out.write(text: "\(index > 0 ? "," : ""){\"rel\":\"\(resource)\",\"\(isAddress ? "href" : "urn")\":")
            try JSONText.write(isAddress ? "\(resource)/\(link.id)" : link.urn, to: out)
            try out.write("}")
        }
        try out.write("]")
    }

    private func writeLevels(_ levels: [Level]) throws(WriteError) {
        for (number, level) in levels.filter({ !$0.columns.isEmpty }).enumerated() {
            try out.write(text: "\(number > 0 ? "," : "")\"\(level.name)\":[")
            for (index, entry) in level.columns.enumerated() {
                if index > 0 { try out.write(",") }
                try writeComponent(entry.column, entry.values)
            }
            try out.write("]")
        }
    }

    private func writeComponent(_ column: Int, _ values: ValueDictionary?) throws(WriteError) {
        let component = schema.components[column]
        try out.write("{\"id\":")
        try JSONText.write(component.id, to: out)
        try out.write(",\"name\":")
        try JSONText.write(component.names.text() ?? component.id, to: out)
        if component.names.entries.count > 1 || component.names.entries.contains(where: { $0.language != "en" }) {
            try out.write(",\"names\":")
            try HeaderJSON.writeLanguages(component.names, to: out)
        }
        if component.isDimension {
            try out.write(text: ",\"keyPosition\":\(column)")
            if component.role == .timeDimension { try out.write(",\"roles\":[\"TIME_PERIOD\"]") }
        } else {
            if version != .v1 { try out.write(text: ",\"isMandatory\":\(component.isMandatory)") }
            try writeRelationship(component)
            if version != .v1 { try writeFormat(component) }
        }
        if let values, values.count > 0 {
            try writeValues(values, component)
        } else if version == .v1 {
            // 1.0 asks for the list, be it empty.
            try out.write(",\"values\":[]")
        }
        try out.write("}")
    }

    private func writeRelationship(_ component: Component) throws(WriteError) {
        guard case .attribute(let relationship) = component.role else { return }
        var dimensions: [String] = []
        switch relationship {
        case .dataset: return try out.write(version == .v1 ? ",\"relationship\":{\"none\":{}}" : ",\"relationship\":{\"dataflow\":{}}")
        case .observation: break
        case .dimensions(let ids): dimensions = ids
        case .group(let id): dimensions = schema.structure.groups.first { $0.id == id }?.dimensions ?? []
        }
        guard !dimensions.isEmpty else {
            return try out.write(version == .v1 ? ",\"relationship\":{\"primaryMeasure\":\"OBS_VALUE\"}" : ",\"relationship\":{\"observation\":{}}")
        }
        try out.write(",\"relationship\":{\"dimensions\":[")
        for (index, id) in dimensions.enumerated() {
            if index > 0 { try out.write(",") }
            try JSONText.write(id, to: out)
        }
        try out.write("]}")
    }

    /// Type, languages and how many values; a component with a code list has only the last.
    private func writeFormat(_ component: Component) throws(WriteError) {
        let occurs = component.occursMax == .max ? "\"unbounded\"" : String(component.occursMax)
        if version == .v21, component.isArray { try out.write(text: ",\"maxOccurs\":\(occurs)") }
        var members: [String] = []
        if component.codelistReference == nil {
            if let type = component.textFormat?.type, Self.types.contains(type) { members.append("\"dataType\":\"\(type.rawValue)\"") }
            if let isMultiLingual = component.textFormat?.isMultiLingual { members.append("\"isMultiLingual\":\(isMultiLingual)") }
        }
        if version == .v2, component.isArray { members.append("\"maxOccurs\":\(occurs)") }
        if !members.isEmpty { try out.write(text: ",\"format\":{\(members.joined(separator: ","))}") }
    }

    /// What the schemas 2.x list as types of measures and attributes.
    private static let types = Set(TextType.allCases).subtracting([.keyValues, .identifiableReference, .dataSetReference, .attachmentConstraintReference])

    private func writeValues(_ dictionary: ValueDictionary, _ component: Component) throws(WriteError) {
        try out.write(",\"values\":[")
        let hasCodes = component.codelistReference != nil || component.isDimension
        for code in 0..<UInt32(dictionary.count) {
            if code > 0 { try out.write(",") }
            let bytes = dictionary.bytes(code)
            // An id has to have a name beside it and a restricted alphabet; what is no such id is listed as a plain value.
            if hasCodes, Self.isID(bytes) || (version == .v1 && component.isDimension) {
                try out.write("{\"id\":")
                try JSONText.write(bytes, to: out)
                try out.write(",\"name\":")
                if let name = component.codelist?[String(decoding: bytes, as: UTF8.self)]?.names.text() {
                    try JSONText.write(name, to: out)
                } else {
                    try JSONText.write(bytes, to: out)
                }
            } else if version == .v1 {
                try out.write("{\"name\":")
                try JSONText.write(bytes, to: out)
            } else {
                let isSeveral = component.isArray || CellJSON.holdsSeveral(bytes)
                try out.write(isSeveral ? "{\"values\":" : "{\"value\":")
                try CellJSON.write(bytes, isArray: isSeveral, to: out)
            }
            try out.write("}")
        }
        try out.write("]")
    }

    /// `^[A-Za-z0-9_@$-]+$` (schema, `dimValues` and `compValues`).
    private static func isID(_ bytes: UnsafeRawBufferPointer) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "$"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}
