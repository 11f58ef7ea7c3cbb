internal import SluiceCore
package import SluiceCrypto
package import SluiceKit
internal import Synchronization

/// The node's sealing keys in use: the present one while its certificate is valid, then the next, without a restart. None that is revoked signs.
package final class NodeSealingKeys: SealingKeys {
    private let keys: OwnKeys
    private let directory: DirectoryService?
    private let timeStamps: (any TimeStampAuthority)?
    private let inUse = Mutex<SealingIdentity?>(nil)

    /// What is sealed along with a certificate, as long as nothing new is known.
    private struct Along {
        var certificate: SHA256Digest
        var revision: Int
        var from: Instant
        var until: Instant
        var values: [RevocationValue]
    }
    private let along = Mutex<Along?>(nil)
    /// When it is looked again whether something can be sealed along, after nothing could.
    private static let nothingSeconds: Int64 = 60

    /// Opens no key: who only reads what there is needs none.
    /// - Parameter timeStamps: who proves the time of each seal; nil for none.
    package init(_ keys: OwnKeys, directory: DirectoryService?, timeStamps: (any TimeStampAuthority)? = nil) {
        self.timeStamps = timeStamps
        self.keys = keys
        self.directory = directory
    }

    package func signer(at time: Instant) throws(PackageError) -> any EvidenceSigner { try believedIdentity(at: time) }

    /// Packages carry what authorities say of the signer; receipts do not. A receipt is judged at once by a partner who knows as much, and a list would make
    /// each of them ten times larger.
    package func packageSigner(at time: Instant) throws(PackageError) -> any EvidenceSigner {
        var identity = try believedIdentity(at: time)
        if let register = directory?.revocations { identity.revocationValues = values(register, identity, at: time) }
        return identity
    }

    private func values(_ register: RevocationRegister, _ identity: SealingIdentity, at time: Instant) -> [RevocationValue] {
        let (certificate, revision) = (identity.certificate.sha256, register.revision)
        if let known = along.withLock({ $0 }), known.certificate == certificate, known.revision == revision, known.from <= time, time <= known.until {
            return known.values
        }
        let (values, until) = register.valuesToSeal(
            identity.certificate, intermediates: identity.intermediates, isStamped: timeStamps != nil, at: time)
        let end = until ?? time.advanced(byMilliseconds: Self.nothingSeconds * 1_000)
        along.withLock { $0 = Along(certificate: certificate, revision: revision, from: time, until: end, values: values) }
        return values
    }

    private func believedIdentity(at time: Instant) throws(PackageError) -> SealingIdentity {
        let identity = try identity(at: time)
        try directory?.requireNotRevoked(identity.certificate, intermediates: identity.intermediates, at: time)
        return identity
    }

    private func identity(at time: Instant) throws(PackageError) -> SealingIdentity {
        if let identity = inUse.withLock({ $0 }), identity.certificate.isValid(at: time) { return identity }
        let identity: SealingIdentity
        do throws(CryptoError) { identity = try keys.sealingIdentity(at: time, timeStamps: timeStamps) } catch {
            throw PackageError(.signingFailed, error.detail)
        }
        guard identity.participant == keys.participant else {
            throw PackageError(.signingFailed, "the sealing certificate is \(identity.participant)'s, and this node is \(keys.participant)")
        }
        inUse.withLock { $0 = identity }
        return identity
    }
}
