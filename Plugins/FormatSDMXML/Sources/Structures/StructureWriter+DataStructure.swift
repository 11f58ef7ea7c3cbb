import SluiceKit

/// Data structure definitions.
extension StructureWriter {
    func write(_ structure: DataStructure) throws(WriteError) {
        try writer.write("<str:DataStructure")
        try write(identity: structure.identity, .dataStructure)
        try writer.write(">\n")
        try write(names: structure.identity.names, structure.identity.descriptions, otherwise: structure.identity.id)
        let isStub = structure.dimensions.isEmpty && structure.measures.isEmpty && structure.attributes.isEmpty && structure.groups.isEmpty
        if !isStub { try writeComponents(structure) }
        try writer.write("</str:DataStructure>\n")
    }

    private func writeComponents(_ structure: DataStructure) throws(WriteError) {
        guard let measure = structure.measures.first, structure.measures.count == 1, measure.id == "OBS_VALUE", !structure.dimensions.isEmpty else {
            throw WriteError(
                .unsupported,
                detail:
                    "SDMX-ML 2.1 knows data structures with dimensions and exactly one measure, OBS_VALUE; \(structure.reference) has \(structure.dimensions.count) dimensions and the measures \(structure.measures.map(\.id).joined(separator: ", "))"
            )
        }
        try writer.write("<str:DataStructureComponents>\n<str:DimensionList id=\"DimensionDescriptor\">\n")
        for (index, dimension) in structure.dimensions.enumerated() { try write(dimension, position: index + 1, of: structure) }
        try writer.write("</str:DimensionList>\n")
        for group in structure.groups {
            try writer.write("<str:Group")
            try writer.write(attribute: "id", group.id)
            try writer.write(">\n")
            for dimension in group.dimensions {
                try writer.write("<str:GroupDimension><str:DimensionReference>")
                try writeLocalReference(dimension)
                try writer.write("</str:DimensionReference></str:GroupDimension>\n")
            }
            try writer.write("</str:Group>\n")
        }
        if !structure.attributes.isEmpty {
            try writer.write("<str:AttributeList id=\"AttributeDescriptor\">\n")
            for attribute in structure.attributes { try write(attribute, of: structure) }
            try writer.write("</str:AttributeList>\n")
        }
        try writer.write("<str:MeasureList id=\"MeasureDescriptor\">\n<str:PrimaryMeasure")
        try writer.write(attribute: "id", measure.id)
        try writer.write(">\n")
        try write(concept: measure.concept, of: measure.id, structure)
        try write(local: measure.representation, in: .component, of: measure.id)
        try writer.write("</str:PrimaryMeasure>\n</str:MeasureList>\n</str:DataStructureComponents>\n")
    }

    private func write(_ dimension: Dimension, position: Int, of structure: DataStructure) throws(WriteError) {
        let (start, end): (StaticString, StaticString) =
            switch dimension.kind {
            case .regular: ("<str:Dimension", "</str:Dimension>\n")
            case .measure: ("<str:MeasureDimension", "</str:MeasureDimension>\n")
            case .time: ("<str:TimeDimension", "</str:TimeDimension>\n")
            }
        if dimension.kind == .time, dimension.id != "TIME_PERIOD" {
            throw WriteError(
                .unsupported, detail: "the time dimension of SDMX-ML 2.1 is called TIME_PERIOD; that of \(structure.reference) is called \(dimension.id)")
        }
        try writer.write(start)
        try writer.write(attribute: "id", dimension.id)
        try writer.write(attribute: "position", String(position))
        try writer.write(">\n")
        try write(concept: dimension.concept, of: dimension.id, structure)
        switch dimension.kind {
        case .regular: try write(local: dimension.representation, in: .component, of: dimension.id)
        case .measure:
            guard dimension.representation?.enumeration != nil else {
                throw WriteError(
                    .unsupported, detail: "the measure dimension \(dimension.id) of \(structure.reference) needs a concept scheme as its representation")
            }
            try write(local: dimension.representation, in: .measureDimension, of: dimension.id)
        case .time:
            try write(local: dimension.representation ?? Representation(textFormat: TextFormat(type: .observationalTimePeriod)), in: .time, of: dimension.id)
        }
        try writer.write(end)
    }

    private func write(_ attribute: Attribute, of structure: DataStructure) throws(WriteError) {
        try writer.write("<str:Attribute")
        try writer.write(attribute: "id", attribute.id)
        try writer.write(attribute: "assignmentStatus", attribute.isMandatory ? "Mandatory" : "Conditional")
        try writer.write(">\n")
        try write(concept: attribute.concept, of: attribute.id, structure)
        try write(local: attribute.representation, in: .component, of: attribute.id)
        try writer.write("<str:AttributeRelationship>")
        switch attribute.relationship {
        case .dataset: try writer.write("<str:None/>")
        case .observation: try write(reference: "OBS_VALUE", "<str:PrimaryMeasure>", "</str:PrimaryMeasure>")
        case .group(let id): try write(reference: id, "<str:Group>", "</str:Group>")
        case .dimensions(let ids):
            guard !ids.isEmpty else {
                throw WriteError(
                    .unsupported, detail: "the attribute \(attribute.id) of \(structure.reference) is attached to no dimension at all; attach it to the dataset"
                )
            }
            for id in ids { try write(reference: id, "<str:Dimension>", "</str:Dimension>") }
        }
        try writer.write("</str:AttributeRelationship>\n</str:Attribute>\n")
    }

    private func write(reference id: String, _ start: StaticString, _ end: StaticString) throws(WriteError) {
        try writer.write(start)
        try writeLocalReference(id)
        try writer.write(end)
    }

    private func writeLocalReference(_ id: String) throws(WriteError) {
        try writer.write("<Ref")
        try writer.write(attribute: "id", id)
        try writer.write("/>")
    }

    private func write(concept: ConceptReference?, of component: String, _ structure: DataStructure) throws(WriteError) {
        guard let concept else {
            throw WriteError(.unsupported, detail: "the component \(component) of \(structure.reference) has no concept, which SDMX-ML 2.1 demands")
        }
        try write(concept: concept)
    }

    private func write(local representation: Representation?, in place: RepresentationPlace, of component: String) throws(WriteError) {
        guard let representation else { return }
        try writer.write("<str:LocalRepresentation>")
        try write(representation: representation, in: place, of: component)
        try writer.write("</str:LocalRepresentation>\n")
    }
}
