import SluiceKit

/// Hierarchies: on their own in 3.x, within a hierarchical code list in 2.1.
extension StructureWriter {
    func write(_ hierarchy: Hierarchy) throws(WriteError) {
        try start("Hierarchy", hierarchy.identity, .hierarchy) { () throws(WriteError) in
            try writer.write(attribute: "hasFormalLevels", String(hierarchy.tree.hasFormalLevels))
        }
        try write(levels: hierarchy.tree.levels[...], depth: 1)
        try write(codes: hierarchy.tree, inclusions: [])
        try end("Hierarchy")
    }

    func write(_ list: HierarchicalCodelist) throws(WriteError) {
        try start("HierarchicalCodelist", list.identity, .hierarchicalCodelist)
        for inclusion in list.inclusions {
            try writer.write("<str:IncludedCodelist")
            try writer.write(attribute: "alias", inclusion.alias)
            try writer.write(">")
            try write(reference: inclusion.codelist)
            try end("IncludedCodelist")
        }
        for member in list.members { try write(member) }
        try end("HierarchicalCodelist")
    }

    private func write(_ member: HierarchicalCodelist.Member) throws(WriteError) {
        try writer.write("<str:Hierarchy")
        try writer.write(attribute: "id", member.id)
        try writer.write(attribute: "uri", member.supplement.uri)
        try writer.write(attribute: "leveled", String(member.tree.hasFormalLevels))
        try writer.write(">\n")
        try write(names: member.names, member.descriptions, member.supplement, otherwise: member.id)
        try write(codes: member.tree, inclusions: [])
        try write(levels: member.tree.levels[...], depth: 1)
        try end("Hierarchy")
    }

    /// A hierarchy of 3.x as a 2.1 list with only this hierarchy.
    func write(wrapped hierarchy: Hierarchy) throws(WriteError) {
        var identity = hierarchy.identity
        identity.supplement = Supplement()
        var list = HierarchicalCodelist(identity: identity)
        var seen: Set<ArtefactReference> = []
        func collect(_ codes: [HierarchicalCode]) {
            for code in codes {
                if let reference = code.code?.artefact, seen.insert(reference).inserted {
                    list.inclusions.append(HierarchicalCodelist.Inclusion(reference, alias: nil))
                }
                collect(code.children)
            }
        }
        collect(hierarchy.tree.codes)
        var member = HierarchicalCodelist.Member(id: identity.id)
        (member.names, member.descriptions, member.supplement, member.tree) = (
            identity.names, identity.descriptions, hierarchy.identity.supplement, hierarchy.tree
        )
        list.members = [member]
        lose("hierarchies on their own; each is written in a hierarchical code list of its name", .note)
        try write(list)
    }

    /// The hierarchies of a 2.1 list, each on its own with the list's agency and version.
    func write(unwrapped list: HierarchicalCodelist, in container: Container) throws(WriteError) {
        let name = "HierarchicalCodelist \(list.reference)"
        try write(name, in: container) { () throws(WriteError) in
            if list.members.isEmpty { throw WriteError(.unsupported, detail: "it has no hierarchies, and SDMX-ML 3.x has nothing else of it") }
            lose("hierarchical code lists; their hierarchies are written on their own", .note)
            for member in list.members {
                var identity = list.identity
                identity.id = member.id
                (identity.names, identity.descriptions, identity.supplement) = (member.names, member.descriptions, member.supplement)
                let reference = ArtefactReference(.hierarchy, agency: identity.agency, id: identity.id, version: identity.version)
                let others = structures.hierarchicalCodelists.filter { other in
                    other.reference != list.reference && other.identity.agency == identity.agency && other.identity.version == identity.version
                        && other.members.contains { $0.id == member.id }
                }
                if !others.isEmpty || structures.hierarchies.contains(where: { $0.reference == reference }) {
                    throw WriteError(.unsupported, detail: "another hierarchy is called \(reference) as well")
                }
                try start("Hierarchy", identity, .hierarchy) { () throws(WriteError) in
                    try writer.write(attribute: "hasFormalLevels", String(member.tree.hasFormalLevels))
                }
                try write(levels: member.tree.levels[...], depth: 1)
                try write(codes: member.tree, inclusions: list.inclusions)
                try end("Hierarchy")
            }
        }
    }

