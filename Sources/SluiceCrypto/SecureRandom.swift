internal import CLibcrypto
package import SluiceKit
internal import Synchronization

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
        UUIDv7(milliseconds: milliseconds, random: identifierBytes.withLock { $0.next(10) })
    }

    /// Drawn many at a time, for a node makes some ten identifiers for each exchange. Identifiers are no secrets; nothing else is taken from here.
    private static let identifierBytes = Mutex(Drawn())

    private struct Drawn {
        private static let bytesDrawn = 4_096
        private var bytes: [UInt8] = []
        private var used = 0

        mutating func next(_ count: Int) -> [UInt8] {
            if bytes.count - used < count { (bytes, used) = (SecureRandom.bytes(Self.bytesDrawn), 0) }
            defer { used += count }
            return Array(bytes[used..<used + count])
        }
    }
}
