import SluiceKit

/// Puts a CAdES baseline signature together around a signature value: the exact shape that `CAdESProfile` reads.
///
/// libcrypto's own CMS writer costs twice the signature itself and has no place for what is signed elsewhere (a token, a remote signer).
struct CAdESWriter {
    /// The signer's certificate and those between it and the authority, DER, none twice.
    let certificates: [[UInt8]]
    private let signerInfoStart: [[UInt8]]
    private let boundCertificate: [UInt8]

    /// AlgorithmIdentifier without parameters (RFC 5754, 2; RFC 5758, 3.2).
    private static let sha256 = DERWriter.sequence(DERWriter.objectIdentifier(ObjectIdentifier.sha256))
    private static let ecdsaWithSHA256 = DERWriter.sequence(DERWriter.objectIdentifier(ObjectIdentifier.ecdsaWithSHA256))
    private static let contentType = attribute(ObjectIdentifier.contentType, DERWriter.objectIdentifier(ObjectIdentifier.data))

    init(signer: Certificate, intermediates: [Certificate]) throws(CryptoError) {
        certificates = Array(Set(([signer] + intermediates).map(\.der)))
        let identifier: [UInt8]
        do {
            identifier = try Self.issuerAndSerial(signer.der)
        } catch {
            throw CryptoError(.certificateUnusable, "the certificate of '\(signer.subject)' is not DER")
        }
        signerInfoStart = [[DERTag.integer, 1, 1], identifier, Self.sha256]
        // SigningCertificateV2 (RFC 5035, 3) with one ESSCertIDv2: SHA-256, which is the default and so not written, and no issuerSerial.
        let bound = DERWriter.sequence(DERWriter.sequence(DERWriter.sequence(DERWriter.octetString(signer.sha256.bytes))))
        boundCertificate = Self.attribute(ObjectIdentifier.signingCertificateV2, bound)
    }

    /// What has to be signed: the signed attributes as a set.
    func signedAttributes(contentSHA256: SHA256Digest, signingTime: Instant) -> [UInt8]? {
        let date = signingTime.utcDate
        let second = Int(signingTime.seconds - Int64(date.daysSince1970) * 86_400)
        guard let time = DERWriter.time((date.year, date.month, date.day), secondOfDay: second) else { return nil }
        return DERWriter.setOf([
            Self.contentType, Self.attribute(ObjectIdentifier.signingTime, time),
            Self.attribute(ObjectIdentifier.messageDigest, DERWriter.octetString(contentSHA256.bytes)), boundCertificate,
        ])
    }

    /// The whole ContentInfo. `attributes` are those that were signed.
    func signedData(attributes: [UInt8], signature: [UInt8], timeStampToken: [UInt8]?, revocationValues: [RevocationValue]) -> [UInt8] {
        var implicit = attributes
        implicit[0] = DERTag.context(0)
        var info = signerInfoStart + [implicit, Self.ecdsaWithSHA256, DERWriter.octetString(signature)]
        if let timeStampToken {
            info.append(DERWriter.element(DERTag.context(1), Self.attribute(ObjectIdentifier.signatureTimeStampToken, timeStampToken)))
        }
        // RFC 5652, 5.1: version 5 where revocation information is of another kind than lists.
        let version: UInt8 = revocationValues.contains(where: \.isAnswer) ? 5 : 1
        var parts = [
            [DERTag.integer, 1, version], DERWriter.element(DERTag.set, Self.sha256),
            DERWriter.sequence(DERWriter.objectIdentifier(ObjectIdentifier.data)), DERWriter.setOf(certificates, tag: DERTag.context(0)),
        ]
        if !revocationValues.isEmpty { parts.append(DERWriter.setOf(Set(revocationValues).map(\.revocationInfoChoice), tag: DERTag.context(1))) }
        parts.append(DERWriter.element(DERTag.set, DERWriter.element(DERTag.sequence, info)))
        return DERWriter.sequence(
            DERWriter.objectIdentifier(ObjectIdentifier.signedData), DERWriter.element(DERTag.context(0), DERWriter.element(DERTag.sequence, parts)))
    }

    private static func attribute(_ type: [UInt8], _ value: [UInt8]) -> [UInt8] {
        DERWriter.sequence(DERWriter.objectIdentifier(type), DERWriter.element(DERTag.set, value))
    }

    /// IssuerAndSerialNumber (RFC 5652, 10.2.4), byte for byte as in the certificate.
    private static func issuerAndSerial(_ der: [UInt8]) throws(DERReader.Malformed) -> [UInt8] {
        var outer = DERReader(der)
        var whole = DERReader(der, inside: try outer.read(DERTag.sequence))
        var tbs = DERReader(der, inside: try whole.read(DERTag.sequence))
        if tbs.nextTag == DERTag.context(0) { _ = try tbs.readAny() }
        let serial = try tbs.read(DERTag.integer)
        _ = try tbs.read(DERTag.sequence)
        let issuer = try tbs.read(DERTag.sequence)
        return DERWriter.sequence(Array(der[issuer.whole]), Array(der[serial.whole]))
    }
}