    private func write(levels: ArraySlice<HierarchyLevel>, depth: Int) throws(WriteError) {
        guard let level = levels.first else { return }
        guard depth <= Self.nestingMax else { throw WriteError(.unsupported, detail: "it has more than \(Self.nestingMax) levels") }
        try writer.write("<str:Level")
        try writer.write(attribute: "id", level.id)
        try writer.write(attribute: "uri", level.supplement.uri)
        try writer.write(">\n")
        try write(names: level.names, level.descriptions, level.supplement, otherwise: level.id)
        if let format = level.codingFormat { try write("str:CodingFormat", format, [], in: .component, isCoded: true, of: level.id) }
        try write(levels: levels.dropFirst(), depth: depth + 1)
        try end("Level")
    }

    private func write(codes tree: CodeHierarchy, inclusions: [HierarchicalCodelist.Inclusion]) throws(WriteError) {
        guard !tree.codes.isEmpty else { throw WriteError(.unsupported, detail: "it has a hierarchy without codes, which the schemas do not allow") }
        var ids = PlaceIDs()
        for code in tree.codes { try write(code, inclusions, &ids, depth: 1) }
    }

    /// The ids of places: among those below one place in 2.1, in the whole hierarchy in 3.x (`Hierarchiy_UniqueHierarchicalCode`).
    private struct PlaceIDs {
        private var used: Set<String> = []
        private var nextByID: [String: Int] = [:]

        mutating func unique(_ id: String) -> String {
            if used.insert(id).inserted { return id }
            var number = nextByID[id] ?? 2
            while !used.insert("\(id)_\(number)").inserted { number += 1 }
            nextByID[id] = number + 1
            return "\(id)_\(number)"
        }
    }

    private func write(_ code: HierarchicalCode, _ inclusions: [HierarchicalCodelist.Inclusion], _ ids: inout PlaceIDs, depth: Int) throws(WriteError) {
        guard depth <= Self.nestingMax else {
            throw WriteError(.unsupported, detail: "its codes are nested deeper than \(Self.nestingMax) levels, which readers refuse")
        }
        let id = ids.unique(code.id)
        if id != code.id { lose("the same id for several places of a hierarchy; later ones get a number", .note) }
        try writer.write("<str:HierarchicalCode")
        try writer.write(attribute: "id", id)
        try writer.write(attribute: "uri", code.supplement.uri)
        if isVersion3 {
            if code.version != nil { lose("versions of hierarchical codes", .note) }
        } else {
            try writer.write(attribute: "version", code.version)
        }
        try writer.write(attribute: "validFrom", code.validFrom)
        try writer.write(attribute: "validTo", code.validTo)
        try writer.write(">\n")
        try write(code.supplement)
        if let reference = code.code {
            try write("Code", reference)
        } else if let alias = code.alias, let id = code.aliasedCode {
            if isVersion3 {
                guard let inclusion = inclusions.first(where: { $0.alias == alias }) else {
                    throw WriteError(.unsupported, detail: "its code \(code.id) is of a list called \(alias), which it does not include")
                }
                try write("Code", ObjectReference(inclusion.codelist, item: id))
            } else {
                try element("str:CodelistAliasRef", alias)
                try write(local: id, "CodeID")
            }
        } else {
            throw WriteError(.unsupported, detail: "its place \(code.id) names no code")
        }
        if isVersion3 {
            for child in code.children { try write(child, inclusions, &ids, depth: depth + 1) }
        } else {
            var own = PlaceIDs()
            for child in code.children { try write(child, inclusions, &own, depth: depth + 1) }
        }
        if let level = code.level { try write(local: level, "Level") }
        try end("HierarchicalCode")
    }

    func write(_ association: HierarchyAssociation) throws(WriteError) {
        guard let hierarchy = association.hierarchy, let object = association.object else {
            throw WriteError(.unsupported, detail: "it lacks the hierarchy or the object, which the schemas demand")
        }
        try start("HierarchyAssociation", association.identity, .hierarchyAssociation)
        try write("LinkedHierarchy", hierarchy)
        try write("LinkedObject", object)
        if let context = association.context { try write("ContextObject", context) }
        try end("HierarchyAssociation")
    }
}
