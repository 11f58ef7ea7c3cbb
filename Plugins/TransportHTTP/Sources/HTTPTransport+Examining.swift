internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NIOTLS
public import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#endif

extension HTTPTransport {
    /// Name, port, TLS, and the partner's greeting; no package is touched.
    public func examine(_ endpoint: Endpoint) async -> Examination {
        var examination = Examination()
        let address: EndpointAddress
        do { address = try EndpointAddress(endpoint) } catch {
            examination.steps.append(.init("name", isPassed: false, error.detail))
            return examination
        }
        examination.steps.append(await Self.resolve(address))
        guard examination.isPassed else { return examination }
        await look(at: address, into: &examination)
        guard examination.isPassed else { return examination }
        await greet(address, endpoint, into: &examination)
        return examination
    }

    private static func resolve(_ address: EndpointAddress) async -> Examination.Step {
        let (found, reason) = await withCheckedContinuation { continuation in
            NIOThreadPool.singleton.submit { _ in continuation.resume(returning: addresses(of: address.host)) }
        }
        guard !found.isEmpty else {
            return .init(
                "name", isPassed: false, "\(address.host) cannot be resolved (\(reason)); correct the endpoint, or ask who keeps the names of your network")
        }
        return .init("name", isPassed: true, "\(address.host) is \(found.joined(separator: ", "))")
    }

    private static func addresses(of host: String) -> (found: [String], reason: String) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else { return ([], String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let info = next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(info.pointee.ai_addr, info.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
                let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if !found.contains(name) { found.append(name) }
            }
            next = info.pointee.ai_next
        }
        return (found, "no address")
    }

    /// Connects and looks at the certificate without judging it, so that a wrong one can be described.
    private func look(at address: EndpointAddress, into examination: inout Examination) async {
        let seconds = Int64(configuration.connectSecondsMax)
        let begun = ContinuousClock.now
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: HTTPClient.defaultEventLoopGroup).connectTimeout(.seconds(seconds))
                .connect(host: address.host, port: address.port).get()
        } catch {
            let words = "\(TransportError(error, at: address).detail); ask the partner whether its node runs, and both firewalls for TCP port \(address.port)"
            examination.steps.append(.init("port", isPassed: false, words))
            return
        }
        let milliseconds = (ContinuousClock.now - begun) / .milliseconds(1)
        examination.steps.append(.init("port", isPassed: true, "port \(address.port) is open (\(Int(milliseconds.rounded(.up))) ms)"))
        examination.certificateDER = await Self.certificate(of: channel, address, tls, seconds: seconds)
        try? await channel.close()
    }

    private static func certificate(of channel: any Channel, _ address: EndpointAddress, _ tls: TLSConfiguration, seconds: Int64) async -> [UInt8]? {
        var tls = tls
        tls.certificateVerification = .none
        let (configuration, promise) = (tls, channel.eventLoop.makePromise(of: Void.self))
        let late = channel.eventLoop.scheduleTask(in: .seconds(seconds)) { promise.fail(ChannelError.connectTimeout(.seconds(seconds))) }
        defer { late.cancel() }
        return try? await channel.eventLoop.submit {
            let context = try NIOSSLContext(configuration: configuration)
            let name = isAddress(address.host) ? nil : address.host
            try channel.pipeline.syncOperations.addHandlers([
                try NIOSSLClientHandler(context: context, serverHostname: name), HandshakeWitness(promise),
            ])
        }.flatMap { promise.futureResult }.flatMap { channel.nioSSL_peerCertificate() }.flatMapThrowing { try $0?.toDERBytes() }.get()
    }

    private static func isAddress(_ host: String) -> Bool { (try? SocketAddress(ipAddress: host, port: 0)) != nil }

    /// Asks the partner who it is, as deliveries do: with every check of the certificate.
    private func greet(_ address: EndpointAddress, _ endpoint: Endpoint, into examination: inout Examination) async {
        do {
            let client = try await partners.lease(for: endpoint.participant)
            defer { partners.release(endpoint.participant) }
            let call = try await signed(HTTPClientRequest(url: address.greetingURL), contentLength: nil, to: endpoint.participant, address)
            let response = try await client.execute(call.request, deadline: .now() + .seconds(2 * Int64(configuration.connectSecondsMax)))
            examination.steps.append(.init("tls", isPassed: true, "TLS is agreed, and each side takes the other's certificate"))
            guard response.status == .ok else {
                let head = AnswerHead(response, receiptMediaType: "")
                let words = try await problem(response, head, to: call).text
                // A node of an older version has no greeting, and takes packages all the same.
                let isOlder = response.status == .notFound
                examination.steps.append(
                    .init(
                        "answer", isPassed: isOlder,
                        isOlder ? "\(address.name) answers, and says nothing of itself" : "\(address.name) answered \(head.status): \(words)"))
                return
            }
            let content = try await content(of: response, to: call, bytesMax: Self.greetingBytesMax)
            if let hop = configuration.hop, hop.signs {
                let words =
                    content.isSigned ? "signs its answers with a sealing key that is in force" : "does not sign its answers, which this node does not require"
                examination.steps.append(.init("signature", isPassed: true, "\(address.name) \(words)"))
            }
            examination.greeting = content.bytes
            examination.steps.append(.init("answer", isPassed: true, "\(address.name) answers"))
        } catch {
            let failure = TransportError(error, at: address)
            let step =
                switch failure.code {
                case .notTrusted: "tls"
                case .hopSignature: "signature"
                default: "answer"
                }
            examination.steps.append(.init(step, isPassed: false, failure.detail))
        }
    }

    private static let greetingBytesMax = 1 << 20
}

/// Succeeds its promise when TLS is agreed.
private final class HandshakeWitness: ChannelInboundHandler {
    typealias InboundIn = NIOAny
    private let promise: EventLoopPromise<Void>

    init(_ promise: EventLoopPromise<Void>) { self.promise = promise }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { promise.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}
