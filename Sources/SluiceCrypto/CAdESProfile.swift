import SluiceKit

/// The one shape of signature that this version accepts, read from its bytes before libcrypto sees them.
///
/// CMS SignedData (RFC 5652) as a CAdES baseline signature (ETSI EN 319 122-1, level B-B): DER, detached, one signer, ECDSA on P-256
/// with SHA-256, the signed attributes content-type, message-digest, signing-time and signing-certificate-v2, no unsigned ones.
/// libcrypto is more generous: it takes any algorithm the key allows, BER, and fields that nothing covers. Here each byte
/// is either covered by the signature or has one permitted value, so that a changed byte is always noticed.
struct CAdESProfile: Hashable {
    /// The signed signing-time attribute.
    let signingTime: Instant
    /// The signer's certificate, found by the digest in the signed signing-certificate-v2 attribute (RFC 5035).
    let signerCertificateDER: [UInt8]

    /// The signer and intermediates; more is not a chain.
    static let certificatesMax = 8

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

    private init(signingTime: Instant, signerCertificateDER: [UInt8]) {
        self.signingTime = signingTime
        self.signerCertificateDER = signerCertificateDER
    }

    // MARK: SignedData (RFC 5652, 5.1)

    private static func parse(_ bytes: [UInt8]) throws -> CAdESProfile {
        var outer = DERReader(bytes)
        var contentInfo = DERReader(bytes, inside: try outer.read(DERTag.sequence))
        try outer.requireEnd()
        guard bytes[try contentInfo.read(DERTag.objectIdentifier).content].elementsEqual(OID.signedData) else {
            throw PackageError(.signatureProfile, "the signature file is CMS, but not signed data")
        }
        var explicit = DERReader(bytes, inside: try contentInfo.read(DERTag.context(0)))
        try contentInfo.requireEnd()
        var signedData = DERReader(bytes, inside: try explicit.read(DERTag.sequence))
        try explicit.requireEnd()

        let version = try signedData.read(DERTag.integer)
        let digests = try signedData.elements(of: signedData.read(DERTag.set))
        guard digests.count == 1, let digest = digests.first else {
            throw PackageError(.algorithmNotAllowed, "the signature names \(digests.count) digest algorithms; exactly SHA-256 is allowed")
        }
        try requireSHA256(digest, bytes)
        let encapsulated = try signedData.elements(of: signedData.read(DERTag.sequence))
        guard encapsulated.count == 1, encapsulated[0].tag == DERTag.objectIdentifier, bytes[encapsulated[0].content].elementsEqual(OID.data) else {
            throw PackageError(.signatureProfile, "the signature carries content of its own; a package's signature is detached and of type id-data")
        }
        guard signedData.nextTag == DERTag.context(0) else {
            throw PackageError(.signatureProfile, "the signature does not carry the signer's certificate; the sender must include it")
        }
        let certificates = try signedData.elements(of: signedData.read(DERTag.context(0)), max: certificatesMax)
        if signedData.nextTag == DERTag.context(1) {
            throw PackageError(
                .signatureProfile, "the signature carries revocation lists, which nothing covers; this version reads baseline signatures (B-B) only")
        }
        let signers = try signedData.elements(of: signedData.read(DERTag.set))
        try signedData.requireEnd()
        guard signers.count == 1, let signer = signers.first, signer.tag == DERTag.sequence else {
            throw PackageError(.signatureProfile, "the signature has \(signers.count) signers; exactly one is allowed")
        }
        return try parse(signer: signer, signedDataVersion: bytes[version.content], certificates: certificates, bytes)
    }

    // MARK: SignerInfo (RFC 5652, 5.3)

    private static func parse(
        signer: DERReader.Element, signedDataVersion: ArraySlice<UInt8>, certificates: [DERReader.Element], _ bytes: [UInt8]
    ) throws -> CAdESProfile {
        var info = DERReader(bytes, inside: signer)
        let version = try info.read(DERTag.integer)
        let identifier = try info.readAny()
        // Issuer and serial number mean version 1, a key identifier means version 3, and SignedData repeats it.
        let expected: UInt8 = identifier.tag == DERTag.sequence ? 1 : 3
        guard identifier.tag == DERTag.sequence || identifier.tag == 0x80, bytes[version.content].elementsEqual([expected]),
            signedDataVersion.elementsEqual([expected])
        else { throw PackageError(.signatureProfile, "the signature's version numbers do not fit its form (RFC 5652, 5.1 and 5.3)") }

        try requireSHA256(info.read(DERTag.sequence), bytes)
        guard info.nextTag == DERTag.context(0) else {
            throw PackageError(.signatureProfile, "the signature has no signed attributes; the sender must sign with CAdES (openssl cms -sign -cades)")
        }
        let attributes = try Self.attributes(info.elements(of: info.read(DERTag.context(0))), bytes)
        let algorithm = try info.elements(of: info.read(DERTag.sequence))
        guard algorithm.count == 1, bytes[algorithm[0].content].elementsEqual(OID.ecdsaWithSHA256) else {
            throw PackageError(.algorithmNotAllowed, "the signature is not ECDSA with SHA-256, the one algorithm this version accepts")
        }
        _ = try info.read(DERTag.octetString)
        guard info.isAtEnd else {
            throw PackageError(
                .signatureProfile, "the signature has unsigned attributes, which nothing covers; this version reads baseline signatures (B-B) only")
        }

        guard let type = attributes[OID.contentType], type.tag == DERTag.objectIdentifier, bytes[type.content].elementsEqual(OID.data) else {
            throw PackageError(.signatureProfile, "the signed attribute content-type is missing or is not id-data")
        }
        guard let messageDigest = attributes[OID.messageDigest], messageDigest.tag == DERTag.octetString, messageDigest.content.count == 32 else {
            throw PackageError(.signatureProfile, "the signed attribute message-digest is missing or is not a SHA-256")
        }
        guard let time = attributes[OID.signingTime], let signingTime = DERTime.instant(tag: time.tag, bytes[time.content]) else {
            throw PackageError(.signatureProfile, "the signed attribute signing-time is missing or is not a time")
        }
        let certificate = try signerCertificate(attributes[OID.signingCertificateV2], among: certificates, bytes)
        if identifier.tag == DERTag.sequence { try requireNamed(certificate, by: identifier, bytes) }
        return CAdESProfile(signingTime: signingTime, signerCertificateDER: Array(bytes[certificate.whole]))
    }

