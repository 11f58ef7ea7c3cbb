import SluiceKit

/// What a dataset's action means in each version of SDMX-ML: the one place where names become meanings and meanings names.
///
/// `DatasetAction` is by meaning (`common:ActionType` of each version's schemas):
///
/// | meaning | 2.0, 2.1, 3.0 | 3.1 |
/// |---|---|---|
/// | `append`: adds what is absent, leaves what is there | `Append` | has none; written as `Merge` |
/// | `merge`: inserts or updates what is given, deletes nothing | has none; written as `Append` | `Merge`; `Append`, deprecated, means the same |
/// | `replace`: an observation is replaced as a whole | `Replace` | `Replace`, which merges attributes above the observation |
/// | `delete`: what is named is deleted, an absent dimension names all its values | `Delete` | `Delete` |
/// | `information`: not meant to change a store | `Information` | `Information`, deprecated |
///
/// A dataset without action, of a message without one, is `information` up to 3.0 and `merge` in 3.1.
/// `append` and `merge` change places between 3.0 and 3.1 as the standard itself did: 3.1 says that `Append` is to be taken as `Merge`.
enum ActionMeaning {
    /// The meaning of an action's name; nil for one that does not exist in any version.
    static func action(_ name: String, in version: SDMXMLVersion) -> DatasetAction? {
        switch name {
        case "Append": version == .v3_1 ? .merge : .append
        // 1.0's name of Append, still seen in 2.0.
        case "Update": version < .v2_1 ? .append : nil
        case "Merge": .merge
        case "Replace": .replace
        case "Delete": .delete
        // The schemas' own prose says "Informational".
        case "Information", "Informational": .information
        default: nil
        }
    }

    /// The meaning of no action at all.
    static func implied(in version: SDMXMLVersion) -> DatasetAction { version == .v3_1 ? .merge : .information }

    /// The name of an action.
    static func name(_ action: DatasetAction, in version: SDMXMLVersion) -> String {
        switch action {
        case .append, .merge: version == .v3_1 ? "Merge" : "Append"
        case .replace: "Replace"
        case .delete: "Delete"
        case .information: "Information"
        }
    }

    /// Understands an action as it stands in a message; one that does not exist gives a finding and counts as not given.
    static func read(_ text: String?, in version: SDMXMLVersion, at line: Int, _ findings: any FindingSink) -> DatasetAction? {
        guard let text = text?.trimmed, !text.isEmpty else { return nil }
        if let action = action(text, in: version) { return action }
        findings.add(
            Finding(
                .actionUnknown, at: Position(line: line), component: "action", offendingText: text,
                message: "SDMX-ML \(version.rawValue) has no dataset action \"\(text)\", only \(names(in: version).joined(separator: ", ")).",
                advice: "Ask the sender which action is meant; until then the dataset counts as \(implied(in: version).rawValue)."))
        return nil
    }

    private static func names(in version: SDMXMLVersion) -> [String] {
        (version == .v3_1 ? ["Merge"] : ["Append"]) + ["Replace", "Delete", "Information"]
    }
}
