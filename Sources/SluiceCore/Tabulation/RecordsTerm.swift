package import SluiceKit

/// What an agreement says of record-level data: which structure describes the records, and what may be made of them inside the giver's node.
///
/// An agreement without it refuses record-level data.
package struct RecordsTerm: Hashable, Sendable {
    /// Whether the records themselves may travel.
    package enum Release: String, Hashable, Sendable, CaseIterable {
        /// Never: only the table that is tabulated from them.
        case none
        /// As the dataset of the agreement's dataflow, whose structure is then the records' own, protected by the method `records`.
        case pseudonymised
    }

    /// The data structure of the records; without a version any version of it.
    package var structure: ArtefactReference
    package var release: Release
    /// How the table of the agreement's dataflow is made; nil where the records themselves travel.
    package var tabulation: Tabulation?

    package init(structure: ArtefactReference, release: Release = .none, tabulation: Tabulation? = nil) {
        self.structure = structure
        self.release = release
        self.tabulation = tabulation
    }
}
