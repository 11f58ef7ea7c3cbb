internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import SluiceCore
internal import SluiceKit

/// Hop signatures (Docs/ExchangeProtocol.md): requests are judged before anything is done about them, answers signed when they are ready.
extension ExchangeResponder {
    /// When a sender may try again that has sent more than is remembered, or met trouble of our own.
    private static let laterSeconds = 60

    func check(_ head: HTTPRequest, from peer: Peer, _ hop: any HopGuard, _ log: Logger) async throws(Problem) {
        guard hop.demands || head.headerFields.contains(.signatureInput) || head.headerFields.contains(.signature) else { return }
        do throws(HopFault) {
            try await hop.check(HopRequest(head), from: peer.participant)
        } catch {
            log.notice("the signature of a request", metadata: ["code": "\(error.code)", "detail": "\(error.detail)"])
            switch error.kind {
            case .missing, .wrong:
                throw Problem(
                    status: 401, code: error.code, title: "The request's signature is missing or wrong", detail: "\(error.detail). Nothing was taken.")
            case .stranger: throw Problem(status: 403, code: error.code, title: "Not a partner", detail: error.detail)
            case .overLimit:
                throw Problem(status: 429, code: error.code, title: "Too many requests", detail: error.detail, retryAfterSeconds: Self.laterSeconds)
            case .ownTrouble:
                // The code is fit for partners, the detail may not be.
                throw Problem(
                    status: 503, code: "temporarily-unavailable", title: "Temporarily unavailable",
                    detail: "\(error.code); nothing was decided about the request.", retryAfterSeconds: Self.laterSeconds)
            }
        }
    }

    /// An answer that cannot be signed goes as it is: whoever demands a signature asks again, and gets the same.
    func sign(_ answer: inout ExchangeAnswer, to head: HTTPRequest, _ hop: any HopGuard, _ log: Logger) async {
        let fields = answer.response.headers.map { HTTPFieldLine($0.name.canonicalName, $0.value) }
        let message = HopAnswer(status: answer.response.status.code, fields: fields, content: answer.content)
        do throws(HopFault) {
            for line in try await hop.lines(for: message, to: HopRequest(head)) {
                answer.response.headers[HTTPField.Name(known: line.name)] = line.value
            }
        } catch {
            log.error("an answer could not be signed", metadata: ["code": "\(error.code)", "detail": "\(error.detail)"])
        }
    }
}

extension HopRequest {
    /// As it came on the wire: nothing of it is decoded.
    fileprivate init(_ head: HTTPRequest) {
        let target = head.path ?? ""
        let mark = target.firstIndex(of: "?")
        self.init(
            method: head.method.rawValue, authority: head.authority ?? "", path: String(target[..<(mark ?? target.endIndex)]),
            query: mark.map { String(target[target.index(after: $0)...]) },
            fields: head.headerFields.map { HTTPFieldLine($0.name.canonicalName, $0.value) })
    }
}

extension HTTPField.Name {
    fileprivate static let signatureInput = HTTPField.Name(known: HopFields.inputName)
    fileprivate static let signature = HTTPField.Name(known: HopFields.signatureName)
}
