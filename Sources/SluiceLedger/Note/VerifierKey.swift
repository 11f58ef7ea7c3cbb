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
        id = NoteKeyText.id(name: name, algorithm: Self.algorithm, publicKeyBytes: publicKeyBytes)
    }

    /// The key written as `text`. The id is computed again and must agree.
    package init(text: String) throws(LedgerError) {
        guard let parts = NoteKeyText(text, algorithm: Self.algorithm) else {
            throw LedgerError(.malformed, "a verifier key reads name+id+key with an Ed25519 key, as the log's owner publishes it")
        }
        try self.init(name: parts.name, publicKeyBytes: parts.key)
        try parts.requireID(idText, of: "verifier key of \(name)")
    }

    /// The id as eight hexadecimal digits.
    package var idText: String { NoteKeyText.idText(id) }

    /// The text that others configure to check this log.
    package var text: String { NoteKeyText.text(name: name, id: id, algorithm: Self.algorithm, key: publicKeyBytes) }

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
