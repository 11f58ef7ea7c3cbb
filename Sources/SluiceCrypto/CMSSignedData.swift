import SluiceKit

/// CMS SignedData (RFC 5652, 5) with one signer, read from its bytes in the one form that DER allows.
///
/// libcrypto is more generous: it takes BER, several signers and fields that nothing covers. Here each field is read once, and whoever
/// uses one says what it may be, so that a changed byte is always noticed.
struct CMSSignedData {
    let bytes: [UInt8]
    let version: UInt8
    let contentType: ArraySlice<UInt8>
    /// The octets of the content, where it is carried along.
    let content: Range<Int>?
    /// The one digest algorithm, an AlgorithmIdentifier.
    let digestAlgorithm: DERReader.Element
    let certificates: [DERReader.Element]
    let revocations: [DERReader.Element]

    // The SignerInfo
    let signerVersion: UInt8
    /// Issuer and serial number, or a key identifier.
    let identifier: DERReader.Element
    let signerDigestAlgorithm: DERReader.Element
    let signedAttributes: DERReader.Element
    let signatureAlgorithm: DERReader.Element
    let signature: Range<Int>
    private let signed: [Attribute]
    let unsigned: [Attribute]

    struct Attribute {
        let type: ArraySlice<UInt8>
        let value: DERReader.Element
    }

    /// The signer and intermediates; more is not a chain.
    static let certificatesMax = 8
    /// Revocation lists and answers, one for each certificate of a chain and as many for a time stamp's.
    static let revocationsMax = 16

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        var outer = DERReader(bytes)
        var contentInfo = DERReader(bytes, inside: try outer.read(DERTag.sequence))
        try outer.requireEnd()
        guard bytes[try contentInfo.read(DERTag.objectIdentifier).content].elementsEqual(ObjectIdentifier.signedData) else {
            throw PackageError(.signatureProfile, "the signature file is CMS, but not signed data")
        }
        var explicit = DERReader(bytes, inside: try contentInfo.read(DERTag.context(0)))
        try contentInfo.requireEnd()
        var signedData = DERReader(bytes, inside: try explicit.read(DERTag.sequence))
        try explicit.requireEnd()

        version = try Self.small(signedData.read(DERTag.integer), bytes)
        let digests = try signedData.elements(of: signedData.read(DERTag.set))
        guard digests.count == 1, let digest = digests.first else {
            throw PackageError(.algorithmNotAllowed, "the signature names \(digests.count) digest algorithms; exactly one is allowed")
        }
        digestAlgorithm = digest
        var encapsulated = DERReader(bytes, inside: try signedData.read(DERTag.sequence))
        contentType = bytes[try encapsulated.read(DERTag.objectIdentifier).content]
        if encapsulated.isAtEnd {
            content = nil
        } else {
            var explicitContent = DERReader(bytes, inside: try encapsulated.read(DERTag.context(0)))
            content = try explicitContent.read(DERTag.octetString).content
            try explicitContent.requireEnd()
            try encapsulated.requireEnd()
        }
        guard signedData.nextTag == DERTag.context(0) else {
            throw PackageError(.signatureProfile, "the signature does not carry the signer's certificate; the sender must include it")
        }
        certificates = try signedData.elements(of: signedData.read(DERTag.context(0)), max: Self.certificatesMax)
        guard certificates.allSatisfy({ $0.tag == DERTag.sequence }) else {
            throw PackageError(.signatureProfile, "the signature carries a certificate that is not X.509")
        }
        guard Set(certificates.map { bytes[$0.whole] }).count == certificates.count else {
            throw PackageError(.signatureProfile, "the signature carries a certificate twice")
        }
        revocations = try Self.present(DERTag.context(1), &signedData).map { try signedData.elements(of: $0, max: Self.revocationsMax) } ?? []
        let signers = try signedData.elements(of: signedData.read(DERTag.set))
        try signedData.requireEnd()
        guard signers.count == 1, let signer = signers.first, signer.tag == DERTag.sequence else {
            throw PackageError(.signatureProfile, "the signature has \(signers.count) signers; exactly one is allowed")
        }

