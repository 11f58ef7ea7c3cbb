/// Whom the node believes, as a seal sees it.
public protocol EvidenceVerifier: Sendable {
    /// Checks a detached CAdES signature over the bytes as they are, and the signer's certificate up to a trusted authority.
    ///
    /// The time is the one at which certificates must be valid: now for a package that
    /// arrives, the time of the receipt for one that is audited later. Throws unless everything holds.
    func verifyDetachedCAdES(signature: [UInt8], over content: [UInt8], at time: Instant) throws(PackageError) -> SignerIdentity

    /// Checks an ES256 signature (64 bytes) over the bytes as they are, and the signer's certificate up to a trusted authority.
    ///
    /// The chain begins with the signer's certificate, each certified by the next (RFC 7515, 4.1.6); a certificate that is not part of
    /// it is refused. The signing time is the one claimed under the signature; `time` is as above. The rules are those of CAdES.
    func verifyES256(
        signature: [UInt8], over content: [UInt8], chain: [[UInt8]], signingTime: Instant, at time: Instant
    ) throws(PackageError) -> SignerIdentity
}
