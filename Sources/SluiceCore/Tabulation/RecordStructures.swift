package import SluiceKit

/// Tells data structures that describe records about single persons or events from those that describe cells of a table.
///
/// A structure is one of records where an agreement of the node names it under `records.structure`, whatever that agreement's parties or validity, or where the
/// structure itself carries an annotation of the type `RECORD_LEVEL`. So data stay records when an agreement ends (Docs/Decisions/0022).
package struct RecordStructures: Sendable {
    /// The type of the annotation.
    package static let annotationType = "RECORD_LEVEL"

    private let named: Set<ArtefactReference>
    /// Whether one of them is among the structures of the node; nil where that has to be looked for.
    private var isAtHand: Bool?

    /// - Parameter structures: those of the node, where the question is asked more than once.
    package init(_ agreements: [Agreement], among structures: StructureSet? = nil) {
        // Most nodes hold many agreements and few of records; they are looked at where they lie, for a copy of each costs more.
        named = agreements.withUnsafeBufferPointer { all in Set(all.indices.compactMap { all[$0].records?.structure }) }
        isAtHand = structures.map { $0.dataStructures.contains(where: contains) }
    }

    package func contains(_ structure: DataStructure) -> Bool {
        structure.identity.supplement.annotations.contains { $0.type == Self.annotationType } || named.contains { $0.accepts(structure.reference) }
    }

    /// Whether one of these structures is at hand; where none is, nobody need look at an input twice.
    /// - Parameter structures: those that it was made with, or, where it was made without any, those at hand.
    package func isAny(among structures: StructureSet) -> Bool { isAtHand ?? structures.dataStructures.contains(where: contains) }
}
