package import SluiceCrypto
package import SluiceKit

/// Whom the node believes: the authorities are the first gate; where there is a directory, it rules on the certificate itself, its participant and its revocation.
package struct NodeTrust: EvidenceVerifier {
    private let authorities: TrustStore
    private let directory: DirectoryService?

    /// - Parameter directory: nil for a node whose configuration lists its partners: any certificate of the authorities that names one of them is theirs.
    package init(authorities: TrustStore, directory: DirectoryService?) {
        self.authorities = authorities
        self.directory = directory
    }

    package func verifyDetachedCAdES(signature: [UInt8], over content: [UInt8], at time: Instant) throws(PackageError) -> SignerIdentity {
        try ruled(authorities.verifyDetachedCAdES(signature: signature, over: content, at: time), at: time)
    }

    package func verifyES256(
        signature: [UInt8], over content: [UInt8], chain: [[UInt8]], signingTime: Instant, at time: Instant
    ) throws(PackageError) -> SignerIdentity {
        try ruled(authorities.verifyES256(signature: signature, over: content, chain: chain, signingTime: signingTime, at: time), at: time)
    }

    private func ruled(_ signer: SignerIdentity, at time: Instant) throws(PackageError) -> SignerIdentity {
        try directory?.requireTrusted(signer, at: signer.provenAt ?? time)
        return signer
    }
}
