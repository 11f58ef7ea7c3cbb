import SluiceKit

/// Schemes of items.
extension StructureMessageWriter {
    /// What every item has: its object has to be open.
    private func writeItem(_ id: String, _ names: LocalisedText, _ descriptions: LocalisedText, _ supplement: Supplement, own: () -> String?) {
        json.text("id", id)
        writeText("name", "names", names, orElse: id)
        writeText("description", "descriptions", descriptions)
        writeSupplement(supplement, own: own)
    }

    private func check(_ id: String, _ what: String) throws(Unwritable) {
        guard SchemaPattern.isID(id) else { throw Unwritable("the schema does not let the id \(id.prefix(60)) of a \(what) through") }
    }

    private func checkName(_ id: String, _ what: String) throws(Unwritable) {
        guard SchemaPattern.isNCName(id) else { throw Unwritable("the schema does not let the id \(id.prefix(60)) of a \(what) through") }
    }

    func write(_ list: Codelist) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(list)
        json.bool("isPartial", list.isPartial ? true : nil)
        let items: StaticString
        switch list.kind {
        case .plain: items = "codes"
        case .geographic:
            json.text("geoType", "GeographicCodelist")
            items = "geoFeatureSetCodes"
        case .grid(let definition):
            json.text("geoType", "GeoGridCodelist")
            if !definition.isEmpty { json.text("gridDefinition", definition) }
            items = "geoGridCodes"
        }
        try writeExtensions(list.extensions)
        if !list.codes.isEmpty {
            json.beginArray(items)
            for code in list.codes {
                try check(code.id, "code")
                json.newLine()
                json.beginObject()
                writeItem(code.id, code.names, code.descriptions, code.supplement) { ObjectReference(list.reference, item: code.id).urn }
                if let parent = code.parent {
                    try check(parent, "parent")
                    json.text("parent", parent)
                }
                switch list.kind {
                case .plain: if code.geography != nil { lost("the geography of a code") }
                case .geographic:
                    guard let geography = code.geography else { throw Unwritable("its code \(code.id) has no coordinates") }
                    json.text("value", geography)
                case .grid:
                    guard let cell = code.geography else { throw Unwritable("its code \(code.id) names no cell") }
                    json.text("geoCell", cell)
                }
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
    }

    private func writeExtensions(_ extensions: [CodelistExtension]) throws(Unwritable) {
        guard !extensions.isEmpty else { return }
        json.beginArray("codelistExtensions")
        for taken in extensions {
            json.beginObject()
            json.text("codelist", try urn(taken.codelist, "extension", .codelist))
            json.text("prefix", taken.prefix)
            switch taken.selection {
            case .all: break
            case .including(let members): try writeMembers("inclusiveCodeSelection", members)
            case .excluding(let members): try writeMembers("exclusiveCodeSelection", members)
            }
            json.endObject()
        }
        json.endArray()
    }

    /// Codes and patterns have lists of their own; the one that is first in the model is written first.
    private func writeMembers(_ name: StaticString, _ members: [CodelistExtension.Member]) throws(Unwritable) {
        guard !members.isEmpty else { throw Unwritable("an extension selects no code") }
        let patterns = members.filter { $0.value.contains("%") }
        let codes = members.filter { !$0.value.contains("%") }
        for pattern in patterns where pattern.value.dropLast().contains("%") || !SchemaPattern.isID(pattern.value.dropLast()) {
            throw Unwritable("an extension selects codes by \(pattern.value), and SDMX-JSON lets % stand at the end only")
        }
        if patterns.contains(where: { $0.cascade != .no }) { lost("the cascade of a pattern of codes") }
        for code in codes { try check(code.value, "selected code") }
        json.beginObject(name)
        let patternsFirst = members.first?.value.contains("%") ?? false
        if patternsFirst { json.texts("wildcardedMemberValues", unique(patterns.map(\.value))) }
        if !codes.isEmpty {
            json.beginArray("memberValues")
            var seen: Set<CodelistExtension.Member> = []
            for code in codes where seen.insert(code).inserted {
                if code.cascade == .no {
                    json.text(code.value)
                } else {
                    json.beginObject()
                    json.text("value", code.value)
                    writeCascade(code.cascade)
                    json.endObject()
                }
            }
            json.endArray()
        }
        if !patternsFirst { json.texts("wildcardedMemberValues", unique(patterns.map(\.value))) }
        json.endObject()
    }

    func writeCascade(_ cascade: Cascade) {
        switch cascade {
        case .no: break
        case .withRoot: json.bool("cascadeValues", true)
        case .withoutRoot: json.text("cascadeValues", "excluderoot")
        }
    }

    func write(_ list: SluiceKit.ValueList) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(list)
        if !list.items.isEmpty {
            json.beginArray("valueItems")
            for item in list.items {
                json.newLine()
                json.beginObject()
                json.text("id", item.id)
                writeText("name", "names", item.names)
                writeText("description", "descriptions", item.descriptions)
                writeAnnotations(item.supplement.annotations)
                if !item.supplement.links.isEmpty || item.supplement.uri != nil { lost("links of value items", isRemark: true) }
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
    }

    func write(_ scheme: ConceptScheme) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(scheme)
        json.bool("isPartial", scheme.isPartial ? true : nil)
        if !scheme.concepts.isEmpty {
            json.beginArray("concepts")
            for concept in scheme.concepts {
                try checkName(concept.id, "concept")
                json.newLine()
                json.beginObject()
                writeItem(concept.id, concept.names, concept.descriptions, concept.supplement) { ObjectReference(scheme.reference, item: concept.id).urn }
                if let representation = concept.coreRepresentation { try writeRepresentation("coreRepresentation", representation, .component) }
                if let iso = concept.isoReference {
                    json.beginObject("isoConceptReference")
                    json.text("conceptAgency", iso.agency)
                    json.text("conceptSchemeID", iso.scheme)
                    json.text("conceptID", iso.id)
                    json.endObject()
                }
                if let parent = concept.parent {
                    try checkName(parent, "parent")
                    json.text("parent", parent)
                }
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
    }

    func write(_ scheme: CategoryScheme) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(scheme)
        json.bool("isPartial", scheme.isPartial ? true : nil)
        try write(scheme.categories, of: scheme, path: "", depth: 0)
        json.endObject()
    }

    /// Most levels of a tree: what readers take, ours among them, is bounded.
    static let levelsMax = 60

    private func write(_ categories: [Category], of scheme: CategoryScheme, path: String, depth: Int) throws(Unwritable) {
        guard !categories.isEmpty else { return }
        guard depth < Self.levelsMax else { throw Unwritable("its categories have more than \(Self.levelsMax) levels") }
        json.beginArray("categories")
        for category in categories {
            try check(category.id, "category")
            let path = path.isEmpty ? category.id : "\(path).\(category.id)"
            json.newLine()
            json.beginObject()
            writeItem(category.id, category.names, category.descriptions, category.supplement) { ObjectReference(scheme.reference, item: path).urn }
            try write(category.children, of: scheme, path: path, depth: depth + 1)
            json.endObject()
        }
        json.endArray()
    }

    func write(_ categorisation: Categorisation) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(categorisation)
        if let source = categorisation.source { json.text("source", try urn(source, "source")) }
        if let target = categorisation.target { json.text("target", try urn(target, "target", item: "Category", of: .categoryScheme)) }
        json.endObject()
    }

    func write(_ scheme: OrganisationScheme) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(scheme)
        json.bool("isPartial", scheme.isPartial ? true : nil)
        if !scheme.organisations.isEmpty {
            switch scheme.kind {
            case .agency: json.beginArray("agencies")
            case .dataProvider: json.beginArray("dataProviders")
            case .dataConsumer: json.beginArray("dataConsumers")
            case .metadataProvider: json.beginArray("metadataProviders")
            case .unit: json.beginArray("organisationUnits")
            }
            for organisation in scheme.organisations {
                if scheme.kind == .agency { try checkName(organisation.id, "agency") } else { try check(organisation.id, "organisation") }
                json.newLine()
                json.beginObject()
                writeItem(organisation.id, organisation.names, organisation.descriptions, organisation.supplement) {
                    ObjectReference(scheme.reference, item: organisation.id).urn
                }
                writeContacts(organisation.contacts)
                if let parent = organisation.parent {
                    if scheme.kind == .unit {
                        try check(parent, "parent")
                        json.text("parent", parent)
                    } else {
                        lost("the parent of an organisation")
                    }
                }
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
    }
}
