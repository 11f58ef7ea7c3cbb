/// Why a YAML file is refused: where, what, and how to mend it.
public struct YAMLProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    public var line: Int
    public var column: Int
    public var detail: String

    public init(file: String, line: Int, column: Int, detail: String) {
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
    /// Nodes after aliases are expanded, so that an alias bomb ends early.
    public static let nodesMax = 200_000
}
