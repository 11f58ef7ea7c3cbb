/// The node's signing key as a seal sees it: bytes go in, a signature comes out, the key stays with the host.
public protocol EvidenceSigner: Sendable {
    /// A detached CAdES baseline signature (ETSI EN 319 122-1) over the bytes as they are, DER.
    ///
    /// The time is the claimed signing time, to the second. Throws `signingFailed` with the cryptographic library's own words.
    func detachedCAdES(over content: [UInt8], signingTime: Instant) throws(PackageError) -> [UInt8]

    /// An ES256 signature over the bytes as they are (RFC 7518, 3.4): r and s, 64 bytes.
    ///
    /// Throws `signingFailed` with the cryptographic library's own words.
    func es256(over content: [UInt8]) throws(PackageError) -> [UInt8]

    /// The signing certificate and those between it and the authority, each DER, each certified by the next; the authority itself left out.
    var certificateChainDER: [[UInt8]] { get }

    /// SHA-256 of the signing certificate, for `exchange.json` and the ledger.
    var certificateSHA256: SHA256Digest { get }
}
