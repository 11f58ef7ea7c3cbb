public import SluiceKit
import SluiceZip

/// The seal `asic-e`: an ASiC-E container with CAdES signatures (ETSI EN 319 162-1 and EN 319 122-1).
public struct ASiCSeal: Seal {
    /// What the writer holds itself to, so that receivers with the same limits accept what it seals.
    public let limits: PackageLimits
    /// How hard to compress, from 0 (not at all) and 1 (fast) to 9 (small).
    public let compressionLevel: Int

    /// Twice as fast as zlib's own default of 6 on SDMX data, and a few per cent larger (README, "Measured").
    public static let compressionLevelDefault = 4

    /// A seal; a compression level outside 0...9 becomes the nearest.
    public init(limits: PackageLimits = PackageLimits(), compressionLevel: Int = compressionLevelDefault) {
        self.limits = limits
        self.compressionLevel = min(max(compressionLevel, 0), 9)
    }

    /// `asic-e`.
    public var identifier: String { "asic-e" }
    /// `asice` (EN 319 162-1, 4.4.3).
    public var fileExtension: String { "asice" }
    /// `application/vnd.etsi.asic-e+zip`.
    public var mediaType: String { ASiCContainer.mediaType }

    var maker: PackageMaker { PackageMaker(limits: limits, compressionLevel: compressionLevel) }
}
