internal import SluiceCrypto
internal import SluiceKit

/// The public half of a witness's key: `name+hexid+base64(0x04 || key)` (C2SP tlog-cosignature, "Format").
///
/// Another kind than `VerifierKey`, so that a log's key never counts as a witness's, nor the other way round.
package struct CosignerKey: Hashable, Sendable, CustomStringConvertible {
    /// Ed25519 over `cosignature/v1`.
    static let algorithm: UInt8 = 0x04

    /// The witness's name.
    package let name: String
    /// The first four bytes of SHA-256(name || newline || algorithm || public key), as a number.
    package let id: UInt32
    /// The raw 32 bytes of the public key.
    package let publicKeyBytes: [UInt8]

    /// The key `publicKeyBytes` under `name`; throws for a name that signature lines cannot hold.
    package init(name: String, publicKeyBytes: [UInt8]) throws(LedgerError) {
        guard VerifierKey.isName(name) else {
            throw LedgerError(
                .malformed,
                "the witness's name \"\(name)\" must not be empty nor hold spaces, control characters or a plus sign; use a form like example.org/w1")
        }
        guard publicKeyBytes.count == Ed25519.keyBytes else {
            throw LedgerError(.malformed, "the public key of the witness \(name) has \(publicKeyBytes.count) bytes instead of \(Ed25519.keyBytes)")
        }
        self.name = name
        self.publicKeyBytes = publicKeyBytes
        id = NoteKeyText.id(name: name, algorithm: Self.algorithm, publicKeyBytes: publicKeyBytes)
    }

    /// The key written as `text`. The id is computed again and must agree.
    package init(text: String) throws(LedgerError) {
        guard let parts = NoteKeyText(text, algorithm: Self.algorithm) else {
            throw LedgerError(
                .malformed, "a witness's key reads name+id+key with an Ed25519 key for cosignature/v1, as the witness publishes it (witness.vkey of its node)")
        }
        try self.init(name: parts.name, publicKeyBytes: parts.key)
        try parts.requireID(NoteKeyText.idText(id), of: "witness's key \(name)")
    }

    /// The text that others configure to check this witness.
    package var text: String { NoteKeyText.text(name: name, id: id, algorithm: Self.algorithm, key: publicKeyBytes) }

    package var description: String { text }

    func isValid(_ signature: some Sequence<UInt8>, over message: [UInt8]) -> Bool {
        Ed25519.PublicKey(bytes: publicKeyBytes)?.isValid(Array(signature), over: message) ?? false
    }
}
