import SluiceKit

/// What a message says of a component.
extension OutlineReader {
    mutating func component(_ level: MessageComponent.Level, _ kind: String) throws(ReadError) -> MessageComponent {
        var component = MessageComponent(id: "", level: level)
        try members("a component of “\(kind)”", repeatable: "keyPosition") { (reader, name) throws(ReadError) in
            switch name {
            case "id": component.id = try reader.string() ?? ""
            case "name", "names": try reader.text(name, into: &component.names)
            case "keyPosition":
                let position = try reader.scanner.next() == .number ? reader.integer() : nil
                // A sample of the working group says it twice, with one voice.
                guard component.keyPosition == nil || component.keyPosition == position else {
                    throw reader.scanner.malformed(
                        "member “keyPosition” stands twice in a component of “\(kind)”, with different values; remove one of the two")
                }
                component.keyPosition = position
            case "isMandatory": component.isMandatory = try reader.scanner.next() == .isTrue
            case "role", "roles": component.roles = try reader.strings()
            case "default": component.defaultValue = try reader.scalar()
            case "relationship": component.relationship = try reader.relationship()
            case "format": try reader.format(&component.representation)
            case "maxOccurs": component.representation.occursMax = try reader.occurs()
            case "minOccurs": component.representation.occursMin = try reader.occurs()
            case "values":
                var values = ValueList()
                try reader.array { (reader, token) throws(ReadError) in try reader.appendListedValue(token, to: &values) }
                // An empty list refers to nothing, so the datasets can only hold the values themselves.
                component.values = values.count > 0 ? values : nil
            default: try reader.scanner.skipValue()
            }
        }
        guard !component.id.isEmpty else { throw scanner.malformed("a component of “\(kind)” has no id") }
        return component
    }

    /// One string, or an array of them.
    private mutating func strings() throws(ReadError) -> [String] {
        switch try MessageValue(scanner, try scanner.next()) {
        case .text(let text): return [text]
        case .list(let values): return values.compactMap(\.scalar)
        default: return []
        }
    }

    private mutating func relationship() throws(ReadError) -> AttributeRelationship? {
        var relationship: AttributeRelationship?
        try object("a relationship") { (reader, name) throws(ReadError) in
            switch name {
            case "dimensions":
                var ids: [String] = []
                try reader.array { (reader, token) throws(ReadError) in
                    guard token == .string else { throw reader.scanner.malformed("a relationship lists something that is no dimension's id") }
                    ids.append(try reader.scanner.plainText())
                }
                relationship = ids.isEmpty ? .dataset : .dimensions(ids)
            case "none", "dataflow":
                try reader.scanner.skipValue()
                relationship = .dataset
            case "observation", "primaryMeasure":
                try reader.scanner.skipValue()
                relationship = .observation
            default: try reader.scanner.skipValue()
            }
        }
        return relationship
    }

    private mutating func format(_ representation: inout Representation) throws(ReadError) {
        var format = TextFormat()
        var occursMin: Int?
        var occursMax: Int?
        try object("a format") { (reader, name) throws(ReadError) in
            switch name {
            case "dataType": format.type = try reader.string().flatMap(TextType.init)
            case "isMultiLingual": format.isMultiLingual = try reader.scanner.next() == .isTrue
            case "maxOccurs": occursMax = try reader.occurs()
            case "minOccurs": occursMin = try reader.occurs()
            case "minLength": format.minLength = try reader.scalar().flatMap { Int($0) }
            case "maxLength": format.maxLength = try reader.scalar().flatMap { Int($0) }
            case "minValue": format.minValue = try reader.scalar()
            case "maxValue": format.maxValue = try reader.scalar()
            case "decimals": format.decimals = try reader.scalar().flatMap { Int($0) }
            case "pattern": format.pattern = try reader.string()
            default: try reader.scanner.skipValue()
            }
        }
        representation.textFormat = format
        if let occursMin { representation.occursMin = occursMin }
        if let occursMax { representation.occursMax = occursMax }
    }

    /// A number, or `unbounded`.
    private func occurs() throws(ReadError) -> Int? {
        guard let text = try scalar() else { return nil }
        return text == "unbounded" ? .max : Int(text).flatMap { $0 >= 0 ? $0 : nil }
    }
}
