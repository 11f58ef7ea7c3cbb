import SluiceKit
import Testing

@Suite struct EvidenceValueTests {
    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")])
    func base64FollowsRFC4648(plain: String, encoded: String) {
        #expect(Base64.encode(plain.utf8) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test(arguments: ["Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v\n", "Z=g=", "=Zg=", "====", "Zm9-", " Zm9", "Zg==Zg=="])
    func base64HasOneSpelling(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func base64RoundTripsEveryByte() {
        for length in 0..<260 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 167) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    @Test func digestsKeepTheirBytesInEverySpelling() throws {
        let bytes = (0..<32).map { UInt8($0 * 7) }
        let digest = try #require(SHA256Digest(bytes: bytes))
        #expect(digest.bytes == bytes)
        #expect(SHA256Digest(hex: digest.hex) == digest)
        #expect(SHA256Digest(hex: digest.hex.uppercased()) == digest)
        #expect(SHA256Digest(base64: digest.base64) == digest)
        #expect(digest.hex.hasPrefix("00070e15"))
        #expect(SHA256Digest(bytes: Array(bytes.dropLast())) == nil)
        #expect(SHA256Digest(bytes: bytes + [0]) == nil)
        #expect(SHA256Digest(hex: String(digest.hex.dropLast())) == nil)
        #expect(SHA256Digest(hex: "g" + digest.hex.dropFirst()) == nil)
    }

    @Test func uuidsCarryTheirTimeAndSortByIt() throws {
        // RFC 9562, appendix A.6.
        let uuid = UUIDv7(milliseconds: 0x017F_22E2_79B0, random: [0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F])
        #expect(uuid.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
        #expect(UUIDv7(uuid.description) == uuid)
        #expect(uuid.milliseconds == 0x017F_22E2_79B0)
        #expect(uuid < UUIDv7(milliseconds: uuid.milliseconds + 1, random: [UInt8](repeating: 0, count: 10)))
        #expect(UUIDv7(milliseconds: .max, random: [UInt8](repeating: 255, count: 10)).description == "ffffffff-ffff-7fff-bfff-ffffffffffff")
    }

    @Test(arguments: [
        "", "017f22e2-79b0-4cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-18c4-dc0c0c07398f", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
        "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
        "017f22e2-79b0-7cc3-98c4dc-0c0c07398f",
    ]) func refusesWhatIsNoUUIDv7(text: String) {
        #expect(UUIDv7(text) == nil)
    }
}
