internal import SluiceCrypto
internal import SluiceKit

/// The public half of a log's key: `name+hexid+base64(0x01 || key)` (C2SP signed-note, "Signature types").
package struct VerifierKey: Hashable, Sendable, CustomStringConvertible {
    /// Ed25519 over the note's text.
    static let algorithm: UInt8 = 0x01

    /// The log's name, which is also the origin of its checkpoints.
    package let name: String
    /// The first four bytes of SHA-256(name || newline || algorithm || public key), as a number.
    package let id: UInt32
    /// The raw 32 bytes of the public key.
    package let publicKeyBytes: [UInt8]

    /// The key `publicKeyBytes` under `name`; throws for a name that signature lines cannot hold.
    package init(name: String, publicKeyBytes: [UInt8]) throws(LedgerError) {
        guard Self.isName(name) else {
            throw LedgerError(
                .malformed, "the key name \"\(name)\" must not be empty nor hold spaces, control characters or a plus sign; use a form like example.org/ledger")
        }
        guard publicKeyBytes.count == Ed25519.keyBytes else {
            throw LedgerError(.malformed, "the public key of \(name) has \(publicKeyBytes.count) bytes instead of \(Ed25519.keyBytes)")
        }
        self.name = name
        self.publicKeyBytes = publicKeyBytes
        let digest = SHA256.hash(Array(name.utf8) + [0x0a, Self.algorithm] + publicKeyBytes)
        id = digest.bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The key written as `text`. The id is computed again and must agree.
    package init(text: String) throws(LedgerError) {
        // Only the base 64 at the end may hold further plus signs, so the first two divide the parts.
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let key = Base64.decode(parts[2]), key.first == Self.algorithm else {
            throw LedgerError(.malformed, "a verifier key reads name+id+key with an Ed25519 key, as the log's owner publishes it")
        }
        try self.init(name: String(parts[0]), publicKeyBytes: Array(key.dropFirst()))
        guard parts[1] == idText else {
            throw LedgerError(
                .malformed, "the id of the verifier key of \(name) is \(idText), not \(parts[1].prefix(20)): a part of the text is missing or changed")
        }
    }

    /// The id as eight hexadecimal digits.
    package var idText: String {
        Hexadecimal.encode(stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: id >> UInt32($0)) })
    }

    /// The text that others configure to check this log.
    package var text: String { "\(name)+\(idText)+\(Base64.encode([Self.algorithm] + publicKeyBytes))" }

    package var description: String { text }

    /// The public key in PEM, for `openssl pkeyutl -verify -pubin -rawin`.
    package var pem: String { Ed25519.PublicKey(bytes: publicKeyBytes)?.pem ?? "" }

    func isValid(_ signature: [UInt8], over text: [UInt8]) -> Bool {
        Ed25519.PublicKey(bytes: publicKeyBytes)?.isValid(signature, over: text) ?? false
    }

    /// C2SP signed-note, "Format": a name is not empty and holds no Unicode space, no plus and, like the note itself, no control character.
    static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.value >= 0x20 && $0 != "+" }
    }
}
