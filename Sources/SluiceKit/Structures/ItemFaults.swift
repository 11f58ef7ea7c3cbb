/// What is wrong with the items of a scheme: ids given twice, parents that are not there or that lead back to the item.
///
/// One pass over the items and one over the parents, whatever their number and depth.
struct ItemFaults {
    /// The scheme, for findings: `Codelist A:CL(1.0)`.
    let scheme: String
    let findings: any FindingSink
    let position: Position

    /// - Parameters:
    ///   - positions: where each id stands first.
    ///   - isPartial: a parent may then be in the part that is not here.
    func report<Item>(_ items: [Item], _ positions: [String: Int], id: (Item) -> String, parent: (Item) -> String?, isPartial: Bool) {
        // The place of each item's parent; none for those at the top.
        var parents = [Int](repeating: -1, count: items.count)
        var hasParents = false
        for (index, item) in items.enumerated() {
            let itemID = id(item)
            if positions.count < items.count, positions[itemID] != index {
                add(.itemDuplicate, itemID, "has the id \(itemID) twice", "Remove one of the two, or give it its own id.")
            }
            guard let parentID = parent(item) else { continue }
            hasParents = true
            if let position = positions[parentID] {
                parents[index] = position
            } else if !isPartial {
                add(.parentUnknown, parentID, "has \(itemID) below \(parentID), which is not in it", "Correct the parent's id, or add it.")
            }
        }
        guard hasParents else { return }
        // The round in which each item was met on the way up; a way that meets itself is a circle, one that meets an earlier round ends well.
        var rounds = [Int](repeating: 0, count: items.count)
        for start in items.indices {
            var current = start
            while current >= 0, rounds[current] == 0 {
                rounds[current] = start + 1
                current = parents[current]
            }
            guard current >= 0, rounds[current] == start + 1 else { continue }
            let itemID = id(items[current])
            add(.parentCycle, itemID, "has \(itemID) below itself, by way of its own narrower items", "Correct one of the parents.")
        }
    }

    /// For items that come without an index.
    func report<Item>(_ items: [Item], id: (Item) -> String, parent: (Item) -> String? = { _ in nil }, isPartial: Bool = false) {
        var positions: [String: Int] = [:]
        positions.reserveCapacity(items.count)
        for (index, item) in items.enumerated() where positions[id(item)] == nil { positions[id(item)] = index }
        report(items, positions, id: id, parent: parent, isPartial: isPartial)
    }

    private func add(_ code: FindingCode, _ text: String, _ fault: String, _ advice: String) {
        findings.add(
            Finding(code, severity: .error, at: position, component: scheme, offendingText: text, message: "The \(scheme) \(fault).", advice: advice))
    }
}

extension Codelist {
    /// Names what is wrong with the codes in findings.
    public func reportFaults(to findings: any FindingSink, at position: Position = Position()) {
        // A parent may come from a list that this one takes in.
        faults(findings, position).report(codes, positions, id: \.id, parent: \.parent, isPartial: isPartial || !extensions.isEmpty)
    }
}

extension ConceptScheme {
    /// Names what is wrong with the concepts in findings.
    public func reportFaults(to findings: any FindingSink, at position: Position = Position()) {
        faults(findings, position).report(concepts, id: \.id, parent: \.parent, isPartial: isPartial)
    }
}

extension OrganisationScheme {
    /// Names what is wrong with the organisations in findings.
    public func reportFaults(to findings: any FindingSink, at position: Position = Position()) {
        faults(findings, position).report(organisations, id: \.id, parent: \.parent, isPartial: isPartial)
    }
}

extension CategoryScheme {
    /// Names what is wrong with the categories in findings: among those below one category an id may stand once.
    public func reportFaults(to findings: any FindingSink, at position: Position = Position()) {
        func walk(_ categories: [Category]) {
            faults(findings, position).report(categories, id: \.id)
            for category in categories where !category.children.isEmpty { walk(category.children) }
        }
        walk(categories)
    }
}

extension DataStructure {
    /// Names in findings what is wrong within the structure: ids given twice, groups and attributes of dimensions that it does not have.
    public func reportFaults(to findings: any FindingSink, at position: Position = Position()) {
        let faults = faults(findings, position)
        let components = dimensions.map(\.id) + measures.map(\.id) + attributes.map(\.id)
        faults.report(components, id: { $0 })
        guard !dimensions.isEmpty else { return }
        let known = Set(dimensions.map(\.id))
        func unknown(_ ids: [String], _ part: String) {
            for id in ids where !known.contains(id) {
                findings.add(
                    Finding(
                        .structureFault, severity: .warning, at: position, component: faults.scheme, offendingText: id,
                        message: "In the \(faults.scheme), \(part) names the dimension \(id), which the structure does not have.",
                        advice: "Correct the id, or add the dimension."))
            }
        }
        for group in groups { unknown(group.dimensions, "the group \(group.id)") }
        let groupIDs = Set(groups.map(\.id))
        for attribute in attributes {
            switch attribute.relationship {
            case .dimensions(let ids): unknown(ids, "the attribute \(attribute.id)")
            case .group(let id) where !groupIDs.contains(id):
                findings.add(
                    Finding(
                        .structureFault, severity: .warning, at: position, component: faults.scheme, offendingText: id,
                        message: "In the \(faults.scheme), the attribute \(attribute.id) belongs to the group \(id), which the structure does not have.",
                        advice: "Correct the id, or add the group."))
            default: break
            }
        }
    }
}

extension MaintainableArtefact {
    func faults(_ findings: any FindingSink, _ position: Position) -> ItemFaults {
        ItemFaults(scheme: "\(artefactClass.rawValue) \(reference)", findings: findings, position: position)
    }
}
