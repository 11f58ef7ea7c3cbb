import SluiceKit

extension StructureMessageReader {
    func readHierarchy(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> Hierarchy {
        Hierarchy(identity: identity, tree: try readTree(&object))
    }

    func readHierarchyAssociation(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> HierarchyAssociation {
        var association = HierarchyAssociation(identity: identity)
        association.hierarchy = try object.reference("linkedHierarchy")
        association.object = try object.objectReference("linkedObject")
        association.context = try object.objectReference("contextObject")
        return association
    }

    /// 1.0: several hierarchies over the lists that it includes.
    func readHierarchicalCodelist(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> HierarchicalCodelist {
        var list = HierarchicalCodelist(identity: identity)
        if let included = try object.take("includedCodelists") {
            for member in included.members ?? [] {
                guard let urn = member.value.text, let reference = reference(urn, "includedCodelists", in: "hierarchical code list") else { continue }
                list.inclusions.append(HierarchicalCodelist.Inclusion(reference, alias: member.name))
            }
            if included.members == nil { wrongType("includedCodelists", in: "hierarchical code list", wanted: "an object of aliases", found: included) }
        }
        for var element in try object.objects("hierarchies", "hierarchy") {
            let (supplement, ownURN) = try readSupplement(&element)
            guard let id = try readID(&element, ownURN) else { continue }
            var member = HierarchicalCodelist.Member(id: id)
            member.names = try readText(&element, "name", "names")
            member.descriptions = try readText(&element, "description", "descriptions")
            member.supplement = supplement
            member.tree = try readTree(&element)
            element.finish()
            list.members.append(member)
        }
        return list
    }

    private func readTree(_ object: inout StructureObject) throws(ReadError) -> CodeHierarchy {
        let (hasFormalLevels, leveled) = (try object.bool("hasFormalLevels"), try object.bool("leveled"))
        var tree = CodeHierarchy(hasFormalLevels: hasFormalLevels ?? leveled ?? false)
        // Each level stands in the one above it.
        var next = try object.object("level", "level")
        while var element = next {
            next = try element.object("level", "level")
            let (supplement, ownURN) = try readSupplement(&element)
            guard let id = try readID(&element, ownURN) else { continue }
            var level = HierarchyLevel(id: id)
            level.names = try readText(&element, "name", "names")
            level.descriptions = try readText(&element, "description", "descriptions")
            level.supplement = supplement
            if var format = try element.object("codingFormat", "text format") {
                level.codingFormat = try readTextFormat(&format)
                format.finish()
            }
            element.finish()
            tree.levels.append(level)
        }
        let start = offset
        try object.forEachObject("hierarchicalCodes", "hierarchical code") { (element) throws(ReadError) in
            if let code = try readHierarchicalCode(&element) { tree.codes.append(code) }
        }
        offset = start
        return tree
    }

    /// Recursion is as deep as the message, which `depthMax` bounds.
    private func readHierarchicalCode(_ element: inout StructureObject) throws(ReadError) -> HierarchicalCode? {
        let (supplement, ownURN) = try readSupplement(&element)
        let reference = try element.objectReference("code")
        let codeID = try element.text("codeID")
        guard let id = try element.text("id") ?? Self.ownID(ownURN) ?? reference?.item ?? codeID, !id.isEmpty else {
            fault("a hierarchical code has neither id nor code; it is left out", advice: "Give it an id and the code that it stands for.")
            return nil
        }
        var code = HierarchicalCode(id: id, code: reference)
        code.alias = try element.text("codelistAliasRef")
        code.aliasedCode = codeID
        code.level = try element.itemID("level")
        code.version = try element.text("version")
        code.validFrom = try element.dateTime("validFrom")
        code.validTo = try element.dateTime("validTo")
        code.supplement = supplement
        for var child in try element.objects("hierarchicalCodes", "hierarchical code") {
            if let narrower = try readHierarchicalCode(&child) { code.children.append(narrower) }
        }
        element.finish()
        return code
    }
}
