import SluiceKit

/// Metadata structure definitions: one list of attributes in 3.x, targets and reports in 2.1.
extension StructureWriter {
    func write(_ structure: MetadataStructure) throws(WriteError) {
        try start("MetadataStructure", structure.identity, .metadataStructure)
        if isVersion3 { try writeAttributes(structure) } else { try writeReports(structure) }
        try end("MetadataStructure")
    }

    private func writeAttributes(_ structure: MetadataStructure) throws(WriteError) {
        var attributes = structure.attributes
        if attributes.isEmpty, let report = structure.reports.first {
            guard structure.reports.count == 1 else {
                throw WriteError(.unsupported, detail: "it has \(structure.reports.count) reports, and a metadata structure of 3.x has one; split it")
            }
            lose("the targets of a metadata structure (3.x gives them with the metadataflow)")
            attributes = report.attributes
        }
        guard !attributes.isEmpty else { return }
        try writer.write("<str:MetadataStructureComponents>\n<str:MetadataAttributeList id=\"MetadataAttributeDescriptor\">\n")
        try write(structure.attributesSupplement)
        for attribute in attributes { try write(attribute, depth: 1) }
        try writer.write("</str:MetadataAttributeList>\n</str:MetadataStructureComponents>\n")
    }

    private func writeReports(_ structure: MetadataStructure) throws(WriteError) {
        guard structure.attributes.isEmpty else {
            throw WriteError(
                .unsupported, detail: "a metadata structure of SDMX-ML 2.1 says what its reports are about (MetadataTarget), and this one does not")
        }
        guard !structure.targets.isEmpty || !structure.reports.isEmpty else { return }
        try writer.write("<str:MetadataStructureComponents>\n")
        for target in structure.targets { try write(target) }
        for report in structure.reports {
            try writer.write("<str:ReportStructure")
            try writer.write(attribute: "id", report.id)
            try writer.write(attribute: "uri", report.supplement.uri)
            try writer.write(">\n")
            try write(report.supplement)
            for attribute in report.attributes { try write(attribute, depth: 1) }
            for target in report.targets { try write(local: target, "MetadataTarget") }
            try end("ReportStructure")
        }
        try end("MetadataStructureComponents")
    }

    private func write(_ attribute: MetadataAttribute, depth: Int) throws(WriteError) {
        guard depth <= Self.nestingMax else {
            throw WriteError(.unsupported, detail: "its attributes are nested deeper than \(Self.nestingMax) levels, which readers refuse")
        }
        guard let concept = attribute.concept else {
            throw WriteError(.unsupported, detail: "its attribute \(attribute.id) has no concept, which SDMX-ML demands")
        }
        try writer.write("<str:MetadataAttribute")
        try writer.write(attribute: "id", attribute.id)
        try writer.write(attribute: "uri", attribute.supplement.uri)
        try writer.write(attribute: "minOccurs", attribute.occursMin.map(String.init))
        try writer.write(attribute: "maxOccurs", attribute.occursMax.map { $0 == .max ? "unbounded" : String($0) })
        try writer.write(attribute: "isPresentational", attribute.isPresentational.map(String.init))
        try writer.write(">\n")
        try write(attribute.supplement)
        try write("ConceptIdentity", concept: concept)
        try write(attribute.representation, "LocalRepresentation", in: .metadataAttribute, of: attribute.id)
        for child in attribute.children { try write(child, depth: depth + 1) }
        try end("MetadataAttribute")
    }

    private func write(_ target: MetadataTarget) throws(WriteError) {
        try writer.write("<str:MetadataTarget")
        try writer.write(attribute: "id", target.id)
        try writer.write(attribute: "uri", target.supplement.uri)
        try writer.write(">\n")
        try write(target.supplement)
        for part in target.parts {
            try writer.write(text: "<str:\(part.kind.rawValue)")
            try writer.write(attribute: "id", part.id)
            try writer.write(attribute: "uri", part.supplement.uri)
            try writer.write(attribute: "objectType", part.objectType)
            try writer.write(">\n")
            try write(part.supplement)
            guard let representation = part.representation else {
                throw WriteError(.unsupported, detail: "its target \(part.id) has no representation, which SDMX-ML 2.1 demands")
            }
            try write(representation, "LocalRepresentation", in: part.kind == .reportPeriod ? .time : .target, of: part.id)
            try end(part.kind.rawValue)
        }
        try end("MetadataTarget")
    }
}
