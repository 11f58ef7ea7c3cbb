internal import SluiceCrypto
internal import SluiceKit

/// The key a log signs its checkpoints with.
///
/// Its text, `PRIVATE+KEY+name+id+base64(0x01 || seed)`, is the one Go's `note` package reads and writes; keep it in a file that only the node reads.
package struct LedgerKey: Sendable {
    /// What others need to check this key's signatures.
    package let verifier: VerifierKey
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
        verifier = try VerifierKey(name: name, publicKeyBytes: privateKey.publicKey.bytes)
        self.privateKey = privateKey
    }

    /// The key written as `text`; no error repeats any part of it.
    package init(text: String) throws(LedgerError) {
        guard let parts = NoteKeyText(secret: text, algorithm: VerifierKey.algorithm) else {
            throw LedgerError(.malformed, "a signing key reads PRIVATE+KEY+name+id+key with an Ed25519 key; make one anew or restore the file from its backup")
        }
        try self.init(name: parts.name, seed: parts.key)
        guard parts.id == verifier.idText else {
            throw LedgerError(.malformed, "the id in the signing key of \(verifier.name) does not fit the key: a part of the text is missing or changed")
        }
    }

    /// The same key under another name, for another log of the same owner: a signature under one name says nothing of the other.
    package func named(_ name: String) throws(LedgerError) -> LedgerKey { try LedgerKey(name: name, privateKey: privateKey) }

    /// The text to keep secret.
    package func text() throws(LedgerError) -> String {
        let seed = try Self.library { () throws(Ed25519.Failure) in try privateKey.seed() }
        return NoteKeyText.secretPrefix + NoteKeyText.text(name: verifier.name, id: verifier.id, algorithm: VerifierKey.algorithm, key: seed)
    }

    /// `body` as a note with this key's signature; `body` ends in a newline.
    package func sign(_ body: String) throws(LedgerError) -> SignedNote {
        let signature = try Self.library { () throws(Ed25519.Failure) in try privateKey.sign(Array(body.utf8)) }
        return try SignedNote(body: body, signatures: [.init(name: verifier.name, keyID: verifier.id, signature: signature)])
    }

    static func library<Value>(_ operation: () throws(Ed25519.Failure) -> Value) throws(LedgerError) -> Value {
        do { return try operation() } catch { throw LedgerError(.signature, error.description) }
    }
}
