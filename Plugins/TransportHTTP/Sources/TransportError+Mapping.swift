internal import AsyncHTTPClient
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
            self.init(.notTrusted, detail: "TLS with \(address.name) failed: \(error)")
        case is CancellationError: self.init(.unreachable, detail: "the delivery to \(address.name) was stopped")
        case let error as NIOConnectionError:
            let reasons = error.connectionErrors.map { "\($0.error)" }.joined(separator: "; ")
            self.init(.unreachable, detail: "cannot reach \(address.name): \(reasons.isEmpty ? "its name cannot be resolved" : reasons)")
        default:
            self.init(.unreachable, detail: "the connection to \(address.name) broke: \(error)")
        }
    }

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
        default: self.init(.notTrusted, detail: "TLS with \(address.name) failed: \(error)")
        }
    }
}
