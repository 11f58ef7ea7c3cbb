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

    public init() {}

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
