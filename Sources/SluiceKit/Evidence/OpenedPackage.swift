/// A package that was opened and found right: signature valid, signer trusted, every file as signed. Nothing uncovered is in it.
public struct OpenedPackage: Hashable, Sendable {
    /// The covered files in storage order, `exchange.json` among them, each extracted to its `content`.
    public let files: [CoveredFile]
    /// The bytes of `exchange.json`.
    public let exchange: [UInt8]
    /// The name of the file the exchange is about, when the manifest says so.
    public let mainFileName: String?
    /// SHA-256 of the manifest: the name of this package in ledger and receipts.
    public let manifestSHA256: SHA256Digest
    /// Who sealed it, and when they say they did.
    public let signer: SignerIdentity
    /// Who signed after the sealer, in the order of their signatures; each covers every file and all signatures before its own.
    public let counterSigners: [SignerIdentity]

    /// Everyone who signed, the sealer first.
    public var signers: [SignerIdentity] { [signer] + counterSigners }

    /// For seals to answer with.
    public init(
        files: [CoveredFile], exchange: [UInt8], mainFileName: String?, manifestSHA256: SHA256Digest, signer: SignerIdentity,
        counterSigners: [SignerIdentity] = []
    ) {
        self.files = files
        self.exchange = exchange
        self.mainFileName = mainFileName
        self.manifestSHA256 = manifestSHA256
        self.signer = signer
        self.counterSigners = counterSigners
    }
}

/// One file whose digest is in the signed manifest.
public struct CoveredFile: Hashable, Sendable {
    /// Name inside the package.
    public let name: String
    /// Media type as the manifest states it; nil when it states none.
    public let mediaType: String?
    /// Bytes of the file itself.
    public let bytes: Int64
    /// SHA-256 of the file; its `hex` is what `sha256sum` prints.
    public let sha256: SHA256Digest
    /// Where it is: extracted, when a package was opened; as given, when one was sealed.
    public let content: Content

    /// Where it was extracted to; nil for a file in memory.
    public var path: String? { content.path }

    /// For seals to answer with.
    public init(name: String, mediaType: String?, bytes: Int64, sha256: SHA256Digest, content: Content) {
        self.name = name
        self.mediaType = mediaType
        self.bytes = bytes
        self.sha256 = sha256
        self.content = content
    }
}
