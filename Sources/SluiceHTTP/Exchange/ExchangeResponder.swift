internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import SluiceCore
internal import SluiceKit

/// The exchange endpoint: `/exchange/v1/packages/{exchangeID}`, and `GET /exchange/v1` for a partner that wants to know whom it reached.
///
/// Not a router: with so few routes (`ExchangeResource`), everything else is an answer of its own (404, 405) and the order of the checks is in sight.
struct ExchangeResponder: HTTPResponder {
    typealias Context = ExchangeContext

    let inbound: any InboundService
    let uploads: PartialUploads
    let listener: ExchangeListener
    let tally: ExchangeTally
    let logger: Logger

    func respond(to request: Request, context: ExchangeContext) async throws -> Response {
        // Random, not a counter: it goes to the partner and must not tell how many calls others make.
        let correlationID = UUID().uuidString.lowercased()
        var log = logger
        log[metadataKey: "correlation"] = .string(correlationID)
        let peer = await context.clientCertificate().flatMap(listener.peerOfCertificate)
        var answer: ExchangeAnswer
        do throws(Problem) {
            answer = try await self.answer(request, from: peer, context: context, log: &log)
        } catch {
            log.notice("exchange call refused", metadata: ["status": "\(error.status)", "code": "\(error.code)"])
            let lingerSeconds = listener.refusalLingerSeconds
            let allow = ExchangeResource(at: request.head.path ?? "")?.allow
            answer = error.answer(correlationID: correlationID, allow: allow) { context.closeSoon(afterSeconds: lingerSeconds) }
            if request.method == .head { answer = answer.withoutBody }
        }
        if peer != nil, let hop = listener.hop, hop.signs { await sign(&answer, to: request.head, hop, log) }
        tally.answered(answer.response.status.code)
        return answer.response
    }

    private func answer(_ request: Request, from peer: Peer?, context: ExchangeContext, log: inout Logger) async throws(Problem) -> ExchangeAnswer {
        guard let peer else {
            throw Problem(
                status: 403, code: "participant-unknown", title: "Certificate names no participant",
                detail: "The common name of the client certificate is not a participant id.")
        }
        log[metadataKey: "peer"] = .string(peer.participant.rawValue)
        if let hop = listener.hop { try await check(request.head, from: peer, hop, log) }
        switch try ExchangeResource(of: request.head) {
        case .greeting: return try await greeting(to: peer)
        case .addCheckpoint: return try await submitted(request, from: peer)
        case .witnessedCheckpoint: return try await witnessed(request, for: peer)
        case .package: return try await packageAnswer(request, from: peer, context: context, log: &log)
        }
    }

    private func packageAnswer(_ request: Request, from peer: Peer, context: ExchangeContext, log: inout Logger) async throws(Problem) -> ExchangeAnswer {
        let call = try ExchangeRequest(request.head, mediaTypes: inbound.mediaTypes, byteCountMax: inbound.packageBytesMax)
        log[metadataKey: "exchange"] = .string(call.exchangeID)
        switch call.action {
        case .ask(let announced, let digest):
            return try await progress(of: announced, digest, call.exchangeID, peer)
        case .deliver(let mediaType, let digest?) where call.byteCount > inbound.packageInMemoryMax:
            if let problem = await inbound.admit(peer, byteCount: call.byteCount) { throw problem }
            let announced = ResumableUploads.Announced(bytes: call.byteCount, sha256: digest.hex)
            let name = PartialName(.init(sender: peer.participant, exchangeID: call.exchangeID), announced, mediaType: mediaType)
            let close = { @Sendable in context.close() }
            return try await takeParts(of: request, call, digest, peer, log) { try $0.beginAnew(name, close: close) }
        case .deliver(let mediaType, let digest):
            if let problem = await inbound.admit(peer, byteCount: call.byteCount) { throw problem }
            return try await takeWhole(of: request, call, mediaType, digest, peer, log)
        case .goOn(let announced, let digest, let offset):
            if let problem = await inbound.admit(peer, byteCount: call.byteCount) { throw problem }
            // All of it had come; what is asked for is the answer.
            if call.byteCount == 0, let answer = await inbound.answered(exchangeID: call.exchangeID, digest: digest, from: peer) {
                await inbound.abandon(peer)
                return try response(of: answer, log)
            }
            let key = ResumableUploads.Key(sender: peer.participant, exchangeID: call.exchangeID)
            let close = { @Sendable in context.close() }
            return try await takeParts(of: request, call, digest, peer, log) { try $0.goOn(key, announced, from: offset, close: close) }
        }
    }

