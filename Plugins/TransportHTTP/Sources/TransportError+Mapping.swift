internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import SluiceKit

extension TransportError {
    /// The failures of the HTTP client in the node's own few words.
    init(_ error: any Error, at address: EndpointAddress) {
        switch error {
        case let error as TransportError: self = error
        case let error as HTTPClientError: self.init(error, at: address)
        case let error as NIOSSLError: self.init(error, at: address)
        case is NIOSSLExtraError, is BoringSSLError:
            self.init(.notTrusted, detail: Self.tlsWords(error, at: address))
        case is CancellationError: self.init(.unreachable, detail: "the delivery to \(address.name) was stopped")
        case let error as NIOConnectionError:
            let reasons = error.connectionErrors.map { "\($0.error)" }.joined(separator: "; ")
            self.init(.unreachable, detail: "cannot reach \(address.name): \(reasons.isEmpty ? "its name cannot be resolved" : reasons)")
        default:
            self.init(.unreachable, detail: "the connection to \(address.name) broke: \(error)")
        }
    }

    /// BoringSSL's reason without its numbers and source files, and whose refusal it is: an alert came from the partner, all else is ours.
    private static func tlsWords(_ error: any Error, at address: EndpointAddress) -> String {
        let text = "\(error)"
        guard let start = text.range(of: "OPENSSL_internal:")?.upperBound else { return "\(address.name) is not trusted: \(text.prefix(textCharactersMax))" }
        let reason = text[start...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        return reason.contains("ALERT")
            ? "\(address.name) does not take our certificate or our TLS (\(reason))"
            : "\(address.name) is not trusted: its certificate or its TLS does not fit (\(reason))"
    }

    private static let textCharactersMax = 200

    private init(_ error: HTTPClientError, at address: EndpointAddress) {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            self.init(.timeout, detail: "\(address.name) could not be reached in time")
        case .readTimeout, .writeTimeout: self.init(.timeout, detail: "\(address.name) fell silent")
        case .deadlineExceeded: self.init(.timeout, detail: "\(address.name) brought no receipt in time")
        case .bodyLengthMismatch: self.init(.inputOutput, detail: "the package changed its length while it was sent to \(address.name)")
        case .remoteConnectionClosed: self.init(.unreachable, detail: "\(address.name) closed the connection without an answer")
        case .cancelled, .requestStreamCancelled: self.init(.unreachable, detail: "the delivery to \(address.name) was stopped")
        default: self.init(.answerMalformed, detail: "the answer of \(address.name) is not usable: \(error.shortDescription)")
        }
    }

    private init(_ error: NIOSSLError, at address: EndpointAddress) {
        switch error {
        case .uncleanShutdown: self.init(.unreachable, detail: "\(address.name) closed the connection without an answer")
        default: self.init(.notTrusted, detail: Self.tlsWords(error, at: address))
        }
    }
}
