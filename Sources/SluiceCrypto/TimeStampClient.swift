package import SluiceKit

/// A configured authority: asks through a courier of the host's, and takes only answers that hold.
package struct TimeStampClient: TimeStampAuthority {
    /// Carries a question (`TimeStampRequest.mediaType`) to the authority and brings its answer back; throws `timeStampUnavailable`.
    package typealias Courier = @Sendable (_ question: [UInt8]) throws(PackageError) -> [UInt8]

    private let trust: TrustStore
    private let courier: Courier

    /// - Parameter trust: the authorities above the time-stamping certificates, apart from those of the participants.
    package init(trust: TrustStore, courier: @escaping Courier) {
        self.trust = trust
        self.courier = courier
    }

    package func token(for digest: SHA256Digest) throws(PackageError) -> [UInt8] {
        let request = TimeStampRequest(digest)
        let der = try request.token(in: courier(request.der))
        try TimeStampToken(der).requireTrusted(by: trust)
        return der
    }
}
