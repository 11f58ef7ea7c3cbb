internal import CLibcrypto
package import SluiceKit

/// A certificate request (PKCS#10, RFC 2986) for one of the two keys of a participant, read and checked, or made.
///
/// `@unchecked Sendable`: libcrypto's request is not changed after it is made.
package final class CertificateRequest: @unchecked Sendable {
    /// The two keys of a participant; one is never used for the other's work.
    package enum Purpose: String, Hashable, Sendable, CaseIterable {
        case sealing, tls
    }

    let pointer: OpaquePointer
    package let purpose: Purpose
    package let participant: ParticipantID
    package let organisation: String?
    /// Organisation identifier (X.520, 2.5.4.97; ETSI EN 319 412-1, 5.1.4), such as `NTRAM-000000`.
    package let organisationIdentifier: String?
    package let subject: String
    /// Names and addresses, for TLS.
    package let hosts: [String]
    package let publicKey: PublicKey

    /// A request has one or two kilobytes.
    package static let bytesMax = 64 << 10
    package static let hostsMax = 64

    /// Makes a request, PEM, signed with the key itself.
    package static func make(
        for purpose: Purpose, participant: ParticipantID, organisation: String, organisationIdentifier: String = "", hosts: [String] = [], key: PrivateKey
    ) throws(CryptoError) -> [UInt8] {
        guard hosts.count <= hostsMax else { throw CryptoError(.limitExceeded, "a certificate names at most \(hostsMax) hosts") }
        guard purpose == .tls || hosts.isEmpty else { throw CryptoError(.requestUnusable, "a sealing certificate names no hosts") }
        let texts = [participant.rawValue, organisation, organisationIdentifier]
        for text in texts + hosts where text.utf8.contains(0) { throw CryptoError(.requestUnusable, "a name holds a zero byte") }
        let (names, addresses) = Hosts.sorted(hosts)
        let pem = CStrings.with(texts + names + addresses) { start -> [UInt8]? in
            var subject = sluice_pki_csr_subject(
                profile: purpose == .sealing ? SLUICE_PKI_PROFILE_SEALING : SLUICE_PKI_PROFILE_TLS, common_name: start[0], organisation: start[1],
                organisation_identifier: start[2], dns_names: start + 3, dns_names_count: names.count, ip_addresses: start + 3 + names.count,
                ip_addresses_count: addresses.count)
            return Libcrypto.bytes { sluice_pki_csr_make(&subject, key.pointer, &$0) }
        }
        guard let pem else {
            throw CryptoError(
                .requestUnusable, "no request could be made for '\(participant)' (names have at most 64 characters; hosts \(hosts))\(Libcrypto.lastWords())")
        }
        return pem
    }

    /// Reads a request and checks what an authority has to check: the signature proves the key, the key is P-256, the common name is a
    /// participant's id, the uses are exactly those of one purpose, and nothing is asked for beside them.
    package init(pem: [UInt8], named name: String = "the request") throws(CryptoError) {
        guard pem.count <= Self.bytesMax else { throw CryptoError(.limitExceeded, "\(name) is larger than \(Self.bytesMax) bytes: this is no request") }
        let der = try Self.der(pem, name)
        guard let pointer = sluice_pki_csr_from_der(der, der.count) else {
            throw CryptoError(.requestUnusable, "\(name) is not a certificate request\(Libcrypto.lastWords())")
        }
        self.pointer = pointer
        // From here on the object exists only when all is well: until then its parts are read into variables.
        let parts: Parts
        do throws(CryptoError) {
            parts = try Parts(pointer, name)
        } catch {
            sluice_pki_csr_free(pointer)
            throw error
        }
        (purpose, participant, hosts, publicKey) = (parts.purpose, parts.participant, parts.hosts, parts.publicKey)
        (organisation, organisationIdentifier, subject) = (parts.organisation, parts.organisationIdentifier, parts.subject)
    }

    deinit { sluice_pki_csr_free(pointer) }

    private static func der(_ pem: [UInt8], _ name: String) throws(CryptoError) -> [UInt8] {
        // Old tools write NEW CERTIFICATE REQUEST.
        let blocks = try PEMBlock.all(pem, named: name, countMax: 4, error: .requestUnusable)
        guard blocks.count == 1, let block = blocks.first, block.label == "CERTIFICATE REQUEST" || block.label == "NEW CERTIFICATE REQUEST" else {
            throw CryptoError(.requestUnusable, "\(name) must hold exactly one block -----BEGIN CERTIFICATE REQUEST-----")
        }
        return block.der
    }

    /// What was found in a request.
    private struct Parts {
        let purpose: Purpose
        let participant: ParticipantID
        let organisation: String?
        let organisationIdentifier: String?
        let subject: String
        let hosts: [String]
        let publicKey: PublicKey

        init(_ pointer: OpaquePointer, _ name: String) throws(CryptoError) {
            func fail(_ why: String) -> CryptoError { CryptoError(.requestUnusable, "\(name): \(why)") }
            guard sluice_pki_csr_signature_holds(pointer) else {
                throw fail("its signature does not hold, so nobody proves to have the key. Make it again\(Libcrypto.lastWords())")
            }
            guard let key = sluice_pki_csr_public_key(pointer) else { throw fail("its key cannot be read\(Libcrypto.lastWords())") }
            defer { sluice_pki_key_free(key) }
            guard let keyDER = Libcrypto.bytes({ sluice_pki_public_key_to_der(key, &$0) }), sluice_pki_key_is_p256(key) else {
                throw CryptoError(.algorithmNotAllowed, "\(name): its key is not ECDSA on the curve P-256, the only kind this version uses")
            }
            publicKey = try PublicKey(der: keyDER)
            subject = Libcrypto.text { sluice_pki_csr_subject_text(pointer, &$0) } ?? ""
            guard let commonName = try Self.part(SLUICE_PKI_COMMON_NAME, "common name", pointer, fail), let participant = ParticipantID(commonName) else {
                throw fail("its subject '\(subject)' must have one common name, which is the participant's id, such as AM.MOI")
            }
            self.participant = participant
            organisation = try Self.part(SLUICE_PKI_ORGANISATION, "organisation", pointer, fail)
            organisationIdentifier = try Self.part(SLUICE_PKI_ORGANISATION_IDENTIFIER, "organisation identifier", pointer, fail)

            var uses = sluice_pki_uses()
            guard sluice_pki_csr_uses(pointer, &uses) else { throw fail("an extension it asks for cannot be read\(Libcrypto.lastWords())") }
            guard !uses.is_authority, !uses.has_other_extensions, !uses.has_other_key_usage, !uses.has_other_extended_usage else {
                throw fail("it asks to be an authority, or for uses or extensions that no certificate of a participant has")
            }
            hosts = try Self.hosts(pointer, fail)
            if uses.commits_content, !uses.signs, !uses.serves_tls, !uses.calls_tls {
                guard hosts.isEmpty else { throw fail("it asks for sealing, and names hosts, which only a TLS certificate has") }
                purpose = .sealing
            } else if uses.signs, !uses.commits_content, uses.serves_tls, uses.calls_tls, !uses.protects_mail {
                guard !hosts.isEmpty else { throw fail("it asks for TLS and names no host; partners could not tell whom they reached") }
                purpose = .tls
            } else {
                throw fail(
                    "it asks for neither of the two purposes: sealing is key usage nonRepudiation alone, TLS is digitalSignature with serverAuth and clientAuth"
                )
            }
        }

        /// A part of the subject, nil where it is not there. What is there goes into the certificate, so it must be what the reader saw.
        private static func part(
            _ part: sluice_pki_name_part, _ what: String, _ pointer: OpaquePointer, _ fail: (String) -> CryptoError
        ) throws(CryptoError) -> String? {
            var count: Int32 = 0
            let text = Libcrypto.text {
                count = sluice_pki_csr_subject_part(pointer, part, &$0)
                return count == 1
            }
            if count == 0 { return nil }
            guard let text, Certificate.isPlain(text) else { throw fail("its subject has more than one \(what), or one that is not plain text") }
            return text
        }

        private static func hosts(_ pointer: OpaquePointer, _ fail: (String) -> CryptoError) throws(CryptoError) -> [String] {
            var hosts: [String] = []
            while true {
                var buffer = sluice_pki_buffer()
                defer { sluice_pki_buffer_free(&buffer) }
                let kind = sluice_pki_csr_host(pointer, hosts.count, &buffer)
                if kind == SLUICE_PKI_HOST_NONE { return hosts }
                guard kind == SLUICE_PKI_HOST_NAME || kind == SLUICE_PKI_HOST_ADDRESS, let start = buffer.bytes,
                    let text = String(validating: UnsafeBufferPointer(start: start, count: buffer.count), as: UTF8.self), Hosts.isPlain(text)
                else { throw fail("a subject alternative name is neither a host name nor an address") }
                hosts.append(text)
                guard hosts.count <= hostsMax else { throw fail("it names more than \(hostsMax) hosts") }
            }
        }
    }
}

/// Host names and addresses as certificates carry them.
enum Hosts {
    /// Only addresses have colons, and only addresses are digits and dots alone.
    static func sorted(_ hosts: [String]) -> (names: [String], addresses: [String]) {
        let addresses = hosts.filter { $0.contains(":") || $0.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (48...57).contains($0) } }
        return (hosts.filter { !addresses.contains($0) }, addresses)
    }

    static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy {
                (0x30...0x3a).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d || $0 == 0x2e || $0 == 0x2a
            }
    }
}

/// C strings that live as long as the call.
enum CStrings {
    static func with<Result>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>>) -> Result?) -> Result? {
        let bytes: [CChar] = texts.flatMap { text in text.utf8.map { CChar(bitPattern: $0) } + [0] }
        return bytes.withUnsafeBufferPointer { storage in
            var pointers: [UnsafePointer<CChar>] = []
            var offset = 0
            for text in texts {
                if let start = storage.baseAddress { pointers.append(start + offset) }
                offset += text.utf8.count + 1
            }
            return pointers.withUnsafeBufferPointer { $0.baseAddress.flatMap(body) }
        }
    }
}
