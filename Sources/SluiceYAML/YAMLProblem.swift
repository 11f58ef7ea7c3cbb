/// Why a YAML file is refused: where, what, and how to mend it.
public struct YAMLProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        /// Not YAML, or not the kind of value that is expected.
        case malformed
        case keyUnknown, keyDuplicate, keyMissing
        /// Aliases, anchors, merge keys: a reader must see each value where it holds.
        case forbidden
        case limitExceeded
    }
    public var code: Code
    public var file: String
    public var line: Int
    public var column: Int
    public var detail: String

    public init(_ code: Code = .malformed, file: String, line: Int, column: Int, detail: String) {
        self.code = code
        self.file = file
        self.line = line
        self.column = column
        self.detail = detail
    }

    public var description: String { "\(file):\(line):\(column): \(detail)" }
}

/// The limits of a YAML file; ours are written by people.
public enum YAMLLimits {
    public static let bytesMax = 4 << 20
    public static let depthMax = 32
    /// Values altogether.
    public static let nodesMax = 200_000
    /// Words that look like aliases; a few may be prose, many are an attempt to make the parser expand them.
    public static let aliasWordsMax = 16
}
