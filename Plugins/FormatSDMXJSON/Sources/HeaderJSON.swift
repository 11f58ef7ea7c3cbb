import SluiceKit

/// Writes `meta`: who sent the message, when and to whom.
struct HeaderJSON {
    let version: SDMXJSONFormat.Version
    let out: ByteWriter

    /// The beginning of the message up to `meta`'s end.
    func write(_ header: MessageHeader) throws(WriteError) {
        let schema = SDMXJSONFormat.schemaAddress(version)
        if version == .v21 {
            try out.write(text: "{\"$schema\":\"\(schema)\",\n\"meta\":{\"id\":")
        } else {
            try out.write(text: "{\"meta\":{\"schema\":\"\(schema)\",\"id\":")
        }
        try JSONText.write(header.id.isEmpty ? "unset" : header.id, to: out)
        try out.write(text: ",\"test\":\(header.isTest),\"prepared\":")
        try JSONText.write(PreparedTime.dateTime(header.prepared), to: out)
        try out.write(",\"contentLanguages\":[")
        for (index, language) in languages(header).enumerated() {
            if index > 0 { try out.write(",") }
            try JSONText.write(language, to: out)
        }
        try out.write("]")
        try writeText("name", header.names)
        try out.write(",\"sender\":")
        try write(header.senders.first ?? "unset")
        if !header.receivers.isEmpty {
            try out.write(",\"receivers\":[")
            for (index, receiver) in header.receivers.enumerated() {
                if index > 0 { try out.write(",") }
                try write(receiver)
            }
            try out.write("]")
        }
        try out.write("}")
    }

    /// All languages of the header's texts, English first: names of codes are written in it where there is a choice.
    private func languages(_ header: MessageHeader) -> [String] {
        var languages = ["en"]
        let parties = header.senders.prefix(1) + header.receivers
        let texts = [header.names] + parties.map(\.names) + parties.flatMap(\.contacts).flatMap { [$0.names, $0.departments, $0.roles] }
        for entry in texts.flatMap(\.entries) where !languages.contains(entry.language) { languages.append(entry.language) }
        return languages
    }

    private func write(_ party: MessageHeader.Party) throws(WriteError) {
        try out.write("{\"id\":")
        try JSONText.write(party.id, to: out)
        try writeText("name", party.names)
        if !party.contacts.isEmpty {
            try out.write(version == .v21 ? ",\"contacts\":[" : ",\"contact\":[")
            for (index, contact) in party.contacts.enumerated() {
                if index > 0 { try out.write(",") }
                try write(contact)
            }
            try out.write("]")
        }
        try out.write("}")
    }

    private func write(_ contact: Contact) throws(WriteError) {
        // The schemas ask for a name.
        try out.write("{\"name\":")
        try JSONText.write(contact.names.text() ?? "", to: out)
        if !contact.names.isEmpty {
            try out.write(",\"names\":")
            try Self.writeLanguages(contact.names, to: out)
        }
        if let id = contact.id, version != .v21 {
            try out.write(",\"id\":")
            try JSONText.write(id, to: out)
        }
        try writeText("department", contact.departments)
        try writeText("role", contact.roles)
        for (name, texts) in [
            ("telephones", contact.telephones), ("faxes", contact.faxes), ("x400s", contact.x400s), ("uris", contact.uris), ("emails", contact.emails),
        ] where !texts.isEmpty {
            try out.write(text: ",\"\(name)\":[")
            for (index, text) in texts.enumerated() {
                if index > 0 { try out.write(",") }
                try JSONText.write(text, to: out)
            }
            try out.write("]")
        }
        try out.write("}")
    }

    /// `name` with the best text, and `names` with all.
    private func writeText(_ member: String, _ text: LocalisedText) throws(WriteError) {
        guard let best = text.text() else { return }
        try out.write(text: ",\"\(member)\":")
        try JSONText.write(best, to: out)
        try out.write(text: ",\"\(member)s\":")
        try Self.writeLanguages(text, to: out)
    }

    static func writeLanguages(_ text: LocalisedText, to out: ByteWriter) throws(WriteError) {
        try out.write("{")
        for (index, entry) in text.entries.enumerated() {
            if index > 0 { try out.write(",") }
            try JSONText.write(entry.language, to: out)
            try out.write(":")
            try JSONText.write(entry.text, to: out)
        }
        try out.write("}")
    }
}
