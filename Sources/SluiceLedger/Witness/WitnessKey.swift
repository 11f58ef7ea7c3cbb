internal import SluiceCrypto

/// The key a witness cosigns with: one of its own, with another name and another key than those of any log.
///
/// Its text is `PRIVATE+KEY+name+id+base64(0x04 || seed)`; keep it in a file that only the node reads.
package struct WitnessKey: Sendable {
    /// What others need to check this witness's cosignatures.
    package let verifier: CosignerKey
    private let privateKey: Ed25519.PrivateKey

    /// A new random key under `name`.
    package init(generatingFor name: String) throws(LedgerError) {
        try self.init(name: name, privateKey: LedgerKey.library { () throws(Ed25519.Failure) in try Ed25519.PrivateKey() })
    }

    /// The key of a 32-byte `seed` under `name`.
    package init(name: String, seed: [UInt8]) throws(LedgerError) {
        try self.init(name: name, privateKey: LedgerKey.library { () throws(Ed25519.Failure) in try Ed25519.PrivateKey(seed: seed) })
    }

    private init(name: String, privateKey: Ed25519.PrivateKey) throws(LedgerError) {
        verifier = try CosignerKey(name: name, publicKeyBytes: privateKey.publicKey.bytes)
        self.privateKey = privateKey
    }

    /// The key written as `text`; no error repeats any part of it.
    package init(text: String) throws(LedgerError) {
        guard let parts = NoteKeyText(secret: text, algorithm: CosignerKey.algorithm) else {
            throw LedgerError(
                .malformed, "a witness's signing key reads PRIVATE+KEY+name+id+key with an Ed25519 key for cosignature/v1; restore the file from its backup")
        }
        try self.init(name: parts.name, seed: parts.key)
        guard parts.id == NoteKeyText.idText(verifier.id) else {
            throw LedgerError(.malformed, "the id in the signing key of \(verifier.name) does not fit the key: a part of the text is missing or changed")
        }
    }

    /// The text to keep secret.
    package func text() throws(LedgerError) -> String {
        let seed = try LedgerKey.library { () throws(Ed25519.Failure) in try privateKey.seed() }
        return NoteKeyText.secretPrefix + NoteKeyText.text(name: verifier.name, id: verifier.id, algorithm: CosignerKey.algorithm, key: seed)
    }

    /// Says that at `time` (seconds since 1970) the log's furthest consistent head seen was the checkpoint whose note has this text.
    package func cosign(_ body: String, time: UInt64) throws(LedgerError) -> Cosignature {
        let signature = try LedgerKey.library { () throws(Ed25519.Failure) in try privateKey.sign(Cosignature.message(body: body, time: time)) }
        return try Cosignature(key: verifier, time: time, signature: signature)
    }
}
