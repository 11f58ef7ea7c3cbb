import SluiceKit

/// Data structure definitions.
extension StructureWriter {
    func write(_ structure: DataStructure) throws(WriteError) {
        try start("DataStructure", structure.identity, .dataStructure) { () throws(WriteError) in
            if version == .v3_1 {
                try writer.write(attribute: "evolvingStructure", structure.isEvolving.map(String.init))
            } else if structure.isEvolving == true {
                lose("that a data structure evolves")
            }
        }
        let isStub = structure.dimensions.isEmpty && structure.measures.isEmpty && structure.attributes.isEmpty && structure.groups.isEmpty
        if !isStub { try writeComponents(structure) }
        if let metadata = structure.metadata {
            if isVersion3 { try write("Metadata", metadata) } else { lose("the metadata structure of a data structure") }
        }
        try end("DataStructure")
    }

    private func writeComponents(_ structure: DataStructure) throws(WriteError) {
        let names = structure.measures.map(\.id).joined(separator: ", ")
        guard !structure.dimensions.isEmpty, isVersion3 || structure.measures.count == 1 && names == "OBS_VALUE" else {
            throw WriteError(
                .unsupported,
                detail: isVersion3
                    ? "a data structure of SDMX-ML \(version.rawValue) has dimensions"
                    : "a data structure of SDMX-ML 2.1 has dimensions and exactly one measure, OBS_VALUE; this one has \(structure.dimensions.count) dimensions and the measures \(names)"
            )
        }
        try writer.write("<str:DataStructureComponents>\n")
        try startList("DimensionList", .dimensions, of: structure)
        for (index, dimension) in structure.dimensions.enumerated() { try write(dimension, position: index + 1, of: structure) }
        try end("DimensionList")
        for group in structure.groups { try write(group) }
        let attributes = isVersion3 ? structure.attributes : structure.attributes.filter { !$0.isMetadata }
        if attributes.count < structure.attributes.count { lose("metadata attributes used in a data structure") }
        if !attributes.isEmpty {
            try startList("AttributeList", .attributes, of: structure)
            for attribute in attributes { try write(attribute, of: structure) }
            try end("AttributeList")
        }
        if !structure.measures.isEmpty {
            try startList("MeasureList", .measures, of: structure)
            for measure in structure.measures { try write(measure, of: structure) }
            try end("MeasureList")
        }
        try end("DataStructureComponents")
    }

    private func startList(_ element: String, _ descriptor: DataStructure.Descriptor, of structure: DataStructure) throws(WriteError) {
        try writer.write(text: "<str:\(element) id=\"\(descriptor.rawValue)\">\n")
        if let supplement = structure.descriptorSupplements[descriptor] { try write(supplement) }
    }

    private func startComponent(_ element: String, _ id: String?, _ supplement: Supplement, attributes: () throws(WriteError) -> Void = {}) throws(WriteError) {
        try writer.write(text: "<str:\(element)")
        try writer.write(attribute: "id", id)
        if id != nil { try writer.write(attribute: "uri", supplement.uri) }
        try attributes()
        try writer.write(">\n")
        try write(supplement)
    }

    private func write(_ dimension: Dimension, position: Int, of structure: DataStructure) throws(WriteError) {
        var element = "Dimension"
        var kind = dimension.kind
        switch kind {
        case .regular: break
        case .measure where isVersion3:
            lose("that \(dimension.id) is the measure dimension, and its concepts")
            kind = .regular
        case .measure: element = "MeasureDimension"
        case .time: element = "TimeDimension"
        }
        if kind == .time, dimension.id != "TIME_PERIOD" {
            throw WriteError(.unsupported, detail: "a time dimension is called TIME_PERIOD in SDMX-ML; this one is called \(dimension.id)")
        }
        try startComponent(element, dimension.id, dimension.supplement) { () throws(WriteError) in
            if kind != .time || !isVersion3 { try writer.write(attribute: "position", String(position)) }
        }
        try write(identity: dimension.concept, of: dimension.id)
        switch kind {
        case .regular:
            // The concepts of a measure dimension are no code list, which 3.x demands.
            let representation = dimension.kind == .measure ? nil : dimension.representation
            try write(representation, "LocalRepresentation", in: .component, of: dimension.id)
        case .measure:
            guard dimension.representation?.enumeration != nil else {
                throw WriteError(.unsupported, detail: "its measure dimension \(dimension.id) needs a concept scheme as its representation")
            }
            try write(dimension.representation, "LocalRepresentation", in: .measureDimension, of: dimension.id)
        case .time:
            let representation = dimension.representation ?? Representation(textFormat: TextFormat(type: .observationalTimePeriod))
            try write(representation, "LocalRepresentation", in: .time, of: dimension.id)
        }
        if kind == .time {
            if !dimension.roles.isEmpty { lose("concept roles of the time dimension", .note) }
        } else {
            for role in dimension.roles { try write("ConceptRole", concept: role) }
        }
        try end(element)
    }

