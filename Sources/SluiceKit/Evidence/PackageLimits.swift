/// What a package may demand of the node that opens it. Each limit is enforced before the memory or disk it guards is spent.
///
/// The defaults fit statistical tables: a national SDG delivery is tens of megabytes.
public struct PackageLimits: Hashable, Sendable {
    /// Files a package may cover, without the container's own (`mimetype`, manifests, signatures).
    public var filesMax = 256
    /// Bytes of one file after decompression.
    public var fileBytesMax: Int64 = 2 << 30
    /// Bytes of all files together after decompression.
    public var totalBytesMax: Int64 = 4 << 30
    /// How many times larger than its compressed form a file may become. Deflate itself ends at 1032.
    ///
    /// Holds for files above `compressionRatioExemptBytes`: a small table of zeros is no bomb.
    public var compressionRatioMax: Int64 = 300
    /// Files up to this size may compress as well as they can.
    public static let compressionRatioExemptBytes: Int64 = 1 << 20
    /// UTF-8 bytes of a file's name, folders included.
    public var nameBytesMax = 200
    /// Bytes of `exchange.json`, which is held in memory.
    public var exchangeBytesMax: Int64 = 1 << 20
    /// Bytes of the manifest, which is held in memory.
    public var manifestBytesMax: Int64 = 1 << 20
    /// Bytes of the signature with its certificates, which are held in memory.
    public var signatureBytesMax: Int64 = 64 << 10
    /// Signatures a package may carry: the sealer's and those that counter-sign.
    public var signaturesMax = 8
    /// Bytes of a package, and of all its files together, that are held in memory instead of in files.
    public var memoryBytesMax: Int64 = 1 << 20

    /// The defaults; set what differs.
    public init() {}
}