        var info = DERReader(bytes, inside: signer)
        signerVersion = try Self.small(info.read(DERTag.integer), bytes)
        identifier = try info.readAny()
        signerDigestAlgorithm = try info.read(DERTag.sequence)
        guard info.nextTag == DERTag.context(0) else {
            throw PackageError(.signatureProfile, "the signature has no signed attributes; the sender must sign with CAdES (openssl cms -sign -cades)")
        }
        signedAttributes = try info.read(DERTag.context(0))
        signed = try Self.attributes(signedAttributes, bytes)
        signatureAlgorithm = try info.read(DERTag.sequence)
        signature = try info.read(DERTag.octetString).content
        unsigned = try Self.present(DERTag.context(1), &info).map { try Self.attributes($0, bytes) } ?? []
        try info.requireEnd()
    }

    /// The value of a signed attribute.
    func signedValue(_ type: [UInt8]) -> DERReader.Element? { signed.first { $0.type.elementsEqual(type) }?.value }

    /// What was signed: the attributes under the tag of a set (RFC 5652, 5.4).
    var signedBytes: [UInt8] {
        var bytes = Array(bytes[signedAttributes.whole])
        bytes[0] = DERTag.set
        return bytes
    }

    /// The next element if it has this tag. An empty set says what an absent one says, so it is refused.
    private static func present(_ tag: UInt8, _ reader: inout DERReader) throws -> DERReader.Element? {
        guard reader.nextTag == tag else { return nil }
        let element = try reader.read(tag)
        guard !element.content.isEmpty else { throw DERReader.Malformed(offset: element.whole.lowerBound) }
        return element
    }

    /// A version number: one byte.
    private static func small(_ element: DERReader.Element, _ bytes: [UInt8]) throws -> UInt8 {
        guard element.content.count == 1 else { throw DERReader.Malformed(offset: element.whole.lowerBound) }
        return bytes[element.content.lowerBound]
    }

    /// Attributes by type; each type once, each with one value (RFC 5652, 11).
    private static func attributes(_ element: DERReader.Element, _ bytes: [UInt8]) throws -> [Attribute] {
        var found: [Attribute] = []
        for element in try DERReader(bytes).elements(of: element) {
            guard element.tag == DERTag.sequence else { throw DERReader.Malformed(offset: element.whole.lowerBound) }
            var reader = DERReader(bytes, inside: element)
            let type = bytes[try reader.read(DERTag.objectIdentifier).content]
            let values = try reader.elements(of: reader.read(DERTag.set))
            try reader.requireEnd()
            guard values.count == 1, let value = values.first, !found.contains(where: { $0.type.elementsEqual(type) }) else {
                throw PackageError(.signatureProfile, "an attribute of the signature is there twice or has \(values.count) values; which one counts is unclear")
            }
            found.append(Attribute(type: type, value: value))
        }
        return found
    }

    // MARK: What every signature must say

    /// The algorithm of an AlgorithmIdentifier; its parameters are absent or NULL (RFC 5754, 2), for ECDSA absent.
    func algorithm(_ element: DERReader.Element) throws -> ArraySlice<UInt8> {
        let parts = try DERReader(bytes).elements(of: element)
        guard element.tag == DERTag.sequence, let name = parts.first, name.tag == DERTag.objectIdentifier, parts.count <= 2,
            parts.count == 1 || (parts[1].tag == DERTag.null && parts[1].content.isEmpty)
        else { throw PackageError(.algorithmNotAllowed, "an algorithm of the signature is not written as RFC 5754 says") }
        return bytes[name.content]
    }

    /// Whether an AlgorithmIdentifier has parameters.
    func hasParameters(_ element: DERReader.Element) -> Bool { (try? DERReader(bytes).elements(of: element).count) != 1 }

    /// Whether the elements stand in the order of a SET OF, none twice (X.690, 11.6).
    func areAscending(_ elements: [DERReader.Element]) -> Bool {
        zip(elements, elements.dropFirst()).allSatisfy { bytes[$0.whole].lexicographicallyPrecedes(bytes[$1.whole]) }
    }

    /// The signer's certificate, by the digest in the signed attribute signing-certificate-v2, or in its predecessor with SHA-1 (RFC 5035, 3 and 5).
    /// - Parameter digests: the algorithms that may name it.
    func signerCertificate(namedBy digests: [[UInt8]]) throws -> DERReader.Element {
        if let attribute = signedValue(ObjectIdentifier.signingCertificateV2) {
            return try certificate(boundBy: attribute, digestIsStated: true, digests)
        }
        if digests.contains(ObjectIdentifier.sha1), let attribute = signedValue(ObjectIdentifier.signingCertificate) {
            return try certificate(boundBy: attribute, digestIsStated: false, digests)
        }
        throw PackageError(
            .signatureProfile, "the signed attribute signing-certificate-v2 is missing; the sender must sign with CAdES (openssl cms -sign -cades)")
    }

    private func certificate(boundBy attribute: DERReader.Element, digestIsStated: Bool, _ digests: [[UInt8]]) throws -> DERReader.Element {
        guard attribute.tag == DERTag.sequence else { throw DERReader.Malformed(offset: attribute.whole.lowerBound) }
        var reader = DERReader(bytes, inside: attribute)
        var list = DERReader(bytes, inside: try reader.read(DERTag.sequence))
        var entry = DERReader(bytes, inside: try list.read(DERTag.sequence))
        var digestName = digestIsStated ? ObjectIdentifier.sha256 : ObjectIdentifier.sha1
        // The digest algorithm is SHA-256 unless stated.
        if digestIsStated, entry.nextTag == DERTag.sequence { digestName = Array(try algorithm(entry.read(DERTag.sequence))) }
        guard digests.contains(digestName) else {
            throw PackageError(.algorithmNotAllowed, "the signature is bound to its certificate (signing-certificate-v2) by a digest that is not accepted")
        }
        let digest = bytes[try entry.read(DERTag.octetString).content]
        let signers = certificates.filter { CMSDigest.hash(bytes[$0.whole], digestName)?.elementsEqual(digest) == true }
        guard signers.count == 1, let signer = signers.first else {
            throw PackageError(.signatureInvalid, "the certificate that the signature is bound to (signing-certificate-v2) is not the one that came with it")
        }
        return signer
    }

    /// Version numbers as RFC 5652, 5.1 and 5.3, computes them, and the identifier as in the certificate, byte for byte: libcrypto compares names
    /// without regard to case, and nothing covers the identifier, so its letters could be changed unnoticed.
    func requireIdentified(by certificate: DERReader.Element) throws {
        let isByName = identifier.tag == DERTag.sequence
        let hasOther = revocations.contains { $0.tag == DERTag.context(1) }
        let isData = contentType.elementsEqual(ObjectIdentifier.data)
        guard isByName || identifier.tag == 0x80, signerVersion == (isByName ? 1 : 3), version == (hasOther ? 5 : isByName && isData ? 1 : 3) else {
            throw PackageError(.signatureProfile, "the signature's version numbers do not fit its form (RFC 5652, 5.1 and 5.3)")
        }
        var whole = DERReader(bytes, inside: certificate)
        var tbs = DERReader(bytes, inside: try whole.read(DERTag.sequence))
        if tbs.nextTag == DERTag.context(0) { _ = try tbs.readAny() }
        let serial = try tbs.read(DERTag.integer)
        _ = try tbs.read(DERTag.sequence)
        let issuer = try tbs.read(DERTag.sequence)
        let matches =
            try isByName
            ? bytes[identifier.content].elementsEqual(bytes[issuer.whole] + bytes[serial.whole])
            : subjectKeyIdentifier(&tbs).map { bytes[$0].elementsEqual(bytes[identifier.content]) } == true
        guard matches else {
            throw PackageError(
                .signatureInvalid, "the signer is named by another issuer, serial number or key than those of the certificate that the signature is bound to")
        }
    }

    /// RFC 5280, 4.2.1.2, in what follows a certificate's issuer.
    private func subjectKeyIdentifier(_ tbs: inout DERReader) throws -> Range<Int>? {
        while let tag = tbs.nextTag {
            let field = try tbs.readAny()
            guard tag == DERTag.context(3) else { continue }
            var explicit = DERReader(bytes, inside: field)
            for element in try DERReader(bytes).elements(of: explicit.read(DERTag.sequence)) {
                var parts = DERReader(bytes, inside: element)
                guard bytes[try parts.read(DERTag.objectIdentifier).content].elementsEqual(ObjectIdentifier.subjectKeyIdentifier) else { continue }
                if parts.nextTag == 0x01 { _ = try parts.readAny() }
                var value = DERReader(bytes, inside: try parts.read(DERTag.octetString))
                return try value.read(DERTag.octetString).content
            }
        }
        return nil
    }

    /// The signed attributes speak of this content: its type and its digest.
    func requireSigned(_ content: [UInt8], digest name: [UInt8]) throws {
        guard let type = signedValue(ObjectIdentifier.contentType), type.tag == DERTag.objectIdentifier, bytes[type.content].elementsEqual(contentType) else {
            throw PackageError(.signatureProfile, "the signed attribute content-type is missing or is not that of the content")
        }
        guard let signed = signedValue(ObjectIdentifier.messageDigest), signed.tag == DERTag.octetString, let digest = CMSDigest.hash(content[...], name),
            signed.content.count == digest.count
        else { throw PackageError(.signatureProfile, "the signed attribute message-digest is missing or has another length than its digest") }
        guard bytes[signed.content].elementsEqual(digest) else {
            throw PackageError(.signatureInvalid, "the signature does not fit the manifest: one of them was changed after signing")
        }
    }
}
