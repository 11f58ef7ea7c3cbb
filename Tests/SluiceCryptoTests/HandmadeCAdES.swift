import SluiceKit

@testable import SluiceCrypto

/// A signature of ours taken apart and put together again, so that each part can be another one; properly signed in the end.
struct HandmadeCAdES {
    private let identity: SealingIdentity
    private let identifier: [UInt8]
    private var attributes: [[UInt8]]
    var digestAlgorithm = Self.sha256
    var signerDigestAlgorithm = Self.sha256
    /// In the order in which they are written.
    var certificates: [[UInt8]]
    /// Nil for none, which is not the same as empty.
    var revocations: [[UInt8]]?
    var unsigned: [[UInt8]]?

    static let sha256 = DERWriter.sequence(DERWriter.objectIdentifier(ObjectIdentifier.sha256))

    init(_ identity: SealingIdentity) throws {
        self.identity = identity
        let signature = try identity.detachedCAdES(over: Trial.content, signingTime: Trial.now)
        let cms = try CMSSignedData(signature)
        identifier = Array(signature[cms.identifier.whole])
        attributes = try DERReader(signature).elements(of: cms.signedAttributes).map { Array(signature[$0.whole]) }
        certificates = cms.certificates.map { Array(signature[$0.whole]) }
    }

    /// Another value of signing-certificate-v2: one ESSCertIDv2 with this digest of the certificate.
    mutating func bind(_ algorithm: [UInt8]) throws {
        let digest = CMSDigest.hash(identity.certificate.der[...], algorithm) ?? []
        let value = DERWriter.sequence(
            DERWriter.sequence(DERWriter.sequence(DERWriter.sequence(DERWriter.objectIdentifier(algorithm)), DERWriter.octetString(digest))))
        let name = DERWriter.objectIdentifier(ObjectIdentifier.signingCertificateV2)
        attributes.removeAll { $0.dropFirst(2).starts(with: name) }
        attributes.append(DERWriter.sequence(name, DERWriter.element(DERTag.set, value)))
    }

    func der() throws -> [UInt8] {
        let signed = DERWriter.setOf(attributes)
        let implicit = [DERTag.context(0)] + signed.dropFirst()
        func optional(_ elements: [[UInt8]]?) -> [UInt8] { elements.map { DERWriter.element(DERTag.context(1), $0) } ?? [] }
        let info: [[UInt8]] = [
            [DERTag.integer, 1, 1], identifier, signerDigestAlgorithm, implicit,
            DERWriter.sequence(DERWriter.objectIdentifier(ObjectIdentifier.ecdsaWithSHA256)), DERWriter.octetString(try identity.key.sign(signed)),
            optional(unsigned),
        ]
        let parts: [[UInt8]] = [
            [DERTag.integer, 1, 1], DERWriter.element(DERTag.set, digestAlgorithm),
            DERWriter.sequence(DERWriter.objectIdentifier(ObjectIdentifier.data)), DERWriter.element(DERTag.context(0), certificates),
            optional(revocations), DERWriter.element(DERTag.set, DERWriter.element(DERTag.sequence, info)),
        ]
        return DERWriter.sequence(
            DERWriter.objectIdentifier(ObjectIdentifier.signedData), DERWriter.element(DERTag.context(0), DERWriter.element(DERTag.sequence, parts)))
    }
}
