internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import SluiceKit

/// Hop signatures (Docs/ExchangeProtocol.md): requests are signed when they are ready to go, answers judged when they are there whole.
extension HTTPTransport {
    /// A request and whom it goes to, as signatures speak of it.
    struct SignedCall: Sendable {
        var request: HTTPClientRequest
        let address: EndpointAddress
        let participant: ParticipantID

        fileprivate var head: HopRequest {
            HopRequest(
                method: request.method.rawValue, authority: address.authority, path: address.path(of: request.url),
                fields: request.headers.map { HTTPFieldLine($0.name, $0.value) })
        }
    }

    /// The request with its signature, where this node signs. A request that is sent again is signed anew.
    /// - Parameter contentLength: as the client will say it; nil where there is no content.
    func signed(
        _ request: HTTPClientRequest, contentLength: Int?, to participant: ParticipantID, _ address: EndpointAddress
    ) async throws(TransportError) -> SignedCall {
        var call = SignedCall(request: request, address: address, participant: participant)
        guard let hop = configuration.hop, hop.signs else { return call }
        call.request.headers.replaceOrAdd(name: "Host", value: address.authority)
        if let contentLength { call.request.headers.replaceOrAdd(name: "Content-Length", value: "\(contentLength)") }
        do throws(HopFault) {
            for line in try await hop.lines(for: call.head, to: participant) { call.request.headers.add(name: line.name, value: line.value) }
        } catch {
            throw TransportError(.inputOutput, detail: error.description)
        }
        return call
    }

    /// What an answer brings, and whether it is signed.
    struct AnswerContent: Sendable {
        var bytes: [UInt8]
        var isSigned: Bool
    }

    /// Reads the whole answer and judges its signature, where there is one or has to be one.
    func content(of response: HTTPClientResponse, to call: SignedCall, bytesMax: Int) async throws -> AnswerContent {
        var bytes: [UInt8] = []
        for try await piece in response.body {
            guard bytes.count + piece.readableBytes <= bytesMax else {
                throw TransportError(.answerMalformed, detail: "the answer of \(call.address.name) is larger than \(bytesMax) bytes")
            }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        guard let hop = configuration.hop, isJudged(response, hop) else { return AnswerContent(bytes: bytes, isSigned: false) }
        let answer = HopAnswer(status: Int(response.status.code), fields: response.headers.map { HTTPFieldLine($0.name, $0.value) }, content: bytes)
        do throws(HopFault) {
            return AnswerContent(bytes: bytes, isSigned: try await hop.check(answer, to: call.head, from: call.participant))
        } catch {
            guard error.kind != .ownTrouble else { throw TransportError(.inputOutput, detail: error.description) }
            // Not believed, but it may tell a person what to look at.
            let problem = ProblemDetail(bytes, AnswerHead(response, receiptMediaType: "")).text
            let words = error.kind == .missing && response.status.code >= 400 ? "; it says, unsigned: \(problem)" : ""
            throw TransportError(.hopSignature, detail: "\(call.address.name) answered \(response.status.code): \(error)\(words)")
        }
    }

    /// What a partner says is wrong. Where nothing depends on a signature, a body that cannot be read says nothing, and the status counts all the same.
    func problem(_ response: HTTPClientResponse, _ head: AnswerHead, to call: SignedCall) async throws -> ProblemDetail {
        do { return ProblemDetail(try await content(of: response, to: call, bytesMax: ProblemDetail.bodyBytesMax).bytes, head) } catch {
            if let hop = configuration.hop, isJudged(response, hop) { throw error }
            return ProblemDetail([], head)
        }
    }

    private func isJudged(_ response: HTTPClientResponse, _ hop: any HopGuard) -> Bool {
        hop.demands || response.headers.contains(name: HopFields.inputName) || response.headers.contains(name: HopFields.signatureName)
    }
}
