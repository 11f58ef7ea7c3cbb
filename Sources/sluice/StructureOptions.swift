internal import ArgumentParser
internal import SluiceKit

/// What every command that reads data against structures takes.
struct StructureOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Structure message, or a folder of them that stands for a registry; may be given more than once.", valueName: "structure"))
    var structure: [String] = []

    @Option(name: .long, help: ArgumentHelp("Dataflow to read the data as, AGENCY:ID(VERSION) or ID.", valueName: "flow"))
    var flow: String?

    func validate() throws { _ = try flowReference() }

    func flowReference() throws -> ArtefactReference? {
        guard let flow else { return nil }
        guard let reference = ArtefactReference(.dataflow, short: flow) else {
            throw ValidationError("A dataflow is written AGENCY:ID(VERSION) or ID, not \"\(flow)\".")
        }
        return reference
    }

    /// Without `--structure` only messages can be read that bring their structure along; for others the reader says what is missing.
    func context(findings: any FindingSink) throws -> ReadContext {
        let structures = try Inputs.structures(structure)
        let flow = try flowReference()
        // Where the structure message defines dataflows, the one asked for has to be among them.
        if let flow, !structures.dataflows.isEmpty, structures.dataflow(flow) == nil {
            throw Outcome.unusable(
                "there is no dataflow \(flow) in the structures given; there are \(structures.dataflows.prefix(10).map(\.reference.description).joined(separator: ", "))"
            )
        }
        return ReadContext(structures: structures, flow: flow, findings: findings)
    }
}
