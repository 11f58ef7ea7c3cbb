import SluiceKit

/// The one-letter actions of SDMX-CSV 2.x, read and written by what they mean.
///
/// | | 2.0 (SDMX 3.0) | 2.1 (SDMX 3.1) | is |
/// |---|---|---|---|
/// | `A` | "incremental update": values are added and changed, none is taken away | deprecated, "the Merge action is assumed" | merge |
/// | `M` | not there; understood all the same | the same as `A` in 2.0 | merge |
/// | `R`, `D` | replace, delete | replace, delete | replace, delete |
/// | `I` | information | deprecated | information |
/// | none | information | merge | |
///
/// The Append of SDMX 2.1, which adds and changes nothing that is there, has no term of its own in 2.x; `A` comes closest.
enum ActionTerm {
    static func absent(_ version: SDMXCSVFormat.Version) -> DatasetAction { version == .v21 ? .merge : .information }

    /// nil where the term is none of the guides'.
    static func action(_ term: UnsafeRawBufferPointer, _ version: SDMXCSVFormat.Version) -> DatasetAction? {
        if term.isEmpty { return absent(version) }
        guard term.count == 1 else { return nil }
        switch term[0] {
        case UInt8(ascii: "I"): return .information
        case UInt8(ascii: "A"), UInt8(ascii: "M"): return .merge
        case UInt8(ascii: "R"): return .replace
        case UInt8(ascii: "D"): return .delete
        default: return nil
        }
    }

    static func term(_ action: DatasetAction, _ version: SDMXCSVFormat.Version) -> String {
        switch action {
        case .information: "I"
        case .merge: version == .v21 ? "M" : "A"
        case .append: "A"
        case .replace: "R"
        case .delete: "D"
        }
    }
}
