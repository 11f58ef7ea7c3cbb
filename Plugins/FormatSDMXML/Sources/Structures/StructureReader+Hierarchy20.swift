import SluiceKit

/// Hierarchical code lists of SDMX-ML 2.0, whose references are elements and whose levels are numbered.
extension StructureReader {
    func readHierarchicalCodelistOf20() throws(ReadError) -> HierarchicalCodelist {
        var list = HierarchicalCodelist(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "CodelistRef":
                var reference = ArtefactReference(.codelist, agency: "", id: "", version: nil)
                var alias: String?
                try xml.eachChild { () throws(ReadError) in
                    switch xml.name.local {
                    case "AgencyID": reference.agency = try xml.text().trimmed
                    case "CodelistID": reference.id = try xml.text().trimmed
                    case "Version": reference.version = try xml.text().trimmed
                    case "Alias": alias = try xml.text().trimmed
                    case "URN": if let named = ArtefactReference(urn: try xml.text().trimmed) { reference = named }
                    default: noteFault("the element \(xml.name.local) of a reference to a code list")
                    }
                }
                if reference.id.isEmpty { return noteFault("a reference to a code list that names nothing") }
                list.inclusions.append(HierarchicalCodelist.Inclusion(reference, alias: alias))
            case "Hierarchy": list.members.append(try readMemberOf20())
            default: if try !readNameable(&list.identity) { noteFault("the element \(xml.name.local) of a hierarchical code list") }
            }
        }
        return list
    }

    private func readMemberOf20() throws(ReadError) -> HierarchicalCodelist.Member {
        var member = HierarchicalCodelist.Member(id: try readItemID())
        var levels: [(order: Int, level: HierarchyLevel)] = []
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "CodeRef": member.tree.codes.append(try readCodeRef(ordinal: member.tree.codes.count + 1))
            case "Level":
                var level = HierarchyLevel(id: try readItemID())
                var order = levels.count + 1
                try xml.eachChild { () throws(ReadError) in
                    switch xml.name.local {
                    case "Order":
                        let text = try xml.text().trimmed
                        if let number = Int(text) { order = number } else { noteFault("the order \"\(text)\" of a level") }
                    case "CodingType": level.codingFormat = try readTextFormatOf20()
                    default:
                        if try !readNameable(&level.names, &level.descriptions, &level.supplement) { noteFault("the element \(xml.name.local) of a level") }
                    }
                }
                levels.append((order, level))
            default:
                if try !readNameable(&member.names, &member.descriptions, &member.supplement) { noteFault("the element \(xml.name.local) of a hierarchy") }
            }
        }
        member.tree.levels = levels.sorted { $0.order < $1.order }.map(\.level)
        member.tree.hasFormalLevels = !levels.isEmpty
        return member
    }

    /// A place needs an id in 2.1: its alias where it has one, else the code's id, else its number.
    private func readCodeRef(ordinal: Int) throws(ReadError) -> HierarchicalCode {
        var code = HierarchicalCode(id: "")
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "CodelistAliasRef": code.alias = try xml.text().trimmed
            case "CodeID": code.aliasedCode = try xml.text().trimmed
            case "CodeRef": code.children.append(try readCodeRef(ordinal: code.children.count + 1))
            case "LevelRef": code.level = try xml.text().trimmed
            case "NodeAliasID": code.id = try xml.text().trimmed
            case "Version": code.version = try xml.text().trimmed
            case "ValidFrom": code.validFrom = try xml.text().trimmed
            case "ValidTo": code.validTo = try xml.text().trimmed
            case "URN":
                code.code = ObjectReference(urn: try xml.text().trimmed)
                if code.code == nil { noteFault("a code that names nothing") }
            default: noteFault("the element \(xml.name.local) of a code in a hierarchy")
            }
        }
        if code.id.isEmpty { code.id = code.aliasedCode ?? code.code?.item ?? "N\(ordinal)" }
        return code
    }
}