    /// A package in one piece: what arrived of it before a break is not kept.
    private func takeWhole(
        of request: Request, _ call: ExchangeRequest, _ mediaType: String, _ announced: SHA256Digest?, _ peer: Peer, _ log: Logger
    ) async throws(Problem) -> ExchangeAnswer {
        let package: Content
        do throws(Upload.Failure) {
            package = try await Upload(byteCount: call.byteCount, target: .memory(upTo: inbound.packageInMemoryMax, path: inbound.spoolPath()))
                .receive(request.body, secondsMax: listener.uploadSecondsMax)
        } catch {
            await inbound.abandon(peer)
            log.warning("package not received", metadata: ["failure": "\(error)", "announced": "\(call.byteCount)"])
            throw Self.problem(of: error)
        }
        tally.received(bytes: call.byteCount)
        if let announced {
            let digest = try? await inbound.sha256(package)
            guard digest == announced else {
                await inbound.abandon(peer)
                throw Self.digestMismatch
            }
        }
        return try response(
            of: await inbound.accept(package, digest: announced, mediaType: mediaType, exchangeID: call.exchangeID, from: peer), log)
    }

    func response(of answer: InboundAnswer, _ log: Logger) throws(Problem) -> ExchangeAnswer {
        switch answer {
        case .receipt(let receipt, let mediaType, let isAccepted, let isRepeat):
            let body = ResponseBody(byteBuffer: ByteBuffer(bytes: receipt))
            var headers: HTTPFields = [.contentType: mediaType, .cacheControl: "no-store"]
            if isRepeat { headers[.sluiceRepeat] = "true" }
            log.info("exchange answered", metadata: ["accepted": "\(isAccepted)", "repeat": "\(isRepeat)"])
            return ExchangeAnswer(Response(status: isAccepted ? .ok : .unprocessableContent, headers: headers, body: body), content: receipt)
        case .problem(let problem):
            throw problem
        }
    }

    private func greeting(to peer: Peer) async throws(Problem) -> ExchangeAnswer {
        let content = Array(try await inbound.greeting(to: peer).json.compactText.utf8)
        return ExchangeAnswer(
            Response(
                status: .ok, headers: [.contentType: Greeting.mediaType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: content))), content: content)
    }

    /// What a partner hears of a failed upload: nothing of paths or error numbers.
    static func problem(of failure: Upload.Failure) -> Problem {
        switch failure {
        case .truncated, .tooLong:
            Problem(status: 400, code: "body-length-wrong", title: "Body length wrong", detail: "The body is not as long as Content-Length says.")
        case .tooSlow:
            Problem(status: 408, code: "upload-too-slow", title: "Upload too slow", detail: "The package did not arrive in the time this node allows.")
        case .takenOver:
            Problem(
                status: 409, code: "upload-offset-mismatch", title: "Upload goes on elsewhere", detail: "A later request goes on with this upload.",
                uploadOffset: 0)
        case .disk, .cancelled: unavailable
        }
    }

    static let unavailable = Problem(
        status: 503, code: "temporarily-unavailable", title: "Temporarily unavailable", detail: "This node cannot take packages now.", retryAfterSeconds: 60)

    static let digestMismatch = Problem(
        status: 409, code: "upload-digest-mismatch", title: "Digest mismatch",
        detail: "What arrived is not what \(UploadFields.digestName) announced. Nothing of it is kept.", uploadOffset: 0)
}

extension HTTPField.Name {
    /// On an answer that is the first receipt again: `Sluice-Repeat: true`.
    static let sluiceRepeat = HTTPField.Name(known: "sluice-repeat")

    /// - Precondition: `name` is a token, RFC 9110, section 5.6.2.
    init(known name: String) {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
        self = field
    }
}
