internal import CLibcrypto
internal import SluiceKit

/// What a node keeps of a person's passphrase: scrypt with its parameters, `scrypt$N$r$p$salt$hash`, salt and hash in base 64.
package struct PassphraseHash: Hashable, Sendable, CustomStringConvertible {
    package let cost: Int
    package let blockSize: Int
    package let parallel: Int
    package let salt: [UInt8]
    private let hash: [UInt8]

    /// The parameters of new hashes: 32 MiB and three passes (OWASP, 2023).
    package static let standard = (cost: 1 << 15, blockSize: 8, parallel: 3)
    /// Most memory that checking may take.
    package static let memoryBytesMax = 128 << 20
    private static let workMin = 1 << 19

    /// Hashes a new passphrase with a fresh salt.
    package init(_ passphrase: Passphrase) throws(CryptoError) {
        guard passphrase.isLongEnoughForNew else {
            throw CryptoError(.protectionTooWeak, "the passphrase is shorter than \(Passphrase.newBytesMin) bytes; choose a longer one")
        }
        let (cost, blockSize, parallel) = Self.standard
        let salt = SecureRandom.bytes(16)
        guard let hash = Self.derive(passphrase, salt: salt, cost: cost, blockSize: blockSize, parallel: parallel) else {
            throw CryptoError(.limitExceeded, "the passphrase could not be hashed\(Libcrypto.lastWords())")
        }
        (self.cost, self.blockSize, self.parallel, self.salt, self.hash) = (cost, blockSize, parallel, salt, hash)
    }

    /// Reads what `description` wrote; nil for anything else, and for parameters weaker than would be worth checking or dearer than the limit.
    package init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", let cost = Int(parts[1]), let blockSize = Int(parts[2]), let parallel = Int(parts[3]),
            let salt = Base64.decode(parts[4]), let hash = Base64.decode(parts[5]), (16...64).contains(salt.count), hash.count == 32
        else { return nil }
        guard (2...(1 << 20)).contains(cost), cost & (cost - 1) == 0, (1...32).contains(blockSize), (1...16).contains(parallel),
            cost * blockSize * 128 <= Self.memoryBytesMax / 2, cost * blockSize * parallel >= Self.workMin
        else { return nil }
        (self.cost, self.blockSize, self.parallel, self.salt, self.hash) = (cost, blockSize, parallel, salt, hash)
    }

    /// Whether this is the passphrase. Takes about a tenth of a second, the same for a right and a wrong one.
    package func matches(_ passphrase: Passphrase) -> Bool {
        guard let derived = Self.derive(passphrase, salt: salt, cost: cost, blockSize: blockSize, parallel: parallel) else { return false }
        return clibcrypto_equal(derived, hash, hash.count) == 1
    }

    private static func derive(_ passphrase: Passphrase, salt: [UInt8], cost: Int, blockSize: Int, parallel: Int) -> [UInt8]? {
        var derived = [UInt8](repeating: 0, count: 32)
        let done = passphrase.withBytes { start, count in
            sluice_pki_scrypt(
                start, count, salt, salt.count, UInt64(cost), UInt64(blockSize), UInt64(parallel), UInt64(memoryBytesMax), &derived, derived.count)
        }
        return done == true ? derived : nil
    }

    package var description: String { "scrypt$\(cost)$\(blockSize)$\(parallel)$\(Base64.encode(salt))$\(Base64.encode(hash))" }
}
