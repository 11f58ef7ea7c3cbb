import SluiceKit

/// The one shape of seal signature that this version accepts, and the one it makes.
///
/// A CAdES baseline signature (ETSI EN 319 122-1): DER, detached, one signer, ECDSA on P-256 with SHA-256, the signed attributes content-type,
/// message-digest, signing-time and signing-certificate-v2 (level B-B); with a signature time stamp as the one unsigned attribute
/// (B-T), and with revocation lists and answers beside the certificates (B-LT). Each byte is covered by the signature, covered by the
/// verification of the part it belongs to, or has one permitted value, so that a changed byte is always noticed. So is one put in: certificates and revocation
/// values stand in the order of a SET OF, none twice, none of them the trusted authority's own certificate, which whoever verifies has anyway; sets are absent
/// rather than empty, and algorithms without parameters.
struct CAdESProfile {
    let cms: CMSSignedData
    /// The signed signing-time attribute.
    let signingTime: Instant
    /// The signer's certificate, found by the digest in the signed signing-certificate-v2 attribute (RFC 5035).
    let signerCertificate: DERReader.Element
    /// The token over the signature value, where there is one.
    let timeStampToken: [UInt8]?
    /// Certificate lists and OCSP answers, DER.
    let revocationValues: [RevocationValue]

    static let certificatesMax = CMSSignedData.certificatesMax

    init(_ signature: [UInt8]) throws(PackageError) {
        do {
            self = try Self.parse(signature)
        } catch let error as PackageError {
            throw error
        } catch {
            let place = (error as? DERReader.Malformed).map { " at byte \($0.offset)" } ?? ""
            throw PackageError(
                .signatureProfile, "the signature is not a DER-encoded CMS SignedData with one signer\(place); ask the sender for a CAdES baseline signature")
        }
    }

    private init(_ cms: CMSSignedData, _ signingTime: Instant, _ certificate: DERReader.Element, _ token: [UInt8]?, _ values: [RevocationValue]) {
        self.cms = cms
        self.signingTime = signingTime
        signerCertificate = certificate
        timeStampToken = token
        revocationValues = values
    }

    private static func parse(_ bytes: [UInt8]) throws -> CAdESProfile {
        let cms = try CMSSignedData(bytes)
        guard cms.content == nil, cms.contentType.elementsEqual(ObjectIdentifier.data) else {
            throw PackageError(.signatureProfile, "the signature carries content of its own; a package's signature is detached and of type id-data")
        }
        for element in [cms.digestAlgorithm, cms.signerDigestAlgorithm] {
            guard try cms.algorithm(element).elementsEqual(ObjectIdentifier.sha256), !cms.hasParameters(element) else {
                throw PackageError(.algorithmNotAllowed, "the signature's digest is not SHA-256 without parameters, the one that this version accepts")
            }
        }
        guard try cms.algorithm(cms.signatureAlgorithm).elementsEqual(ObjectIdentifier.ecdsaWithSHA256), !cms.hasParameters(cms.signatureAlgorithm) else {
            throw PackageError(.algorithmNotAllowed, "the signature is not ECDSA with SHA-256, the one algorithm this version accepts")
        }
        guard cms.areAscending(cms.certificates), cms.areAscending(cms.revocations) else {
            throw PackageError(
                .signatureProfile, "the signature's certificates or revocation values are not in the order of DER (X.690, 11.6), or one is there twice")
        }
        guard let time = cms.signedValue(ObjectIdentifier.signingTime), let signingTime = DERTime.instant(tag: time.tag, bytes[time.content]) else {
            throw PackageError(.signatureProfile, "the signed attribute signing-time is missing or is not a time")
        }
        let certificate = try cms.signerCertificate(namedBy: [ObjectIdentifier.sha256])
        try cms.requireIdentified(by: certificate)
        var token: [UInt8]?
        for attribute in cms.unsigned {
            guard attribute.type.elementsEqual(ObjectIdentifier.signatureTimeStampToken) else {
                throw PackageError(
                    .signatureProfile,
                    "the signature has an unsigned attribute other than a time stamp, which nothing covers; this version reads levels B-B to B-LT")
            }
            token = Array(bytes[attribute.value.whole])
        }
        return CAdESProfile(cms, signingTime, certificate, token, try cms.revocations.map { try RevocationValue($0, bytes) })
    }

    var signerCertificateDER: [UInt8] { Array(cms.bytes[signerCertificate.whole]) }

    /// The signature value, which a time stamp is over.
    var signatureValue: [UInt8] { Array(cms.bytes[cms.signature]) }

    /// Whether this is the key's signature over the content.
    func requireValid(over content: [UInt8], key: PublicKey) throws(PackageError) {
        do {
            try cms.requireSigned(content, digest: ObjectIdentifier.sha256)
        } catch {
            throw (error as? PackageError) ?? PackageError(.signatureProfile, "a signed attribute is not DER")
        }
        guard key.verifies(signatureValue, over: cms.signedBytes) else {
            throw PackageError(.signatureInvalid, "the signature does not fit the manifest: one of them was changed after signing\(Libcrypto.lastWords())")
        }
    }
}
