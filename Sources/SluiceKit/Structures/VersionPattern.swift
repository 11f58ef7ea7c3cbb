/// Which versions a reference asks for (SDMX 3.0, section 6, "Version references"; 2.1 knows exact versions, `*` and `latest`).
public enum VersionPattern: Hashable, Sendable {
    /// This version.
    case exact(ArtefactVersion)
    /// A text that is no version number; it has to be equal.
    case text(String)
    /// The latest version at hand, stable before draft; also what a reference without version means.
    case latest
    /// Every version (`*`); where one is wanted, the latest of all, draft or not.
    case any
    /// `1.2+`, `1+.0`, `1.2.3+`, and with `~` drafts as well: the latest from `minimum` on in which the first `fixed` numbers are the same.
    case upward(minimum: ArtefactVersion, fixed: Int, withDrafts: Bool)

    public init(_ text: String?) {
        guard let text, !text.isEmpty, text != "latest" else {
            self = .latest
            return
        }
        switch text {
        case "*", "*+", "~": self = .any
        case "+": self = .latest
        default:
            if let pattern = Self.wildcard(text) {
                self = pattern
            } else {
                self = ArtefactVersion(text).map { .exact($0) } ?? .text(text)
            }
        }
    }

    /// `<major>[.<minor>[.<patch>]]` with one `+`, `~` or `*` after (or in place of) one of the numbers.
    private static func wildcard(_ text: String) -> VersionPattern? {
        guard let mark = text.first(where: { "+~*".contains($0) }) else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let marked = parts.firstIndex(where: { $0.contains(mark) }) else { return nil }
        let plain = String(
            text.filter { !"+~*".contains($0) }.split(separator: ".", omittingEmptySubsequences: false).map { $0.isEmpty ? "0" : $0 }.joined(separator: "."))
        guard let minimum = ArtefactVersion(plain) else { return nil }
        return .upward(minimum: minimum, fixed: marked, withDrafts: mark != "+")
    }

    /// Whether an artefact of this version is meant.
    public func accepts(_ version: String) -> Bool {
        switch self {
        case .latest, .any: return true
        case .text(let text): return text == version
        case .exact(let wanted): return ArtefactVersion(version) == wanted
        case .upward(let minimum, let fixed, let withDrafts):
            guard let version = ArtefactVersion(version), version >= minimum, withDrafts || version.isStable else { return false }
            return (0..<fixed).allSatisfy { version.number($0) == minimum.number($0) }
        }
    }

    /// Whether of two accepted versions the second is the better answer.
    public func prefers(_ candidate: String, to current: String) -> Bool {
        guard let new = ArtefactVersion(candidate) else { return false }
        guard let old = ArtefactVersion(current) else { return true }
        switch self {
        case .latest where new.isStable != old.isStable: return new.isStable
        default: return old < new
        }
    }
}
