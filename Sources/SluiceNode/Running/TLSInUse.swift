internal import SluiceCore
package import SluiceCrypto
internal import SluiceKit
internal import Synchronization

/// The certificate chain in PEM and the key in DER (PKCS#8), for the library that speaks TLS.
package struct TLSIdentity: Sendable {
    package var chainPEM: [UInt8]
    package var keyDER: [UInt8]
    package var certificate: Certificate

    init(_ identity: (chain: [Certificate], key: PrivateKey)) throws {
        chainPEM = identity.chain.flatMap(\.pem)
        keyDER = try identity.key.withPKCS8 { Array($0) }
        certificate = identity.chain[0]
    }
}

/// The node's TLS certificate: that of its start, until its files change or its time is over. Whatever cannot be used changes nothing.
package final class TLSInUse: Sendable {
    package typealias Taker = @Sendable (TLSIdentity) throws -> Void

    private struct State {
        var identity: Result<TLSIdentity, any Error>
        var takers: [Taker] = []
        var triedAt: Instant
    }
    private let keys: OwnKeys
    private let watch = FileWatch()
    private let state: Mutex<State>

    init(_ keys: OwnKeys, at time: Instant) {
        self.keys = keys
        let identity = Result { try TLSIdentity(keys.tlsIdentity(at: time)) }
        state = Mutex(State(identity: identity, triedAt: time))
    }

    var identity: Result<TLSIdentity, any Error> { state.withLock { $0.identity } }

    /// Calls `take` with each certificate that is to be used from then on; what it cannot use, it refuses by an error.
    func onRenewal(_ take: @escaping Taker) { state.withLock { $0.takers.append(take) } }

    /// How often a certificate that has ended is looked for a successor of: opening an encrypted key takes a moment.
    private static let successorSeconds: Int64 = 60

    /// Looks whether another certificate is to be used.
    /// - Returns: the certificate that is used from now on; nil when all stays as it is.
    /// - Throws: what keeps another from being used, once for each change of the files.
    func refresh(at time: Instant) throws -> Certificate? {
        guard keys.uses.contains(.tls) else { return nil }
        var outcome: Result<Certificate?, any Error> = .success(nil)
        var isRead = false
        watch.read(OwnKeys.Position.allCases.flatMap { [keys.key(.tls, $0), keys.certificate(.tls, $0)] }) {
            isRead = true
            outcome = Result { try renew(at: time) }
            return true
        }
        if !isRead, isOver(at: time) { outcome = Result { try renew(at: time) } }
        return try outcome.get()
    }

    private func isOver(at time: Instant) -> Bool {
        let (identity, triedAt) = state.withLock { ($0.identity, $0.triedAt) }
        if case .success(let identity) = identity, identity.certificate.isValid(at: time) { return false }
        return abs(time.seconds - triedAt.seconds) >= Self.successorSeconds
    }

    private func renew(at time: Instant) throws -> Certificate? {
        let takers = state.withLock { state in
            state.triedAt = time
            return state.takers
        }
        let renewed = try TLSIdentity(keys.renewedTLSIdentity(at: time))
        if case .success(let present) = identity, present.chainPEM == renewed.chainPEM { return nil }
        for take in takers { try take(renewed) }
        state.withLock { $0.identity = .success(renewed) }
        return renewed.certificate
    }
}
