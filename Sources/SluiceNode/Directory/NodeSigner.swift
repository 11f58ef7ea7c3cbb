internal import SluiceCore
package import SluiceCrypto
package import SluiceKit
internal import Synchronization

/// The node's sealing key in use: the present one while its certificate is valid, then the next, without a restart.
package final class NodeSigner: EvidenceSigner {
    private let keys: OwnKeys
    private let directory: DirectoryService?
    private let identity: Mutex<SealingIdentity>

    package init(_ keys: OwnKeys, directory: DirectoryService?, at time: Instant) throws(CryptoError) {
        self.keys = keys
        self.directory = directory
        identity = Mutex(try keys.sealingIdentity(at: time))
    }

    private var inUse: SealingIdentity { identity.withLock { $0 } }

    package var participant: ParticipantID { inUse.participant }
    package var certificateSHA256: SHA256Digest { inUse.certificateSHA256 }
    package var certificateChainDER: [[UInt8]] { inUse.certificateChainDER }

    package func detachedCAdES(over content: [UInt8], signingTime: Instant) throws(PackageError) -> [UInt8] {
        let identity = try usable(at: signingTime)
        try directory?.requireNotRevoked(identity.certificate, intermediates: identity.intermediates, at: signingTime)
        return try identity.detachedCAdES(over: content, signingTime: signingTime)
    }

    package func es256(over content: [UInt8]) throws(PackageError) -> [UInt8] { try inUse.es256(over: content) }

    private func usable(at time: Instant) throws(PackageError) -> SealingIdentity {
        let present = inUse
        if NodeCertificates.facts(present.certificate).isValid(at: time) { return present }
        do {
            let next = try keys.sealingIdentity(at: time)
            identity.withLock { $0 = next }
            return next
        } catch {
            throw PackageError(.signingFailed, error.detail)
        }
    }
}
