internal import Synchronization

/// Schemas that were resolved before, for readers that use the same structures again and again.
///
/// A shelf belongs to one set of structures: whoever changes the set takes a new shelf.
public final class SchemaShelf: Sendable {
    private struct Key: Hashable {
        var structure: ArtefactReference
        var flow: ArtefactReference?
    }
    /// A full shelf is emptied: messages may name flows that nobody defined.
    public static let entriesMax = 1_024
    private let known = Mutex<[Key: DatasetSchema]>([:])
    /// What flows lead to, so that a message of a flow that was seen before looks nothing up.
    private let flows = Mutex<[ArtefactReference: DatasetSchema]>([:])

    public init() {}

    /// Of a flow whose schema is on the shelf already; the flow as it was asked for, with or without its version.
    func schema(ofFlow flow: ArtefactReference) -> DatasetSchema? { flows.withLock { $0[flow] } }

    func keep(_ schema: DatasetSchema, ofFlow flow: ArtefactReference) {
        flows.withLock {
            if $0.count >= Self.entriesMax { $0.removeAll() }
            $0[flow] = schema
        }
    }

    func schema(_ structure: DataStructure, in structures: StructureSet, flow: ArtefactReference?) -> DatasetSchema {
        let key = Key(structure: structure.reference, flow: flow)
        if let schema = known.withLock({ $0[key] }) { return schema }
        let schema = DatasetSchema(structure, in: structures, flow: flow)
        known.withLock {
            if $0.count >= Self.entriesMax { $0.removeAll() }
            $0[key] = schema
        }
        return schema
    }
}
