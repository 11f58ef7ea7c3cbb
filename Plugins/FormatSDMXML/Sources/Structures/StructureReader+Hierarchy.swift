import SluiceKit

/// Hierarchies: on their own in 3.x, within a hierarchical code list in 2.1.
extension StructureReader {
    func readHierarchy() throws(ReadError) -> Hierarchy {
        var tree = CodeHierarchy(hasFormalLevels: boolean("hasFormalLevels") ?? false)
        var hierarchy = Hierarchy(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            if try !readNameable(&hierarchy.identity) { try readTreePart(into: &tree) }
        }
        hierarchy.tree = tree
        return hierarchy
    }

    func readHierarchicalCodelist() throws(ReadError) -> HierarchicalCodelist {
        var list = HierarchicalCodelist(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "IncludedCodelist":
                let alias = xml.attribute("alias")
                if let reference = try readReference(.codelist, "an included code list") {
                    list.inclusions.append(HierarchicalCodelist.Inclusion(reference, alias: alias))
                }
            case "Hierarchy": list.members.append(try readMember())
            default: if try !readNameable(&list.identity) { noteFault("the element \(xml.name.local) of a hierarchical code list") }
            }
        }
        return list
    }

    private func readMember() throws(ReadError) -> HierarchicalCodelist.Member {
        var member = HierarchicalCodelist.Member(id: try readItemID())
        member.supplement.uri = xml.attribute("uri")
        var tree = CodeHierarchy(hasFormalLevels: boolean("leveled") ?? false)
        try xml.eachChild { () throws(ReadError) in
            if try !readNameable(&member.names, &member.descriptions, &member.supplement) { try readTreePart(into: &tree) }
        }
        member.tree = tree
        return member
    }

    private func readTreePart(into tree: inout CodeHierarchy) throws(ReadError) {
        switch xml.name.local {
        case "Level": try readLevel(into: &tree.levels)
        case "HierarchicalCode": tree.codes.append(try readHierarchicalCode())
        default: noteFault("the element \(xml.name.local) of a hierarchy")
        }
    }

    /// Each level holds the one below it.
    private func readLevel(into levels: inout [HierarchyLevel]) throws(ReadError) {
        var level = HierarchyLevel(id: try readItemID())
        level.supplement.uri = xml.attribute("uri")
        var below: [HierarchyLevel] = []
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Level": try readLevel(into: &below)
            case "CodingFormat":
                var none: [SentinelValue] = []
                level.codingFormat = try readTextFormat(sentinels: &none)
            default: if try !readNameable(&level.names, &level.descriptions, &level.supplement) { noteFault("the element \(xml.name.local) of a level") }
            }
        }
        levels.append(level)
        levels += below
    }

    private func readHierarchicalCode() throws(ReadError) -> HierarchicalCode {
        var code = HierarchicalCode(id: try readItemID())
        code.version = xml.attribute("version")
        code.validFrom = xml.attribute("validFrom")
        code.validTo = xml.attribute("validTo")
        code.supplement.uri = xml.attribute("uri")
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Code": code.code = try readObject(.codelist, "a code")
            case "CodelistAliasRef" where !isVersion3: code.alias = try xml.text().trimmed
            case "CodeID" where !isVersion3: code.aliasedCode = try readLocalReference()
            case "Level": code.level = try readLocalReference()
            case "HierarchicalCode": code.children.append(try readHierarchicalCode())
            default: if try !readIdentifiable(&code.supplement) { noteFault("the element \(xml.name.local) of a hierarchical code") }
            }
        }
        return code
    }

    func readHierarchyAssociation() throws(ReadError) -> HierarchyAssociation {
        var association = HierarchyAssociation(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "LinkedHierarchy": association.hierarchy = try readReference(.hierarchy, "a hierarchy")
            case "LinkedObject": association.object = try readObject(nil, "a linked object")
            case "ContextObject": association.context = try readObject(nil, "a context")
            default: if try !readNameable(&association.identity) { noteFault("the element \(xml.name.local) of a hierarchy association") }
            }
        }
        return association
    }
}
