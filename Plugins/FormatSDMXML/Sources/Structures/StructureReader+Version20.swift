import SluiceKit

/// Structures of SDMX-ML 2.0: key families, code lists, concepts, flows, categories and organisations as their successors of 2.1.
///
/// 2.0 is read only; what has no successor is kept as it stood.
extension StructureReader {
    func readContainerOf20() throws(ReadError) {
        switch xml.name.local {
        case "CodeLists", "Concepts", "KeyFamilies", "OrganisationSchemes", "Dataflows", "CategorySchemes", "Metadataflows", "HierarchicalCodelists",
            "MetadataStructureDefinitions", "StructureSets", "ReportingTaxonomies", "Processes":
            break
        default: return noteFault("the element \(xml.name.local) in a structure message")
        }
        try xml.eachChild { () throws(ReadError) in
            artefactLine = xml.line
            switch xml.name.local {
            case "CodeList": add(try readCodeListOf20())
            case "ConceptScheme": add(try readConceptSchemeOf20())
            case "Concept":
                let agency = xml.attribute("agencyID") ?? ""
                artefact = "the concepts outside schemes"
                looseConcepts[agency, default: []].append(try readConceptOf20())
            case "KeyFamily": add(try readKeyFamily())
            case "OrganisationScheme": try readOrganisationSchemesOf20()
            case "Dataflow": place(structures.add(try readDataflowOf20()))
            case "CategoryScheme": add(try readCategorySchemeOf20())
            case "Annotations": noteNotKept("annotations of all concepts together")
            case "HierarchicalCodelist": place(structures.add(try readHierarchicalCodelistOf20()))
            case "Metadataflow", "MetadataStructureDefinition", "StructureSet", "ReportingTaxonomy", "Process": try keepRaw()
            default: noteFault("the element \(xml.name.local) among structures")
            }
            artefact = ""
        }
    }

    /// 2.0 lets a concept stand outside a scheme; a component then names it by agency and id only. One scheme per agency holds them.
    static let looseSchemeID = "STANDALONE_CONCEPT_SCHEME"

    func addLooseConcepts() {
        for (agency, concepts) in looseConcepts.sorted(by: { $0.key < $1.key }) {
            let identity = ArtefactIdentity(agency: agency, id: Self.looseSchemeID, names: LocalisedText("Concepts outside schemes"))
            add(ConceptScheme(identity: identity, concepts: concepts))
        }
    }

    private func readCodeListOf20() throws(ReadError) -> Codelist {
        var list = Codelist(identity: try readIdentity())
        var identity = list.identity
        try xml.eachChild { () throws(ReadError) in
            guard xml.name.local == "Code" else {
                if try !readNameable(&identity) { noteFault("the element \(xml.name.local) of a code list") }
                return
            }
            guard let id = xml.attribute("value"), !id.isEmpty else {
                throw ReadError(.malformed, line: xml.line, detail: "a Code of \(artefact) has no value")
            }
            var code = Code(id: id, parent: xml.attribute("parentCode"))
            try xml.eachChild { () throws(ReadError) in
                // What 2.0 calls the description of a code is the name of 2.1.
                if xml.name.local == "Description" {
                    try readText(into: &code.names)
                } else if try !readIdentifiable(&code.supplement) {
                    noteFault("the element \(xml.name.local) of a code")
                }
            }
            list.append(code)
        }
        list.identity = identity
        return list
    }

    private func readConceptSchemeOf20() throws(ReadError) -> ConceptScheme {
        var scheme = ConceptScheme(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            if xml.name.local == "Concept" {
                scheme.concepts.append(try readConceptOf20())
            } else if try !readNameable(&scheme.identity) {
                noteFault("the element \(xml.name.local) of a concept scheme")
            }
        }
        return scheme
    }

    private func readConceptOf20() throws(ReadError) -> Concept {
        var concept = Concept(id: try readItemID(), parent: xml.attribute("parent"))
        checkAttributes([
            "id", "agencyID", "version", "uri", "urn", "isExternalReference", "coreRepresentation", "coreRepresentationAgency", "parent", "parentAgency",
        ])
        concept.supplement.uri = xml.attribute("uri")
        if let list = xml.attribute("coreRepresentation") {
            concept.coreRepresentation = Representation(
                enumeration: ArtefactReference(.codelist, agency: xml.attribute("coreRepresentationAgency") ?? "", id: list, version: nil))
        }
        try xml.eachChild { () throws(ReadError) in
            if xml.name.local == "TextFormat" {
                var representation = concept.coreRepresentation ?? Representation()
                representation.textFormat = try readTextFormatOf20()
                concept.coreRepresentation = representation
            } else if try !readNameable(&concept.names, &concept.descriptions, &concept.supplement) {
                noteFault("the element \(xml.name.local) of a concept")
            }
        }
        return concept
    }

