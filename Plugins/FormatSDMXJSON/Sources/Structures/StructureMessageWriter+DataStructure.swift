import SluiceKit

extension StructureMessageWriter {
    func write(_ structure: DataStructure) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(structure)
        if let isEvolving = structure.isEvolving { if is21 { json.bool("evolvingStructure", isEvolving) } else if isEvolving { lost("evolvingStructure") } }
        if let metadata = structure.metadata { json.text("metadata", try urn(metadata, "metadata structure", .metadataStructure)) }
        let isEmpty = structure.dimensions.isEmpty && structure.measures.isEmpty && structure.attributes.isEmpty && structure.groups.isEmpty
        if !isEmpty || !structure.descriptorSupplements.isEmpty {
            json.beginObject("dataStructureComponents")
            try writeDimensions(structure)
            try writeGroups(structure)
            if !structure.measures.isEmpty || structure.descriptorSupplements[.measures] != nil {
                json.beginObject("measureList")
                writeDescriptor(.measures, of: structure)
                if !structure.measures.isEmpty {
                    json.beginArray("measures")
                    for measure in structure.measures { try write(measure, of: structure) }
                    json.endArray()
                }
                json.endObject()
            }
            try writeAttributes(structure)
            json.endObject()
        }
        json.endObject()
    }

    private func writeDescriptor(_ descriptor: DataStructure.Descriptor, of structure: DataStructure) {
        json.text("id", descriptor.rawValue)
        writeSupplement(structure.descriptorSupplements[descriptor] ?? Supplement()) {
            ObjectReference(structure.reference, item: descriptor.rawValue, itemClass: descriptor.rawValue).urn
        }
    }

    // MARK: Components

    /// Opens the object of a component and writes what all have.
    private func beginComponent(_ id: String, _ what: String, _ concept: ConceptReference?, _ supplement: Supplement, own: () -> String?) throws(Unwritable) {
        guard SchemaPattern.isNCName(id) else { throw Unwritable("the schema does not let the id \(id.prefix(60)) of a \(what) through") }
        guard let concept else { throw Unwritable("the \(what) \(id) has no concept") }
        json.newLine()
        json.beginObject()
        json.text("id", id)
        json.text("conceptIdentity", try urn(concept, "concept of \(id)"))
        writeSupplement(supplement, own: own)
    }

    private func writeDimensions(_ structure: DataStructure) throws(Unwritable) {
        let times = structure.dimensions.filter { $0.kind == .time }
        let others = structure.dimensions.filter { $0.kind != .time }
        guard times.count <= 1 else { throw Unwritable("it has several time dimensions") }
        json.beginObject("dimensionList")
        writeDescriptor(.dimensions, of: structure)
        if !others.isEmpty {
            json.beginArray("dimensions")
            for (index, dimension) in others.enumerated() {
                try beginComponent(dimension.id, "dimension", dimension.concept, dimension.supplement) {
                    ObjectReference(structure.reference, item: dimension.id, itemClass: "Dimension").urn
                }
                json.integer("position", index + 1)
                json.texts("conceptRoles", try urns(dimension.roles, "role"))
                if dimension.kind == .measure { lost("that \(dimension.id) is the measure dimension (SDMX 3 has dimensions only)") }
                if let representation = dimension.representation {
                    if representation.enumeration?.artefactClass == .conceptScheme {
                        lost("the enumeration of \(dimension.id) by a concept scheme")
                    } else {
                        try writeRepresentation("localRepresentation", representation, .dimension)
                    }
                }
                json.endObject()
            }
            json.endArray()
        }
        if let time = times.first {
            guard time.id == "TIME_PERIOD" else { throw Unwritable("the time dimension has the id \(time.id) and not TIME_PERIOD") }
            guard let concept = time.concept else { throw Unwritable("the time dimension has no concept") }
            json.newLine()
            json.beginObject("timeDimension")
            json.text("id", time.id)
            json.text("conceptIdentity", try urn(concept, "concept of \(time.id)"))
            writeSupplement(time.supplement) { ObjectReference(structure.reference, item: time.id, itemClass: "TimeDimension").urn }
            if !time.roles.isEmpty { lost("the roles of the time dimension") }
            // 2.0 wants a representation, which may be empty.
            if let representation = time.representation ?? (is21 ? nil : Representation()) {
                try writeRepresentation("localRepresentation", representation, .time)
            }
            json.endObject()
        }
        json.endObject()
    }

    private func writeGroups(_ structure: DataStructure) throws(Unwritable) {
        guard !structure.groups.isEmpty else { return }
        json.beginArray("groups")
        for group in structure.groups {
            guard SchemaPattern.isID(group.id) else { throw Unwritable("the schema does not let the id of the group \(group.id.prefix(60)) through") }
            json.newLine()
            json.beginObject()
            json.text("id", group.id)
            try writeNames("groupDimensions", group.dimensions, "group \(group.id)")
            if group.attachmentConstraint != nil { lost("the attachment constraint of the group \(group.id)") }
            writeSupplement(group.supplement) { ObjectReference(structure.reference, item: group.id, itemClass: "GroupDimensionDescriptor").urn }
            json.endObject()
        }
        json.endArray()
    }

    private func writeNames(_ name: StaticString, _ ids: [String], _ where_: String) throws(Unwritable) {
        if let wrong = ids.first(where: { !SchemaPattern.isNCName($0) }) {
            throw Unwritable("the schema does not let the id \(wrong.prefix(60)) in \(where_) through")
        }
        json.texts(name, unique(ids))
    }

    private func write(_ measure: Measure, of structure: DataStructure) throws(Unwritable) {
        try beginComponent(measure.id, "measure", measure.concept, measure.supplement) {
            ObjectReference(structure.reference, item: measure.id, itemClass: "Measure").urn
        }
        json.text("usage", measure.isMandatory ? "mandatory" : "optional")
        json.texts("conceptRoles", try urns(measure.roles, "role"))
        if let representation = measure.representation { try writeRepresentation("localRepresentation", representation, .component) }
        json.endObject()
    }

    // MARK: Attributes

    private func writeAttributes(_ structure: DataStructure) throws(Unwritable) {
        let own = structure.attributes.filter { !$0.isMetadata }
        let used = structure.attributes.filter(\.isMetadata)
        guard !structure.attributes.isEmpty || structure.descriptorSupplements[.attributes] != nil else { return }
        json.beginObject("attributeList")
        writeDescriptor(.attributes, of: structure)
        if !own.isEmpty {
            json.beginArray("attributes")
            for attribute in own { try write(attribute, of: structure) }
            json.endArray()
        }
        if !used.isEmpty {
            json.beginArray("metadataAttributeUsages")
            for attribute in used {
                guard SchemaPattern.isNestedID(attribute.id) else {
                    throw Unwritable("the schema does not let the id of the metadata attribute \(attribute.id) through")
                }
                json.newLine()
                json.beginObject()
                json.text("metadataAttributeReference", attribute.id)
                try writeRelationship(attribute)
                writeSupplement(attribute.supplement) { nil }
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
    }

    private func write(_ attribute: Attribute, of structure: DataStructure) throws(Unwritable) {
        try beginComponent(attribute.id, "attribute", attribute.concept, attribute.supplement) {
            ObjectReference(structure.reference, item: attribute.id, itemClass: "DataAttribute").urn
        }
        json.text("usage", attribute.isMandatory ? "mandatory" : "optional")
        try writeRelationship(attribute)
        try writeNames("measureRelationship", attribute.measures, "the attribute \(attribute.id)")
        json.texts("conceptRoles", try urns(attribute.roles, "role"))
        if let representation = attribute.representation { try writeRepresentation("localRepresentation", representation, .component) }
        json.endObject()
    }

    private func writeRelationship(_ attribute: Attribute) throws(Unwritable) {
        json.beginObject("attributeRelationship")
        switch attribute.relationship {
        case .dataset: json.raw("dataflow", "{}")
        case .observation: json.raw("observation", "{}")
        case .group(let id):
            guard SchemaPattern.isID(id) else { throw Unwritable("the schema does not let the group of the attribute \(attribute.id) through") }
            json.text("group", id)
        case .dimensions(let ids):
            let ids = unique(ids)
            // An attribute of no dimension is one of the whole dataset.
            if ids.isEmpty { json.raw("dataflow", "{}") }
            try writeNames("dimensions", ids, "the attribute \(attribute.id)")
            if !attribute.optionalDimensions.isEmpty, !ids.isEmpty {
                json.beginArray("areDimensionsOptional")
                for id in ids { json.raw(nil, attribute.optionalDimensions.contains(id) ? "true" : "false") }
                json.endArray()
            }
        }
        json.endObject()
        if !attribute.attachmentGroups.isEmpty { lost("the attachment groups of the attribute \(attribute.id)") }
    }

    // MARK: Metadata structures

    func write(_ structure: MetadataStructure) throws(Unwritable) {
        guard structure.reports.isEmpty, structure.targets.isEmpty else {
            throw Unwritable("its targets and reports belong to SDMX 2.1; SDMX 3 has one tree of attributes, and targets at the metadataflow")
        }
        json.beginObject()
        try writeIdentity(structure)
        if !structure.attributes.isEmpty {
            json.beginObject("metadataStructureComponents")
            json.beginObject("metadataAttributeList")
            json.text("id", "MetadataAttributeDescriptor")
            writeSupplement(structure.attributesSupplement) {
                ObjectReference(structure.reference, item: "MetadataAttributeDescriptor", itemClass: "MetadataAttributeDescriptor").urn
            }
            try write(structure.attributes, of: structure, path: "", depth: 0)
            json.endObject()
            json.endObject()
        } else if !structure.attributesSupplement.isEmpty {
            lost("what is said of the list of its attributes, which is empty,", isRemark: true)
        }
        json.endObject()
    }

    private func write(_ attributes: [MetadataAttribute], of structure: MetadataStructure, path: String, depth: Int) throws(Unwritable) {
        guard !attributes.isEmpty else { return }
        guard depth < Self.levelsMax else { throw Unwritable("its attributes have more than \(Self.levelsMax) levels") }
        json.beginArray("metadataAttributes")
        for attribute in attributes {
            let path = path.isEmpty ? attribute.id : "\(path).\(attribute.id)"
            try beginComponent(attribute.id, "metadata attribute", attribute.concept, attribute.supplement) {
                ObjectReference(structure.reference, item: path).urn
            }
            json.integer("minOccurs", attribute.occursMin)
            writeOccursMax(attribute.occursMax)
            json.bool("isPresentational", attribute.isPresentational)
            if let representation = attribute.representation { try writeRepresentation("localRepresentation", representation, .metadataAttribute) }
            try write(attribute.children, of: structure, path: path, depth: depth + 1)
            json.endObject()
        }
        json.endArray()
    }
}
