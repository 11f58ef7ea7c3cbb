/// What is wrong with the items of a scheme: ids given twice, parents that are not there or that lead back to the item.
///
/// One pass over the items and one over the parents, whatever their number and depth.
struct ItemFaults {
    /// The scheme, for findings: `Codelist A:CL(1.0)`.
    let scheme: String
    let findings: any FindingSink
    let position: Position

    /// - Parameter isPartial: a parent may then be in the part that is not here.
    func report(_ items: some Sequence<(id: String, parent: String?)>, isPartial: Bool) {
        var parents: [String: String?] = [:]
        for item in items where parents.updateValue(item.parent, forKey: item.id) != nil {
            add(.itemDuplicate, item.id, "has the id \(item.id) twice", "Remove one of the two, or give it its own id.")
        }
        guard parents.contains(where: { $0.value != nil }) else { return }
        // How each id stands: on the way up that is being followed, or known to end well.
        var settled: Set<String> = []
        for item in items {
            guard let first = item.parent, !settled.contains(item.id) else { continue }
            var path: Set<String> = [item.id]
            var current = first
            while true {
                guard let step = parents[current] else {
                    if !isPartial { add(.parentUnknown, current, "has \(item.id) below \(current), which is not in it", "Correct the parent's id, or add it.") }
                    break
                }
                if settled.contains(current) { break }
                guard path.insert(current).inserted else {
                    add(.parentCycle, current, "has \(current) below itself, by way of its own narrower items", "Correct one of the parents.")
                    break
                }
                guard let next = step else { break }
                current = next
            }
            settled.formUnion(path)
        }
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
        faults(findings, position).report(codes.lazy.map { (id: $0.id, parent: $0.parent) }, isPartial: isPartial || !extensions.isEmpty)
    }
}

extension ConceptScheme {
    /// Names what is wrong with the concepts in findings.
    public func reportFaults(to findings: any FindingSink, at position: Position = Position()) {
        faults(findings, position).report(concepts.lazy.map { (id: $0.id, parent: $0.parent) }, isPartial: isPartial)
    }
}

extension OrganisationScheme {
    /// Names what is wrong with the organisations in findings.
    public func reportFaults(to findings: any FindingSink, at position: Position = Position()) {
        faults(findings, position).report(organisations.lazy.map { (id: $0.id, parent: $0.parent) }, isPartial: isPartial)
    }
}

extension CategoryScheme {
    /// Names what is wrong with the categories in findings: among those below one category an id may stand once.
    public func reportFaults(to findings: any FindingSink, at position: Position = Position()) {
        func walk(_ categories: [Category]) {
            faults(findings, position).report(categories.lazy.map { (id: $0.id, parent: nil) }, isPartial: false)
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
        faults.report(components.lazy.map { (id: $0, parent: nil) }, isPartial: false)
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
