package import SluiceCore
package import SluiceCrypto
package import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#endif

/// The node's own two keys, each with what follows it and what went before:
///
///     keys/sealing.key.pem        keys/sealing.cert.pem         in use
///     keys/sealing.next.key.pem   keys/sealing.next.cert.pem    asked for, then issued; partners learn of it before it is used
///     keys/sealing.previous.…                                   the one before, until the next rotation
///
/// Keys and certificates are paired by what they are, not by their names: a crash in the middle of a rotation leaves every pair usable.
package struct OwnKeys: Sendable {
    package enum Position: String, Hashable, Sendable, CaseIterable {
        case current, next, previous
    }

    package struct Place: Hashable, Sendable {
        /// A file's path, or `pkcs11:…`.
        package var key: String
        package var certificate: String
        package init(key: String, certificate: String) {
            self.key = key
            self.certificate = certificate
        }
    }

    package let participant: ParticipantID
    private let places: [CertificateUse: Place]
    /// What this node has keys for.
    package var uses: [CertificateUse] { CertificateUse.allCases.filter { places[$0] != nil } }
    private let passphrase: Passphrase?

    /// - Parameter tls: nil for a node all of whose packages are carried.
    package init(participant: ParticipantID, sealing: Place, tls: Place?, passphrase: Passphrase? = nil) {
        self.participant = participant
        places = tls.map { [.sealing: sealing, .tls: $0] } ?? [.sealing: sealing]
        self.passphrase = passphrase
    }

    /// What lies at one place, read without opening the key.
    package struct Item: Sendable {
        package enum KeyForm: String, Hashable, Sendable {
            case plain, encrypted, token, missing, unreadable
        }

        package var use: CertificateUse
        package var position: Position
        package var certificatePath: String
        package var certificate: CertificateFacts?
        package var keyForm: KeyForm
        /// Why the certificate or the key cannot be read.
        package var problem: String?
    }

    /// Everything there is; `next` and `previous` only where something lies there.
    package func inventory() -> [Item] {
        var items: [Item] = []
        for use in uses {
            for position in Position.allCases {
                let keyPlace = key(use, position)
                let certificatePath = certificate(use, position)
                guard position == .current || Self.exists(keyPlace) || Self.exists(certificatePath) else { continue }
                var item = Item(use: use, position: position, certificatePath: certificatePath, certificate: nil, keyForm: .missing, problem: nil)
                if Self.exists(certificatePath) || position == .current {
                    do throws(CryptoError) { item.certificate = NodeCertificates.facts(try Certificate.all(path: certificatePath)[0]) } catch {
                        item.problem = error.detail
                    }
                }
                if keyPlace.hasPrefix(PKCS11URI.scheme) {
                    item.keyForm = .token
                } else if Self.exists(keyPlace) {
                    do throws(CryptoError) { item.keyForm = try KeyFile.form(of: keyPlace) == .encrypted ? .encrypted : .plain } catch {
                        item.keyForm = .unreadable
                        item.problem = error.detail
                    }
                }
                items.append(item)
            }
        }
        return items
    }

    /// Warnings about our own certificates; opens no key.
    package func warnings(about items: [Item], at time: Instant) -> [CertificateWarning] {
        uses.flatMap { use in
            CertificateWarning.all(
                of: items.filter { $0.use == use && $0.position != .previous }.compactMap(\.certificate), owner: participant, use: use, at: time)
        }.sorted()
    }

    /// Warnings about our own certificates, and findings that opening the keys brings: no key for a certificate, wrong use, another's name.
    package func check(at time: Instant) -> (warnings: [CertificateWarning], problems: [String]) {
        var problems: [String] = []
        let items = inventory()
        for use in uses {
            let mine = items.filter { $0.use == use }
            problems += mine.compactMap { item in item.problem.map { "\(use.rawValue), \(item.position.rawValue): \($0)" } }
            let facts = mine.filter { $0.position != .previous }.compactMap(\.certificate)
            for certificate in facts {
                if let problem = ParticipantReader.problem(with: certificate, for: use, of: participant, subject: nil) {
                    problems.append("\(use.rawValue): \(problem)")
                }
            }
            let (pairs, failures) = pairs(use)
            problems += failures
            for item in mine where item.position != .previous {
                guard let certificate = item.certificate, !pairs.contains(where: { $0.chain.first?.sha256 == certificate.sha256 }) else { continue }
                problems.append(
                    "\(use.rawValue), \(item.position.rawValue): no key here belongs to the certificate \(certificate.serial) in \(item.certificatePath)")
            }
        }
        let sealingKeys = Set(items.filter { $0.use == .sealing }.compactMap(\.certificate?.publicKeySHA256))
        for item in items where item.use == .tls {
            guard let certificate = item.certificate, sealingKeys.contains(certificate.publicKeySHA256) else { continue }
            problems.append("tls, \(item.position.rawValue): the certificate \(certificate.serial) holds the sealing key; make a TLS key of its own")
        }
        return (warnings(about: items, at: time), problems)
    }

    // MARK: Using

    private struct Pair {
        var position: Position
        /// Ours first, then those between it and the authority.
        var chain: [Certificate]
        var key: PrivateKey
    }

    /// Certificates with the keys that belong to them.
    private func pairs(_ use: CertificateUse) -> (pairs: [Pair], failures: [String]) {
        var keys: [PrivateKey] = []
        var failures: [String] = []
        for position in Position.allCases {
            let place = key(use, position)
            guard position == .current || Self.exists(place) else { continue }
            do throws(CryptoError) { keys.append(try PrivateKey.open(place, passphrase: passphrase)) } catch {
                failures.append("\(use.rawValue), \(position.rawValue) key: \(error.detail)")
            }
        }
        var pairs: [Pair] = []
        for position in Position.allCases {
            guard let chain = try? Certificate.all(path: certificate(use, position)), let key = keys.first(where: { chain[0].belongs(to: $0) }) else {
                continue
            }
            pairs.append(Pair(position: position, chain: chain, key: key))
        }
        return (pairs, failures)
    }

    /// The pair to use at a time: the one in use while it is valid, then the next one: nobody has to be awake when a certificate ends.
    private func pair(_ use: CertificateUse, at time: Instant) throws(CryptoError) -> Pair {
        try requirePlace(use)
        let (pairs, failures) = pairs(use)
        for position in [Position.current, .next, .previous] {
            guard let pair = pairs.first(where: { $0.position == position }), NodeCertificates.facts(pair.chain[0]).isValid(at: time) else { continue }
            return pair
        }
        if let failure = failures.first { throw CryptoError(.keyUnusable, failure) }
        guard let pair = pairs.first else {
            throw CryptoError(.keyDoesNotMatch, "no \(use.rawValue) key belongs to the certificate in \(certificate(use, .current)); run: sluice keys check")
        }
        throw CryptoError(
            .certificateUnusable,
            "no \(use.rawValue) certificate of \(participant) is valid now (\(pair.chain[0].notBefore.rfc3339) to \(pair.chain[0].notAfter.rfc3339)); run: sluice keys request"
        )
    }

    private func requirePlace(_ use: CertificateUse) throws(CryptoError) {
        guard places[use] == nil else { return }
        throw CryptoError(
            .keyUnusable, "this node has no \(use.rawValue) key: node.yaml names none. Write keys.\(use.rawValue)Key and keys.\(use.rawValue)Certificate there")
    }

    /// The signer to seal with at a time.
    package func sealingIdentity(at time: Instant, timeStamps: (any TimeStampAuthority)? = nil) throws(CryptoError) -> SealingIdentity {
        let pair = try pair(.sealing, at: time)
        return try SealingIdentity(certificate: pair.chain[0], intermediates: Array(pair.chain.dropFirst()), key: pair.key, timeStamps: timeStamps)
    }

    /// Certificate chain and key for TLS at a time; the key must be in a file, encrypted or not.
    package func tlsIdentity(at time: Instant) throws(CryptoError) -> (chain: [Certificate], key: PrivateKey) {
        let pair = try pair(.tls, at: time)
        guard pair.key.origin != .token else {
            throw CryptoError(.keyUnusable, "the TLS key lies in a token; TLS needs a key in a file. The sealing key may lie in one")
        }
        return (pair.chain, pair.key)
    }

    /// As `tlsIdentity`, for a node that runs: what lies in the place of the certificate in use must be one with its key. At a start the others serve in its
    /// place; here the one in use does, until somebody has put right what is wrong.
    package func renewedTLSIdentity(at time: Instant) throws(CryptoError) -> (chain: [Certificate], key: PrivateKey) {
        let path = certificate(.tls, .current)
        let facts = NodeCertificates.facts(try Certificate.all(path: path)[0])
        if let problem = ParticipantReader.problem(with: facts, for: .tls, of: participant, subject: nil) { throw CryptoError(.certificateUnusable, problem) }
        let (pairs, failures) = pairs(.tls)
        guard pairs.contains(where: { $0.position == .current }) else {
            throw CryptoError(.keyDoesNotMatch, failures.first ?? "no TLS key of this node belongs to the certificate \(facts.serial) in \(path)")
        }
        return try tlsIdentity(at: time)
    }

    /// All of our certificates that lie there, in use or not.
    package func certificates() -> [Certificate] {
        uses.flatMap { use in Position.allCases.flatMap { (try? Certificate.all(path: certificate(use, $0))) ?? [] } }
    }

    /// Our certificates that partners should believe now: in use and coming.
    package func published(_ use: CertificateUse) -> [CertificateFacts] {
        inventory().filter { $0.use == use && $0.position != .previous }.compactMap(\.certificate)
    }

    // MARK: Changing

    /// Makes the next key, unless there is one already, and a request for its certificate.
    /// - Returns: the request, PEM, and the file it was written to.
    package func request(
        _ use: CertificateUse, organisation: String, organisationIdentifier: String = "", hosts: [String] = [], tokenKey: String? = nil
    ) throws(CryptoError) -> (pem: [UInt8], path: String) {
        try requirePlace(use)
        let next = key(use, .next)
        let key: PrivateKey
        if let tokenKey {
            guard use == .sealing else { throw CryptoError(.keyUnusable, "TLS needs a key in a file; only the sealing key may lie in a token") }
            key = try PrivateKey(token: PKCS11URI(tokenKey))
        } else if Self.exists(next) {
            key = try PrivateKey.open(next, passphrase: passphrase)
        } else {
            key = try PrivateKey.generate()
        }
        let pem = try CertificateRequest.make(
            for: use == .sealing ? .sealing : .tls, participant: participant, organisation: organisation, organisationIdentifier: organisationIdentifier,
            hosts: hosts, key: key)
        // The key is kept before anybody is asked to certify it, and only once the request could be made.
        if key.origin == .memory { try KeyFile.store(key, at: next, passphrase: passphrase) }
        let path = Self.variant(certificate(use, .current), "next", kind: "csr")
        try BoundedFile.replace(path, with: pem, mode: 0o644)
        return (pem, path)
    }

    /// Puts an issued certificate beside the one in use. It must belong to the next key or the present one, name us, be for this use, and lead to one of the authorities.
    package func importCertificate(_ use: CertificateUse, from path: String, authorities: [Certificate], at time: Instant) throws(CryptoError)
        -> CertificateFacts
    {
        try requirePlace(use)
        let chain = try Certificate.all(path: path)
        let facts = NodeCertificates.facts(chain[0])
        if let problem = ParticipantReader.problem(with: facts, for: use, of: participant, subject: nil) { throw CryptoError(.certificateUnusable, problem) }
        guard time.seconds <= facts.notAfter.seconds else {
            throw CryptoError(.certificateUnusable, "the certificate \(facts.serial) expired at \(facts.notAfter.rfc3339); ask for another")
        }
        let candidates = [key(use, .next), key(use, .current)].filter { $0.hasPrefix(PKCS11URI.scheme) || Self.exists($0) }
        var belongs = false
        for place in candidates where !belongs { belongs = chain[0].belongs(to: try PrivateKey.open(place, passphrase: passphrase)) }
        guard belongs else {
            throw CryptoError(
                .keyDoesNotMatch,
                "no \(use.rawValue) key of this node belongs to the certificate \(facts.serial); was it issued for another request? (sluice keys request)")
        }
        let trust = try TrustStore(authorities: authorities)
        do throws(PackageError) {
            // A certificate may begin in the future; it is judged as of its first second then.
            try trust.check(
                chain[0], intermediates: Array(chain.dropFirst()), for: use == .sealing ? .sealing : .tlsServer, at: max(time, facts.notBefore))
        } catch {
            throw CryptoError(.certificateUnusable, "the certificate \(facts.serial) does not lead to an authority of this node: \(error.detail)")
        }
        try BoundedFile.replace(certificate(use, .next), with: chain.flatMap(\.pem), mode: 0o644)
        return facts
    }

    /// Takes the next key and certificate into use; what was in use becomes the previous pair.
    package func rotate(_ use: CertificateUse, at time: Instant) throws(CryptoError) -> CertificateFacts {
        try requirePlace(use)
        let nextCertificate = certificate(use, .next)
        guard Self.exists(nextCertificate) else {
            throw CryptoError(
                .certificateUnusable, "there is no next \(use.rawValue) certificate: sluice keys request, have it issued, then sluice keys import")
        }
        let chain = try Certificate.all(path: nextCertificate)
        let facts = NodeCertificates.facts(chain[0])
        guard facts.isValid(at: time) else {
            throw CryptoError(
                .certificateUnusable,
                "the next certificate \(facts.serial) is valid from \(facts.notBefore.rfc3339) to \(facts.notAfter.rfc3339), not now; rotate then")
        }
        let current = key(use, .current)
        let next = key(use, .next)
        // After a crash between the two renames the new key is at the place of the present one already.
        let keyIsInPlace = (try? PrivateKey.open(current, passphrase: passphrase)).map { chain[0].belongs(to: $0) } ?? false
        if !keyIsInPlace {
            guard !current.hasPrefix(PKCS11URI.scheme) else {
                throw CryptoError(
                    .keyDoesNotMatch, "the key in use lies in a token: name the new one as keys.sealingKey in node.yaml first, then rotate the certificate")
            }
            guard chain[0].belongs(to: try PrivateKey.open(next, passphrase: passphrase)) else {
                throw CryptoError(
                    .keyDoesNotMatch, "the next key does not belong to the next certificate \(facts.serial); import the certificate issued for it")
            }
            try Self.keep(current, as: key(use, .previous))
            try Self.rename(next, to: current)
        }
        try Self.keep(certificate(use, .current), as: certificate(use, .previous))
        try Self.rename(nextCertificate, to: certificate(use, .current))
        try BoundedFile.synchroniseFolder(of: certificate(use, .current))
        unlink(Self.variant(certificate(use, .current), "next", kind: "csr"))
        return facts
    }

    // MARK: Files

    package func key(_ use: CertificateUse, _ position: Position) -> String {
        let place = places[use]?.key ?? ""
        if position == .current { return place }
        // What follows a key in a token lies where the certificate lies, until the configuration names it.
        let base = place.hasPrefix(PKCS11URI.scheme) ? certificate(use, .current) : place
        return Self.variant(base, position.rawValue, kind: "key")
    }

    package func certificate(_ use: CertificateUse, _ position: Position) -> String {
        let place = places[use]?.certificate ?? ""
        return position == .current ? place : Self.variant(place, position.rawValue, kind: "cert")
    }

    /// `keys/sealing.key.pem` → `keys/sealing.next.key.pem`.
    static func variant(_ path: String, _ word: String, kind: String) -> String {
        var base = Substring(path)
        for ending in [".key.pem", ".cert.pem", ".pem"] where base.hasSuffix(ending) {
            base = base.dropLast(ending.count)
            break
        }
        return "\(base).\(word).\(kind).pem"
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func keep(_ path: String, as other: String) throws(CryptoError) {
        guard exists(path) else { return }
        unlink(other)
        guard link(path, other) == 0 else { throw CryptoError(.fileUnusable, "cannot keep \(path) as \(other): \(String(cString: strerror(errno)))") }
    }

    private static func rename(_ path: String, to other: String) throws(CryptoError) {
        guard Glibc.rename(path, other) == 0 else { throw CryptoError(.fileUnusable, "cannot move \(path) to \(other): \(String(cString: strerror(errno)))") }
    }
}
