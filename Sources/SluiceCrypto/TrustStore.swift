internal import CLibcrypto
package import SluiceKit
internal import Synchronization

/// The authorities whose certificates the node believes, and their revocation lists: the `EvidenceVerifier` that the host hands to seals.
///
/// With a revocation list given, every certificate of a chain needs information that is fresh at the time asked for; without one,
/// revocation is checked as far as the signature carries information itself.
///
/// It does not change: new authorities or lists make a new one. So it may remember whose chain it found right, which is most of what verifying
/// costs: the answer is the same until a certificate or list that could play a part begins or ends.
///
/// `@unchecked Sendable`: nothing in it changes after it is made but that memory, which has a lock, and each check works on its own copy of
/// libcrypto's store.
package final class TrustStore: EvidenceVerifier, @unchecked Sendable {
    let pointer: OpaquePointer
    package let authorities: [Certificate]
    package let clockSkewSecondsMax: Int64
    /// Whose time stamps prove when a signature was made; nil accepts none.
    package let timeStamps: TrustStore?
    /// How old information about revocation may be: no grace unless the operator gives one.
    package let revocationPolicy: RevocationPolicy
    let revocationLists: [RevocationList]
    private let known = Mutex<[SHA256Digest: KnownSigner]>([:])

    /// Signers whose chains are remembered; when there are more, all are forgotten and checked anew.
    package static let knownSignersMax = 1024
    /// How far a signer's clock may be ahead of ours.
    package static let clockSkewSecondsMaxDefault: Int64 = 300

    package init(
        authorities: [Certificate], revocationListsPEM: [[UInt8]] = [], clockSkewSecondsMax: Int64 = clockSkewSecondsMaxDefault,
        timeStamps: TrustStore? = nil, revocationPolicy: RevocationPolicy = RevocationPolicy(graceSeconds: 0)
    ) throws(CryptoError) {
        // Parsed before anything is owned: what throws before all is set leaves nothing to free.
        var lists: [RevocationList] = []
        for pem in revocationListsPEM { lists += try RevocationList.all(pem: pem) }
        guard let pointer = sluice_pki_trust_new() else { throw CryptoError(.certificateUnusable, "no memory for the trust store") }
        self.pointer = pointer
        self.authorities = authorities
        self.clockSkewSecondsMax = clockSkewSecondsMax
        self.timeStamps = timeStamps
        self.revocationPolicy = revocationPolicy
        revocationLists = lists
        guard !authorities.isEmpty else { throw CryptoError(.certificateUnusable, "a trust store needs at least one authority") }
        for authority in authorities {
            guard authority.isAuthority else {
                throw CryptoError(.certificateUnusable, "'\(authority.subject)' is not an authority's certificate; trust the authority that issued it instead")
            }
            guard sluice_pki_trust_add_authority(pointer, authority.pointer) else {
                throw CryptoError(.certificateUnusable, "'\(authority.subject)' could not be added\(Libcrypto.lastWords())")
            }
        }
        for pem in revocationListsPEM {
            guard sluice_pki_trust_add_crls(pointer, pem, pem.count) > 0 else {
                throw CryptoError(.revocationListUnusable, "a revocation list is not PEM (-----BEGIN X509 CRL-----) or is damaged\(Libcrypto.lastWords())")
            }
        }
    }

    deinit { sluice_pki_trust_free(pointer) }

    /// Loads PEM files of authorities and of revocation lists.
    package convenience init(authorityPaths: [String], revocationListPaths: [String] = [], timeStamps: TrustStore? = nil) throws(CryptoError) {
        var authorities: [Certificate] = []
        for path in authorityPaths { authorities += try Certificate.all(path: path) }
        var lists: [[UInt8]] = []
        for path in revocationListPaths { lists.append(try BoundedFile.load(path, bytesMax: RevocationList.textBytesMax)) }
        try self.init(authorities: authorities, revocationListsPEM: lists, timeStamps: timeStamps)
    }

    /// What a certificate is to be used for.
    package enum Purpose: Hashable, Sendable {
        case sealing, tlsServer, tlsClient
    }

    /// Checks one certificate up to an authority at a time.
    package func check(
        _ certificate: Certificate, intermediates: [Certificate] = [], for purpose: Purpose, at time: Instant
    ) throws(PackageError) {
        let native =
            switch purpose {
            case .sealing: SLUICE_PKI_PURPOSE_SEALING
            case .tlsServer: SLUICE_PKI_PURPOSE_TLS_SERVER
            case .tlsClient: SLUICE_PKI_PURPOSE_TLS_CLIENT
            }
        let verdict = Libcrypto.withPointers(intermediates) { pointers, count in
            sluice_pki_trust_check(pointer, certificate.pointer, pointers, count, native, time.seconds)
        }
        if verdict != SLUICE_PKI_VALID { throw Self.refusal(verdict) }
        if purpose == .sealing { try Self.requireSealing(certificate) }
    }

    /// A signer remembered under this digest whose chain holds at the time.
    func knownSigner(_ digest: SHA256Digest, at time: Instant) -> KnownSigner? {
        guard let found = known.withLock({ $0[digest] }), found.counts(at: time) else { return nil }
        return found
    }

    func remember(_ signer: KnownSigner, as digest: SHA256Digest) {
        known.withLock {
            if $0.count >= Self.knownSignersMax { $0.removeAll(keepingCapacity: true) }
            $0[digest] = signer
        }
    }

    /// The key must be the one kind that is allowed, and meant for statements that bind: a TLS certificate must not seal.
    static func requireSealing(_ certificate: Certificate) throws(PackageError) {
        do throws(CryptoError) {
            _ = try certificate.publicKey()
        } catch {
            throw PackageError(.algorithmNotAllowed, "the certificate of '\(certificate.subject)' holds a key that is not ECDSA on P-256")
        }
        guard certificate.commitsContent else {
            throw PackageError(
                .wrongKeyUsage,
                "the certificate of '\(certificate.subject)' is not for sealing: its key usage lacks content commitment (nonRepudiation). The sender must seal with its sealing certificate"
            )
        }
    }

    func requirePlausible(_ signingTime: Instant, _ certificate: Certificate, at time: Instant) throws(PackageError) {
        guard certificate.isValid(at: signingTime) else {
            throw PackageError(.signingTimeImplausible, "the signer claims a time at which the certificate '\(certificate.subject)' was not valid")
        }
        let ahead = signingTime.seconds - time.seconds
        guard ahead <= clockSkewSecondsMax else {
            throw PackageError(
                .signingTimeImplausible, "the signer claims a time \(ahead) seconds ahead of ours (allowed: \(clockSkewSecondsMax)). Check both clocks")
        }
    }

    static func refusal(_ verdict: sluice_pki_verdict) -> PackageError {
        let words = Libcrypto.lastWords()
        return switch verdict {
        case SLUICE_PKI_EXPIRED:
            PackageError(.certificateExpired, "a certificate had expired at the time of checking; the sender must renew it and seal again\(words)")
        case SLUICE_PKI_NOT_YET_VALID:
            PackageError(.certificateNotYetValid, "a certificate was not yet valid at the time of checking; check both clocks\(words)")
        case SLUICE_PKI_REVOKED: PackageError(.certificateRevoked, "a certificate was revoked by its issuer; ask the sender for one that was not\(words)")
        case SLUICE_PKI_REVOCATION_UNKNOWN:
            PackageError(.revocationUnknown, "there is no current revocation list of an issuer in the chain; update the revocation list file\(words)")
        case SLUICE_PKI_WRONG_PURPOSE:
            PackageError(.wrongKeyUsage, "a certificate is not for this use; packages are sealed with sealing certificates, not with TLS ones\(words)")
        case SLUICE_PKI_STRANGE_CERTIFICATE:
            PackageError(.signatureProfile, "the signature carries a certificate that is not part of the signer's chain\(words)")
        case SLUICE_PKI_UNTRUSTED:
            PackageError(.signerUntrusted, "the signer's certificate does not lead to an authority that this node trusts\(words)")
        default: PackageError(.signatureInvalid, "the signature could not be checked\(words)")
        }
    }
}
