import SluiceCrypto
import Testing

struct SegmentedCipherTests {
    private static let key = (0..<32).map(UInt8.init)
    private let cipher = SegmentedCipher(key: key, label: "package AM.MOI 1")
    private static let segment = SegmentedCipher.segmentBytes

    private static func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

    @Test(arguments: [0, 1, 100, segment - 1, segment, segment + 1, 3 * segment, 3 * segment + 7])
    func opensWhatItSealed(_ count: Int) throws {
        let bytes = Self.bytes(count)
        let sealed = try cipher.seal(bytes)
        #expect(sealed.count == SegmentedCipher.sealedByteCount(of: count))
        #expect(try SegmentedCipher.byteCount(sealed: sealed.count) == count)
        #expect(try cipher.open(sealed) == bytes)
    }

    @Test func aSegmentOpensAlone() throws {
        let bytes = Self.bytes(3 * Self.segment + 7)
        let sealed = try cipher.seal(bytes)
        for segment in [3, 1, 0, 2] {
            let range = SegmentedCipher.sealedRange(segment, bytes.count)
            let opened = try cipher.open(segment: segment, ofByteCount: bytes.count, head: Array(sealed[..<8]), sealed[range])
            #expect(opened == Array(bytes[segment * Self.segment..<min(bytes.count, (segment + 1) * Self.segment)]))
        }
    }

    @Test func theSameBytesLookDifferentEachTime() throws {
        #expect(try cipher.seal(Self.bytes(100)) != cipher.seal(Self.bytes(100)))
    }

    @Test func noChangedByteOpens() throws {
        let sealed = try cipher.seal(Self.bytes(64))
        for index in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[index] ^= 1 << bit
                #expect(throws: CryptoError.self) { try cipher.open(changed) }
            }
        }
    }

    @Test func segmentsCannotBeCutOffRepeatedOrExchanged() throws {
        let bytes = Self.bytes(3 * Self.segment)
        let sealed = try cipher.seal(bytes)
        let (first, second) = (SegmentedCipher.sealedRange(0, bytes.count), SegmentedCipher.sealedRange(1, bytes.count))
        let (one, two, rest) = (sealed[first], sealed[second], sealed[second.upperBound...])
        let head = sealed[..<8]
        let forgeries: [[UInt8]] = [Array(head + one + two), Array(head + two + one + rest), Array(head + one + one + rest), sealed + two]
        for (number, forged) in forgeries.enumerated() { #expect(throws: CryptoError.self, "forgery \(number)") { try cipher.open(forged) } }
        for count in [0, 7, 8, 23, sealed.count - 1] { #expect(throws: CryptoError.self, "cut to \(count)") { try cipher.open(Array(sealed[..<count])) } }
    }

    @Test func anotherKeyOrLabelOpensNothing() throws {
        let sealed = try cipher.seal(Self.bytes(64))
        var key = Self.key
        key[31] ^= 1
        #expect(throws: CryptoError.self) { try SegmentedCipher(key: key, label: "package AM.MOI 1").open(sealed) }
        #expect(throws: CryptoError.self) { try SegmentedCipher(key: Self.key, label: "receipt AM.MOI 1").open(sealed) }
    }
}
