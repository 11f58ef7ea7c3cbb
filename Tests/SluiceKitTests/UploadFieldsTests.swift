import SluiceKit
import Testing

struct UploadFieldsTests {
    private let digest = SHA256Digest(bytes: Array(0..<32))!

    @Test func readsWhatItWrites() throws {
        #expect(try UploadFields.digest([UploadFields.text(digest)]) == digest)
        #expect(try UploadFields.flag([UploadFields.text(true)]) == true)
        #expect(try UploadFields.flag([UploadFields.text(false)]) == false)
        #expect(try UploadFields.byteCount(["73400320"]) == 73_400_320)
    }

    @Test func tellsAnAbsentFieldFromAMalformedOne() throws {
        #expect(try UploadFields.byteCount([]) == nil)
        #expect(try UploadFields.flag([]) == nil)
        #expect(try UploadFields.digest([]) == nil)
        #expect(throws: StructuredField.Malformed.self) { try UploadFields.byteCount([""]) }
        #expect(throws: StructuredField.Malformed.self) { try UploadFields.flag([""]) }
    }

    @Test func takesOneDigestBySHA256() throws {
        let text = UploadFields.text(digest)
        // Others may stand beside it, on lines of their own too (RFC 9530, 2; RFC 9651, 4.2).
        #expect(try UploadFields.digest(["sha-512=:AAAA:, \(text)"]) == digest)
        #expect(try UploadFields.digest(["sha-512=:AAAA:", text]) == digest)
        #expect(try UploadFields.digest(["sha-512=:AAAA:"]) == nil)
        for lines in [[text, text], ["sha-256=:AAAA:"], ["sha-256=AAAA"], ["sha-256"], ["sha-256=(:AAAA:)"], ["SHA-256=:AAAA:"], ["sha-256=:AAAA"]] {
            #expect(throws: StructuredField.Malformed.self, "\(lines)") { try UploadFields.digest(lines) }
        }
    }
}
