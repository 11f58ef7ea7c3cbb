internal import Hummingbird
internal import NIOCore
internal import NIOSSL

/// A request at the exchange endpoint, with the connection it came by.
struct ExchangeContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The certificate that the client proved to own in the handshake; nil on a connection without TLS.
    func clientCertificate() async -> [UInt8]? {
        guard let certificate = try? await channel.nioSSL_peerCertificate().get() else { return nil }
        return try? certificate.toDERBytes()
    }

    /// Ends the connection at once; a request under way breaks off.
    func close() { channel.close(promise: nil) }

    /// Lets the answer reach a client that is still sending, then closes. The library reads away what comes until then.
    func closeSoon(afterSeconds seconds: Int) {
        let channel = channel
        channel.eventLoop.scheduleTask(in: .seconds(Int64(seconds))) { channel.close(promise: nil) }
    }
}
