package import SluiceKit

/// Signatures of HTTP messages (RFC 9421) that protect one hop between two nodes. They are no evidence: that is the package's seal.
///
/// The algorithm is ECDSA on P-256 with SHA-256, because the key is of that kind; `alg` may be absent or say so. The key is named by the SHA-256 of
/// its certificate. Which components are to be covered, and whose keys are believed, is for the caller to say.
package enum HTTPSignature {
    package typealias Component = HTTPSignatureMessage.Component

    package static let algorithm = "ecdsa-p256-sha256"
    /// The label under which the signature stands, among others that a proxy may have added.
    package static let labelDefault = "sluice"

    /// What the signature says of itself (RFC 9421, 2.3).
    package struct Terms: Hashable, Sendable {
        /// SHA-256 of the certificate whose key signs.
        package var certificateSHA256: SHA256Digest
        /// To the second.
        package var created: Instant
        package var expires: Instant
        /// Drawn anew for each message.
        package var nonce: String

        package init(certificateSHA256: SHA256Digest, created: Instant, expires: Instant, nonce: String) {
            self.certificateSHA256 = certificateSHA256
            self.created = created
            self.expires = expires
            self.nonce = nonce
        }

        fileprivate var parameters: StructuredField.Parameters {
            var parameters = StructuredField.Parameters()
            parameters.set("created", .integer(created.seconds))
            parameters.set("expires", .integer(expires.seconds))
            parameters.set("nonce", .string(nonce))
            parameters.set("alg", .string(HTTPSignature.algorithm))
            parameters.set("keyid", .string(certificateSHA256.hex))
            return parameters
        }
    }

    /// The two fields to add to the message. `sign` makes the ES256 signature of the bytes it gets: `EvidenceSigner.es256` or `PrivateKey.es256`.
    package static func sign(
        _ message: HTTPSignatureMessage, covering components: [Component], terms: Terms, label: String = labelDefault,
        with sign: ([UInt8]) throws -> [UInt8]
    ) throws(HTTPSignatureError) -> [HTTPFieldLine] {
        let list = StructuredField.InnerList(components.map(\.item), terms.parameters)
        let base = try base(message, components, list)
        let signature: [UInt8]
        do {
            signature = try sign(base)
        } catch {
            throw HTTPSignatureError(.signingFailed, "the message could not be signed: \(error)")
        }
        guard signature.count == ES256.signatureBytes else { throw HTTPSignatureError(.signingFailed, "the key made a signature that is not ES256") }
        var (inputs, signatures) = (StructuredField.Dictionary(), StructuredField.Dictionary())
        inputs.set(label, .innerList(list))
        signatures.set(label, .item(StructuredField.Item(.bytes(signature))))
        guard let input = StructuredField.text(inputs), let value = StructuredField.text(signatures) else {
            throw HTTPSignatureError(.signingFailed, "the label '\(label)' or the nonce cannot be written into a field")
        }
        return [HTTPFieldLine(HopFields.inputName, input), HTTPFieldLine(HopFields.signatureName, value)]
    }

    /// What is signed (RFC 9421, 2.5): a line for each component, then the signature's own parameters.
    static func base(_ message: HTTPSignatureMessage, _ components: [Component], _ list: StructuredField.InnerList) throws(HTTPSignatureError) -> [UInt8] {
        guard Set(components).count == components.count else {
            throw HTTPSignatureError(.componentRepeated, "the signature covers a component twice (RFC 9421, 2)")
        }
        var text = ""
        for component in components {
            guard component.name.lowercased() == component.name, let identifier = StructuredField.text(component.item) else {
                throw HTTPSignatureError(.componentUnsupported, "'\(component.name.prefix(80))' is no component: names are lower-case ASCII")
            }
            text += "\(identifier): \(try message.value(of: component))\n"
        }
        guard let parameters = StructuredField.text(list) else { throw HTTPSignatureError(.fieldMalformed, "the signature's parameters cannot be written") }
        return Array("\(text)\"@signature-params\": \(parameters)".utf8)
    }
}
