internal import SluiceCrypto
internal import SluiceKit

/// What a key of a signed note is for. Keys for another purpose are another type, with another byte in their text, so that a log's key never counts as a witness's,
/// nor the other way round.
package protocol NoteKeyPurpose: Sendable, Hashable {
    /// The byte before the key in its text (C2SP signed-note, "Signature types").
    static var algorithm: UInt8 { get }
    /// Whose key it is, in messages.
    static var owner: String { get }
    /// Where its text comes from, in messages.
    static var origin: String { get }
}

/// The public half of a note's key: `name+hexid+base64(algorithm || key)` (C2SP signed-note, "Verifier keys").
package struct NotePublicKey<Purpose: NoteKeyPurpose>: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    /// The first four bytes of SHA-256(name || newline || algorithm || public key), as a number.
    package let id: UInt32
    /// The raw 32 bytes of the public key.
    package let publicKeyBytes: [UInt8]

    /// The key `publicKeyBytes` under `name`; throws for a name that signature lines cannot hold.
    package init(name: String, publicKeyBytes: [UInt8]) throws(LedgerError) {
        guard NoteKeyText.isName(name) else {
            throw LedgerError(
                .malformed,
                "the \(Purpose.owner)'s name \"\(name)\" must not be empty nor hold spaces, control characters or a plus sign; use a form like example.org/\(Purpose.owner)"
            )
        }
        guard publicKeyBytes.count == Ed25519.keyBytes else {
            throw LedgerError(
                .malformed, "the public key of the \(Purpose.owner) \(name) has \(publicKeyBytes.count) bytes instead of \(Ed25519.keyBytes)")
        }
        self.name = name
        self.publicKeyBytes = publicKeyBytes
        id = NoteKeyText.id(name: name, algorithm: Purpose.algorithm, publicKeyBytes: publicKeyBytes)
    }

    /// The key written as `text`. The id is computed again and must agree.
    package init(text: String) throws(LedgerError) {
        guard let parts = NoteKeyText(text, algorithm: Purpose.algorithm) else {
            throw LedgerError(.malformed, "the key of a \(Purpose.owner) reads name+id+key with an Ed25519 key, as \(Purpose.origin)")
        }
        try self.init(name: parts.name, publicKeyBytes: parts.key)
        guard parts.id == idText else {
            throw LedgerError(
                .malformed,
                "the id of the \(Purpose.owner)'s key \(name) is \(idText), not \(parts.id.prefix(20)): a part of the text is missing or changed")
        }
    }

    /// The id as eight hexadecimal digits.
    package var idText: String { NoteKeyText.idText(id) }

    /// The text that others configure to check signatures of this key.
    package var text: String { NoteKeyText.text(name: name, id: id, algorithm: Purpose.algorithm, key: publicKeyBytes) }

    package var description: String { text }

    /// The public key in PEM, for `openssl pkeyutl -verify -pubin -rawin`.
    package var pem: String { Ed25519.PublicKey(bytes: publicKeyBytes)?.pem ?? "" }

    func isValid(_ signature: some Sequence<UInt8>, over message: [UInt8]) -> Bool {
        Ed25519.PublicKey(bytes: publicKeyBytes)?.isValid(Array(signature), over: message) ?? false
    }
}

/// The secret half. Its text, `PRIVATE+KEY+name+id+base64(algorithm || seed)`, is the form of Go's `note` package; keep it in a file that only the node reads.
package struct NotePrivateKey<Purpose: NoteKeyPurpose>: Sendable {
    /// What others need to check this key's signatures.
    package let verifier: NotePublicKey<Purpose>
    private let privateKey: Ed25519.PrivateKey

    /// A new random key under `name`.
    package init(generatingFor name: String) throws(LedgerError) {
        try self.init(name: name, privateKey: Self.library { () throws(Ed25519.Failure) in try Ed25519.PrivateKey() })
    }

    /// The key of a 32-byte `seed` under `name`.
    package init(name: String, seed: [UInt8]) throws(LedgerError) {
        try self.init(name: name, privateKey: Self.library { () throws(Ed25519.Failure) in try Ed25519.PrivateKey(seed: seed) })
    }

    private init(name: String, privateKey: Ed25519.PrivateKey) throws(LedgerError) {
        verifier = try NotePublicKey(name: name, publicKeyBytes: privateKey.publicKey.bytes)
        self.privateKey = privateKey
    }

    /// The key written as `text`; no error repeats any part of it.
    package init(text: String) throws(LedgerError) {
        guard let parts = NoteKeyText(secret: text, algorithm: Purpose.algorithm) else {
            throw LedgerError(
                .malformed,
                "the signing key of a \(Purpose.owner) reads PRIVATE+KEY+name+id+key with an Ed25519 key; make one anew or restore the file from its backup")
        }
        try self.init(name: parts.name, seed: parts.key)
        guard parts.id == verifier.idText else {
            throw LedgerError(.malformed, "the id in the signing key of \(verifier.name) does not fit the key: a part of the text is missing or changed")
        }
    }

    /// The same key under another name, for another log of the same owner: a signature under one name says nothing of the other.
    package func named(_ name: String) throws(LedgerError) -> Self { try Self(name: name, privateKey: privateKey) }

    /// The text to keep secret.
    package func text() throws(LedgerError) -> String {
        let seed = try Self.library { () throws(Ed25519.Failure) in try privateKey.seed() }
        return NoteKeyText.secretPrefix + NoteKeyText.text(name: verifier.name, id: verifier.id, algorithm: Purpose.algorithm, key: seed)
    }

    func signature(over message: [UInt8]) throws(LedgerError) -> [UInt8] {
        try Self.library { () throws(Ed25519.Failure) in try privateKey.sign(message) }
    }

    private static func library<Value>(_ operation: () throws(Ed25519.Failure) -> Value) throws(LedgerError) -> Value {
        do { return try operation() } catch { throw LedgerError(.signature, error.description) }
    }
}
