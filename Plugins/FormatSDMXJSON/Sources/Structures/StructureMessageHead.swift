import SluiceKit

/// What the beginning of a JSON message says of its kind; the text may end anywhere.
struct StructureMessageHead {
    private var schema: String?
    private var hasSchemaAtRoot = false
    private var dataMembers: [String] = []
    private var is10ByContent = false

    /// Nil when it is not a structure message.
    var version: SDMXJSONStructureFormat.Version? {
        let known = dataMembers.filter(StructureMember.isKnown)
        // What stands in the message counts more than the schema that it names: some writers name the wrong one.
        guard !known.isEmpty || dataMembers.isEmpty && (schema?.contains("json-structure-schema") ?? false) else { return nil }
        if let schema, let version = StructureMember.version(ofSchema: schema) { return version }
        if hasSchemaAtRoot || known.contains(where: StructureMember.only21.contains) { return .v21 }
        if known.contains(where: StructureMember.since20.contains) { return .v20 }
        return is10ByContent || known.contains(where: StructureMember.only10.contains) ? .v10 : .v20
    }

    init(_ head: [UInt8]) {
        var bytes = head[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        scan(bytes)
    }

    private mutating func scan(_ bytes: ArraySlice<UInt8>) {
        /// For each open bracket whether it is an object's.
        var open: [Bool] = []
        /// The names of the members at hand on the first two levels.
        var names: [String] = ["", ""]
        var awaitsName = false
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if open.isEmpty, byte == UInt8(ascii: "[") { return }
                open.append(byte == UInt8(ascii: "{"))
                awaitsName = byte == UInt8(ascii: "{")
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard open.popLast() != nil, !open.isEmpty else { return }
            case UInt8(ascii: ","): awaitsName = open.last ?? false
            case UInt8(ascii: ":"): awaitsName = false
            case UInt8(ascii: "\""):
                let start = index
                while index < bytes.endIndex, bytes[index] != UInt8(ascii: "\"") { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
                guard index < bytes.endIndex, !open.isEmpty else { return }
                let text = bytes[start..<index]
                index += 1
                take(text, isName: awaitsName, depth: open.count, &names)
            case 0x20, 0x0A, 0x0D, 0x09: break
            default: if open.isEmpty { return }
            }
        }
    }

    private mutating func take(_ text: ArraySlice<UInt8>, isName: Bool, depth: Int, _ names: inout [String]) {
        if isName {
            if depth <= 2 {
                names[depth - 1] = String(decoding: text, as: UTF8.self)
                if depth == 2, names[0] == "data" { dataMembers.append(names[1]) }
            } else if text.elementsEqual("assignmentStatus".utf8) || text.elementsEqual("isFinal".utf8) || text.elementsEqual("textType".utf8) {
                is10ByContent = true
            }
        } else if depth == 1, names[0] == "$schema" {
            schema = String(decoding: text, as: UTF8.self)
            hasSchemaAtRoot = true
        } else if depth == 2, names[0] == "meta", names[1] == "schema", schema == nil {
            schema = String(decoding: text, as: UTF8.self)
        }
    }
}
