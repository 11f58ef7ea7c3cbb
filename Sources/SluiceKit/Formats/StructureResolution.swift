extension ReadContext {
    /// Finds the data structure for what a message names.
    ///
    /// The caller's flow goes first, then the message's own reference, then the only data structure at hand. A message that names another
    /// structure than the one it is read with gets a warning; a dataflow that is simply not among the structures does not.
    /// - Throws: `structureUnknown` when there is none or the choice is open.
    public func schema(for reference: ArtefactReference?, at position: Position = Position()) throws(ReadError) -> DatasetSchema {
        if let flow {
            if let known = schemas?.schema(ofFlow: flow) { return known }
            if let structure = structure(of: flow) {
                let schema = schema(structure, flow)
                schemas?.keep(schema, ofFlow: flow)
                return schema
            }
        }
        if let reference, let structure = structure(of: reference) {
            return schema(structure, flow ?? self.flow(of: reference))
        }
        guard structures.dataStructures.count == 1, let only = structures.dataStructures.first else {
            let known = structures.dataStructures.prefix(5).map(\.reference.description).joined(separator: ", ")
            throw ReadError(
                .structureUnknown, line: position.line > 0 ? position.line : nil,
                detail:
                    "the data refer to \(reference?.description ?? "no structure") and the structures at hand are \(known.isEmpty ? "none" : known); name the flow with --flow or give the structure message that defines it"
            )
        }
        if let reference, reference.artefactClass == .dataStructure {
            findings.add(
                Finding(
                    .structureMismatch, severity: .warning, at: position, component: reference.description,
                    offendingText: reference.description, message: "The message refers to data structure \(reference), but is read with \(only.reference).",
                    advice: "Give the structure message of \(reference), or correct the reference in the header."))
        }
        return schema(only, flow ?? reference.flatMap(self.flow(of:)))
    }

    /// The same, for a reader that reads records too: with a schema of records where that is asked for.
    public func rowSchema(for reference: ArtefactReference?, at position: Position = Position()) throws(ReadError) -> DatasetSchema {
        let schema = try schema(for: reference, at: position)
        return readsRecords ? DatasetSchema(schema.structure, in: structures, flow: schema.flow, ofRecords: true) : schema
    }

    private func schema(_ structure: DataStructure, _ flow: ArtefactReference?) -> DatasetSchema {
        schemas?.schema(structure, in: structures, flow: flow) ?? DatasetSchema(structure, in: structures, flow: flow)
    }

    private func structure(of reference: ArtefactReference) -> DataStructure? {
        if reference.artefactClass == .dataStructure { return structures.dataStructure(reference) }
        return flow(of: reference).flatMap(structures.dataStructure(ofFlow:))
    }

    /// The dataflow that a reference names, itself or by a provision agreement.
    private func flow(of reference: ArtefactReference) -> ArtefactReference? {
        switch reference.artefactClass {
        case .dataflow: reference
        case .provisionAgreement: structures.provisionAgreement(reference)?.flow
        default: nil
        }
    }
}
