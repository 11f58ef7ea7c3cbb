import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import SluiceKitTesting
import Synchronization

/// A peer that answers every request with the same bytes, right or wrong: a second, minimal implementation of the other side.
final class ScriptedPeer: Sendable {
    /// When it speaks.
    enum Moment: Sendable {
        case afterRequest
        /// As soon as the head is there, while the body is still coming.
        case afterHead
        /// Not at all; the connection stays.
        case never
    }

    let port: Int
    private let channel: any Channel
    private let heads: Heads

    /// Request heads as they came.
    var requestHeads: [String] { heads.all.withLock { $0 } }

    init(_ identity: TestAuthority.Identity, answer: String, moment: Moment = .afterRequest, closes: Bool = true) async throws {
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(identity.certificatePath).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: identity.privateKeyPath, format: .pem)))
        let context = try NIOSSLContext(configuration: tls)
        let heads = Heads()
        self.heads = heads
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.addHandler(Script(answer: answer, moment: moment, closes: closes, heads: heads))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func close() async { try? await channel.close() }

    private final class Heads: Sendable {
        let all = Mutex<[String]>([])
    }

    private final class Script: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let answer: String
        private let moment: Moment
        private let closes: Bool
        private let heads: Heads
        private var head = ""
        private var bodyBytesMissing: Int?

        init(answer: String, moment: Moment, closes: Bool, heads: Heads) {
            self.answer = answer
            self.moment = moment
            self.closes = closes
            self.heads = heads
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var rest = Substring(String(decoding: unwrapInboundIn(data).readableBytesView.map { $0 & 0x7F }, as: UTF8.self))
            if bodyBytesMissing == nil {
                head += rest
                guard let end = head.range(of: "\r\n\r\n") else { return }
                rest = head[end.upperBound...]
                let length = head[..<end.lowerBound].split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }?.split(separator: " ").last
                bodyBytesMissing = length.flatMap { Int($0) } ?? 0
                let complete = String(head[..<end.lowerBound])
                heads.all.withLock { $0.append(complete) }
                if moment == .afterHead { speak(context) }
            }
            bodyBytesMissing = (bodyBytesMissing ?? 0) - rest.utf8.count
            if bodyBytesMissing == 0, moment == .afterRequest { speak(context) }
        }

        private func speak(_ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            if closes, moment == .afterRequest { context.close(promise: nil) }
            if !closes { (head, bodyBytesMissing) = ("", nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
