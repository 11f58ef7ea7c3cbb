import NIOCore
import NIOPosix
import NIOSSL
import SluiceKitTesting

/// A TLS client that sends exactly the bytes it is given, for requests that no HTTP library would send.
final class RawTLSClient {
    private let channel: any Channel
    private let received: EventLoopFuture<String>

    /// - Parameter identity: whose certificate it shows; the sender's when nil.
    init(port: Int, parties: TestParties, as identity: TestAuthority.Identity? = nil) async throws {
        let identity = identity ?? parties.sender
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(parties.authority.certificatePath)
        tls.certificateChain = try NIOSSLCertificate.fromPEMFile(identity.certificatePath).map { .certificate($0) }
        tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: identity.privateKeyPath, format: .pem))
        let context = try NIOSSLContext(configuration: tls)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: String.self)
        received = promise.futureResult
        channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                    try channel.pipeline.syncOperations.addHandler(Collector(promise: promise))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }
    func close() async throws { try await channel.close() }

    /// All that came until the other side closed.
    func answer() async throws -> String { try await received.get() }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var text = ""
        private let promise: EventLoopPromise<String>

        init(promise: EventLoopPromise<String>) { self.promise = promise }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { text += String(buffer: unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { promise.succeed(text) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
