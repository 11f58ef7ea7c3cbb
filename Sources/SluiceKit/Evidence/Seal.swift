/// A seal: the signature format of packages.
///
/// A seal knows containers and manifests; keys, certificates and trust stay with the host behind `EvidenceSigner` and
/// `EvidenceVerifier`. Implementations hold no state between calls and may be called from several threads at once. Calls block
/// while they compute, and while they read and write files, so hosts keep them off the cooperative thread pool.
public protocol Seal: Sendable {
    /// Name used in configuration and in the ledger, such as `asic-e`.
    var identifier: String { get }
    /// File extension of its packages, without the dot.
    var fileExtension: String { get }
    /// Media type of its packages on the wire.
    var mediaType: String { get }

    /// Makes a package that covers every file of the contents; see `PackageTarget` for where it appears.
    @discardableResult
    func seal(_ contents: PackageContents, with signer: any EvidenceSigner, into target: PackageTarget) throws(PackageError) -> SealedPackage

    /// Opens a package: checks the signatures, then extracts what they cover.
    ///
    /// Nothing is extracted unless all is right: files are written beside the directory, under a private name, and handed over
    /// by one rename at the end. Memory is bounded whatever the package claims. `time` is when certificates must be valid, unless
    /// a time stamp in the package proves another (see `EvidenceVerifier`).
    func open(
        _ package: Content, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, extractingInto target: ExtractionTarget
    ) throws(PackageError) -> OpenedPackage

    /// Adds a signature to a package: over the same files, and over all signatures it already has.
    ///
    /// The package is first opened as `open` does, since nobody should sign what does not hold; `time` is also the claimed signing time.
    /// Seals whose packages carry one signature refuse with `sealUnsupported`.
    @discardableResult
    func counterSign(
        _ package: Content, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, with signer: any EvidenceSigner,
        into target: PackageTarget
    ) throws(PackageError) -> SealedPackage
}

extension Seal {
    /// Seals into a file; see `PackageTarget.file`.
    @discardableResult
    public func seal(_ contents: PackageContents, with signer: any EvidenceSigner, into path: String) throws(PackageError) -> SealedPackage {
        try seal(contents, with: signer, into: .file(path: path))
    }

    /// Opens a file into a directory; see `ExtractionTarget.directory`.
    public func open(
        _ path: String, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, extractingInto directory: String
    ) throws(PackageError) -> OpenedPackage {
        try open(.file(path: path), trust: trust, at: time, limits: limits, extractingInto: .directory(path: directory))
    }

    /// Refuses: for seals whose packages carry one signature.
    @discardableResult
    public func counterSign(
        _ package: Content, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, with signer: any EvidenceSigner,
        into target: PackageTarget
    ) throws(PackageError) -> SealedPackage {
        throw PackageError(.sealUnsupported, "packages of the seal '\(identifier)' carry one signature; counter-sign with another seal")
    }
}
