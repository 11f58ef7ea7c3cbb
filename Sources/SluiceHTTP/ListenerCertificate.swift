internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// The certificate with which the exchange endpoint answers; another one can take its place while the listener runs.
package final class ListenerCertificate: Sendable {
    private let listener: ExchangeListener
    private let inUse: Mutex<NIOSSLContext>

    init(_ listener: ExchangeListener) throws(ListenerError) {
        self.listener = listener
        inUse = Mutex(try Self.context(listener))
    }

    /// For one connection: those that there are keep what was agreed on.
    var context: NIOSSLContext { inUse.withLock { $0 } }

    /// Answers with another certificate from now on.
    /// - Throws: `ListenerError` where chain and key do not fit; the one in use stays.
    package func renew(chainPEM: [UInt8], keyDER: [UInt8]) throws(ListenerError) {
        var renewed = listener
        renewed.certificateChainPEM = chainPEM
        renewed.privateKeyDER = keyDER
        let context = try Self.context(renewed)
        inUse.withLock { $0 = context }
    }

    private static func context(_ listener: ExchangeListener) throws(ListenerError) -> NIOSSLContext {
        let configuration = try listener.tlsConfiguration()
        do { return try NIOSSLContext(configuration: configuration) } catch {
            throw ListenerError(.certificateUnusable, "the exchange endpoint's TLS configuration is not usable: \(error)")
        }
    }
}

/// TLS with the certificate that is in use when a connection comes. The library's own channel keeps the one it was made with.
struct RenewableTLSChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let certificate: ListenerCertificate

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate.context))
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
