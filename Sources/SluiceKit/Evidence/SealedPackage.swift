/// What a seal did: what the ledger and the receipt refer to.
public struct SealedPackage: Hashable, Sendable {
    /// The package: where it was written, or its bytes.
    public let content: Content
    /// Its size.
    public let bytes: Int64
    /// SHA-256 of the manifest: the name of this package in ledger and receipts, since the manifest covers every file.
    public let manifestSHA256: SHA256Digest
    /// The covered files with their digests, in storage order; the content of each is what was given: the file itself, or the
    /// package it is in when that was counter-signed.
    public let files: [CoveredFile]

    /// Where the package was written; nil for one in memory.
    public var path: String? { content.path }

    /// For seals to answer with.
    public init(content: Content, bytes: Int64, manifestSHA256: SHA256Digest, files: [CoveredFile]) {
        self.content = content
        self.bytes = bytes
        self.manifestSHA256 = manifestSHA256
        self.files = files
    }
}
