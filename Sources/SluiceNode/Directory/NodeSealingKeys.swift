internal import SluiceCore
package import SluiceCrypto
package import SluiceKit
internal import Synchronization

/// The node's sealing keys in use: the present one while its certificate is valid, then the next, without a restart. None that is revoked signs.
package final class NodeSealingKeys: SealingKeys {
    private let keys: OwnKeys
    private let directory: DirectoryService?
    private let inUse: Mutex<SealingIdentity>

    package init(_ keys: OwnKeys, directory: DirectoryService?, at time: Instant) throws(CryptoError) {
        self.keys = keys
        self.directory = directory
        inUse = Mutex(try keys.sealingIdentity(at: time))
    }

    package var participant: ParticipantID { inUse.withLock { $0.participant } }

    package func signer(at time: Instant) throws(PackageError) -> any EvidenceSigner {
        var identity = inUse.withLock { $0 }
        if !identity.certificate.isValid(at: time) {
            do throws(CryptoError) { identity = try keys.sealingIdentity(at: time) } catch { throw PackageError(.signingFailed, error.detail) }
            let next = identity
            inUse.withLock { $0 = next }
        }
        try directory?.requireNotRevoked(identity.certificate, intermediates: identity.intermediates, at: time)
        return identity
    }
}
