/// Why an agreement could not be loaded. A gateway does not start with an agreement it does not understand whole.
package struct AgreementError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// Not YAML, or not the shape an agreement has.
        case malformed
        case keyUnknown
        case keyMissing
        case keyDuplicate
        case valueInvalid
        /// Anchors and aliases, tags, several documents.
        case forbidden
        case limitExceeded
    }
    package var code: Code
    package var file: String
    package var line: Int?
    /// What is wrong and how to mend it.
    package var detail: String

    package init(_ code: Code, file: String = "", line: Int? = nil, detail: String) {
        self.code = code
        self.file = file
        self.line = line
        self.detail = detail
    }

    package var description: String { "\(file.isEmpty ? "agreement" : file)\(line.map { ":\($0)" } ?? ""): \(detail) [\(code.rawValue)]" }
}
