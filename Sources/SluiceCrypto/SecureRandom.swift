internal import CLibcrypto
package import SluiceKit

/// Randomness fit for keys, from libcrypto's generator, which the operating system seeds.
package enum SecureRandom {
    /// The most bytes one call gives.
    package static let bytesMax = 1 << 20

    /// `count` random bytes.
    ///
    /// - Precondition: `count` is at most `bytesMax`, and the system's generator works: without it no key may be made.
    package static func bytes(_ count: Int) -> [UInt8] {
        precondition((0...bytesMax).contains(count), "between 0 and \(bytesMax) random bytes at a time")
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            precondition(count == 0 || clibcrypto_random(buffer.baseAddress, count) == 1, "the system's random generator failed")
            initialized = count
        }
    }

    /// A new identifier of the time `milliseconds` since 1970.
    package static func uuidv7(milliseconds: UInt64) -> UUIDv7 {
        UUIDv7(milliseconds: milliseconds, random: bytes(10))
    }
}
