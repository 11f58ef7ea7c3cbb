/// Accepts file names: `*` stands for any characters but `/`, `?` for one. A pattern without a folder looks at the name alone.
public struct FilePattern: Hashable, Sendable {
    /// Longest pattern, in bytes.
    static let bytesMax = 1_024

    public let text: String
    private let parts: [Unicode.Scalar]
    private let namesFolder: Bool

    public init(_ text: String) {
        self.text = text
        parts = Array(text.unicodeScalars)
        namesFolder = parts.contains(Self.slash)
    }

    /// - Parameter file: path within the folder, parts joined by `/`.
    public func accepts(_ file: String) -> Bool {
        let name = Array(file.unicodeScalars)
        guard !namesFolder, let last = name.lastIndex(of: Self.slash) else { return Self.matches(parts[...], name[...]) }
        return Self.matches(parts[...], name[(last + 1)...])
    }

    private static let slash: Unicode.Scalar = "/"

    /// Goes back to the last `*` only, so that no pattern takes longer than pattern times name.
    private static func matches(_ pattern: ArraySlice<Unicode.Scalar>, _ name: ArraySlice<Unicode.Scalar>) -> Bool {
        var (part, letter) = (pattern.startIndex, name.startIndex)
        var retry: (part: Int, letter: Int)?
        while letter < name.endIndex {
            if part < pattern.endIndex, pattern[part] == "*" {
                retry = (part + 1, letter)
                part += 1
            } else if part < pattern.endIndex, pattern[part] == name[letter] || (pattern[part] == "?" && name[letter] != slash) {
                part += 1
                letter += 1
            } else if let last = retry, name[last.letter] != slash {
                retry = (last.part, last.letter + 1)
                (part, letter) = (last.part, last.letter + 1)
            } else {
                return false
            }
        }
        return pattern[part...].allSatisfy { $0 == "*" }
    }
}