    private func write(_ group: DimensionGroup) throws(WriteError) {
        try writer.write("<str:Group")
        try writer.write(attribute: "id", group.id)
        try writer.write(attribute: "uri", group.supplement.uri)
        try writer.write(">\n")
        try write(annotations: group.supplement.annotations)
        if !group.supplement.links.isEmpty { lose("links of groups", .note) }
        for dimension in group.dimensions {
            try writer.write("<str:GroupDimension>")
            try write(local: dimension, "DimensionReference")
            try end("GroupDimension")
        }
        if let constraint = group.attachmentConstraint {
            guard !isVersion3 else {
                throw WriteError(.unsupported, detail: "its group \(group.id) is given by an attachment constraint, which 3.x does not have")
            }
            try write("AttachmentConstraint", constraint)
        } else if group.dimensions.isEmpty {
            throw WriteError(.unsupported, detail: "its group \(group.id) has no dimensions")
        }
        try end("Group")
    }

    private func write(_ measure: Measure, of structure: DataStructure) throws(WriteError) {
        let element = isVersion3 ? "Measure" : "PrimaryMeasure"
        try startComponent(element, measure.id, measure.supplement) { () throws(WriteError) in
            if isVersion3, measure.isMandatory { try writer.write(" usage=\"mandatory\"") }
        }
        if !isVersion3, measure.isMandatory { lose("that the measure is mandatory", .note) }
        try write(identity: measure.concept, of: measure.id)
        try write(measure.representation, "LocalRepresentation", in: .attribute, of: measure.id)
        if isVersion3 {
            for role in measure.roles { try write("ConceptRole", concept: role) }
        } else if !measure.roles.isEmpty {
            lose("concept roles of the measure", .note)
        }
        try end(element)
    }

    private func write(_ attribute: Attribute, of structure: DataStructure) throws(WriteError) {
        if attribute.isMetadata {
            try startComponent("MetadataAttributeUsage", nil, attribute.supplement)
            try element("str:MetadataAttributeReference", attribute.id)
            try writeRelationship(attribute)
            return try end("MetadataAttributeUsage")
        }
        try startComponent("Attribute", attribute.id, attribute.supplement) { () throws(WriteError) in
            if isVersion3 {
                try writer.write(attribute: "usage", attribute.isMandatory ? "mandatory" : "optional")
            } else {
                try writer.write(attribute: "assignmentStatus", attribute.isMandatory ? "Mandatory" : "Conditional")
            }
        }
        try write(identity: attribute.concept, of: attribute.id)
        try write(attribute.representation, "LocalRepresentation", in: .attribute, of: attribute.id)
        for role in attribute.roles { try write("ConceptRole", concept: role) }
        try writeRelationship(attribute)
        if !attribute.measures.isEmpty {
            if isVersion3 {
                try writer.write("<str:MeasureRelationship>")
                for measure in attribute.measures { try element("str:Measure", measure) }
                try end("MeasureRelationship")
            } else {
                lose("the measures that an attribute describes")
            }
        }
        try end("Attribute")
    }

    private func writeRelationship(_ attribute: Attribute) throws(WriteError) {
        try writer.write("<str:AttributeRelationship>")
        switch attribute.relationship {
        case .dataset: try writer.write(isVersion3 ? "<str:Dataflow/>" : "<str:None/>")
        case .observation: if isVersion3 { try writer.write("<str:Observation/>") } else { try write(local: "OBS_VALUE", "PrimaryMeasure") }
        case .group(let id): try write(local: id, "Group")
        case .dimensions(let ids):
            guard !ids.isEmpty else {
                throw WriteError(.unsupported, detail: "its attribute \(attribute.id) is attached to no dimension at all; attach it to the dataset")
            }
            if !isVersion3, !attribute.optionalDimensions.isEmpty { lose("dimensions that an attribute need not give") }
            for id in ids {
                if isVersion3, attribute.optionalDimensions.contains(id) {
                    try writer.write("<str:Dimension optional=\"true\">")
                    try writer.write(escaped: id)
                    try end("Dimension")
                } else {
                    try write(local: id, "Dimension")
                }
            }
        }
        if !attribute.attachmentGroups.isEmpty {
            if !isVersion3, case .dimensions = attribute.relationship {
                for id in attribute.attachmentGroups { try write(local: id, "AttachmentGroup") }
            } else {
                lose("the groups to which an attribute may be attached as well")
            }
        }
        try end("AttributeRelationship")
    }

    private func write(identity concept: ConceptReference?, of id: String) throws(WriteError) {
        guard let concept else { throw WriteError(.unsupported, detail: "its component \(id) has no concept, which SDMX-ML demands") }
        try write("ConceptIdentity", concept: concept)
    }
}
