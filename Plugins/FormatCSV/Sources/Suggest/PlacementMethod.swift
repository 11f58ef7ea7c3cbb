/// How a column, label or component found its place.
public enum PlacementMethod: String, Hashable, Sendable, CaseIterable {
    // Columns.
    case componentID = "component id"
    case componentName = "component name"
    case knownHeader = "known column name"
    case labels = "its labels"
    case numbers = "its numbers"
    case periods = "its periods"
    // Labels.
    case codeName = "name of the code"
    case codeID = "code id"
    case synonym = "known synonym"
    case nameWithoutBracket = "name without its bracket"
    case nameWithoutBreakdown = "name without the breakdown"
    case reading = "read as"
    case spacing = "name but for blanks"
    case words = "same words as the name"
    case namedID = "the label names the code id"
    case partOfID = "last part of the code id"
    case partOfName = "part of the name"
    case editDistance = "edit distance"
    case sharedWords = "shares words with the name"
    // Components without a column.
    case fileName = "file name"
    case assumed = "assumed"
    case given = "given"
}

/// A code that a label may stand for.
public struct CodeGuess: Hashable, Sendable {
    public var code: String
    /// The code's name, for people.
    public var name: String
    /// Of 100.
    public var confidence: Int
    public var method: PlacementMethod
    /// What the method found: a language, a reading, a number of letters.
    public var detail: String

    /// "name of the code (en)", for a comment.
    public var how: String { detail.isEmpty ? method.rawValue : method == .reading ? "\(method.rawValue) \(detail)" : "\(method.rawValue) (\(detail))" }
}
