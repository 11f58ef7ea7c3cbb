import SluiceKit

/// A signer whose chain was found right, and between which times, both exclusive, that stays so.
struct KnownSigner {
    let certificate: Certificate
    let key: PublicKey?
    /// The identity without times, which differ from signature to signature.
    /// Nil for a time-stamping authority, which is no participant.
    let identity: SignerIdentity?
    let after: Int64
    let before: Int64

    func counts(at time: Instant) -> Bool { after < time.seconds && time.seconds < before }
}

extension SignerIdentity {
    /// The same signer with the times of one signature.
    func signing(at claimed: Instant, provenAt proven: Instant?) -> SignerIdentity {
        SignerIdentity(
            participant: participant, organisation: organisation, organisationIdentifier: organisationIdentifier, subject: subject, issuer: issuer,
            serial: serial, certificateSHA256: certificateSHA256, notBefore: notBefore, notAfter: notAfter, certificateDER: certificateDER,
            claimedSigningTime: claimed, provenAt: proven)
    }
}
