internal import CLibcrypto

/// Encrypts bytes of any length in segments that can be opened one by one, from any place.
///
/// AES-256-GCM per segment. The nonce is a random prefix of the whole, the segment's number, and whether it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway
/// and Vizár, 2015): segments cannot be exchanged, left out, repeated or cut off. A label is authenticated with each: what belongs to one place cannot be put into another.
///
/// Form: version (1 byte, 1), prefix (7 bytes), then the segments: 65,536 bytes and a tag of 16, the last one shorter or equal. Nothing at all is one empty last segment.
package struct SegmentedCipher: Sendable {
    package static let keyBytes = 32
    package static let segmentBytes = 64 << 10
    static let tagBytes = 16
    package static let headBytes = 8
    static let version: UInt8 = 1

    private let key: [UInt8]
    private let label: [UInt8]

    /// - Precondition: the key has `keyBytes`.
    package init(key: [UInt8], label: String) {
        precondition(key.count == Self.keyBytes, "a key has \(Self.keyBytes) bytes")
        self.key = key
        self.label = Array(label.utf8)
    }

    /// How long the sealed form of so many bytes is.
    package static func sealedByteCount(of count: Int) -> Int { headBytes + count + segmentCount(count) * tagBytes }

    /// How many bytes are in a sealed form of that length.
    package static func byteCount(sealed count: Int) throws(CryptoError) -> Int {
        let body = count - headBytes
        let segments = body / (segmentBytes + tagBytes) + (body % (segmentBytes + tagBytes) == 0 ? 0 : 1)
        guard body >= tagBytes, sealedByteCount(of: body - segments * tagBytes) == count else {
            throw CryptoError(.cipherTextDamaged, "the encrypted body has \(count) bytes, a length that none has: it is cut off or damaged")
        }
        return body - segments * tagBytes
    }

    private static func segmentCount(_ count: Int) -> Int { max(1, (count + segmentBytes - 1) / segmentBytes) }

    // MARK: Sealing

    package func seal(_ bytes: [UInt8]) throws(CryptoError) -> [UInt8] {
        var sealing = Sealing(self)
        var sealed = sealing.head
        sealed.reserveCapacity(Self.sealedByteCount(of: bytes.count))
        for segment in 0..<Self.segmentCount(bytes.count) {
            let range = segment * Self.segmentBytes..<min(bytes.count, (segment + 1) * Self.segmentBytes)
            sealed += try sealing.seal(bytes[range], isLast: range.upperBound == bytes.count)
        }
        return sealed
    }

    /// Seals segment after segment, for bytes that are never in memory together: each whole, but the last.
    package struct Sealing {
        /// What stands before the first segment.
        package let head: [UInt8]
        private let cipher: SegmentedCipher
        private var number: UInt32 = 0

        package init(_ cipher: SegmentedCipher) {
            self.cipher = cipher
            head = [SegmentedCipher.version] + SecureRandom.bytes(SegmentedCipher.headBytes - 1)
        }

        package mutating func seal(_ segment: ArraySlice<UInt8>, isLast: Bool) throws(CryptoError) -> [UInt8] {
            guard isLast ? segment.count <= SegmentedCipher.segmentBytes : segment.count == SegmentedCipher.segmentBytes, number < .max else {
                throw CryptoError(.limitExceeded, "a body has at most \(Int(UInt32.max)) segments of \(SegmentedCipher.segmentBytes) bytes")
            }
            let nonce = SegmentedCipher.nonce(head, number, isLast: isLast)
            number += 1
            var done: Int32 = 0
            let sealed = [UInt8](unsafeUninitializedCapacity: segment.count + SegmentedCipher.tagBytes) { output, count in
                done = segment.withUnsafeBufferPointer {
                    clibcrypto_aead_seal(cipher.key, nonce, cipher.label, cipher.label.count, $0.baseAddress, $0.count, output.baseAddress)
                }
                count = segment.count + SegmentedCipher.tagBytes
            }
            guard done == 1 else { throw CryptoError(.cipherTextDamaged, "libcrypto could not encrypt a body\(Libcrypto.lastWords())") }
            return sealed
        }
    }

    // MARK: Opening

    package func open(_ sealed: [UInt8]) throws(CryptoError) -> [UInt8] {
        let count = try Self.byteCount(sealed: sealed.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for segment in 0..<Self.segmentCount(count) {
            bytes += try open(segment: segment, ofByteCount: count, head: Array(sealed[..<Self.headBytes]), sealed[Self.sealedRange(segment, count)])
        }
        return bytes
    }

    /// The segments that a range of bytes lies in, and where each is in the sealed form.
    package static func segment(of offset: Int) -> Int { offset / segmentBytes }

    package static func sealedRange(_ segment: Int, _ byteCount: Int) -> Range<Int> {
        let start = headBytes + segment * (segmentBytes + tagBytes)
        return start..<start + min(segmentBytes, byteCount - segment * segmentBytes) + tagBytes
    }

    /// Opens one segment of a body of `byteCount` bytes.
    package func open(segment: Int, ofByteCount byteCount: Int, head: [UInt8], _ sealed: ArraySlice<UInt8>) throws(CryptoError) -> [UInt8] {
        guard head.count == Self.headBytes, head[0] == Self.version, let number = UInt32(exactly: segment) else {
            throw CryptoError(.cipherTextDamaged, "the encrypted body is of a version that this program does not know, or damaged")
        }
        let nonce = Self.nonce(head, number, isLast: segment == Self.segmentCount(byteCount) - 1)
        let count = sealed.count - Self.tagBytes
        var done: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: max(1, count)) { output, filled in
            done = sealed.withUnsafeBufferPointer { clibcrypto_aead_open(key, nonce, label, label.count, $0.baseAddress, count, output.baseAddress) }
            filled = count
        }
        guard done == 1 else {
            throw CryptoError(.cipherTextDamaged, "an encrypted body does not open: it was changed, belongs elsewhere, or its key is another")
        }
        return bytes
    }

    private static func nonce(_ head: [UInt8], _ number: UInt32, isLast: Bool) -> [UInt8] {
        var nonce = Array(head.dropFirst())
        for shift: UInt32 in [24, 16, 8, 0] { nonce.append(UInt8(truncatingIfNeeded: number >> shift)) }
        nonce.append(isLast ? 1 : 0)
        return nonce
    }
}