    /// Signed attributes by type; each type once, each with one value (RFC 5652, 11).
    private static func attributes(_ elements: [DERReader.Element], _ bytes: [UInt8]) throws -> [[UInt8]: DERReader.Element] {
        var found: [[UInt8]: DERReader.Element] = [:]
        for element in elements {
            guard element.tag == DERTag.sequence else { throw DERReader.Malformed(offset: element.whole.lowerBound) }
            var reader = DERReader(bytes, inside: element)
            let type = Array(bytes[try reader.read(DERTag.objectIdentifier).content])
            let values = try reader.elements(of: reader.read(DERTag.set))
            try reader.requireEnd()
            guard values.count == 1, found.updateValue(values[0], forKey: type) == nil else {
                throw PackageError(.signatureProfile, "a signed attribute is there twice or has \(values.count) values; which one counts is unclear")
            }
        }
        return found
    }

    /// SigningCertificateV2 (RFC 5035, 3): its first entry names the signer's certificate by digest.
    private static func signerCertificate(
        _ attribute: DERReader.Element?, among certificates: [DERReader.Element], _ bytes: [UInt8]
    ) throws -> DERReader.Element {
        guard let attribute, attribute.tag == DERTag.sequence else {
            throw PackageError(
                .signatureProfile, "the signed attribute signing-certificate-v2 is missing; the sender must sign with CAdES (openssl cms -sign -cades)")
        }
        var reader = DERReader(bytes, inside: attribute)
        var list = DERReader(bytes, inside: try reader.read(DERTag.sequence))
        var entry = DERReader(bytes, inside: try list.read(DERTag.sequence))
        // The digest algorithm is SHA-256 unless stated.
        if entry.nextTag == DERTag.sequence { try requireSHA256(entry.read(DERTag.sequence), bytes) }
        let digest = bytes[try entry.read(DERTag.octetString).content]
        let signers = certificates.filter { SHA256.hash(Array(bytes[$0.whole])).bytes.elementsEqual(digest) }
        guard signers.count == 1, let signer = signers.first else {
            throw PackageError(.signatureInvalid, "the certificate that the signature is bound to (signing-certificate-v2) is not the one that came with it")
        }
        return signer
    }

    /// Issuer and serial number as in the certificate, byte for byte. libcrypto compares names without regard to case (RFC 5280, 7.1), and
    /// nothing covers the identifier, so its letters could be changed unnoticed.
    private static func requireNamed(_ certificate: DERReader.Element, by identifier: DERReader.Element, _ bytes: [UInt8]) throws {
        var whole = DERReader(bytes, inside: certificate)
        var tbs = DERReader(bytes, inside: try whole.read(DERTag.sequence))
        if tbs.nextTag == DERTag.context(0) { _ = try tbs.readAny() }
        let serial = try tbs.read(DERTag.integer)
        _ = try tbs.read(DERTag.sequence)
        let issuer = try tbs.read(DERTag.sequence)
        guard bytes[identifier.content].elementsEqual(bytes[issuer.whole] + bytes[serial.whole]) else {
            throw PackageError(
                .signatureInvalid, "the signer is named by another issuer or serial number than those of the certificate that the signature is bound to")
        }
    }

    /// AlgorithmIdentifier of SHA-256, with parameters absent or NULL (RFC 5754, 2).
    private static func requireSHA256(_ element: DERReader.Element, _ bytes: [UInt8]) throws {
        let parts = try DERReader(bytes).elements(of: element)
        let parametersFit = parts.count == 1 || (parts.count == 2 && parts[1].tag == DERTag.null && parts[1].content.isEmpty)
        guard element.tag == DERTag.sequence, parametersFit, bytes[parts[0].content].elementsEqual(OID.sha256) else {
            throw PackageError(.algorithmNotAllowed, "the signature uses a digest other than SHA-256, the one this version accepts")
        }
    }
}

/// Content octets of the object identifiers that the profile names.
private enum OID {
    static let data: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01]
    static let signedData: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]
    static let contentType: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03]
    static let messageDigest: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04]
    static let signingTime: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05]
    static let signingCertificateV2: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f]
    static let sha256: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
    static let ecdsaWithSHA256: [UInt8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]
}
