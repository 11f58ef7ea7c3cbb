import SluiceKit

/// Schemes of items: code lists, value lists, concepts, categories, organisations.
extension StructureMessageReader {
    func readCodelist(_ object: inout StructureObject, _ identity: ArtefactIdentity, from member: String) throws(ReadError) -> Codelist {
        var list = Codelist(identity: identity, isPartial: try object.bool("isPartial") ?? false)
        let start = offset
        // `geoType` says the class again.
        try object.ignore("geoType")
        var items = "codes"
        switch member {
        case "geographicCodelists":
            list.kind = .geographic
            items = "geoFeatureSetCodes"
        case "geoGridCodelists":
            list.kind = .grid(try object.text("gridDefinition") ?? "")
            items = "geoGridCodes"
        default: break
        }
        for var element in try object.objects("codelistExtensions", "code list extension") {
            if let taken = try readExtension(&element) { list.extensions.append(taken) }
        }
        try object.forEachObject(items, "code") { (item) throws(ReadError) in
            guard var code = try readCode(&item) else { return }
            switch list.kind {
            case .plain: break
            case .geographic: code.geography = try item.text("value")
            case .grid: code.geography = try item.text("geoCell")
            }
            item.finish()
            list.append(code)
        }
        offset = start
        list.reportFaults(to: findings, at: position)
        return list
    }

    private func readCode(_ item: inout StructureObject) throws(ReadError) -> Code? {
        let (supplement, ownURN) = try readSupplement(&item)
        guard let id = try readID(&item, ownURN) else { return nil }
        var code = Code(id: id, parent: try item.itemID("parent"))
        code.names = try readText(&item, "name", "names")
        code.descriptions = try readText(&item, "description", "descriptions")
        code.supplement = supplement
        return code
    }

    private func readExtension(_ element: inout StructureObject) throws(ReadError) -> CodelistExtension? {
        guard let codelist = try element.reference("codelist") else {
            if !element.has("codelist") { fault("a code list extension names no code list; it is left out", advice: "Name the list it takes in.") }
            return nil
        }
        var taken = CodelistExtension(codelist, prefix: try element.text("prefix"))
        if var selection = try element.object("inclusiveCodeSelection", "code selection") { taken.selection = .including(try readMembers(&selection)) }
        if var selection = try element.object("exclusiveCodeSelection", "code selection") {
            if case .including = taken.selection {
                fault("a code list extension includes and excludes; what it includes is used", advice: "Keep one of the two.")
            } else {
                taken.selection = .excluding(try readMembers(&selection))
            }
        }
        element.finish()
        return taken
    }

    /// Members with and without wildcard, in the order of the two lists in the message.
    private func readMembers(_ selection: inout StructureObject) throws(ReadError) -> [CodelistExtension.Member] {
        let wildcardsFirst = selection.precedes("wildcardedMemberValues", "memberValues")
        let wildcards = try selection.texts("wildcardedMemberValues").map { CodelistExtension.Member($0) }
        var members: [CodelistExtension.Member] = []
        for element in try selection.elements("memberValues") {
            if let text = element.text {
                members.append(CodelistExtension.Member(text))
            } else if var member = object(element, "member value", name: "memberValues") {
                let (cascade, other) = (try readCascade(&member, "cascadeValues"), try readCascade(&member, "cascadeSelection"))
                if let value = try member.text("value") { members.append(CodelistExtension.Member(value, cascade: cascade ?? other ?? .no)) }
                member.finish()
            }
        }
        selection.finish()
        return wildcardsFirst ? wildcards + members : members + wildcards
    }

    /// `true`, `false` or `"excluderoot"`.
    func readCascade(_ object: inout StructureObject, _ name: String) throws(ReadError) -> Cascade? {
        guard let value = try object.take(name) else { return nil }
        switch value {
        case .bool(let cascades): return cascades ? .withRoot : .no
        case .string("excluderoot"): return .withoutRoot
        case .string("true"), .string("false"):
            wrongType(name, in: object.kind, wanted: "true or false", found: value, isUsed: true)
            return value.text == "true" ? .withRoot : .no
        default:
            wrongType(name, in: object.kind, wanted: "true, false or \"excluderoot\"", found: value)
            return nil
        }
    }

