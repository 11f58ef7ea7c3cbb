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

    /// An answer whose signature was looked at.
    struct JudgedAnswer: Sendable {
        var content: [UInt8]
        var isSigned: Bool
    }

    /// Reads the whole answer and judges its signature; nil, with nothing read, where there is none and none is demanded.
    func judged(_ response: HTTPClientResponse, to call: SignedCall, bytesMax: Int) async throws -> JudgedAnswer? {
        guard let hop = configuration.hop else { return nil }
        let claimsSignature = response.headers.contains(name: HopFields.inputName) || response.headers.contains(name: HopFields.signatureName)
        guard hop.demands || claimsSignature else { return nil }
        var content: [UInt8] = []
        do {
            content = Array(try await response.body.collect(upTo: bytesMax).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw TransportError(.answerMalformed, detail: "the answer of \(call.address.name) is larger than \(bytesMax) bytes")
        }
        let answer = HopAnswer(
            status: Int(response.status.code), fields: response.headers.map { HTTPFieldLine($0.name, $0.value) }, content: content)
        do throws(HopFault) {
            return JudgedAnswer(content: content, isSigned: try await hop.check(answer, to: call.head, from: call.participant))
        } catch {
            guard error.kind != .ownTrouble else { throw TransportError(.inputOutput, detail: error.description) }
            // Not believed, but it may tell a person what to look at.
            let problem = ProblemDetail(content, AnswerHead(response, receiptMediaType: "")).text
            let words = error.kind == .missing && response.status.code >= 400 ? "; it says, unsigned: \(problem)" : ""
            throw TransportError(.hopSignature, detail: "\(call.address.name) answered \(response.status.code): \(error)\(words)")
        }
    }
}
