/// Ed25519 over `cosignature/v1` (C2SP tlog-cosignature, "Format"): what a witness cosigns with, another key with another name than those of any log.
package enum Witnessing: NoteKeyPurpose {
    package static var algorithm: UInt8 { 0x04 }
    package static var owner: String { "witness" }
    package static var origin: String { "the witness publishes it (witness.vkey of its node)" }
}

/// The public half of a witness's key.
package typealias CosignerKey = NotePublicKey<Witnessing>

/// The key a witness cosigns with.
package typealias WitnessKey = NotePrivateKey<Witnessing>

extension WitnessKey {
    /// Says that at `time` (seconds since 1970) the log's furthest consistent head seen was the checkpoint whose note has this text.
    package func cosign(_ body: String, time: UInt64) throws(LedgerError) -> Cosignature {
        try Cosignature(key: verifier, time: time, signature: signature(over: Cosignature.message(body: body, time: time)))
    }
}
