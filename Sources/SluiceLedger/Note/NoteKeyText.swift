internal import SluiceCrypto
internal import SluiceKit

/// The text of a key, `name+hexid+base64(algorithm || key)` (C2SP signed-note, "Verifier keys"), taken apart; a secret one has `PRIVATE+KEY+` before it.
struct NoteKeyText {
    static let secretPrefix = "PRIVATE+KEY+"

    let name: String
    /// As it is written; nothing is known of it before it is compared.
    let id: String
    /// What follows the algorithm's byte.
    let key: [UInt8]

    /// nil where the text has another form, or a key of another algorithm.
    init?(_ text: String, algorithm: UInt8) {
        // Only the base 64 at the end may hold further plus signs, so the first two divide the parts.
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let key = Base64.decode(parts[2]), key.first == algorithm else { return nil }
        name = String(parts[0])
        id = String(parts[1])
        self.key = Array(key.dropFirst())
    }

    init?(secret text: String, algorithm: UInt8) {
        guard text.hasPrefix(Self.secretPrefix) else { return nil }
        self.init(String(text.dropFirst(Self.secretPrefix.count)), algorithm: algorithm)
    }

    /// C2SP signed-note, "Format": a name is not empty and holds no Unicode space, no plus and, like the note itself, no control character.
    static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.value >= 0x20 && $0 != "+" }
    }

    /// The first four bytes of SHA-256(name || newline || algorithm || public key), as a number.
    static func id(name: String, algorithm: UInt8, publicKeyBytes: [UInt8]) -> UInt32 {
        SHA256.hash(Array(name.utf8) + [0x0a, algorithm] + publicKeyBytes).bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func bytes(_ id: UInt32) -> [UInt8] { stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: id >> UInt32($0)) } }

    static func idText(_ id: UInt32) -> String { Hexadecimal.encode(bytes(id)) }

    static func text(name: String, id: UInt32, algorithm: UInt8, key: [UInt8]) -> String { "\(name)+\(idText(id))+\(Base64.encode([algorithm] + key))" }
}
