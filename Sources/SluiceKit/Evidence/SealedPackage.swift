/// What a seal did: what the ledger and the receipt refer to.
public struct SealedPackage: Hashable, Sendable {
    /// Where the package was written.
    public let path: String
    /// Its size.
    public let bytes: Int64
    /// SHA-256 of the manifest: the name of this package in ledger and receipts, since the manifest covers every file.
    public let manifestSHA256: SHA256Digest
    /// The covered files with their digests, in storage order; `path` is empty.
    public let files: [CoveredFile]

    /// For seals to answer with.
    public init(path: String, bytes: Int64, manifestSHA256: SHA256Digest, files: [CoveredFile]) {
        self.path = path
        self.bytes = bytes
        self.manifestSHA256 = manifestSHA256
        self.files = files
    }
}
