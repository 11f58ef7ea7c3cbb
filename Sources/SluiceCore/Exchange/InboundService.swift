package import SluiceKit

/// Who is at the other end of a connection, taken from its TLS client certificate.
package struct Peer: Hashable, Sendable {
    package var participant: ParticipantID
    /// SHA-256 (hex) of the certificate.
    package var certificateDigest: String
    /// The transport it came by, as endpoints name it (`https`, `folder`); nil where nobody knows.
    package var channel: String?

    package init(participant: ParticipantID, certificateDigest: String, channel: String? = nil) {
        self.channel = channel
        self.participant = participant
        self.certificateDigest = certificateDigest
    }
}

/// What the node answers to a package that was handed in.
package enum InboundAnswer: Hashable, Sendable {
    /// The signed receipt (a package), its media type and its outcome; `isRepeat` when the exchange id had been answered before.
    case receipt([UInt8], mediaType: String, isAccepted: Bool, isRepeat: Bool)
    /// No signed answer is possible; the words are for the peer and leak nothing internal.
    case problem(Problem)
}

/// An RFC 9457 problem.
package struct Problem: Error, Hashable, Sendable {
    package var status: Int
    /// A stable code, the last part of the problem's type.
    package var code: String
    package var title: String
    package var detail: String
    package var retryAfterSeconds: Int?
    /// Where an upload has to go on, as `Upload-Offset`.
    package var uploadOffset: Int?

    package init(status: Int, code: String, title: String, detail: String, retryAfterSeconds: Int? = nil, uploadOffset: Int? = nil) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.retryAfterSeconds = retryAfterSeconds
        self.uploadOffset = uploadOffset
    }
}

/// The node's inner side of the exchange endpoint: takes a package that is there whole.
package protocol InboundService: Sendable {
    /// Longest body the node takes, in bytes.
    var packageBytesMax: Int { get }
    /// Longest body that is handed over in memory; a longer one is a file.
    var packageInMemoryMax: Int { get }
    /// Media types of the packages it takes.
    var mediaTypes: [String] { get }
    /// A path for a body being received; unique, in the node's spool folder.
    func spoolPath() -> String
    /// What the node says of itself to a partner; a problem for a stranger.
    func greeting(to peer: Peer) async throws(Problem) -> Greeting
    /// Reserves a place for one more body, or says why not (back-pressure). Each success is followed by one `accept` or `abandon`.
    func admit(_ peer: Peer, byteCount: Int) async -> Problem?
    func abandon(_ peer: Peer) async
    /// Runs the inbound corridor. A file belongs to the service from here on.
    /// - Parameter digest: of the package, where it has been computed from these very bytes; nil leaves it to the service.
    func accept(_ package: Content, digest: SHA256Digest?, mediaType: String, exchangeID: String, from peer: Peer) async -> InboundAnswer
    /// Streams a file, away from the threads that answer.
    func sha256(_ package: Content) async throws -> SHA256Digest
    /// What the package of this digest would be answered without being opened, since it was answered before; nil when it has to be there.
    func answered(exchangeID: String, digest: SHA256Digest, from peer: Peer) async -> InboundAnswer?
}

/// What the console, health and metrics pages ask of a running node.
package struct NodeStatus: Sendable {
    package struct FeedStatus: Sendable {
        package var id: String
        package var schedule: String
        package var timeZone: String
        package var nextRun: Instant?
        package var lastRun: FeedRun?
        package init(id: String, schedule: String, timeZone: String, nextRun: Instant?, lastRun: FeedRun?) {
            self.id = id
            self.schedule = schedule
            self.timeZone = timeZone
            self.nextRun = nextRun
            self.lastRun = lastRun
        }
    }
    package var participant: ParticipantID
    package var isReady: Bool
    /// Why it is not ready, in words.
    package var notReadyReason: String
    package var startedAt: Instant
    package var ledgerSize: Int64
    package var ledgerPublishedSize: Int64
    package var exchangeCounts: [ExchangeState: Int]
    package var outboxWaiting: Int
    package var outboxParked: Int
    package var feeds: [FeedStatus]
    /// nil where nobody asks.
    package var selfCheck: SelfCheckStatus?

    package init(
        participant: ParticipantID, isReady: Bool, notReadyReason: String, startedAt: Instant, ledgerSize: Int64, ledgerPublishedSize: Int64,
        exchangeCounts: [ExchangeState: Int], outboxWaiting: Int, outboxParked: Int, feeds: [FeedStatus]
    ) {
        self.participant = participant
        self.isReady = isReady
        self.notReadyReason = notReadyReason
        self.startedAt = startedAt
        self.ledgerSize = ledgerSize
        self.ledgerPublishedSize = ledgerPublishedSize
        self.exchangeCounts = exchangeCounts
        self.outboxWaiting = outboxWaiting
        self.outboxParked = outboxParked
        self.feeds = feeds
    }
}

/// Who somebody says they are. The passphrase is in no description and no log.
package struct Credentials: Sendable, CustomStringConvertible {
    package var name: String
    package var passphrase: [UInt8]

    package init(name: String, passphrase: [UInt8]) {
        self.name = name
        self.passphrase = passphrase
    }

    package var description: String { name }
}

/// What the HTTP faces need of a node beside the exchange endpoint.
package protocol NodeFace: ConsoleFace {
    var participantName: String { get }
    func status() async throws -> NodeStatus
    func exchanges(_ filter: ExchangeFilter) async throws -> [ExchangeRecord]
    func exchange(sender: String, id: String) async throws -> ExchangeRecord?
    /// The ledger entries of one exchange: index and canonical JSON.
    func ledgerEntries(subject: String) async throws -> [(index: Int64, entry: [UInt8])]
    /// What is wrong with certificates and revocation lists, of this node and its partners, or will be soon; the most pressing first.
    func certificateWarnings() -> [CertificateWarning]
    /// Whether anybody is known who could act here.
    var knowsPeople: Bool { get }
    /// Does it, if the passphrase is that of a person who may, and the exchange's state allows it; the problem's words are for that person.
    func perform(_ act: ExchangeAct, exchangeID: String, reason: String, as credentials: Credentials, from address: String) async throws(Problem)
    /// The folder with the published ledger (checkpoint and tiles), served read-only.
    var ledgerDirectory: String { get }
    /// Counters and gauges since the start, by Prometheus name.
    func metrics() async -> [(name: String, help: String, type: String, samples: [(labels: [(String, String)], value: Double)])]
}
