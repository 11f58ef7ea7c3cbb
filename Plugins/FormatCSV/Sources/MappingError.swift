/// Why a mapping is refused: where in its file, what is wrong, and how to mend it.
public struct MappingError: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// Counted from 1.
    public var line: Int
    public var column: Int
    public var detail: String
    /// How to mend it; empty where the detail says it.
    public var advice: String

    public init(file: String, line: Int, column: Int, detail: String, advice: String = "") {
        self.file = file
        self.line = line
        self.column = column
        self.detail = detail
        self.advice = advice
    }

    public var description: String { "\(file):\(line):\(column): \(detail)" + (advice.isEmpty ? "" : "; \(advice)") }
}
