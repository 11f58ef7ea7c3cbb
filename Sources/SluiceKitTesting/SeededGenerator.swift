import SluiceKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Random numbers that come again.
///
/// `announced(for:)` prints its seed; the environment variable `SLUICE_SEED` sets it, which replays a run.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    public let seed: UInt64
    private var numbers: SplitMix

    public init(seed: UInt64) {
        self.seed = seed
        numbers = SplitMix(state: seed)
    }

    /// Takes the seed from `SLUICE_SEED`, or a new one, and prints it, so that a failure can be replayed.
    /// - Parameter name: what the numbers are for; tests of other names draw other numbers from the same seed.
    public static func announced(for name: String) -> SeededGenerator {
        let seed = getenv("SLUICE_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0...0xFFFF_FFFF)
        print("SLUICE_SEED=\(seed) replays \(name)")
        // FNV-1a of the name: Swift's own hash differs from run to run.
        let salt = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return SeededGenerator(seed: seed ^ salt)
    }

    public mutating func next() -> UInt64 { numbers.next() }

    /// True in so many of a hundred draws.
    public mutating func chance(percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
