import SluiceKit

/// An object of a structure message while it is read: members are taken one by one, and `finish` names those that nobody took.
///
/// A member that is null counts as absent, as the field guide says. A member of the wrong type is named in a finding and counts as absent too;
/// where the meaning is beyond doubt (`"true"`, `"3"`), it is used.
struct StructureObject {
    private let members: [JSONMember]
    /// Long lists of an artefact, not parsed yet.
    private let lists: [MessageText.Member]
    private var takenMembers: UInt64 = 0
    private var takenLists: UInt64 = 0
    /// What it is, for findings: `code`, `dimension`.
    let kind: StaticString
    unowned let reader: StructureMessageReader

    init(_ members: [JSONMember], lists: [MessageText.Member] = [], kind: StaticString, reader: StructureMessageReader) {
        self.members = members
        self.lists = lists
        self.kind = kind
        self.reader = reader
    }

    // MARK: Taking members

    /// The value of a member; nil where it is absent or null.
    mutating func take(_ name: String) throws(ReadError) -> JSONValue? {
        for (index, member) in members.enumerated() where member.name == name {
            if index < 64 { takenMembers |= 1 << UInt64(index) }
            if case .null = member.value { return nil }
            return member.value
        }
        for (index, list) in lists.enumerated() where list.name == name {
            if index < 64 { takenLists |= 1 << UInt64(index) }
            return try reader.text.value(list.range)
        }
        return nil
    }

    func has(_ name: String) -> Bool {
        members.contains { member in
            if case .null = member.value { return false }
            return member.name == name
        } || lists.contains { $0.name == name }
    }

    /// Whether of two members, which are both there, the first stands first.
    func precedes(_ first: String, _ second: String) -> Bool {
        guard let left = members.firstIndex(where: { $0.name == first }), let right = members.firstIndex(where: { $0.name == second }) else { return false }
        return left < right
    }

    /// Passes over members that say nothing of their own.
    mutating func ignore(_ names: String...) throws(ReadError) { for name in names { _ = try take(name) } }

    /// Passes over a member that is false.
    mutating func ignoreFalse(_ name: String) throws(ReadError) {
        if members.contains(where: { $0.name == name && $0.value.bool == false }) { _ = try take(name) }
    }

    mutating func text(_ name: String) throws(ReadError) -> String? {
        guard let value = try take(name) else { return nil }
        return try text(value, name)
    }

    private func text(_ value: JSONValue, _ name: String) throws(ReadError) -> String? {
        switch value {
        case .string(let text):
            guard text.utf8.count <= reader.limits.valueBytesMax else {
                throw ReadError(
                    .limitExceeded, line: reader.position.line,
                    detail: "\(name) in \(reader.artefact) is longer than \(reader.limits.valueBytesMax) bytes (valueBytesMax)")
            }
            return text
        case .integer, .number:
            reader.wrongType(name, in: kind, wanted: "a text", found: value, isUsed: true)
            return value.compactText
        default:
            reader.wrongType(name, in: kind, wanted: "a text", found: value)
            return nil
        }
    }

    mutating func bool(_ name: String) throws(ReadError) -> Bool? {
        guard let value = try take(name) else { return nil }
        if let bool = value.bool { return bool }
        let used: Bool? = value.text == "true" ? true : value.text == "false" ? false : nil
        reader.wrongType(name, in: kind, wanted: "true or false", found: value, isUsed: used != nil)
        return used
    }

    mutating func integer(_ name: String) throws(ReadError) -> Int? {
        guard let value = try take(name) else { return nil }
        if let number = value.integer { return Int(number) }
        // 3.0 is a whole number too, to JSON Schema.
        if case .number(let text) = value, let number = Double(text), let whole = Int(exactly: number) { return whole }
        let used = value.text.flatMap { Int($0) }
        reader.wrongType(name, in: kind, wanted: "a whole number", found: value, isUsed: used != nil)
        return used
    }

    /// The text of a number, as it stands.
    mutating func number(_ name: String) throws(ReadError) -> String? {
        guard let value = try take(name) else { return nil }
        switch value {
        case .integer, .number: return value.compactText
        case .string(let text) where SchemaPattern.isNumber(text):
            reader.wrongType(name, in: kind, wanted: "a number", found: value, isUsed: true)
            return text
        default:
            reader.wrongType(name, in: kind, wanted: "a number", found: value)
            return nil
        }
    }

