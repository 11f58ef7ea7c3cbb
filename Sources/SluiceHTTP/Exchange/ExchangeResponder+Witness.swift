internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import SluiceCore
internal import SluiceKit

/// The node as a witness of its partners' ledgers (C2SP tlog-witness): small requests, answered from memory.
extension ExchangeResponder {
    /// Longest time for a request of this kind to arrive.
    private static let witnessSecondsMax = 30

    /// `POST`: a checkpoint to be cosigned.
    func submitted(_ request: Request, from peer: Peer) async throws(Problem) -> ExchangeAnswer {
        let witness = try witness
        return Self.answer(try await witness.addCheckpoint(body(of: request, bytesMax: witness.bodyBytesMax), from: peer))
    }

    /// `GET`: the newest checkpoint of a ledger that this node has cosigned.
    func witnessed(_ request: Request, for peer: Peer) async throws(Problem) -> ExchangeAnswer {
        let witness = try witness
        let origin = (request.head.path ?? "").dropFirst(WitnessPaths.prefix.count + 1).prefix { $0 != "/" }
        guard SHA256Digest(hex: origin)?.hex == String(origin) else {
            throw Problem(
                status: 404, code: "not-found", title: "No such resource",
                detail: "The checkpoint of a ledger is at \(WitnessPaths.prefix)/{SHA-256 of the origin}/checkpoint, in lower-case hexadecimal.")
        }
        return Self.answer(try await witness.checkpoint(originSHA256: String(origin), for: peer))
    }

    private var witness: any WitnessService {
        get throws(Problem) {
            guard let witness = listener.witness else {
                throw Problem(
                    status: 404, code: "no-witness", title: "No witness",
                    detail: "This node witnesses nobody's ledger: it has no key for that (keys.witnessKey).")
            }
            return witness
        }
    }

    private static func answer(_ answer: TransportAnswer) -> ExchangeAnswer {
        var headers: HTTPFields = [.contentType: answer.contentType, .cacheControl: "no-store"]
        if let seconds = answer.retryAfterSeconds { headers[.retryAfter] = String(max(0, seconds)) }
        let response = Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
        return ExchangeAnswer(response, content: answer.body)
    }

    /// The whole body, held against its announced digest where there is one: what a hop signature covers is the digest.
    private func body(of request: Request, bytesMax: Int) async throws(Problem) -> [UInt8] {
        let tooLarge = Problem(
            status: 413, code: "request-too-large", title: "Request too large", detail: "This node reads such requests up to \(bytesMax) bytes.")
        if let count = request.headers[.contentLength].flatMap({ Int($0) }), count > bytesMax { throw tooLarge }
        let late = Problem(status: 408, code: "upload-too-slow", title: "Request too slow", detail: "The request did not arrive in the time this node allows.")
        let bytes: [UInt8]
        do {
            let body = request.body
            bytes = try await Patience.within(.seconds(Self.witnessSecondsMax), orThrow: late) {
                var bytes: [UInt8] = []
                for try await part in body {
                    guard bytes.count + part.readableBytes <= bytesMax else { throw tooLarge }
                    bytes.append(contentsOf: part.readableBytesView)
                }
                return bytes
            }
        } catch {
            throw error as? Problem ?? Problem(status: 400, code: "body-length-wrong", title: "Body incomplete", detail: "The request did not arrive whole.")
        }
        if let announced = try ExchangeRequest.digest(request.head) {
            guard let found = try? await inbound.sha256(.bytes(bytes)), found == announced else { throw Self.digestMismatch }
        }
        return bytes
    }
}
