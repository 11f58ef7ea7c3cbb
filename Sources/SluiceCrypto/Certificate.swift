internal import CLibcrypto
package import SluiceKit

/// An X.509 certificate (RFC 5280), with the parts that Sluice asks about read once.
///
/// `@unchecked Sendable`: libcrypto's certificate is not changed after it is made; what libcrypto caches in it, it locks itself.
package final class Certificate: @unchecked Sendable {
    let pointer: OpaquePointer
    package let der: [UInt8]
    package let sha256: SHA256Digest
    /// Subject and issuer in the form of RFC 2253.
    package let subject: String
    package let issuer: String
    /// Upper-case hexadecimal.
    package let serial: String
    /// First and last second of validity.
    package let notBefore: Instant
    package let notAfter: Instant

    /// Takes the pointer over, and frees it also when the certificate cannot be read.
    init(owning pointer: OpaquePointer) throws(CryptoError) {
        self.pointer = pointer
        var notBefore: Int64 = 0
        var notAfter: Int64 = 0
        guard let der = Libcrypto.bytes({ sluice_pki_certificate_to_der(pointer, &$0) }),
            let subject = Libcrypto.text({ sluice_pki_certificate_subject(pointer, &$0) }),
            let issuer = Libcrypto.text({ sluice_pki_certificate_issuer(pointer, &$0) }),
            let serial = Libcrypto.text({ sluice_pki_certificate_serial(pointer, &$0) }),
            sluice_pki_certificate_validity(pointer, &notBefore, &notAfter)
        else {
            sluice_pki_certificate_free(pointer)
            throw CryptoError(.certificateUnusable, "a certificate's names or dates cannot be read\(Libcrypto.lastWords())")
        }
        self.der = der
        self.sha256 = SHA256.hash(der)
        self.subject = subject
        self.issuer = issuer
        self.serial = serial
        self.notBefore = Instant(seconds: notBefore)
        self.notAfter = Instant(seconds: notAfter)
    }

    deinit { sluice_pki_certificate_free(pointer) }

    package convenience init(der: [UInt8]) throws(CryptoError) {
        guard let pointer = sluice_pki_certificate_from_der(der, der.count) else {
            throw CryptoError(.certificateUnusable, "not a DER certificate\(Libcrypto.lastWords())")
        }
        try self.init(owning: pointer)
    }

    /// A file of certificates larger than this is no chain and no list of authorities.
    package static let countMax = 512

    /// All certificates of a PEM text in order, at least one; other PEM blocks are skipped.
    package static func all(pem: [UInt8], named name: String = "the text") throws(CryptoError) -> [Certificate] {
        var found: [Certificate] = []
        var rest = pem[...]
        while true {
            var consumed = 0
            let pointer = rest.withUnsafeBufferPointer { buffer -> OpaquePointer? in
                guard let start = buffer.baseAddress else { return nil }
                return sluice_pki_certificate_from_pem(start, buffer.count, &consumed)
            }
            guard let pointer else {
                guard consumed == 0 else {
                    throw CryptoError(.certificateUnusable, "\(name): certificate \(found.count + 1) is damaged\(Libcrypto.lastWords())")
                }
                break
            }
            found.append(try Certificate(owning: pointer))
            guard found.count <= countMax else { throw CryptoError(.limitExceeded, "\(name) holds more than \(countMax) certificates") }
            rest = rest.dropFirst(consumed)
        }
        guard !found.isEmpty else { throw CryptoError(.certificateUnusable, "\(name) holds no certificate: expected -----BEGIN CERTIFICATE-----") }
        return found
    }

    /// All certificates of a PEM file in order, at least one.
    package static func all(path: String) throws(CryptoError) -> [Certificate] {
        try all(pem: BoundedFile.load(path), named: path)
    }

    /// PEM text with a line feed at its end.
    package var pem: [UInt8] { Libcrypto.bytes { sluice_pki_certificate_to_pem(pointer, &$0) } ?? [] }

    package var isAuthority: Bool { sluice_pki_certificate_is_authority(pointer) }

    /// The key usage extension is there and says content commitment, formerly non-repudiation (RFC 5280, 4.2.1.3).
    package var commitsContent: Bool { sluice_pki_certificate_commits_content(pointer) }

    package func publicKey() throws(CryptoError) -> PublicKey {
        guard let key = sluice_pki_certificate_public_key(pointer) else {
            throw CryptoError(.keyUnusable, "the certificate's key cannot be read\(Libcrypto.lastWords())")
        }
        defer { sluice_pki_key_free(key) }
        guard let der = Libcrypto.bytes({ sluice_pki_public_key_to_der(key, &$0) }) else {
            throw CryptoError(.keyUnusable, "the certificate's key cannot be written\(Libcrypto.lastWords())")
        }
        return try PublicKey(der: der)
    }

    func matches(_ key: PrivateKey) -> Bool { sluice_pki_certificate_matches(pointer, key.pointer) }

    /// The parts of a subject that say who it is.
    enum SubjectPart {
        case commonName, organisation, organisationIdentifier
    }

    /// The part, if the subject has exactly one that is plain text; two would let the reader choose whom to believe.
    func single(_ part: SubjectPart) -> String? {
        let kind =
            switch part {
            case .commonName: SLUICE_PKI_COMMON_NAME
            case .organisation: SLUICE_PKI_ORGANISATION
            case .organisationIdentifier: SLUICE_PKI_ORGANISATION_IDENTIFIER
            }
        guard let text = Libcrypto.text({ sluice_pki_certificate_subject_part(pointer, kind, &$0) == 1 }), Self.isPlain(text) else { return nil }
        return text
    }

    /// Whether a part of a subject shows all that it holds.
    static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && !text.unicodeScalars.contains { $0.properties.generalCategory == .control || $0.properties.generalCategory == .format }
    }

    /// Whether a signature made at this time was made within the certificate's validity; both are exact to the second.
    package func isValid(at time: Instant) -> Bool { (notBefore.seconds...max(notBefore.seconds, notAfter.seconds)).contains(time.seconds) }

    /// The participant whose id is the common name; nil where that is missing, doubled or not spelled like an id.
    package var participant: ParticipantID? { single(.commonName).flatMap { ParticipantID($0) } }

    /// The identity this certificate proves; nil where it names no participant.
    package func identity(claimedSigningTime: Instant) -> SignerIdentity? {
        guard let participant else { return nil }
        return SignerIdentity(
            participant: participant, organisation: single(.organisation), organisationIdentifier: single(.organisationIdentifier),
            subject: subject, issuer: issuer, serial: serial, certificateSHA256: sha256, notBefore: notBefore,
            notAfter: notAfter, certificateDER: der, claimedSigningTime: claimedSigningTime)
    }
}
