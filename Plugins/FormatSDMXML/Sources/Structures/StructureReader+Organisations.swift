import SluiceKit

/// Organisation schemes, flows and agreements.
extension StructureReader {
    func readOrganisationScheme() throws(ReadError) -> OrganisationScheme {
        let element = xml.name.local
        let isPartial = boolean("isPartial") ?? false
        let kind = ArtefactClass(named: element).flatMap(OrganisationScheme.Kind.init) ?? .agency
        var scheme = OrganisationScheme(identity: try readIdentity(), kind: kind)
        scheme.isPartial = isPartial
        if let fixed = kind.fixedID, scheme.identity.id != fixed { noteFault("the id \(scheme.identity.id) of a \(element)") }
        let itemName = kind.artefactClass.itemClass
        try xml.eachChild { () throws(ReadError) in
            if xml.name.local == itemName {
                scheme.organisations.append(try readOrganisation())
            } else if try !readNameable(&scheme.identity) {
                noteFault("the element \(xml.name.local) of a \(element)")
            }
        }
        return scheme
    }

    private func readOrganisation() throws(ReadError) -> Organisation {
        var organisation = Organisation(id: try readItemID())
        organisation.supplement.uri = xml.attribute("uri")
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Parent": organisation.parent = try readLocalReference()
            case "Contact": organisation.contacts.append(try readContact())
            default:
                if try !readNameable(&organisation.names, &organisation.descriptions, &organisation.supplement) {
                    noteFault("the element \(xml.name.local) of an organisation")
                }
            }
        }
        return organisation
    }

    /// `structure:ContactType`, and that of 2.0, which has the id as an element.
    func readContact() throws(ReadError) -> Contact {
        var contact = Contact(id: xml.attribute("id"))
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "id": contact.id = try xml.text().trimmed
            case "Name": try readText(into: &contact.names)
            case "Department": try readText(into: &contact.departments)
            case "Role": try readText(into: &contact.roles)
            case "Telephone": contact.telephones.append(try xml.text())
            case "Fax": contact.faxes.append(try xml.text())
            case "X400": contact.x400s.append(try xml.text())
            case "URI": contact.uris.append(try xml.text())
            case "Email": contact.emails.append(try xml.text())
            default: noteFault("the element \(xml.name.local) of a contact")
            }
        }
        return contact
    }

    func readDataflow() throws(ReadError) -> Dataflow {
        var flow = Dataflow(identity: try readIdentity(), structure: nil)
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Structure": flow.structure = try readReference(.dataStructure, "a data structure")
            case "DimensionConstraint" where version == .v3_1:
                try xml.eachChild { () throws(ReadError) in
                    if xml.name.local == "Dimension" { flow.dimensionConstraint.append(try xml.text().trimmed) }
                }
            default: if try !readNameable(&flow.identity) { noteFault("the element \(xml.name.local) of a dataflow") }
            }
        }
        checkName(flow.identity.names)
        return flow
    }

    func readMetadataflow() throws(ReadError) -> Metadataflow {
        var flow = Metadataflow(identity: try readIdentity(), structure: nil)
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Structure": flow.structure = try readReference(.metadataStructure, "a metadata structure")
            case "Target" where isVersion3: flow.targets.append(try xml.text().trimmed)
            default: if try !readNameable(&flow.identity) { noteFault("the element \(xml.name.local) of a metadataflow") }
            }
        }
        return flow
    }

    func readProvisionAgreement() throws(ReadError) -> ProvisionAgreement {
        let isMetadata = xml.name.local == "MetadataProvisionAgreement"
        var agreement = ProvisionAgreement(identity: try readIdentity(), isMetadata: isMetadata)
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Dataflow", "StructureUsage": agreement.flow = try readReference(.dataflow, "a dataflow")
            case "Metadataflow" where isMetadata: agreement.flow = try readReference(.metadataflow, "a metadataflow")
            case "DataProvider": agreement.provider = try readObject(.dataProviderScheme, "a data provider")
            case "MetadataProvider" where isMetadata: agreement.provider = try readObject(.metadataProviderScheme, "a metadata provider")
            case "Target" where isMetadata: agreement.targets.append(try xml.text().trimmed)
            default: if try !readNameable(&agreement.identity) { noteFault("the element \(xml.name.local) of a provision agreement") }
            }
        }
        if agreement.flow == nil || agreement.provider == nil { noteFault("a provision agreement without flow or provider") }
        checkName(agreement.identity.names)
        return agreement
    }
}
