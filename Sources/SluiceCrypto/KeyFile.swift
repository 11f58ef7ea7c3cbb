internal import CLibcrypto
internal import SluiceKit

/// A private key at rest: PKCS#8 PEM in a file of mode 0600, either plain or encrypted with a passphrase (PBES2, RFC 8018).
package enum KeyFile {
    /// How the key lies in its file.
    package enum Form: String, Hashable, Sendable {
        case plain, encrypted
    }

    /// Fewest rounds of PBKDF2-HMAC-SHA-256 that a key may be protected with (OWASP, 2023).
    package static let pbkdf2RoundsMin = 600_000
    /// Most work that opening a key may ask for, so that a foreign file cannot stop the node: rounds of PBKDF2, and scrypt's N·r·p.
    package static let pbkdf2RoundsMax = 20_000_000
    package static let scryptWorkMin = 1 << 19
    package static let scryptWorkMax = 1 << 24
    /// Most memory of scrypt, which is what libcrypto's own reading of PKCS#8 gives it.
    package static let scryptBytesMax = 32 << 20

    /// What the file holds, without opening the key.
    package static func form(of path: String) throws(CryptoError) -> Form {
        var bytes = try BoundedFile.load(path, secret: true)
        defer { Libcrypto.wipe(&bytes) }
        return try form(pem: bytes, named: path)
    }

    static func form(pem: [UInt8], named name: String) throws(CryptoError) -> Form {
        // Searched as bytes: a text would be a copy that nobody wipes.
        let start = pem.prefix(1 << 16)
        if start.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----".utf8) { return .encrypted }
        if start.contains("Proc-Type: 4,ENCRYPTED".utf8) {
            throw CryptoError(
                .protectionTooWeak,
                "\(name) is encrypted in the old PEM way, which hashes the passphrase once with MD5. Convert it: openssl pkcs8 -topk8 -scrypt -in '\(name)'")
        }
        return .plain
    }

    /// Encrypts the key, PBES2 with scrypt and AES-256-CBC, as `openssl pkey` reads it.
    package static func encrypted(_ key: PrivateKey, with passphrase: Passphrase) throws(CryptoError) -> [UInt8] {
        guard key.origin != .token else { throw CryptoError(.keyUnusable, "the key lies in a token, which does not give it away; there is nothing to encrypt") }
        guard passphrase.isLongEnoughForNew else {
            throw CryptoError(.protectionTooWeak, "the passphrase is shorter than \(Passphrase.newBytesMin) bytes; choose a longer one")
        }
        let pem = passphrase.withBytes { start, count in
            Libcrypto.bytes { sluice_pki_key_to_encrypted_pem(key.pointer, start, count, &$0) }
        }
        guard let pem = pem ?? nil else { throw CryptoError(.keyUnusable, "the key could not be encrypted\(Libcrypto.lastWords())") }
        return pem
    }

    /// Writes the key to a new file of mode 0600, encrypted where a passphrase is given.
    package static func store(_ key: PrivateKey, at path: String, passphrase: Passphrase?) throws(CryptoError) {
        guard let passphrase else { return try key.store(at: path) }
        try BoundedFile.store(encrypted(key, with: passphrase), to: path, mode: 0o600)
        try BoundedFile.synchroniseFolder(of: path)
    }

    /// Encrypts a key file in place, or changes its passphrase. A crash leaves the old or the new file.
    /// The old bytes may survive on the disk until it overwrites them: for a key that mattered, make a new one.
    package static func encrypt(_ path: String, current: Passphrase?, with passphrase: Passphrase) throws(CryptoError) {
        let key = try PrivateKey(path: path, passphrase: current)
        let bytes = try encrypted(key, with: passphrase)
        try BoundedFile.replace(path, with: bytes, mode: 0o600)
    }

    /// Opens PEM that is known to be encrypted.
    static func open(_ pem: [UInt8], named name: String, with passphrase: Passphrase) throws(CryptoError) -> OpaquePointer {
        let der = try PEMBlock.single("ENCRYPTED PRIVATE KEY", pem, named: name, error: .keyUnusable)
        try requireStrong(der, named: name)
        var decrypted = false
        let pointer = passphrase.withBytes { start, count in sluice_pki_key_from_encrypted_der(der, der.count, start, count, &decrypted) }
        if let pointer = pointer ?? nil { return pointer }
        let words = Libcrypto.lastWords()
        guard decrypted else { throw CryptoError(.passphraseWrong, "the passphrase does not open \(name): it is another one, or the file is damaged") }
        throw CryptoError(.keyUnusable, "\(name) opens with the passphrase but holds no key\(words)")
    }

    // MARK: The protection itself

    /// Reads which derivation and cipher protect the key, before any work is done for it (RFC 8018, appendix A.4).
    private static func requireStrong(_ der: [UInt8], named name: String) throws(CryptoError) {
        let advice = "Encrypt it anew: sluice keys encrypt, or openssl pkcs8 -topk8 -scrypt -scrypt_p 5"
        let protection: Protection
        do {
            protection = try Self.protection(der)
        } catch {
            throw CryptoError(.keyUnusable, "\(name) is not an encrypted PKCS#8 key of the kind PBES2. Convert it: openssl pkcs8 -topk8 -scrypt")
        }
        switch protection {
        case .strong: return
        case .weak(let words): throw CryptoError(.protectionTooWeak, "\(name) is protected by \(words), less than is accepted. \(advice)")
        case .dear(let words): throw CryptoError(.limitExceeded, "\(name) is protected by \(words), more work or memory than opening a key may take. \(advice)")
        }
    }

    private enum Protection {
        case strong
        case weak(String)
        case dear(String)

        init(_ work: Int, _ allowed: ClosedRange<Int>, _ words: String) {
            self = work < allowed.lowerBound ? .weak(words) : work > allowed.upperBound ? .dear(words) : .strong
        }
    }

    private static func protection(_ bytes: [UInt8]) throws(DERReader.Malformed) -> Protection {
        var outer = DERReader(bytes)
        var info = DERReader(bytes, inside: try outer.read(DERTag.sequence))
        try outer.requireEnd()
        var algorithm = DERReader(bytes, inside: try info.read(DERTag.sequence))
        guard bytes[try algorithm.read(DERTag.objectIdentifier).content].elementsEqual(OID.pbes2) else { throw DERReader.Malformed(offset: 0) }
        var parameters = DERReader(bytes, inside: try algorithm.read(DERTag.sequence))
        var derivation = DERReader(bytes, inside: try parameters.read(DERTag.sequence))
        var scheme = DERReader(bytes, inside: try parameters.read(DERTag.sequence))
        let cipher = Array(bytes[try scheme.read(DERTag.objectIdentifier).content])
        guard cipher == OID.aes256CBC || cipher == OID.aes192CBC || cipher == OID.aes128CBC else { return .weak("a cipher other than AES-CBC") }

        let kind = Array(bytes[try derivation.read(DERTag.objectIdentifier).content])
        var values = DERReader(bytes, inside: try derivation.read(DERTag.sequence))
        _ = try values.read(DERTag.octetString)
        switch kind {
        case OID.scrypt:
            let cost = integer(bytes[try values.read(DERTag.integer).content])
            let block = integer(bytes[try values.read(DERTag.integer).content])
            let parallel = integer(bytes[try values.read(DERTag.integer).content])
            let words = "scrypt with N \(cost), r \(block), p \(parallel)"
            // RFC 7914, 6: B has 128·r·p bytes, V and its two blocks of work 128·r·(N + 2).
            guard cost <= scryptWorkMax, block <= 64, parallel <= 64, 128 * block * (parallel + cost + 2) <= scryptBytesMax else { return .dear(words) }
            return Protection(cost * block * parallel, scryptWorkMin...scryptWorkMax, words)
        case OID.pbkdf2:
            let rounds = integer(bytes[try values.read(DERTag.integer).content])
            if values.nextTag == DERTag.integer { _ = try values.readAny() }
            // Without a word it is HMAC-SHA-1 (RFC 8018, A.2).
            guard values.nextTag == DERTag.sequence else { return .weak("PBKDF2 with HMAC-SHA-1") }
            var function = DERReader(bytes, inside: try values.read(DERTag.sequence))
            let digest = Array(bytes[try function.read(DERTag.objectIdentifier).content])
            guard digest == OID.hmacSHA256 || digest == OID.hmacSHA384 || digest == OID.hmacSHA512 else { return .weak("PBKDF2 without SHA-2") }
            return Protection(
                rounds, pbkdf2RoundsMin...pbkdf2RoundsMax, "PBKDF2 with \(rounds) rounds (from \(pbkdf2RoundsMin) to \(pbkdf2RoundsMax) are accepted)")
        default: return .weak("a key derivation other than scrypt and PBKDF2")
        }
    }

    /// A positive INTEGER of at most four octets; anything longer is more than any limit.
    private static func integer(_ content: ArraySlice<UInt8>) -> Int {
        guard content.count <= 4, let first = content.first, first < 0x80 else { return 1 << 31 }
        return content.reduce(0) { $0 << 8 | Int($1) }
    }
}

/// Content octets of the object identifiers of RFC 8018 and RFC 7914.
private enum OID {
    static let pbes2: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d]
    static let pbkdf2: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c]
    static let scrypt: [UInt8] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b]
    static let hmacSHA256: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09]
    static let hmacSHA384: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0a]
    static let hmacSHA512: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0b]
    static let aes128CBC: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02]
    static let aes192CBC: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x16]
    static let aes256CBC: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a]
}
