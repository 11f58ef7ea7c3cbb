internal import CLibcrypto
package import SluiceKit

/// A certificate revocation list (RFC 5280, 5), with what its reader has to know of its freshness.
///
/// `@unchecked Sendable`: libcrypto's list is not changed after it is made; sorting it for look-ups it locks itself.
package final class RevocationList: @unchecked Sendable {
    let pointer: OpaquePointer
    package let issuer: String
    /// Upper-case hexadecimal; grows from list to list.
    package let number: String?
    package let thisUpdate: Instant
    package let nextUpdate: Instant?
    /// How many certificates it names.
    package let count: Int
    package let der: [UInt8]

    private static let label = "X509 CRL"
    /// Largest list, in bytes as DER; those of large national authorities have some megabytes.
    package static let bytesMax = 32 << 20
    /// Room for the largest list as PEM.
    static let textBytesMax = bytesMax / 2 * 3
    /// Most lists in one text.
    package static let countMax = 512

    /// Reads DER, or PEM with exactly one list.
    package init(_ bytes: [UInt8], named name: String = "the revocation list") throws(CryptoError) {
        let isPEM = bytes.first != DERTag.sequence
        let der = isPEM ? try PEMBlock.single(Self.label, bytes, named: name, bytesMax: Self.bytesMax, error: .revocationListUnusable) : bytes
        guard der.count <= Self.bytesMax else { throw CryptoError(.limitExceeded, "\(name) is larger than \(Self.bytesMax) bytes") }
        guard let pointer = sluice_pki_crl_from_der(der, der.count) else {
            throw CryptoError(.revocationListUnusable, "\(name) is not a revocation list\(Libcrypto.lastWords())")
        }
        var thisUpdate: Int64 = 0
        var nextUpdate: Int64 = 0
        guard sluice_pki_crl_times(pointer, &thisUpdate, &nextUpdate), let issuer = Libcrypto.text({ sluice_pki_crl_issuer(pointer, &$0) }) else {
            sluice_pki_crl_free(pointer)
            throw CryptoError(.revocationListUnusable, "\(name): its issuer or its dates cannot be read\(Libcrypto.lastWords())")
        }
        self.pointer = pointer
        self.issuer = issuer
        self.der = der
        self.thisUpdate = Instant(seconds: thisUpdate)
        self.nextUpdate = nextUpdate == .min ? nil : Instant(seconds: nextUpdate)
        number = Libcrypto.text { sluice_pki_crl_number(pointer, &$0) }
        count = sluice_pki_crl_count(pointer)
    }

    package convenience init(path: String) throws(CryptoError) { try self.init(BoundedFile.load(path, bytesMax: Self.textBytesMax), named: path) }

    /// All lists of a PEM text, in order; other blocks are skipped.
    static func all(pem: [UInt8], named name: String = "a revocation list") throws(CryptoError) -> [RevocationList] {
        var lists: [RevocationList] = []
        for block in try PEMBlock.all(pem, named: name, countMax: countMax, bytesMax: bytesMax, error: .revocationListUnusable) where block.label == label {
            lists.append(try RevocationList(block.der, named: name))
        }
        return lists
    }

    deinit { sluice_pki_crl_free(pointer) }

    /// Refuses a list that does not speak for this issuer or not of all its certificates: such a list says nothing by its silence.
    package func requireIssued(by authority: Certificate) throws(CryptoError) {
        guard sluice_pki_crl_is_signed_by(pointer, authority.pointer) else {
            throw CryptoError(
                .revocationListUnusable, "the revocation list of '\(issuer)' is not signed by '\(authority.subject)'\(Libcrypto.lastWords())")
        }
        guard sluice_pki_crl_is_whole(pointer) else {
            throw CryptoError(
                .revocationListUnusable,
                "the revocation list of '\(issuer)' covers only a part (a delta list, indirect, for some reasons, for one distribution point, or with an unknown critical extension); ask for the whole list"
            )
        }
    }

    /// What the list says of a certificate of its issuer. Throws where its silence says nothing of that certificate.
    package func find(_ certificate: Certificate) throws(CryptoError) -> Revocation? {
        guard sluice_pki_crl_covers(pointer, certificate.pointer) else {
            throw CryptoError(
                .revocationListUnusable, "the revocation list of '\(issuer)' names end certificates only, and '\(certificate.subject)' is an authority")
        }
        var found = sluice_pki_revocation()
        switch sluice_pki_crl_find(pointer, certificate.pointer, &found) {
        case 0: return nil
        case 1: return Revocation(serial: certificate.serial, found)
        default: throw CryptoError(.revocationListUnusable, "an entry of the revocation list of '\(issuer)' cannot be read\(Libcrypto.lastWords())")
        }
    }

    /// All entries, by serial number; for the trial authority, which keeps no other register.
    package func entries() throws(CryptoError) -> [Revocation] {
        var entries: [Revocation] = []
        entries.reserveCapacity(count)
        for index in 0..<count {
            var entry = sluice_pki_revocation()
            guard let serial = Libcrypto.text({ sluice_pki_crl_entry(pointer, index, &$0, &entry) }) else {
                throw CryptoError(.revocationListUnusable, "entry \(index + 1) of the revocation list of '\(issuer)' cannot be read\(Libcrypto.lastWords())")
            }
            entries.append(Revocation(serial: serial, entry))
        }
        return entries
    }
}

/// One certificate that its issuer took back.
package struct Revocation: Hashable, Sendable {
    /// CRLReason (RFC 5280, 5.3.1).
    package enum Reason: Int32, Hashable, Sendable {
        case unspecified = 0
        case keyCompromise = 1
        case authorityCompromise = 2
        case affiliationChanged = 3
        case superseded = 4
        case cessationOfOperation = 5
        case certificateHold = 6
        case removeFromList = 8
        case privilegeWithdrawn = 9
        case attributeCompromise = 10
    }

    /// Upper-case hexadecimal.
    package let serial: String
    package let at: Instant
    package let reason: Reason?

    package init(serial: String, at: Instant, reason: Reason?) {
        self.serial = serial
        self.at = at
        self.reason = reason
    }

    init(serial: String, _ native: sluice_pki_revocation) {
        self.init(serial: serial, at: Instant(seconds: native.revoked_at), reason: Reason(rawValue: native.reason))
    }
}
