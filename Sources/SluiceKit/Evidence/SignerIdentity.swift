/// Who made a signature, taken from the certificate that was bound into it and checked against the trust store.
public struct SignerIdentity: Hashable, Sendable {
    /// The certificate's common name: the participant's id, such as `AM.MOI`.
    public let participant: ParticipantID
    /// The certificate's organisation name, when it has one.
    public let organisation: String?
    /// The certificate's organisation identifier (X.520, 2.5.4.97), which qualified seal certificates carry.
    public let organisationIdentifier: String?
    /// The whole subject, in the form of RFC 2253.
    public let subject: String
    /// The issuer, in the form of RFC 2253.
    public let issuer: String
    /// The serial number, upper-case hexadecimal.
    public let serial: String
    /// SHA-256 of the certificate.
    public let certificateSHA256: SHA256Digest
    /// First and last second of the certificate's validity.
    public let notBefore: Instant
    public let notAfter: Instant
    /// The certificate itself, DER.
    public let certificateDER: [UInt8]
    /// When the signer says the signature was made. A claim, not proof: only a time stamp or the ledger proves time.
    public let claimedSigningTime: Instant
    /// When the signature is proven to have existed: the time of a trusted time stamp over it. Nil where it has none; the certificate was
    /// then judged at the time the verifier was asked for.
    public let provenAt: Instant?

    /// For verifiers to answer with.
    public init(
        participant: ParticipantID, organisation: String?, organisationIdentifier: String?, subject: String, issuer: String, serial: String,
        certificateSHA256: SHA256Digest, notBefore: Instant, notAfter: Instant, certificateDER: [UInt8],
        claimedSigningTime: Instant, provenAt: Instant? = nil
    ) {
        self.participant = participant
        self.organisation = organisation
        self.organisationIdentifier = organisationIdentifier
        self.subject = subject
        self.issuer = issuer
        self.serial = serial
        self.certificateSHA256 = certificateSHA256
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.certificateDER = certificateDER
        self.claimedSigningTime = claimedSigningTime
        self.provenAt = provenAt
    }
}
