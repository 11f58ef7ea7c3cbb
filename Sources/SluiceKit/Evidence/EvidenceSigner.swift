/// The node's signing key as a seal sees it: bytes go in, a signature comes out, the key stays with the host.
public protocol EvidenceSigner: Sendable {
    /// A detached CAdES baseline signature (ETSI EN 319 122-1) over the bytes as they are, DER.
    ///
    /// The time is the claimed signing time, to the second. Throws `signingFailed` with the cryptographic library's own words.
    func detachedCAdES(over content: [UInt8], signingTime: Instant) throws(PackageError) -> [UInt8]

    /// SHA-256 of the signing certificate, for `exchange.json` and the ledger.
    var certificateSHA256: SHA256Digest { get }
}
