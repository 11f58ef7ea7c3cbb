internal import Synchronization

/// Certificates that were read before, by their bytes: a peer shows the same one with each message, and reading one costs more than verifying with it.
/// Says nothing about trust, which is asked each time.
package final class CertificateShelf: Sendable {
    /// A full shelf is emptied: strangers who show many certificates cost memory for no more than these.
    package static let entriesMax = 1_024
    private let known = Mutex<[[UInt8]: Certificate]>([:])

    package init() {}

    package func certificate(der: [UInt8]) throws(CryptoError) -> Certificate {
        if let certificate = known.withLock({ $0[der] }) { return certificate }
        let certificate = try Certificate(der: der)
        known.withLock {
            if $0.count >= Self.entriesMax { $0.removeAll() }
            $0[der] = certificate
        }
        return certificate
    }
}
