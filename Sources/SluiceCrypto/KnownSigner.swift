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

    /// Under what a signer is remembered: all that its chain was found from. Numbers of parts and lengths stand before the bytes, since whoever presents the
    /// parts chooses where one ends: no two different lists give the same digest.
    static func digest(_ kind: String, _ sections: [[ArraySlice<UInt8>]]) -> SHA256Digest {
        var material: [UInt8] = []
        func append(_ number: Int) { withUnsafeBytes(of: UInt64(number).bigEndian) { material += $0 } }
        for section in [[Array(kind.utf8)[...]]] + sections {
            append(section.count)
            for part in section {
                append(part.count)
                material += part
            }
        }
        return SHA256.hash(material)
    }
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
