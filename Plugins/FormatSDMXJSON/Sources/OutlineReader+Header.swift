import SluiceKit

/// What a message says of itself: `meta`, which was called `header` before 1.0.
extension OutlineReader {
    mutating func readMeta() throws(ReadError) {
        try object("meta") { (reader, name) throws(ReadError) in
            switch name {
            case "schema": reader.take(schema: try reader.string())
            case "id": reader.outline.header.id = try reader.string() ?? ""
            case "prepared": reader.outline.header.prepared = try reader.string()
            case "test": reader.outline.header.isTest = try reader.scanner.next() == .isTrue
            case "name", "names":
                var names = reader.outline.header.names
                try reader.text(name, into: &names)
                reader.outline.header.names = names
            case "sender": reader.outline.header.senders = try reader.parties()
            // The schema has `receivers`; the working group's samples have `receiver`.
            case "receivers", "receiver": reader.outline.header.receivers = try reader.parties()
            default: try reader.scanner.skipValue()
            }
        }
    }

    /// One party, or an array of them.
    private mutating func parties() throws(ReadError) -> [MessageHeader.Party] {
        var parties: [MessageHeader.Party] = []
        try eachObject("a party") { (reader) throws(ReadError) in
            var party = MessageHeader.Party("")
            try reader.members("a party") { (reader, name) throws(ReadError) in
                switch name {
                case "id": party.id = try reader.string() ?? ""
                case "name", "names": try reader.text(name, into: &party.names)
                case "contact", "contacts": party.contacts = try reader.contacts()
                default: try reader.scanner.skipValue()
                }
            }
            if !party.id.isEmpty { parties.append(party) }
        }
        return parties
    }

    private mutating func contacts() throws(ReadError) -> [Contact] {
        var contacts: [Contact] = []
        try eachObject("a contact") { (reader) throws(ReadError) in
            var contact = Contact()
            try reader.members("a contact") { (reader, name) throws(ReadError) in
                switch name {
                case "id": contact.id = try reader.string()
                case "name", "names": try reader.text(name, into: &contact.names)
                case "department", "departments": try reader.text(name, into: &contact.departments)
                case "role", "roles": try reader.text(name, into: &contact.roles)
                // The samples have the singular of what the schema has.
                case "telephone", "telephones": contact.telephones = try reader.texts()
                case "fax", "faxes": contact.faxes = try reader.texts()
                case "x400", "x400s": contact.x400s = try reader.texts()
                case "uri", "uris": contact.uris = try reader.texts()
                case "email", "emails": contact.emails = try reader.texts()
                default: try reader.scanner.skipValue()
                }
            }
            contacts.append(contact)
        }
        return contacts
    }

    private mutating func texts() throws(ReadError) -> [String] {
        switch try MessageValue(scanner, try scanner.next()) {
        case .list(let values): return values.compactMap(\.scalar)
        case let value: return value.scalar.map { [$0] } ?? []
        }
    }

    /// Reads the value that comes next: an array of objects, or one object.
    private mutating func eachObject(_ what: String, _ body: (inout Self) throws(ReadError) -> Void) throws(ReadError) {
        switch try scanner.next() {
        case .null: return
        case .objectStart: try body(&self)
        case .arrayStart:
            var count = 0
            while true {
                let token = try scanner.next()
                if token == .arrayEnd { return }
                guard token == .objectStart else { throw scanner.malformed("expected \(what), an object") }
                count += 1
                guard count <= limits.columnsMax else { throw scanner.malformed("there are more than \(limits.columnsMax) of \(what)") }
                try body(&self)
            }
        default: throw scanner.malformed("expected \(what), an object")
        }
    }
}
