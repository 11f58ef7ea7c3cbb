internal import CLibcrypto
package import SluiceKit

/// A time-stamping authority's signed word that a digest existed at a time (RFC 3161, 2.4.2; ETSI EN 319 422).
///
/// Read as strictly as the seal's own signature: one signer, bound by signing-certificate, no unsigned attributes, every certificate part of the chain. The
/// authority's key decides the algorithm: ECDSA or RSA from 2048 bits with SHA-256, SHA-384 or SHA-512, since few authorities sign with P-256.
/// Authorities differ in two spellings that nothing covers, so both stay free: the order of the certificates, which may hold the root, and whether the digest
/// algorithm is written with NULL, the same way in both places.
package struct TimeStampToken {
    private let cms: CMSSignedData
    private let info: Range<Int>
    private let imprintAlgorithm: [UInt8]
    private let imprint: [UInt8]
    /// The authority's time.
    package let generatedAt: Instant
    /// How far from it the true time can be, rounded up.
    package let accuracyMilliseconds: Int64
    /// The number that the question asked to be repeated, without leading zeros.
    package let nonce: [UInt8]?

    /// A token with certificates of a long chain has ten kilobytes.
    package static let bytesMax = 32 << 10
    /// A stamp less exact than this proves little.
    package static let accuracyMillisecondsMax: Int64 = 60_000

    package init(_ der: [UInt8]) throws(PackageError) {
        guard der.count <= Self.bytesMax else { throw PackageError(.timeStampInvalid, "the time stamp is larger than \(Self.bytesMax) bytes") }
        do {
            self = try Self.parse(der)
        } catch {
            let words = (error as? PackageError)?.detail ?? "byte \((error as? DERReader.Malformed)?.offset ?? 0) is not as DER wants it"
            throw PackageError(.timeStampInvalid, "the time stamp is not a token of RFC 3161: \(words)")
        }
    }

    private init(
        _ cms: CMSSignedData, _ info: Range<Int>, imprint: (algorithm: [UInt8], digest: [UInt8]), at time: Instant, accuracy: Int64, nonce: [UInt8]?
    ) {
        self.cms = cms
        self.info = info
        (imprintAlgorithm, self.imprint) = imprint
        generatedAt = time
        accuracyMilliseconds = accuracy
        self.nonce = nonce
    }

    private static func parse(_ der: [UInt8]) throws -> TimeStampToken {
        let cms = try CMSSignedData(der)
        guard cms.contentType.elementsEqual(ObjectIdentifier.timeStampInfo), let content = cms.content else {
            throw PackageError(.timeStampInvalid, "it does not carry a TSTInfo")
        }
        guard cms.unsigned.isEmpty, cms.revocations.isEmpty else {
            throw PackageError(.timeStampInvalid, "it carries unsigned attributes or revocation lists, which nothing covers")
        }
        var outer = DERReader(der, inside: DERReader.Element(tag: DERTag.octetString, whole: content, content: content))
        var info = DERReader(der, inside: try outer.read(DERTag.sequence))
        try outer.requireEnd()
        guard der[try info.read(DERTag.integer).content].elementsEqual([1]) else { throw PackageError(.timeStampInvalid, "its version is not 1") }
        _ = try info.read(DERTag.objectIdentifier)
        var imprint = DERReader(der, inside: try info.read(DERTag.sequence))
        let algorithm = try cms.algorithm(imprint.read(DERTag.sequence))
        let digest = der[try imprint.read(DERTag.octetString).content]
        try imprint.requireEnd()
        _ = try info.read(DERTag.integer)
        let time = try instant(der[info.read(DERTag.generalizedTime).content])
        let accuracy = try info.nextTag == DERTag.sequence ? milliseconds(info.read(DERTag.sequence), der) : 0
        if info.nextTag == 0x01 { _ = try info.readAny() }
        let nonce = try info.nextTag == DERTag.integer ? Array(der[info.read(DERTag.integer).content].drop { $0 == 0 }) : nil
        if info.nextTag == DERTag.context(0) { _ = try info.readAny() }
        // Extensions could change what the rest means; none is in use.
        try info.requireEnd()
        return TimeStampToken(cms, content, imprint: (Array(algorithm), Array(digest)), at: time, accuracy: accuracy, nonce: nonce)
    }

    /// GeneralizedTime with fractions of a second, as RFC 3161, 2.4.2, allows; they are kept to the millisecond.
    private static func instant(_ text: ArraySlice<UInt8>) throws -> Instant {
        let whole = text.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "Z") }
        let fraction = text.dropFirst(whole.count).dropFirst().dropLast()
        guard text.last == UInt8(ascii: "Z"), fraction.count <= 9, fraction.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let seconds = DERTime.instant(tag: DERTag.generalizedTime, whole + [UInt8(ascii: "Z")])
        else { throw PackageError(.timeStampInvalid, "its time is not one of RFC 3161") }
        let digits = (Array(fraction.prefix(3)) + [48, 48, 48]).prefix(3)
        return seconds.advanced(byMilliseconds: digits.reduce(0) { $0 * 10 + Int64($1 - 48) })
    }

    /// Accuracy: seconds, milliseconds and microseconds, each up to four bytes; rounded up.
    private static func milliseconds(_ element: DERReader.Element, _ der: [UInt8]) throws -> Int64 {
        var total: Int64 = 0
        for part in try DERReader(der).elements(of: element) {
            guard (1...4).contains(part.content.count) else { throw DERReader.Malformed(offset: part.whole.lowerBound) }
            let number = der[part.content].reduce(Int64(0)) { $0 << 8 | Int64($1) }
            switch part.tag {
            case DERTag.integer: total += number * 1000
            case 0x80: total += number
            case 0x81: total += (number + 999) / 1000
            default: throw DERReader.Malformed(offset: part.whole.lowerBound)
            }
        }
        return total
    }

    /// Whether the token is over these bytes, by their SHA-256: a token over a weaker digest could be one over another signature.
    package func covers(_ bytes: [UInt8]) -> Bool { covers(SHA256.hash(bytes)) }

    /// Whether the token is over a message with this digest.
    package func covers(_ digest: SHA256Digest) -> Bool { imprintAlgorithm == ObjectIdentifier.sha256 && imprint == digest.bytes }

    /// The latest time at which what the token covers can have come into being: the authority's time and its accuracy.
    package var provenAt: Instant { generatedAt.advanced(byMilliseconds: accuracyMilliseconds) }

    /// Checks the authority's signature, and its certificate at the token's own time.
    ///
    /// A certificate of an authority that was revoked for any but a harmless reason, at whatever time, makes its tokens worthless (RFC 3161, 4).
    package func requireTrusted(by trust: TrustStore) throws(PackageError) {
        do {
            let certificate = try cms.signerCertificate(namedBy: CMSDigest.naming)
            try cms.requireIdentified(by: certificate)
            try requireSignature(trust.timeStamper(cms, certificate, at: generatedAt))
        } catch let error as PackageError where error.code == .timeStampInvalid {
            throw error
        } catch let error as PackageError where [.signatureInvalid, .signatureProfile, .algorithmNotAllowed].contains(error.code) {
            throw PackageError(.timeStampInvalid, "the time stamp does not hold: \(error.detail)")
        } catch let error as PackageError {
            throw PackageError(.timeStampUntrusted, "the time stamp's authority is not one to trust (\(error.code.rawValue)): \(error.detail)")
        } catch {
            throw PackageError(.timeStampInvalid, "the time stamp is not DER")
        }
        guard accuracyMilliseconds <= Self.accuracyMillisecondsMax else {
            throw PackageError(.timeStampInvalid, "the time stamp is exact to \(accuracyMilliseconds) ms only; \(Self.accuracyMillisecondsMax) ms are allowed")
        }
    }

    private func requireSignature(_ certificate: Certificate) throws {
        let digest = Array(try cms.algorithm(cms.signerDigestAlgorithm))
        guard cms.bytes[cms.digestAlgorithm.whole].elementsEqual(cms.bytes[cms.signerDigestAlgorithm.whole]), let algorithm = try nativeAlgorithm(digest),
            sluice_pki_certificate_allows(certificate.pointer, algorithm)
        else {
            throw PackageError(
                .algorithmNotAllowed, "its algorithms are not among ECDSA or RSA (2048 bits) with SHA-256, SHA-384 or SHA-512, or do not fit its key")
        }
        try cms.requireSigned(Array(cms.bytes[info]), digest: digest)
        let message = cms.signedBytes
        let signature = Array(cms.bytes[cms.signature])
        guard sluice_pki_certificate_verify(certificate.pointer, algorithm, message, message.count, signature, signature.count) else {
            throw PackageError(.signatureInvalid, "the authority's signature is wrong\(Libcrypto.lastWords())")
        }
    }

    /// The signature algorithm, whose digest must be the one that the signer names. Its parameters are absent for ECDSA and NULL for RSA (RFC 5754, 3).
    private func nativeAlgorithm(_ digest: [UInt8]) throws -> sluice_pki_algorithm? {
        let name = Array(try cms.algorithm(cms.signatureAlgorithm))
        let isECDSA = [ObjectIdentifier.ecdsaWithSHA256, ObjectIdentifier.ecdsaWithSHA384, ObjectIdentifier.ecdsaWithSHA512].contains(name)
        guard cms.hasParameters(cms.signatureAlgorithm) != isECDSA else { return nil }
        return switch (digest, name) {
        case (ObjectIdentifier.sha256, ObjectIdentifier.ecdsaWithSHA256): SLUICE_PKI_ECDSA_SHA256
        case (ObjectIdentifier.sha384, ObjectIdentifier.ecdsaWithSHA384): SLUICE_PKI_ECDSA_SHA384
        case (ObjectIdentifier.sha512, ObjectIdentifier.ecdsaWithSHA512): SLUICE_PKI_ECDSA_SHA512
        case (ObjectIdentifier.sha256, ObjectIdentifier.rsaEncryption), (ObjectIdentifier.sha256, ObjectIdentifier.rsaWithSHA256): SLUICE_PKI_RSA_SHA256
        case (ObjectIdentifier.sha384, ObjectIdentifier.rsaEncryption), (ObjectIdentifier.sha384, ObjectIdentifier.rsaWithSHA384): SLUICE_PKI_RSA_SHA384
        case (ObjectIdentifier.sha512, ObjectIdentifier.rsaEncryption), (ObjectIdentifier.sha512, ObjectIdentifier.rsaWithSHA512): SLUICE_PKI_RSA_SHA512
        default: nil
        }
    }
}
