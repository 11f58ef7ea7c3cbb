package import SluiceKit

/// What the directory asks of a certificate; the host reads it, since the Core has no cryptography.
package struct CertificateFacts: Hashable, Sendable {
    package var der: [UInt8]
    package var sha256: SHA256Digest
    package var publicKeySHA256: SHA256Digest
    /// Subject in the form of RFC 2253.
    package var subject: String
    package var issuer: String
    package var serial: String
    package var notBefore: Instant
    package var notAfter: Instant
    /// The participant whom its one common name names.
    package var participant: ParticipantID?
    /// ECDSA on P-256, the one kind of key that this version uses.
    package var isP256: Bool
    package var isForSealing: Bool
    package var isForTLS: Bool
    package var isAuthority: Bool

    package init(
        der: [UInt8], sha256: SHA256Digest, publicKeySHA256: SHA256Digest, subject: String, issuer: String, serial: String, notBefore: Instant,
        notAfter: Instant, participant: ParticipantID?, isP256: Bool, isForSealing: Bool, isForTLS: Bool, isAuthority: Bool
    ) {
        self.der = der
        self.sha256 = sha256
        self.publicKeySHA256 = publicKeySHA256
        self.subject = subject
        self.issuer = issuer
        self.serial = serial
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.participant = participant
        self.isP256 = isP256
        self.isForSealing = isForSealing
        self.isForTLS = isForTLS
        self.isAuthority = isAuthority
    }

    /// Both ends count to the second.
    package func isValid(at time: Instant) -> Bool { notBefore.seconds <= time.seconds && time.seconds <= notAfter.seconds }
}

/// Reads certificates for the directory, and judges chains.
package protocol CertificateReading: Sendable {
    /// All certificates of a PEM text, in order, at least one.
    func certificates(pem: String, countMax: Int) throws(DirectoryError) -> [CertificateFacts]
    func pem(_ certificate: CertificateFacts) -> String
    /// Whether the authority issued the certificate, directly or through certificates sent along, for this use and valid at this time.
    func isIssued(_ certificate: CertificateFacts, through intermediates: [[UInt8]], by authority: CertificateFacts, for use: CertificateUse, at time: Instant)
        -> Bool
}

/// The two uses of a participant's certificates; one is never taken for the other.
package enum CertificateUse: String, Hashable, Sendable, CaseIterable {
    case sealing, tls
}
