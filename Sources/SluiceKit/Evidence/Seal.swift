/// A seal: the signature format of packages.
///
/// A seal knows containers and manifests; keys, certificates and trust stay with the host behind `EvidenceSigner` and
/// `EvidenceVerifier`. Implementations hold no state between calls and may be called from several threads at once. Calls block
/// while they read and write files, so hosts keep them off the cooperative thread pool.
public protocol Seal: Sendable {
    /// Name used in configuration and in the ledger, such as `asic-e`.
    var identifier: String { get }
    /// File extension of its packages, without the dot.
    var fileExtension: String { get }
    /// Media type of its packages on the wire.
    var mediaType: String { get }

    /// Writes a package that covers every file of the contents.
    ///
    /// The package appears at the path complete and on disk, or not at all; an existing file there is replaced.
    @discardableResult
    func seal(_ contents: PackageContents, with signer: any EvidenceSigner, into path: String) throws(PackageError) -> SealedPackage

    /// Opens a package: checks the signature, then extracts what it covers into a directory that does not exist yet or is empty.
    ///
    /// Nothing appears in the directory unless all is right: the files are written beside it, under a private name, and handed over
    /// by one rename at the end. Memory is bounded whatever the package claims. `time` is when certificates must be valid (see
    /// `EvidenceVerifier`).
    func open(
        _ path: String, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, extractingInto directory: String
    ) throws(PackageError) -> OpenedPackage
}
