import Foundation
import SluiceCrypto
import SluiceKit
import Testing

@Suite struct DigestTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    ]) func sha256FollowsFIPS180(message: String, hex: String) {
        #expect(SHA256.hash(Array(message.utf8)).hex == hex)
    }

    @Test func hashesTheSameInPiecesAndIsReusable() {
        let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let hasher = SHA256()
        for _ in 0..<3 {
            for piece in stride(from: 0, to: message.count, by: 37) { hasher.update(Array(message[piece..<min(piece + 37, message.count)])) }
            #expect(hasher.finish() == SHA256.hash(message))
        }
        #expect(message.withUnsafeBytes { hasher.hash(prefix: 7, $0) } == SHA256.hash([7] + message))
        #expect(
            UnsafeRawBufferPointer(start: nil, count: 0).withMemoryRebound(to: UInt8.self) { hasher.hash(prefix: 0, UnsafeRawBufferPointer($0)) }
                == SHA256.hash([0]))
    }

    @Test func hashesAFileInPieces() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "sluice-digest-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let bytes = (0..<(SHA256.fileReadBytes + 12345)).map { UInt8(truncatingIfNeeded: $0 &* 131 >> 3) }
        try Data(bytes).write(to: file)
        let (digest, count) = try SHA256.hash(fileAt: file.path)
        #expect(digest == SHA256.hash(bytes))
        #expect(count == UInt64(bytes.count))
        #expect(throws: SHA256.FileReadError(path: file.path + ".absent", code: 2)) { try SHA256.hash(fileAt: file.path + ".absent") }
    }

    @Test func hmacFollowsRFC4231() {
        #expect(
            HMACSHA256.code(key: [UInt8](repeating: 0x0b, count: 20), message: Array("Hi There".utf8)).hex
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            HMACSHA256.code(key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8)).hex
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            HMACSHA256.code(key: [UInt8](repeating: 0xaa, count: 131), message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)).hex
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        #expect(HMACSHA256.code(key: [], message: []).hex == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func hmacChecksKeyAndMessage() {
        let code = HMACSHA256.code(key: [1, 2, 3], message: [4, 5])
        #expect(HMACSHA256.isValid(code, key: [1, 2, 3], message: [4, 5]))
        #expect(!HMACSHA256.isValid(code, key: [1, 2, 4], message: [4, 5]))
        #expect(!HMACSHA256.isValid(code, key: [1, 2, 3], message: [4, 5, 0]))
    }

    @Test func randomBytesDiffer() {
        #expect(SecureRandom.bytes(0).isEmpty)
        #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
        let uuid = SecureRandom.uuidv7(milliseconds: 1_700_000_000_000)
        #expect(uuid.milliseconds == 1_700_000_000_000)
        #expect(uuid != SecureRandom.uuidv7(milliseconds: 1_700_000_000_000))
    }
}