    /// `minOccurs` and `maxOccurs`, where `unbounded` is `Int.max`.
    mutating func occurrence(_ name: String) throws(ReadError) -> Int? {
        guard let value = try take(name) else { return nil }
        if value.text == "unbounded" { return Int.max }
        if let number = value.integer, number >= 0 { return Int(number) }
        let used = value.text.flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        reader.wrongType(name, in: kind, wanted: "a whole number or \"unbounded\"", found: value, isUsed: used != nil)
        return used
    }

    /// A date with time and zone; where the text leaves time or zone open, midnight and UTC (the schema asks for all three).
    mutating func dateTime(_ name: String) throws(ReadError) -> String? {
        guard let text = try text(name) else { return nil }
        return SchemaPattern.dateTime(text) ?? text
    }

    /// A period, of which a time without zone is taken as UTC too.
    mutating func period(_ name: String) throws(ReadError) -> String? {
        guard let text = try text(name) else { return nil }
        return SchemaPattern.observationalPeriod(text) ?? text
    }

    /// The texts of an array.
    mutating func texts(_ name: String) throws(ReadError) -> [String] {
        guard let value = try take(name) else { return [] }
        guard let elements = value.elements else {
            // One text where a list of texts should stand is read as a list of one.
            guard let only = value.text else {
                reader.wrongType(name, in: kind, wanted: "a list", found: value)
                return []
            }
            reader.wrongType(name, in: kind, wanted: "a list", found: value, isUsed: true)
            return [only]
        }
        var texts: [String] = []
        texts.reserveCapacity(elements.count)
        for element in elements { if let text = try text(element, name) { texts.append(text) } }
        return texts
    }

    /// The elements of an array.
    mutating func elements(_ name: String) throws(ReadError) -> [JSONValue] {
        guard let value = try take(name) else { return [] }
        guard let elements = value.elements else {
            reader.wrongType(name, in: kind, wanted: "a list", found: value)
            return []
        }
        return elements
    }

    mutating func object(_ name: String, _ kind: StaticString) throws(ReadError) -> StructureObject? {
        guard let value = try take(name) else { return nil }
        return reader.object(value, kind, name: name)
    }

    /// The objects of an array.
    mutating func objects(_ name: String, _ kind: StaticString) throws(ReadError) -> [StructureObject] {
        try elements(name).compactMap { reader.object($0, kind, name: name) }
    }

    /// Calls `body` for each object of an array; a long list of an artefact is parsed element by element.
    mutating func forEachObject(_ name: String, _ kind: StaticString, _ body: (inout StructureObject) throws(ReadError) -> Void) throws(ReadError) {
        if let index = lists.firstIndex(where: { $0.name == name }) {
            if index < 64 { takenLists |= 1 << UInt64(index) }
            let reader = reader
            try reader.text.forEachElement(lists[index].range) { (range) throws(ReadError) in
                reader.offset = range.lowerBound
                guard var object = reader.object(try reader.text.value(range), kind, name: name) else { return }
                try body(&object)
            }
            return
        }
        for var object in try objects(name, kind) { try body(&object) }
    }

    // MARK: References

    mutating func reference(_ name: String) throws(ReadError) -> ArtefactReference? {
        guard let text = try text(name) else { return nil }
        return reader.reference(text, name, in: kind)
    }

    mutating func objectReference(_ name: String) throws(ReadError) -> ObjectReference? {
        guard let text = try text(name) else { return nil }
        return reader.objectReference(text, name, in: kind)
    }

    mutating func conceptReference(_ name: String) throws(ReadError) -> ConceptReference? {
        guard let text = try text(name) else { return nil }
        return reader.conceptReference(text, name, in: kind)
    }

    mutating func references(_ name: String) throws(ReadError) -> [ArtefactReference] {
        try texts(name).compactMap { reader.reference($0, name, in: kind) }
    }

    mutating func conceptReferences(_ name: String) throws(ReadError) -> [ConceptReference] {
        try texts(name).compactMap { reader.conceptReference($0, name, in: kind) }
    }

    /// The last id of a URN, or the text itself: SDMX-JSON 1.0 names by URN what 2.0 names by id.
    mutating func itemID(_ name: String) throws(ReadError) -> String? {
        guard let text = try text(name) else { return nil }
        return reader.itemID(text, name, in: kind)
    }

    // MARK: The end

    /// Names the members that were not taken.
    func finish() {
        for (index, member) in members.enumerated() where index < 64 && takenMembers & (1 << UInt64(index)) == 0 {
            if case .null = member.value { continue }
            reader.notKept(member.name, in: kind)
        }
        for (index, list) in lists.enumerated() where index < 64 && takenLists & (1 << UInt64(index)) == 0 { reader.notKept(list.name, in: kind) }
    }
}
