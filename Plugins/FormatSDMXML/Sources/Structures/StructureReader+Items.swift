import SluiceKit

/// Code lists, value lists, concept, category and organisation schemes.
extension StructureReader {
    func readCodelist() throws(ReadError) -> Codelist {
        let element = xml.name.local
        let isPartial = boolean("isPartial") ?? false
        var identity = try readIdentity()
        var codes: [Code] = []
        var kind = element == "GeographicCodelist" ? Codelist.Kind.geographic : element == "GeoGridCodelist" ? .grid("") : .plain
        var extensions: [CodelistExtension] = []
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Code", "GeoFeatureSetCode", "GeoGridCode": codes.append(try readCode())
            case "CodelistExtension" where isVersion3: if let part = try readExtension() { extensions.append(part) }
            case "GridDefinition" where element == "GeoGridCodelist": kind = .grid(try xml.text())
            default: if try !readNameable(&identity) { noteFault("the element \(xml.name.local) of a code list") }
            }
        }
        var list = Codelist(identity: identity, codes: codes, isPartial: isPartial)
        list.kind = kind
        list.extensions = extensions
        checkName(identity.names)
        return list
    }

    private func readCode() throws(ReadError) -> Code {
        var code = Code(id: try readItemID())
        code.supplement.uri = xml.attribute("uri")
        if xml.name.local == "GeoFeatureSetCode" { code.geography = xml.attribute("value") }
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Parent": code.parent = try readLocalReference()
            case "GeoCell": code.geography = try xml.text()
            default: if try !readNameable(&code.names, &code.descriptions, &code.supplement) { noteFault("the element \(xml.name.local) of a code") }
            }
        }
        checkName(code.names)
        return code
    }

    /// `structure:CodelistExtensionType`.
    private func readExtension() throws(ReadError) -> CodelistExtension? {
        let prefix = xml.attribute("prefix")
        var codelist: ArtefactReference?
        var selection = CodelistExtension.Selection.all
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Codelist": codelist = try readReference(.codelist, "a code list extension")
            case "InclusiveCodeSelection": selection = .including(try readMembers())
            case "ExclusiveCodeSelection": selection = .excluding(try readMembers())
            default: noteFault("the element \(xml.name.local) of a code list extension")
            }
        }
        guard let codelist else {
            noteFault("a code list extension without code list")
            return nil
        }
        return CodelistExtension(codelist, prefix: prefix, selection: selection)
    }

    private func readMembers() throws(ReadError) -> [CodelistExtension.Member] {
        var members: [CodelistExtension.Member] = []
        try xml.eachChild { () throws(ReadError) in
            let cascade = readCascade()
            guard xml.name.local == "MemberValue" else { return noteFault("the element \(xml.name.local) of a code selection") }
            members.append(CodelistExtension.Member(try xml.text().trimmed, cascade: cascade))
        }
        return members
    }

    /// `common:CascadeSelectionType`; a boolean in 2.1.
    func readCascade() -> Cascade {
        guard let text = xml.attribute("cascadeValues") else { return .no }
        if text == "excluderoot", isVersion3 { return .withoutRoot }
        return boolean("cascadeValues") == true ? .withRoot : .no
    }

    func readValueList() throws(ReadError) -> ValueList {
        var list = ValueList(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            guard xml.name.local == "ValueItem" else {
                if try !readNameable(&list.identity) { noteFault("the element \(xml.name.local) of a value list") }
                return
            }
            // A value may be any text, an empty one too.
            guard let id = xml.attribute("id") else { throw ReadError(.malformed, line: xml.line, detail: "a ValueItem of \(artefact) has no id") }
            var item = Code(id: id)
            try xml.eachChild { () throws(ReadError) in
                if try !readNameable(&item.names, &item.descriptions, &item.supplement) { noteFault("the element \(xml.name.local) of a value") }
            }
            list.items.append(item)
        }
        return list
    }

    func readConceptScheme() throws(ReadError) -> ConceptScheme {
        let isPartial = boolean("isPartial") ?? false
        var scheme = ConceptScheme(identity: try readIdentity(), isPartial: isPartial)
        try xml.eachChild { () throws(ReadError) in
            if xml.name.local == "Concept" {
                scheme.concepts.append(try readConcept())
            } else if try !readNameable(&scheme.identity) {
                noteFault("the element \(xml.name.local) of a concept scheme")
            }
        }
        checkName(scheme.identity.names)
        return scheme
    }

    private func readConcept() throws(ReadError) -> Concept {
        var concept = Concept(id: try readItemID())
        concept.supplement.uri = xml.attribute("uri")
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Parent": concept.parent = try readLocalReference()
            case "CoreRepresentation": concept.coreRepresentation = try readRepresentation()
            case "ISOConceptReference":
                var reference = Concept.ISOReference(agency: "", scheme: "", id: "")
                try xml.eachChild { () throws(ReadError) in
                    switch xml.name.local {
                    case "ConceptAgency": reference.agency = try xml.text()
                    case "ConceptSchemeID": reference.scheme = try xml.text()
                    case "ConceptID": reference.id = try xml.text()
                    default: noteFault("the element \(xml.name.local) of an ISO concept reference")
                    }
                }
                concept.isoReference = reference
            default:
                if try !readNameable(&concept.names, &concept.descriptions, &concept.supplement) { noteFault("the element \(xml.name.local) of a concept") }
            }
        }
        checkName(concept.names)
        return concept
    }

    func readCategoryScheme() throws(ReadError) -> CategoryScheme {
        let isPartial = boolean("isPartial") ?? false
        var scheme = CategoryScheme(identity: try readIdentity())
        scheme.isPartial = isPartial
        try xml.eachChild { () throws(ReadError) in
            if xml.name.local == "Category" {
                scheme.categories.append(try readCategory())
            } else if try !readNameable(&scheme.identity) {
                noteFault("the element \(xml.name.local) of a category scheme")
            }
        }
        return scheme
    }

    private func readCategory() throws(ReadError) -> Category {
        var category = Category(id: try readItemID())
        category.supplement.uri = xml.attribute("uri")
        try xml.eachChild { () throws(ReadError) in
            if xml.name.local == "Category" {
                category.children.append(try readCategory())
            } else if try !readNameable(&category.names, &category.descriptions, &category.supplement) {
                noteFault("the element \(xml.name.local) of a category")
            }
        }
        checkName(category.names)
        return category
    }

    func readCategorisation() throws(ReadError) -> Categorisation {
        var categorisation = Categorisation(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Source": categorisation.source = try readObject(nil, "a categorised object")
            case "Target": categorisation.target = try readObject(.categoryScheme, "a category")
            default: if try !readNameable(&categorisation.identity) { noteFault("the element \(xml.name.local) of a categorisation") }
            }
        }
        if (categorisation.source == nil) != (categorisation.target == nil) { noteFault("a categorisation without source or target") }
        checkName(categorisation.identity.names)
        return categorisation
    }
}
