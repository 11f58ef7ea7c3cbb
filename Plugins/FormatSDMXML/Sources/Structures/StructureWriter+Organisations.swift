import SluiceKit

/// Organisation schemes, flows and agreements.
extension StructureWriter {
    func write(_ scheme: OrganisationScheme) throws(WriteError) {
        if scheme.kind == .metadataProvider, !isVersion3 { throw WriteError(.unsupported, detail: "SDMX-ML 2.1 has no metadata providers") }
        if let fixed = scheme.kind.fixedID, scheme.identity.id != fixed {
            throw WriteError(.unsupported, detail: "the id of such a scheme is always \(fixed)")
        }
        let artefactClass = scheme.artefactClass
        if scheme.kind != .unit, !isVersion3, scheme.identity.version != "1.0" {
            throw WriteError(.unsupported, detail: "the version of such a scheme is always 1.0 in SDMX-ML 2.1")
        }
        try start(artefactClass.rawValue, scheme.identity, artefactClass, isVersioned: !isVersion3) { () throws(WriteError) in
            if scheme.isPartial { try writer.write(" isPartial=\"true\"") }
        }
        let element = artefactClass.itemClass ?? "Agency"
        for organisation in scheme.organisations {
            try writer.write(text: "<str:\(element)")
            try writer.write(attribute: "id", organisation.id)
            try writer.write(attribute: "uri", organisation.supplement.uri)
            try writer.write(">\n")
            try write(names: organisation.names, organisation.descriptions, organisation.supplement, otherwise: organisation.id)
            if let parent = organisation.parent {
                if scheme.kind == .unit { try write(local: parent, "Parent") } else { lose("the parents of organisations that are no units") }
            }
            for contact in organisation.contacts { try write(contact) }
            try end(element)
        }
        try end(artefactClass.rawValue)
    }

    private func write(_ contact: Contact) throws(WriteError) {
        try writer.write("<str:Contact")
        try writer.write(attribute: "id", contact.id)
        try writer.write(">")
        try writer.write(texts: contact.names, "<com:Name", "</com:Name>")
        try writer.write(texts: contact.departments, "<str:Department", "</str:Department>")
        try writer.write(texts: contact.roles, "<str:Role", "</str:Role>")
        for text in contact.telephones { try element("str:Telephone", text) }
        for text in contact.faxes { try element("str:Fax", text) }
        for text in contact.x400s { try element("str:X400", text) }
        for text in contact.uris { try element("str:URI", text) }
        for text in contact.emails { try element("str:Email", text) }
        try end("Contact")
    }

    func write(_ flow: Dataflow) throws(WriteError) {
        try start("Dataflow", flow.identity, .dataflow)
        if let structure = flow.structure { try write("Structure", structure) }
        if !flow.dimensionConstraint.isEmpty {
            if version == .v3_1 {
                try writer.write("<str:DimensionConstraint>")
                for dimension in flow.dimensionConstraint { try element("str:Dimension", dimension) }
                try end("DimensionConstraint")
            } else {
                lose("the dimensions that a dataflow uses (DimensionConstraint)")
            }
        }
        try end("Dataflow")
    }

    func write(_ flow: Metadataflow) throws(WriteError) {
        try start("Metadataflow", flow.identity, .metadataflow)
        if let structure = flow.structure { try write("Structure", structure) }
        if isVersion3 {
            // 3.x wants one at least; `*` is any object.
            let targets = flow.targets.isEmpty ? [Self.anyTarget] : flow.targets
            for target in targets { try element("str:Target", target) }
        } else if flow.targets != [Self.anyTarget], !flow.targets.isEmpty {
            lose("what a metadataflow is about (Target)")
        }
        try end("Metadataflow")
    }

    /// A target that leaves open what the metadata are about.
    static let anyTarget = "urn:sdmx:org.sdmx.infomodel.base.Any=*:*(*)"

    func write(_ agreement: ProvisionAgreement) throws(WriteError) {
        guard isVersion3 else {
            if agreement.isMetadata { throw WriteError(.unsupported, detail: "SDMX-ML 2.1 has no agreements with metadata providers") }
            try start("ProvisionAgreement", agreement.identity, .provisionAgreement)
            guard let flow = agreement.flow, let provider = agreement.provider else { throw Self.incomplete }
            try write("StructureUsage", flow)
            try write("DataProvider", provider)
            return try end("ProvisionAgreement")
        }
        guard let flow = agreement.flow, let provider = agreement.provider else { throw Self.incomplete }
        guard flow.artefactClass == (agreement.isMetadata ? .metadataflow : .dataflow) else {
            throw WriteError(.unsupported, detail: "SDMX-ML \(version.rawValue) has no agreement of a data provider on metadata")
        }
        let element = agreement.artefactClass.rawValue
        try start(element, agreement.identity, agreement.artefactClass)
        try write(agreement.isMetadata ? "Metadataflow" : "Dataflow", flow)
        try write(agreement.isMetadata ? "MetadataProvider" : "DataProvider", provider)
        if agreement.isMetadata { for target in agreement.targets { try self.element("str:Target", target) } }
        try end(element)
    }

    private static let incomplete = WriteError(.unsupported, detail: "it lacks the flow or the provider, which the schemas demand")
}
