import SluiceKit

/// The structure that a dataset is read with: one at hand, or the message's own words.
extension SDMXJSONReader {
    /// Without any data structure at hand the message's own words have to do.
    var makesSchemas: Bool { context.structures.dataStructures.isEmpty && context.flow == nil }

    /// The reference that a dataset gives, a dataflow before all, and the schema it is read with.
    func resolve(_ references: [ArtefactReference], _ described: MessageStructure, _ outline: JSONOutline) throws(ReadError) -> (
        ArtefactReference, DatasetSchema
    ) {
        let flow = references.first { $0.artefactClass == .dataflow }
        let structure = references.first { $0.artefactClass == .dataStructure }
        let position = Position(line: head.line, dataset: datasetOrdinal)
        let named = flow ?? references.first { $0.artefactClass == .provisionAgreement } ?? structure
        if makesSchemas {
            let schema = madeSchema(structure ?? named, flow, described, outline, position)
            return (named ?? schema.structure.reference, schema)
        }
        guard let reference = named else {
            let schema = try context.schema(for: nil, at: position)
            return (schema.flow ?? schema.structure.reference, schema)
        }
        // A message that names flow and structure can be read with the structure alone.
        if context.flow == nil, reference != structure, let structure, let known = context.structures.dataStructure(structure),
            flow.flatMap(context.structures.dataflow) == nil
        {
            return (reference, DatasetSchema(known, in: context.structures, flow: flow))
        }
        return (reference, try context.schema(for: reference, at: position))
    }

    /// The schema that the message's own structures describe, made once per structure.
    private func madeSchema(
        _ reference: ArtefactReference?, _ flow: ArtefactReference?, _ described: MessageStructure, _ outline: JSONOutline, _ position: Position
    ) -> DatasetSchema {
        let key = reference?.description ?? ""
        if let known = madeSchemas[key] { return known }
        let same = outline.structures.filter { other in
            reference.map { reference in other.references.contains(reference) } ?? other.references.isEmpty
        }
        let schema = MessageSchema.make(same.isEmpty ? [described] : same, reference, flow: flow)
        madeSchemas[key] = schema
        context.findings.add(
            Finding(
                .structureFromMessage, severity: .note, at: position, component: schema.structure.reference.description,
                message:
                    "\(schema.structure.reference) is not at hand; the data are read as the message itself describes them, with the codes that it lists.",
                advice: "Give the structure message that defines it to have codes, types and mandatory attributes checked."))
        return schema
    }
}
