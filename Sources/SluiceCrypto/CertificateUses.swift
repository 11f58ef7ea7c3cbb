internal import CLibcrypto
package import SluiceKit

/// What a certificate is made for, as its extensions say. A key usage that is not said is not allowed; extended ones bind only where there are any.
package struct CertificateUses: Hashable, Sendable {
    /// Digital signature: TLS handshakes, log-ins.
    package let signs: Bool
    /// Content commitment, formerly non-repudiation: packages, receipts.
    package let commitsContent: Bool
    package let hasOtherKeyUsage: Bool
    package let servesTLS: Bool
    package let callsTLS: Bool
    /// No extended key usage says what the key is for, or one says that it is for all: whoever checks for TLS may accept it.
    package let allowsAnyUse: Bool
    package let isAuthority: Bool

    init(_ uses: sluice_pki_uses) {
        signs = uses.signs
        commitsContent = uses.commits_content
        hasOtherKeyUsage = uses.has_other_key_usage
        servesTLS = uses.serves_tls
        callsTLS = uses.calls_tls
        allowsAnyUse = uses.allows_any_use
        isAuthority = uses.is_authority
    }

    /// For sealing and nothing that TLS could be tricked with: either its extended usages leave TLS out, or its key usage has nothing that TLS needs.
    package var isForSealing: Bool { commitsContent && !servesTLS && !callsTLS && !isAuthority && !(allowsAnyUse && (signs || hasOtherKeyUsage)) }
    /// For both sides of TLS, and not for sealing: a handshake must never become a signature on a package.
    package var isForTLS: Bool { signs && servesTLS && callsTLS && !commitsContent && !isAuthority }
}

extension Certificate {
    package var uses: CertificateUses {
        var uses = sluice_pki_uses()
        sluice_pki_certificate_uses(pointer, &uses)
        return CertificateUses(uses)
    }

    /// http addresses of responders and of revocation lists that the issuer wrote into the certificate.
    package var responderAddresses: [String] { Self.lines { sluice_pki_certificate_ocsp_addresses(pointer, &$0) } }
    package var revocationListAddresses: [String] { Self.lines { sluice_pki_certificate_crl_addresses(pointer, &$0) } }

    /// Most addresses of one kind that are looked at.
    private static let addressesMax = 4

    private static func lines(_ fill: (inout sluice_pki_buffer) -> Bool) -> [String] {
        (Libcrypto.text(fill) ?? "").split(separator: "\n").prefix(addressesMax).map(String.init)
    }

    /// Whether the private key's public half is this certificate's.
    package func belongs(to key: PrivateKey) -> Bool { matches(key) }

    /// Named by the certificate as its issuer, and the signature holds. Validity and use are other questions.
    package func isSigned(by issuer: Certificate) -> Bool { sluice_pki_certificate_is_signed_by(pointer, issuer.pointer) }

    /// SHA-256 of the public key, whatever kind it is.
    package var publicKeySHA256: SHA256Digest? {
        guard let key = sluice_pki_certificate_public_key(pointer) else { return nil }
        defer { sluice_pki_key_free(key) }
        return Libcrypto.bytes { sluice_pki_public_key_to_der(key, &$0) }.map { SHA256.hash($0) }
    }

    package var isP256: Bool {
        guard let key = sluice_pki_certificate_public_key(pointer) else { return false }
        defer { sluice_pki_key_free(key) }
        return sluice_pki_key_is_p256(key)
    }
}
