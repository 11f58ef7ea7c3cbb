package import SluiceKit

/// Whoever proves that a digest existed at a time (RFC 3161). There is no network in this room: the host carries questions and answers.
package protocol TimeStampAuthority: Sendable {
    /// A token over the digest, DER: a CMS SignedData around a TSTInfo. Throws `timeStampUnavailable` where none can be had.
    func token(for digest: SHA256Digest) throws(PackageError) -> [UInt8]
}
