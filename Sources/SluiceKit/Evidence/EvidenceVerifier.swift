/// Whom the node believes, as a seal sees it.
public protocol EvidenceVerifier: Sendable {
    /// Checks a detached CAdES signature over the bytes as they are, and the signer's certificate up to a trusted authority.
    ///
    /// The time is the one at which certificates must be valid: now for a package that
    /// arrives, the time of the receipt for one that is audited later. Throws unless everything holds.
    func verifyDetachedCAdES(signature: [UInt8], over content: [UInt8], at time: Instant) throws(PackageError) -> SignerIdentity
}
