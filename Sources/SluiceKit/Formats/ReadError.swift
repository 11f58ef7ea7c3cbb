/// Why an input could not be read further. Problems in single values are findings; this stops the work.
public struct ReadError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        /// The input does not follow its format's grammar, or ends too early.
        case malformed
        case truncated
        /// The bytes are not in the declared (or, lacking one, UTF-8) encoding.
        case encoding
        /// A named limit was passed.
        case limitExceeded
        /// Something is used that Sluice never accepts (a DOCTYPE, say).
        case forbidden
        /// Well-formed, but not a message this reader knows.
        case unsupported
        /// The structure that the data refer to is not at hand.
        case structureUnknown
        /// The operating system refused to read.
        case inputOutput
    }
    public var code: Code
    public var line: Int?
    public var column: Int?
    public var byteOffset: Int?
    /// What is wrong and how to mend it, for people.
    public var detail: String

    public init(_ code: Code, line: Int? = nil, column: Int? = nil, byteOffset: Int? = nil, detail: String) {
        self.code = code
        self.line = line
        self.column = column
        self.byteOffset = byteOffset
        self.detail = detail
    }

    public var description: String {
        var place = ""
        if let line { place = "line \(line)" + (column.map { ", column \($0)" } ?? "") + ": " } else if let byteOffset { place = "byte \(byteOffset): " }
        return "\(place)\(detail) [\(code.rawValue)]"
    }
}

/// Why an output could not be written.
public struct WriteError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        case inputOutput
        /// The format has no place for something in the data.
        case unsupported
        case limitExceeded
    }
    public var code: Code
    public var detail: String

    public init(_ code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(detail) [\(code.rawValue)]" }
}
