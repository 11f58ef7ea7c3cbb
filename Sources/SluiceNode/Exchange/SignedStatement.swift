package import SluiceKit

/// Bytes that this node signed for a person, and its detached CAdES signature over them, as they are kept.
package struct SignedStatement: Hashable, Sendable {
    /// Canonical JSON.
    package var bytes: [UInt8]
    package var signature: [UInt8]

    package init(_ statement: JSONValue, by signer: any EvidenceSigner, at time: Instant) throws {
        bytes = try statement.canonicalBytes()
        signature = try signer.detachedCAdES(over: bytes, signingTime: time)
    }

    package var json: JSONValue {
        .object([
            JSONMember("signature", .string(Base64.encode(signature))), JSONMember("statement", .string(String(decoding: bytes, as: UTF8.self))),
        ])
    }

    package init(json: JSONValue) throws {
        guard let text = json["statement"]?.text, let signature = json["signature"]?.text.flatMap({ Base64.decode($0) }) else {
            throw NodeError("a kept statement has not the form of one")
        }
        bytes = Array(text.utf8)
        self.signature = signature
    }
}
