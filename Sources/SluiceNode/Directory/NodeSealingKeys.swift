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

    /// Opens no key: who only reads what there is needs none.
    /// - Parameter timeStamps: who proves the time of each seal; nil for none.
    package init(_ keys: OwnKeys, directory: DirectoryService?, timeStamps: (any TimeStampAuthority)? = nil) {
        self.timeStamps = timeStamps
        self.keys = keys
        self.directory = directory
    }

    package func signer(at time: Instant) throws(PackageError) -> any EvidenceSigner {
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
