import SluiceKit

/// Code lists, value lists, concept and category schemes.
extension StructureWriter {
    func write(_ list: Codelist) throws(WriteError) {
        guard isVersion3 else {
            if list.kind != .plain { lose("the geography of codes") }
            guard !list.extensions.isEmpty else { return try writeCodes(list, "Codelist", .plain) }
            // 2.1 has no extensions, but has room for the codes that they mean.
            lose("code list extensions as such; their codes are written")
            return try writeCodes(structures.resolved(list), "Codelist", .plain)
        }
        try writeCodes(list, Self.element(of: list.kind), list.kind)
    }

    static func element(of kind: Codelist.Kind) -> String {
        switch kind {
        case .plain: "Codelist"
        case .geographic: "GeographicCodelist"
        case .grid: "GeoGridCodelist"
        }
    }

    private func writeCodes(_ list: Codelist, _ element: String, _ kind: Codelist.Kind) throws(WriteError) {
        try start(element, list.identity, .codelist) { () throws(WriteError) in
            if list.isPartial { try writer.write(" isPartial=\"true\"") }
            if kind != .plain { try writer.write(attribute: "geoType", element) }
        }
        for code in list.codes { try write(code, kind) }
        if isVersion3 { for part in list.extensions { try write(part) } }
        if case .grid(let definition) = kind { try self.element("str:GridDefinition", definition) }
        try end(element)
    }

    private func write(_ code: Code, _ kind: Codelist.Kind) throws(WriteError) {
        switch kind {
        case .geographic:
            try writer.write("<str:GeoFeatureSetCode")
            try writer.write(attribute: "value", code.geography ?? "")
        case .grid: try writer.write("<str:GeoGridCode")
        case .plain: try writer.write("<str:Code")
        }
        try writer.write(attribute: "id", code.id)
        try writer.write(attribute: "uri", code.supplement.uri)
        try writer.write(">\n")
        try write(names: code.names, code.descriptions, code.supplement, otherwise: code.id)
        if let parent = code.parent {
            // 3.0 types the parent of a code as an NCName, which 3.1 mends (`structure:CodeType`).
            if version == .v3_0, !HeaderValues.isNCName(parent) || parent.utf8.first == UInt8(ascii: "_") || parent.utf8.contains(UInt8(ascii: ".")) {
                lose("parents of codes whose id does not begin with a letter (3.1 has)")
            } else {
                try write(local: parent, "Parent")
            }
        }
        switch kind {
        case .geographic: try end("GeoFeatureSetCode")
        case .grid:
            try element("str:GeoCell", code.geography ?? "")
            try end("GeoGridCode")
        case .plain: try writer.write("</str:Code>\n")
        }
    }

    private func write(_ part: CodelistExtension) throws(WriteError) {
        try writer.write("<str:CodelistExtension")
        try writer.write(attribute: "prefix", part.prefix)
        try writer.write(">")
        try write("Codelist", part.codelist)
        switch part.selection {
        case .all: break
        case .including(let members): try write(members, "InclusiveCodeSelection")
        case .excluding(let members): try write(members, "ExclusiveCodeSelection")
        }
        try end("CodelistExtension")
    }

    private func write(_ members: [CodelistExtension.Member], _ element: String) throws(WriteError) {
        guard !members.isEmpty else { throw WriteError(.unsupported, detail: "one of its extensions selects no code at all") }
        try writer.write(text: "<str:\(element)>")
        for member in members {
            try writer.write("<str:MemberValue")
            try write(cascade: member.cascade)
            try writer.write(">")
            try writer.write(escaped: member.value)
            try writer.write("</str:MemberValue>")
        }
        try end(element)
    }

    func write(cascade: Cascade) throws(WriteError) {
        switch cascade {
        case .no: break
        case .withRoot: try writer.write(" cascadeValues=\"true\"")
        case .withoutRoot:
            if !isVersion3 { lose("values that mean only what is below them") }
            try writer.write(isVersion3 ? " cascadeValues=\"excluderoot\"" : " cascadeValues=\"true\"")
        }
    }

    func write(_ list: ValueList) throws(WriteError) {
        try start("ValueList", list.identity, .valueList)
        for item in list.items {
            try writer.write("<str:ValueItem")
            try writer.write(attribute: "id", item.id)
            try writer.write(">\n")
            try write(annotations: item.supplement.annotations)
            try writer.write(texts: item.names, "<com:Name", "</com:Name>\n")
            try writer.write(texts: item.descriptions, "<com:Description", "</com:Description>\n")
            try end("ValueItem")
        }
        try end("ValueList")
    }

    func write(_ scheme: ConceptScheme) throws(WriteError) {
        try start("ConceptScheme", scheme.identity, .conceptScheme) { () throws(WriteError) in
            if scheme.isPartial { try writer.write(" isPartial=\"true\"") }
        }
        for concept in scheme.concepts {
            try writer.write("<str:Concept")
            try writer.write(attribute: "id", concept.id)
            try writer.write(attribute: "uri", concept.supplement.uri)
            try writer.write(">\n")
            try write(names: concept.names, concept.descriptions, concept.supplement, otherwise: concept.id)
            if let parent = concept.parent { try write(local: parent, "Parent") }
            try write(concept.coreRepresentation, "CoreRepresentation", in: .concept, of: "the concept \(concept.id)")
            if let reference = concept.isoReference {
                try writer.write("<str:ISOConceptReference>")
                try element("str:ConceptAgency", reference.agency)
                try element("str:ConceptSchemeID", reference.scheme)
                try element("str:ConceptID", reference.id)
                try end("ISOConceptReference")
            }
            try end("Concept")
        }
        try end("ConceptScheme")
    }

    func write(_ scheme: CategoryScheme) throws(WriteError) {
        try start("CategoryScheme", scheme.identity, .categoryScheme) { () throws(WriteError) in
            if scheme.isPartial { try writer.write(" isPartial=\"true\"") }
        }
        for category in scheme.categories { try write(category, depth: 1) }
        try end("CategoryScheme")
    }

    /// Deepest nesting written: what readers take (`ReadLimits.depthMax`), with room for the message around it.
    static let nestingMax = 56

    private func write(_ category: Category, depth: Int) throws(WriteError) {
        guard depth <= Self.nestingMax else {
            throw WriteError(.unsupported, detail: "its categories are nested deeper than \(Self.nestingMax) levels, which readers refuse")
        }
        try writer.write("<str:Category")
        try writer.write(attribute: "id", category.id)
        try writer.write(attribute: "uri", category.supplement.uri)
        try writer.write(">\n")
        try write(names: category.names, category.descriptions, category.supplement, otherwise: category.id)
        for child in category.children { try write(child, depth: depth + 1) }
        try end("Category")
    }

    func write(_ categorisation: Categorisation) throws(WriteError) {
        try start("Categorisation", categorisation.identity, .categorisation, isVersioned: version != .v3_1)
        switch (categorisation.source, categorisation.target) {
        case (let source?, let target?):
            try write("Source", source)
            try write("Target", target)
        case (nil, nil): break
        default: lose("a categorisation without source or target")
        }
        try end("Categorisation")
    }
}
