import SluiceKit

/// References: `Ref` in 2.1, URNs in 3.x.
extension StructureWriter {
    func write(reference: ArtefactReference) throws(WriteError) { try write(reference: ObjectReference(reference)) }

    func write(reference: ObjectReference) throws(WriteError) {
        let reference = try complete(reference)
        let artefact = reference.artefact
        if isVersion3 { return try writer.write(escaped: urn(reference)) }
        if let item = reference.item {
            // A Ref to a component needs the id of its list as well; the URN says it all.
            guard let itemClass = reference.itemClass, itemClass == artefact.artefactClass.itemClass else { return try element("URN", urn(reference)) }
            try writer.write("<Ref")
            try writer.write(attribute: "id", item)
            try writer.write(attribute: "maintainableParentID", artefact.id)
            try writer.write(attribute: "maintainableParentVersion", artefact.version)
            try writer.write(attribute: "agencyID", artefact.agency)
            try writer.write(attribute: "package", artefact.artefactClass.package)
            try writer.write(attribute: "class", itemClass)
        } else {
            try writer.write("<Ref")
            try writer.write(attribute: "id", artefact.id)
            try writer.write(attribute: "version", artefact.version)
            try writer.write(attribute: "agencyID", artefact.agency)
            try writer.write(attribute: "package", artefact.artefactClass.package)
            try writer.write(attribute: "class", artefact.artefactClass.name(before3: true))
        }
        try writer.write("/>")
    }

    func write(_ element: String, _ reference: ArtefactReference) throws(WriteError) { try write(element, ObjectReference(reference)) }

    func write(_ element: String, _ reference: ObjectReference) throws(WriteError) {
        try writer.write(text: "<str:\(element)>")
        try write(reference: reference)
        try writer.write(text: "</str:\(element)>\n")
    }

    func write(_ element: String, concept: ConceptReference) throws(WriteError) {
        try write(element, ObjectReference(concept.scheme, item: concept.id, itemClass: "Concept"))
    }

    /// The id of something in the same artefact.
    func write(local id: String, _ element: String) throws(WriteError) {
        try writer.write(text: "<str:\(element)>")
        if isVersion3 {
            try writer.write(escaped: id)
        } else {
            try writer.write("<Ref")
            try writer.write(attribute: "id", id)
            try writer.write("/>")
        }
        try writer.write(text: "</str:\(element)>\n")
    }

    func urn(_ reference: ObjectReference) -> String {
        guard !isVersion3, reference.item == nil, reference.artefact.artefactClass == .dataConstraint else { return reference.urn }
        return reference.urn.replacing("registry.DataConstraint=", with: "registry.ContentConstraint=")
    }

    /// The reference with the agency and version that the version demands: those of the artefact at hand, where the reference leaves them open.
    private func complete(_ reference: ObjectReference) throws(WriteError) -> ObjectReference {
        let foreign: Set<ArtefactClass> =
            isVersion3
            ? [.hierarchicalCodelist, .structureSet, .attachmentConstraint]
            : [.valueList, .hierarchy, .hierarchyAssociation, .metadataProviderScheme, .metadataProvisionAgreement, .representationMap, .structureMap]
        if foreign.contains(reference.artefact.artefactClass) {
            throw WriteError(
                .unsupported,
                detail: "it refers to the \(reference.artefact.artefactClass.rawValue) \(reference), a class that SDMX-ML \(version.rawValue) does not have")
        }
        var complete = reference
        let found = needsResolution(reference.artefact) ? structures.identity(of: reference.artefact) : nil
        if reference.artefact.agency.isEmpty {
            guard let agency = found?.agency else {
                throw WriteError(.unsupported, detail: "its reference to \(reference) names no agency, and the artefact is not at hand to take it from")
            }
            complete.artefact.agency = agency
        }
        if let version = reference.artefact.version, !isReferable(version: version) {
            guard let best = found?.version, isReferable(version: best) else {
                throw WriteError(.unsupported, detail: "SDMX-ML \(self.version.rawValue) has no place for the version in its reference to \(reference)")
            }
            lose("version wildcards like \(version)")
            complete.artefact.version = best
        } else if reference.artefact.version == nil, isVersion3 {
            complete.artefact.version = found?.version ?? "1.0"
        }
        return complete
    }

    private func needsResolution(_ reference: ArtefactReference) -> Bool {
        reference.agency.isEmpty || reference.version == nil && isVersion3 || reference.version.map { !isReferable(version: $0) } ?? false
    }

    /// `common:VersionType` of 2.1: numbers; of 3.x: one or two numbers, or three with an extension, none with a leading zero.
    func isWritable(version text: String) -> Bool {
        let parts = text.split(separator: "-" as Character, maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts[0].split(separator: "." as Character, omittingEmptySubsequences: false)
        guard numbers.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } }) else { return false }
        guard isVersion3 else { return parts.count == 1 }
        guard numbers.allSatisfy({ $0 == "0" || $0.utf8.first != 48 }), numbers.count <= 3 else { return false }
        guard parts.count > 1 else { return true }
        return numbers.count == 3
            && parts[1].split(separator: "." as Character, omittingEmptySubsequences: false).allSatisfy {
                HeaderValues.isID(String($0)) && !$0.utf8.contains { $0 == 0x5F || $0 == 0x40 || $0 == 0x24 }
            }
    }

    /// `common:VersionReferenceType` of 3.x: three numbers, one of them with `+`.
    private func isReferable(version text: String) -> Bool {
        if isWritable(version: text) { return true }
        guard isVersion3, text.utf8.filter({ $0 == UInt8(ascii: "+") }).count == 1 else { return false }
        let parts = text.split(separator: "." as Character, omittingEmptySubsequences: false)
        return parts.count == 3 && isWritable(version: parts.map { $0.hasSuffix("+") ? String($0.dropLast()) : String($0) }.joined(separator: "."))
    }
}
