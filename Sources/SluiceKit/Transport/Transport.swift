/// Where a participant can be reached.
public struct Endpoint: Hashable, Sendable {
    public var participant: ParticipantID
    /// `https://host:port`, without a path.
    public var url: String

    public init(participant: ParticipantID, url: String) {
        self.participant = participant
        self.url = url
    }
}

/// What came back from the receiver.
public enum DeliveryAnswer: Hashable, Sendable {
    /// A receipt package lies at `path`; it says itself whether the exchange was accepted. It is not yet verified.
    case receipt(path: String)
    /// The receiver is there but cannot take it now; try again, not before `seconds` where given.
    case busy(retryAfterSeconds: Int?, detail: String)
}

/// Why a delivery brought no answer.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        /// No connection, or it broke: worth another try.
        case unreachable
        case timeout
        /// TLS or the certificates do not fit.
        case notTrusted
        /// The receiver does not take our package and says so without a signature (wrong size, unknown sender): another try changes nothing.
        case rejected
        /// The answer is not what the protocol says.
        case answerMalformed
        case inputOutput
    }
    public var code: Code
    public var detail: String

    public init(_ code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }

    /// Whether trying again can help without a person's doing.
    public var isTransient: Bool { code == .unreachable || code == .timeout || code == .answerMalformed || code == .inputOutput }
    public var description: String { "\(detail) [\(code.rawValue)]" }
}

/// Carries packages to a participant and brings the receipt back.
public protocol Transport: Sendable {
    /// URL schemes it serves (`https`).
    var schemes: [String] { get }
    /// Delivers the package file under its exchange id. Idempotent: a receiver answers a repeated id with its first receipt.
    /// - Parameter directory: where the receipt file goes.
    func deliver(packageAt path: String, exchangeID: String, to endpoint: Endpoint, receiptInto directory: String) async throws(TransportError)
        -> DeliveryAnswer
    func close() async
}
