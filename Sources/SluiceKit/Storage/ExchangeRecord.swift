/// Where an exchange stands. Docs/ExchangeProtocol.md draws the transitions.
public enum ExchangeState: String, Hashable, Sendable, CaseIterable {
    // Out
    /// Refused by the giver's own check, agreement or protection: nothing left.
    case refusedHere = "refused-here"
    /// Fit to leave, and not sealed: a second person has to approve it first.
    case awaitingApproval = "awaiting-approval"
    /// Sealed and in the outbox.
    case queued
    /// The transport took it (a drop folder), and the receipt comes by itself.
    case handedOver = "handed-over"
    /// Delivery was given up for now; an operator can replay it.
    case parked
    /// Undelivered past its time: nothing more is sent. A receipt that comes all the same still settles it.
    case expired
    /// Withdrawn by a person, before the first attempt or while parked.
    case cancelled
    /// The receiver's signed receipt says accepted.
    case receipted
    /// The receiver's signed receipt says refused.
    case refusedByReceiver = "refused-by-receiver"
    // In
    /// Verified and recorded, not yet decided.
    case received
    /// Stored and published; our receipt says accepted.
    case accepted
    /// Our receipt says refused.
    case refused

    /// No further step will follow by itself.
    public var isSettled: Bool { self != .queued && self != .handedOver && self != .received }
}

/// One exchange as the store keeps it.
public struct ExchangeRecord: Hashable, Sendable {
    public enum Direction: String, Hashable, Sendable { case outgoing = "out", incoming = "in" }

    /// UUIDv7 in text form, given by the sender; with the sender it is unique.
    public var id: String
    public var direction: Direction
    public var sender: String
    public var receiver: String
    /// `AGENCY:ID(VERSION)`.
    public var dataflow: String
    public var agreement: String
    public var purpose: String
    public var state: ExchangeState
    /// A stable code that says why it was refused or parked; empty otherwise.
    public var reasonCode: String
    /// The same in words.
    public var reason: String
    public var observations: Int
    public var bytes: Int
    /// SHA-256 (hex) of the package's manifest; empty while there is no package.
    public var manifestDigest: String
    /// SHA-256 (hex) of the package and of the receipt, whole files; empty while there is none. They stay when the bodies are erased.
    public var packageDigest: String
    public var receiptDigest: String
    /// Identifier of the seal that the package has.
    public var seal: String
    /// The key of the exchange's bodies, itself encrypted under the node's storage key; empty once erased. Without it the bodies are noise.
    public var wrappedKey: [UInt8]
    /// When the bodies are to be erased; nil for never, and once they are.
    public var retainUntil: Instant?
    /// Whether the bodies were erased.
    public var isErased: Bool
    /// The findings (first of each code) as JSON, for people.
    public var findingsJSON: String
    public var createdAt: Instant
    public var updatedAt: Instant

    public init(id: String, direction: Direction, sender: String, receiver: String, dataflow: String, state: ExchangeState, createdAt: Instant) {
        self.id = id
        self.direction = direction
        self.sender = sender
        self.receiver = receiver
        self.dataflow = dataflow
        self.state = state
        self.createdAt = createdAt
        updatedAt = createdAt
        agreement = ""
        purpose = ""
        reasonCode = ""
        reason = ""
        observations = 0
        bytes = 0
        manifestDigest = ""
        packageDigest = ""
        receiptDigest = ""
        seal = ""
        wrappedKey = []
        retainUntil = nil
        isErased = false
        findingsJSON = "[]"
    }
}

/// A package that waits for delivery.
public struct OutboxItem: Hashable, Sendable {
    public var exchangeID: String
    public var receiver: String
    public var dataflow: String
    /// Order of recording, given by the store; deliveries of one (receiver, dataflow) follow it.
    public var sequence: Int64
    public var attempts: Int
    public var nextAttemptAt: Instant
    /// Since when it waits: when it was recorded, or last replayed by a person. The retry window counts from here.
    public var waitingSince: Instant
    /// Another worker holds it until then.
    public var claimedUntil: Instant?
    public var isParked: Bool
    public var lastError: String

    public init(exchangeID: String, receiver: String, dataflow: String, sequence: Int64 = 0, nextAttemptAt: Instant) {
        self.exchangeID = exchangeID
        self.receiver = receiver
        self.dataflow = dataflow
        self.sequence = sequence
        attempts = 0
        self.nextAttemptAt = nextAttemptAt
        waitingSince = nextAttemptAt
        claimedUntil = nil
        isParked = false
        lastError = ""
    }
}

/// A dataset that a node took in: the payload of a package that is kept.
public struct DatasetRecord: Hashable, Sendable {
    public var exchangeID: String
    public var sender: String
    public var dataflow: String
    /// Format id of the stored bytes.
    public var format: String
    /// Name of its file inside the package, and SHA-256 (hex) of that file.
    public var name: String
    public var sha256: String
    public var observations: Int
    public var bytes: Int
    public var storedAt: Instant

    public init(
        exchangeID: String, sender: String, dataflow: String, format: String, name: String, sha256: String, observations: Int, bytes: Int, storedAt: Instant
    ) {
        self.exchangeID = exchangeID
        self.sender = sender
        self.dataflow = dataflow
        self.format = format
        self.name = name
        self.sha256 = sha256
        self.observations = observations
        self.bytes = bytes
        self.storedAt = storedAt
    }
}

/// A message on the bus.
public struct BusMessage: Hashable, Sendable {
    /// Given by the store; messages of the bus are totally ordered.
    public var sequence: Int64
    /// `dataset.received/<flow>`, `exchange.refused`, …
    public var topic: String
    /// Order is kept within one key (sender and dataflow).
    public var orderKey: String
    /// A JSON object.
    public var body: String
    public var publishedAt: Instant

    public init(sequence: Int64 = 0, topic: String, orderKey: String, body: String, publishedAt: Instant) {
        self.sequence = sequence
        self.topic = topic
        self.orderKey = orderKey
        self.body = body
        self.publishedAt = publishedAt
    }
}

/// A durable subscription's work on one message that has not succeeded yet.
public struct SubscriptionDelivery: Hashable, Sendable {
    public var subscription: String
    public var message: BusMessage
    public var attempts: Int
    public var nextAttemptAt: Instant
    /// Since when it waits: when the message was published, or last replayed by a person.
    public var waitingSince: Instant
    public var isParked: Bool
    public var lastError: String

    /// - Parameter waitingSince: nil for the message's own time.
    public init(
        subscription: String, message: BusMessage, attempts: Int, nextAttemptAt: Instant, waitingSince: Instant? = nil, isParked: Bool, lastError: String
    ) {
        self.subscription = subscription
        self.message = message
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.waitingSince = waitingSince ?? message.publishedAt
        self.isParked = isParked
        self.lastError = lastError
    }
}

/// One run of a feed; (feed, scheduledAt) is unique, so two nodes never run the same date twice.
public struct FeedRun: Hashable, Sendable {
    public enum Outcome: String, Hashable, Sendable {
        case running, sent, unchanged, refused, failed
        /// What it made waits for a second person.
        case awaitingApproval = "awaiting-approval"
    }
    public var feed: String
    public var scheduledAt: Instant
    public var startedAt: Instant
    public var endedAt: Instant?
    public var outcome: Outcome
    public var exchangeID: String
    public var detail: String

    public init(feed: String, scheduledAt: Instant, startedAt: Instant) {
        self.feed = feed
        self.scheduledAt = scheduledAt
        self.startedAt = startedAt
        endedAt = nil
        outcome = .running
        exchangeID = ""
        detail = ""
    }
}