    /// The facets are those of 2.1; three types have other names.
    func readTextFormatOf20() throws(ReadError) -> TextFormat {
        var renamed: TextType?
        switch xml.attribute("textType") {
        case "Date": renamed = .gregorianDay
        case "Year": renamed = .gregorianYear
        case "YearMonth": renamed = .gregorianYearMonth
        case "Timespan": renamed = .duration
        default: break
        }
        if let renamed {
            var format = TextFormat(type: renamed)
            format.pattern = xml.attribute("pattern")
            return format
        }
        var none: [SentinelValue] = []
        return try readTextFormat(sentinels: &none)
    }

    private func readDataflowOf20() throws(ReadError) -> Dataflow {
        var flow = Dataflow(identity: try readIdentity(), structure: nil)
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "KeyFamilyRef":
                var reference = ArtefactReference(.dataStructure, agency: "", id: "", version: nil)
                try xml.eachChild { () throws(ReadError) in
                    switch xml.name.local {
                    case "KeyFamilyID": reference.id = try xml.text().trimmed
                    case "KeyFamilyAgencyID": reference.agency = try xml.text().trimmed
                    case "Version": reference.version = try xml.text().trimmed
                    case "URN": if reference.id.isEmpty, let named = ArtefactReference(urn: try xml.text().trimmed) { reference = named }
                    default: noteFault("the element \(xml.name.local) of a reference to a key family")
                    }
                }
                if reference.id.isEmpty { noteFault("a reference to a key family that names nothing") } else { flow.structure = reference }
            case "CategoryRef": noteNotKept("the categories of a dataflow")
            default: if try !readNameable(&flow.identity) { noteFault("the element \(xml.name.local) of a dataflow") }
            }
        }
        return flow
    }

    private func readCategorySchemeOf20() throws(ReadError) -> CategoryScheme {
        var scheme = CategoryScheme(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            if xml.name.local == "Category" {
                scheme.categories.append(try readCategoryOf20())
            } else if try !readNameable(&scheme.identity) {
                noteFault("the element \(xml.name.local) of a category scheme")
            }
        }
        return scheme
    }

    private func readCategoryOf20() throws(ReadError) -> Category {
        var category = Category(id: try readItemID())
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Category": category.children.append(try readCategoryOf20())
            case "DataflowRef", "MetadataflowRef": noteNotKept("the flows of a category")
            default:
                if try !readNameable(&category.names, &category.descriptions, &category.supplement) { noteFault("the element \(xml.name.local) of a category") }
            }
        }
        return category
    }

    /// One scheme of 2.0 holds agencies, providers and consumers; 2.1 has a scheme for each.
    private func readOrganisationSchemesOf20() throws(ReadError) {
        var identity = try readIdentity()
        var organisations: [OrganisationScheme.Kind: [Organisation]] = [:]
        try xml.eachChild { () throws(ReadError) in
            let kind: OrganisationScheme.Kind
            switch xml.name.local {
            case "Agencies": kind = .agency
            case "DataProviders": kind = .dataProvider
            case "DataConsumers": kind = .dataConsumer
            default:
                if try !readNameable(&identity) { noteFault("the element \(xml.name.local) of an organisation scheme") }
                return
            }
            try xml.eachChild { () throws(ReadError) in
                var organisation = Organisation(id: try readItemID(), parent: xml.attribute("parentOrganisation"))
                try xml.eachChild { () throws(ReadError) in
                    switch xml.name.local {
                    case "MaintenanceContact", "CollectorContact", "DisseminatorContact", "ReporterContact", "OtherContact":
                        organisation.contacts.append(try readContact())
                    default:
                        if try !readNameable(&organisation.names, &organisation.descriptions, &organisation.supplement) {
                            noteFault("the element \(xml.name.local) of an organisation")
                        }
                    }
                }
                organisations[kind, default: []].append(organisation)
            }
        }
        for kind in OrganisationScheme.Kind.allCases {
            guard let members = organisations[kind] else { continue }
            var own = identity
            own.id = kind.fixedID ?? identity.id
            own.version = "1.0"
            add(OrganisationScheme(identity: own, kind: kind, organisations: members))
        }
    }
}
