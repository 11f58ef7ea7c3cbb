/// Where a participant can be reached.
public struct Endpoint: Hashable, Sendable {
    public var participant: ParticipantID
    /// `https://host:port`, without a path, or `folder:` and a folder's path.
    public var url: String

    public init(participant: ParticipantID, url: String) {
        self.participant = participant
        self.url = url
    }

    /// What stands before the first colon (`https`): it chooses the transport.
    public var scheme: String { String(url.prefix { $0 != ":" }) }
}

/// What came back from the receiver.
public enum DeliveryAnswer: Hashable, Sendable {
    /// The receipt package; it says itself whether the exchange was accepted. It is not yet verified.
    case receipt([UInt8])
    /// The receiver is there but cannot take it now; try again, not before `seconds` where given.
    case busy(retryAfterSeconds: Int?, detail: String)
    /// It lies where somebody carries it from; the receipt comes by itself, if it comes.
    case handedOver
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
        /// The hop's signature is missing or wrong: of the answer, or, as the receiver says, of our request.
        case hopSignature
        case inputOutput
    }
    public var code: Code
    public var detail: String
    /// How many bytes of the package the receiver keeps beyond those it had before; the next delivery goes on behind them.
    public var bytesGained: Int

    public init(_ code: Code, detail: String, bytesGained: Int = 0) {
        self.code = code
        self.detail = detail
        self.bytesGained = bytesGained
    }

    /// Whether trying again can help without a person's doing.
    public var isTransient: Bool { code != .notTrusted && code != .rejected }
    public var description: String { "\(detail) [\(code.rawValue)]" }
}

/// A package on its way: bytes of known number that can be read from any place, so that large ones are never in memory and a broken delivery can go on where it stopped.
public protocol PackageBody: Sendable {
    /// Media type of the package's seal.
    var mediaType: String { get }
    var byteCount: Int { get }
    /// SHA-256 of the whole, where it is known without reading it: a transport that signs its requests needs it.
    var sha256: SHA256Digest? { get }
    /// Reads what there is at `offset`, up to a buffer full; 0 only at the end. Blocks while it reads a file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(TransportError) -> Int
}

extension PackageBody {
    public var sha256: SHA256Digest? { nil }
}

/// Carries packages to a participant and brings the receipt back.
public protocol Transport: Sendable {
    /// URL schemes it serves (`https`).
    var schemes: [String] { get }
    /// Delivers the package under its exchange id. Idempotent: a receiver answers a repeated id with its first receipt.
    /// - Parameter sequence: its place in the sender's own order, the same each time it is delivered.
    func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, to endpoint: Endpoint) async throws(TransportError) -> DeliveryAnswer
    /// Delivers a long package: asks the receiver first how much of it is there, and goes on behind that.
    /// A transport that cannot do so delivers the whole, as the implementation that is given here does.
    /// - Parameter digest: of the whole package.
    func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, resuming digest: SHA256Digest, to endpoint: Endpoint)
        async throws(TransportError) -> DeliveryAnswer
    /// Asks a small question; a transport over which nothing can be asked says so, as the implementation that is given here does.
    func ask(_ question: TransportQuestion, of endpoint: Endpoint) async throws(TransportError) -> TransportAnswer
    /// Looks what stands between this node and a partner, without delivering anything.
    func examine(_ endpoint: Endpoint) async -> Examination
    func close() async
}

extension Transport {
    public func ask(_ question: TransportQuestion, of endpoint: Endpoint) async throws(TransportError) -> TransportAnswer {
        throw TransportError(.rejected, detail: "nothing can be asked of \(endpoint.participant) over \(endpoint.scheme)")
    }

    public func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, resuming digest: SHA256Digest, to endpoint: Endpoint)
        async throws(TransportError) -> DeliveryAnswer
    {
        try await deliver(package, exchangeID: exchangeID, sequence: sequence, to: endpoint)
    }
}
