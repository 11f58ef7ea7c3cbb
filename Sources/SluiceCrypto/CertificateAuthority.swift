internal import CLibcrypto
package import SluiceKit

/// A certificate authority for trials and tests: it lets two nodes start without a national authority. Not for production:
/// its key lies in a file, and it keeps no register of what it issued.
package struct CertificateAuthority: Sendable {
    package let certificate: Certificate
    package let key: PrivateKey

    /// From when to when a certificate is valid, to the second.
    package struct Validity: Hashable, Sendable {
        package let notBefore: Instant
        package let notAfter: Instant

        package init(notBefore: Instant, notAfter: Instant) {
            self.notBefore = notBefore
            self.notAfter = notAfter
        }

        /// From one hour before `now`, for clocks that lag, until `days` after it.
        package init(now: Instant, days: Int) {
            self.init(notBefore: now.advanced(byMilliseconds: -3_600_000), notAfter: now.advanced(byMilliseconds: Int64(days) * 86_400_000))
        }
    }

    /// A new authority with a new key and a self-signed certificate that may issue end certificates only.
    package init(name: String, validity: Validity) throws(CryptoError) {
        key = try PrivateKey.generate()
        certificate = try Self.issue(SLUICE_PKI_PROFILE_AUTHORITY, name: name, organisation: "", validity: validity, to: key, by: nil, issuerKey: key)
    }

    /// An authority made earlier.
    package init(certificatePath: String, keyPath: String) throws(CryptoError) {
        guard let certificate = try Certificate.all(path: certificatePath).first, certificate.isAuthority else {
            throw CryptoError(.certificateUnusable, "\(certificatePath) is not the certificate of an authority")
        }
        self.certificate = certificate
        key = try PrivateKey(path: keyPath)
        guard certificate.matches(key) else { throw CryptoError(.keyDoesNotMatch, "\(keyPath) is not the key of \(certificatePath)") }
    }

    /// A certificate for sealing packages: content commitment alone, and not for TLS.
    package func issueSealing(_ participant: ParticipantID, organisation: String, key subject: PrivateKey, validity: Validity) throws(CryptoError)
        -> Certificate
    {
        try Self.issue(
            SLUICE_PKI_PROFILE_SEALING, name: participant.rawValue, organisation: organisation, validity: validity, to: subject, by: certificate, issuerKey: key
        )
    }

    /// A certificate for TLS, as server and as client, for `localhost`, the loopback addresses and the hosts given (names or addresses).
    package func issueTLS(
        _ participant: ParticipantID, organisation: String, hosts: [String] = [], key subject: PrivateKey, validity: Validity
    ) throws(CryptoError) -> Certificate {
        try Self.issue(
            SLUICE_PKI_PROFILE_TLS, name: participant.rawValue, organisation: organisation, validity: validity, to: subject, by: certificate, issuerKey: key,
            hosts: ["localhost", "127.0.0.1", "::1"] + hosts)
    }

    /// A certificate for what a request asks: its names, hosts and key; the uses are those of its purpose.
    package func issue(_ request: CertificateRequest, validity: Validity) throws(CryptoError) -> Certificate {
        let profile = request.purpose == .sealing ? SLUICE_PKI_PROFILE_SEALING : SLUICE_PKI_PROFILE_TLS
        let issued = sluice_pki_issue_for_csr(
            request.pointer, profile, validity.notBefore.seconds, validity.notAfter.seconds, certificate.pointer, key.pointer)
        guard let issued else {
            throw CryptoError(.issuingFailed, "no certificate could be issued for the request of '\(request.subject)'\(Libcrypto.lastWords())")
        }
        return try Certificate(owning: issued)
    }

    /// The list after the previous one, PEM, with these certificates taken back too. The lists are the authority's only register, so
    /// the last one must be handed in: what it names stays revoked.
    package func revoke(_ revoked: [Revocation], after previous: RevocationList?, validity: Validity) throws(CryptoError) -> [UInt8] {
        var entries = try previous?.entries() ?? []
        var known = Set(entries.map(\.serial))
        for revocation in revoked where known.insert(revocation.serial).inserted { entries.append(revocation) }
        try previous?.requireIssued(by: certificate)
        let number = try Self.number(after: previous)
        let native = entries.map { sluice_pki_revocation(revoked_at: $0.at.seconds, reason: $0.reason?.rawValue ?? -1) }
        let pem = CStrings.with(entries.map(\.serial) + [""]) { serials in
            Libcrypto.bytes {
                sluice_pki_crl_issue(
                    certificate.pointer, key.pointer, serials, native, native.count, number, validity.notBefore.seconds, validity.notAfter.seconds, &$0)
            }
        }
        guard let pem else { throw CryptoError(.issuingFailed, "the revocation list could not be made\(Libcrypto.lastWords())") }
        return pem
    }

    /// RFC 5280, 5.2.3. A number that cannot be counted on from must not begin anew at 1: receivers keep the list with the higher one.
    private static func number(after previous: RevocationList?) throws(CryptoError) -> Int64 {
        guard let previous else { return 1 }
        guard let number = previous.number.flatMap({ Int64($0, radix: 16) }), (0..<Int64.max).contains(number) else {
            throw CryptoError(
                .issuingFailed, "the previous list's number (\(previous.number ?? "none")) is not one to count on from; hand in this authority's own last list")
        }
        return number + 1
    }

    /// A list of revoked certificates, PEM, valid between the two times. `number` grows from list to list (RFC 5280, 5.2.3).
    package func revocationList(revoking revoked: [Certificate], number: Int64, validity: Validity) throws(CryptoError) -> [UInt8] {
        let pem = Libcrypto.withPointers(revoked) { pointers, count in
            Libcrypto.bytes {
                sluice_pki_issue_crl(certificate.pointer, key.pointer, pointers, count, number, validity.notBefore.seconds, validity.notAfter.seconds, &$0)
            }
        }
        guard let pem else { throw CryptoError(.issuingFailed, "the revocation list could not be made\(Libcrypto.lastWords())") }
        return pem
    }

    private static func issue(
        _ profile: sluice_pki_profile, name: String, organisation: String, validity: Validity, to subject: PrivateKey, by issuer: Certificate?,
        issuerKey: PrivateKey, hosts: [String] = []
    ) throws(CryptoError) -> Certificate {
        for text in [name, organisation] + hosts where text.utf8.contains(0) {
            throw CryptoError(.issuingFailed, "a name holds a zero byte")
        }
        let (names, addresses) = Hosts.sorted(hosts)
        let issued = CStrings.with([name, organisation] + names + addresses) { start -> OpaquePointer? in
            var request = sluice_pki_request(
                profile: profile, common_name: start[0], organisation: start[1], not_before: validity.notBefore.seconds, not_after: validity.notAfter.seconds,
                dns_names: start + 2, dns_names_count: names.count, ip_addresses: start + 2 + names.count, ip_addresses_count: addresses.count)
            return sluice_pki_issue(&request, subject.pointer, issuer?.pointer, issuerKey.pointer)
        }
        guard let issued else {
            throw CryptoError(.issuingFailed, "no certificate could be issued to '\(name)' (at most 64 characters; hosts \(hosts))\(Libcrypto.lastWords())")
        }
        return try Certificate(owning: issued)
    }
}
