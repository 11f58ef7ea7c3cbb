import SluiceKit

/// The actions of SDMX-JSON, read and written by what they mean.
///
/// | | 1.0 (SDMX 2.1) | 2.0 (SDMX 3.0) | 2.1 (SDMX 3.1) |
/// |---|---|---|---|
/// | `Append` | append: what is there already stays | merge: 3.1 names so what 3.0 did with an Append | deprecated, "the Merge action is assumed": merge |
/// | `Merge` | is not there | is not there | merge |
/// | none | information | information | merge |
///
/// A merge is written as `Append` in 1.0 too, which has nothing closer.
enum ActionName {
    static func absent(_ version: SDMXJSONFormat.Version) -> DatasetAction { version == .v21 ? .merge : .information }

    /// nil for a name that is none in any version.
    static func action(_ name: String) -> DatasetAction? { DatasetAction(rawValue: name) }

    static func meaning(_ action: DatasetAction?, _ version: SDMXJSONFormat.Version) -> DatasetAction {
        guard let action else { return absent(version) }
        return action == .append && version != .v1 ? .merge : action
    }

    static func name(_ action: DatasetAction, _ version: SDMXJSONFormat.Version) -> String {
        action == .merge && version != .v21 ? DatasetAction.append.rawValue : action.rawValue
    }
}
