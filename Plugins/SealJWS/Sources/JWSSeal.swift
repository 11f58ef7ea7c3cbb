public import SluiceKit
import SluiceZip

/// The seal `jws`: a ZIP with a canonical JSON manifest and one detached JWS over it (RFC 7515, RFC 7797, ETSI TS 119 182-1).
public struct JWSSeal: Seal {
    /// What the writer holds itself to, so that receivers with the same limits accept what it seals.
    public let limits: PackageLimits
    /// How hard to compress, from 1 (fast) to 9 (small).
    public let compressionLevel: Int

    /// As for the seal `asic-e`, where it was measured.
    public static let compressionLevelDefault = 4

    /// A seal; a compression level outside 1...9 becomes the nearest.
    public init(limits: PackageLimits = PackageLimits(), compressionLevel: Int = compressionLevelDefault) {
        self.limits = limits
        self.compressionLevel = min(max(compressionLevel, 1), 9)
    }

    /// `jws`.
    public var identifier: String { "jws" }
    /// `jwsz`.
    public var fileExtension: String { "jwsz" }
    /// `application/vnd.sluice.jws+zip`.
    public var mediaType: String { JWSContainer.mediaType }

    var maker: PackageMaker { PackageMaker(limits: limits, compressionLevel: compressionLevel) }
}
