/// Ed25519 over the note's text: what a log signs its checkpoints with.
package enum LogSigning: NoteKeyPurpose {
    package static var algorithm: UInt8 { 0x01 }
    package static var owner: String { "log" }
    package static var origin: String { "its owner publishes it" }
}

/// The public half of a log's key. Its name is also the origin of the log's checkpoints.
package typealias VerifierKey = NotePublicKey<LogSigning>

/// The key a log signs its checkpoints with.
package typealias LedgerKey = NotePrivateKey<LogSigning>

extension LedgerKey {
    /// `body` as a note with this key's signature; `body` ends in a newline.
    package func sign(_ body: String) throws(LedgerError) -> SignedNote {
        try SignedNote(body: body, signatures: [.init(name: verifier.name, keyID: verifier.id, signature: signature(over: Array(body.utf8)))])
    }
}
