import SluiceKit

extension XMLEvents {
    /// Reads the sender or receiver under the cursor (`message:PartyType`).
    func party(into parties: inout [MessageHeader.Party]) throws(ReadError) {
        guard let id = attribute("id"), parties.count < DataHeader.partiesMax else { return }
        var party = MessageHeader.Party(id)
        try eachChild { () throws(ReadError) in
            switch name.local {
            case "Name": try localisedText(into: &party.names)
            case "Contact": if party.contacts.count < DataHeader.partiesMax { party.contacts.append(try contact()) }
            default: break
            }
        }
        parties.append(party)
    }

    /// Reads the contact under the cursor (`message:ContactType`).
    private func contact() throws(ReadError) -> Contact {
        var contact = Contact(id: attribute("id"))
        func keep(_ list: inout [String]) throws(ReadError) { if list.count < DataHeader.partiesMax { list.append(try text().trimmed) } }
        try eachChild { () throws(ReadError) in
            switch name.local {
            case "Name": try localisedText(into: &contact.names)
            case "Department": try localisedText(into: &contact.departments)
            case "Role": try localisedText(into: &contact.roles)
            case "Telephone": try keep(&contact.telephones)
            case "Fax": try keep(&contact.faxes)
            case "X400": try keep(&contact.x400s)
            case "URI": try keep(&contact.uris)
            case "Email": try keep(&contact.emails)
            default: break
            }
        }
        return contact
    }
}
