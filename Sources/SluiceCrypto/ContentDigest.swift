package import SluiceKit

/// The field `Content-Digest` (RFC 9530): SHA-256 of a message's content as it travels.
package enum ContentDigest {
    package static let fieldName = "content-digest"

    /// The field's value for content of this digest.
    package static func text(_ digest: SHA256Digest) -> String { "sha-256=:\(digest.base64):" }

    /// Checks the field's lines against the digest of the content that arrived. Digests by other algorithms may stand beside it and are not
    /// looked at; without one by SHA-256 nothing is shown.
    package static func verify(_ lines: [String], digest: SHA256Digest) throws(HTTPSignatureError) {
        let dictionary: StructuredField.Dictionary
        do throws(StructuredField.Malformed) {
            dictionary = try StructuredField.dictionary(lines.map { Array($0.utf8) })
        } catch {
            throw HTTPSignatureError(.fieldMalformed, "\(fieldName): \(error)")
        }
        guard dictionary.repeatedKey == nil else {
            throw HTTPSignatureError(.fieldMalformed, "\(fieldName): a digest stands twice; which one counts is unclear")
        }
        guard case .item(let item)? = dictionary["sha-256"], case .bytes(let claimed) = item.value else {
            throw HTTPSignatureError(.digestMissing, "the message has no \(fieldName) by sha-256; the sender must add it (RFC 9530)")
        }
        guard claimed == digest.bytes else {
            throw HTTPSignatureError(.digestMismatch, "the content is not the one whose digest the message carries: it was changed or cut off on the way")
        }
    }
}