    func readValueList(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> SluiceKit.ValueList {
        var list = SluiceKit.ValueList(identity: identity)
        let start = offset
        try object.forEachObject("valueItems", "value item") { (item) throws(ReadError) in
            guard let code = try readCode(&item) else { return }
            item.finish()
            list.items.append(code)
        }
        offset = start
        return list
    }

    func readConceptScheme(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> ConceptScheme {
        var scheme = ConceptScheme(identity: identity, isPartial: try object.bool("isPartial") ?? false)
        let start = offset
        try object.forEachObject("concepts", "concept") { (item) throws(ReadError) in
            let (supplement, ownURN) = try readSupplement(&item)
            guard let id = try readID(&item, ownURN) else { return }
            var concept = Concept(id: id, parent: try item.itemID("parent"))
            concept.names = try readText(&item, "name", "names")
            concept.descriptions = try readText(&item, "description", "descriptions")
            concept.supplement = supplement
            concept.coreRepresentation = try readRepresentation(&item, "coreRepresentation")
            concept.isoReference = try readISOReference(&item)
            item.finish()
            scheme.concepts.append(concept)
        }
        offset = start
        scheme.reportFaults(to: findings, at: position)
        return scheme
    }

    /// An object in 2.0, a URN in 1.0.
    private func readISOReference(_ item: inout StructureObject) throws(ReadError) -> Concept.ISOReference? {
        guard let value = try item.take("isoConceptReference") else { return nil }
        if let urn = value.text {
            guard let reference = conceptReference(urn, "isoConceptReference", in: item.kind) else { return nil }
            return Concept.ISOReference(agency: reference.scheme.agency, scheme: reference.scheme.id, id: reference.id)
        }
        guard var element = object(value, "ISO reference", name: "isoConceptReference") else { return nil }
        let agency = try element.text("conceptAgency")
        let scheme = try element.text("conceptSchemeID")
        let id = try element.text("conceptID")
        element.finish()
        guard let agency, let scheme, let id else {
            fault("an isoConceptReference is not complete; it is left out", advice: "Give agency, scheme and concept.")
            return nil
        }
        return Concept.ISOReference(agency: agency, scheme: scheme, id: id)
    }

    func readCategoryScheme(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> CategoryScheme {
        var scheme = CategoryScheme(identity: identity)
        scheme.isPartial = try object.bool("isPartial") ?? false
        let start = offset
        try object.forEachObject("categories", "category") { (item) throws(ReadError) in
            if let category = try readCategory(&item) { scheme.categories.append(category) }
        }
        offset = start
        scheme.reportFaults(to: findings, at: position)
        return scheme
    }

    /// Recursion is as deep as the message, which `depthMax` bounds.
    private func readCategory(_ item: inout StructureObject) throws(ReadError) -> Category? {
        let (supplement, ownURN) = try readSupplement(&item)
        guard let id = try readID(&item, ownURN) else { return nil }
        var category = Category(id: id, names: try readText(&item, "name", "names"), descriptions: try readText(&item, "description", "descriptions"))
        category.supplement = supplement
        for var element in try item.objects("categories", "category") { if let child = try readCategory(&element) { category.children.append(child) } }
        item.finish()
        return category
    }

    func readCategorisation(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> Categorisation {
        Categorisation(identity: identity, source: try object.objectReference("source"), target: try object.objectReference("target"))
    }

    func readOrganisationScheme(_ object: inout StructureObject, _ identity: ArtefactIdentity, _ artefactClass: ArtefactClass) throws(ReadError)
        -> OrganisationScheme
    {
        let kind = OrganisationScheme.Kind(artefactClass) ?? .unit
        var scheme = OrganisationScheme(identity: identity, kind: kind)
        scheme.isPartial = try object.bool("isPartial") ?? false
        let start = offset
        try object.forEachObject(kind.itemsMember, "organisation") { (item) throws(ReadError) in
            let (supplement, ownURN) = try readSupplement(&item)
            guard let id = try readID(&item, ownURN) else { return }
            var organisation = Organisation(id: id, parent: try item.itemID("parent"))
            organisation.names = try readText(&item, "name", "names")
            organisation.descriptions = try readText(&item, "description", "descriptions")
            organisation.supplement = supplement
            organisation.contacts = try readContacts(&item)
            item.finish()
            scheme.organisations.append(organisation)
        }
        offset = start
        scheme.reportFaults(to: findings, at: position)
        return scheme
    }
}

extension OrganisationScheme.Kind {
    /// The member that holds the organisations.
    var itemsMember: String {
        switch self {
        case .agency: "agencies"
        case .dataProvider: "dataProviders"
        case .dataConsumer: "dataConsumers"
        case .metadataProvider: "metadataProviders"
        case .unit: "organisationUnits"
        }
    }
}
