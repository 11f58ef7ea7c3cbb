/// The fields by which an upload goes on after a break (Docs/ExchangeProtocol.md, "Going on after a break"), for both sides of the connection.
///
/// Each is a structured field (RFC 9651): an item, but for `Repr-Digest` (RFC 9530, 3), which is a dictionary. What the grammar does not allow is refused.
package enum UploadFields {
    package static let offsetName = "Upload-Offset"
    package static let lengthName = "Upload-Length"
    package static let completeName = "Upload-Complete"
    package static let digestName = "Repr-Digest"
    /// Of the rest of a package; the package itself has the media type of its seal.
    package static let partialMediaType = "application/partial-upload"

    /// A number of bytes; nil where there is no such field.
    package static func byteCount(_ lines: [String]) throws(StructuredField.Malformed) -> Int? {
        guard let item = try item(lines) else { return nil }
        guard case .integer(let number) = item.value, let count = Int(exactly: number), count >= 0 else {
            throw StructuredField.Malformed(byteOffset: 0, detail: "a number of bytes is an integer and not negative")
        }
        return count
    }

    /// A boolean; nil where there is no such field.
    package static func flag(_ lines: [String]) throws(StructuredField.Malformed) -> Bool? {
        guard let item = try item(lines) else { return nil }
        guard case .boolean(let flag) = item.value else { throw StructuredField.Malformed(byteOffset: 0, detail: "the value is ?0 or ?1") }
        return flag
    }

    /// SHA-256 of the whole; nil where there is none. Digests by other algorithms may stand beside it and are not looked at (RFC 9530, 2).
    package static func digest(_ lines: [String]) throws(StructuredField.Malformed) -> SHA256Digest? {
        guard !lines.isEmpty else { return nil }
        let dictionary = try StructuredField.dictionary(lines.map { Array($0.utf8) })
        if let key = dictionary.repeatedKey {
            throw StructuredField.Malformed(byteOffset: 0, detail: "the digest \(key) stands twice; which one counts is unclear")
        }
        guard let member = dictionary["sha-256"] else { return nil }
        guard case .item(let item) = member, case .bytes(let bytes) = item.value, let digest = SHA256Digest(bytes: bytes) else {
            throw StructuredField.Malformed(byteOffset: 0, detail: "sha-256 is a byte sequence of 32 bytes")
        }
        return digest
    }

    package static func text(_ digest: SHA256Digest) -> String { "sha-256=:\(digest.base64):" }
    package static func text(_ flag: Bool) -> String { flag ? "?1" : "?0" }

    private static func item(_ lines: [String]) throws(StructuredField.Malformed) -> StructuredField.Item? {
        lines.isEmpty ? nil : try StructuredField.item(lines.map { Array($0.utf8) })
    }
}
