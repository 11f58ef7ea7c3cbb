internal import SluiceCore
internal import SluiceKit

// What the templates show, as text already chosen: templates decide nothing but order and mark-up.

/// A point in time for machines and for people.
struct TimeView {
    var machine: String
    /// Without the time zone, where a heading says it.
    var brief: String
    var human: String

    init(_ instant: Instant) {
        machine = instant.rfc3339
        brief = "\(machine.prefix(10)) \(machine.dropFirst(11).prefix(8))"
        human = brief + " UTC"
    }
}

/// A state with the word for it.
struct StateView {
    var code: String
    var word: String
    /// good, bad, waiting: colour only repeats what the word says.
    var tone: String
    var meaning: String

    init(_ state: ExchangeState) {
        code = state.rawValue
        (word, tone, meaning) =
            switch state {
            case .refusedHere: ("Refused here", "bad", "This node's own check, agreement or protection refused it. Nothing left the node.")
            case .awaitingApproval:
                ("Awaiting approval", "waiting", "Fit to leave, and not sealed. A second person has to approve it; nothing has left.")
            case .queued: ("Waiting", "waiting", "Sealed, and waiting to be delivered.")
            case .handedOver: ("Handed over", "waiting", "The transport has taken it; the receipt will come by itself.")
            case .expired: ("Expired", "bad", "It could not be delivered in its time. Nothing more is sent; a late receipt still counts.")
            case .cancelled: ("Cancelled", "bad", "Withdrawn by a person before it was delivered.")
            case .parked: ("Parked", "bad", "Delivery was given up for now. An operator can have it tried again.")
            case .receipted: ("Accepted by receiver", "good", "The receiver's signed receipt says accepted.")
            case .refusedByReceiver: ("Refused by receiver", "bad", "The receiver's signed receipt says refused.")
            case .received: ("Received", "waiting", "Verified and recorded, not yet decided.")
            case .accepted: ("Accepted", "good", "Stored and published. Our signed receipt says accepted.")
            case .refused: ("Refused", "bad", "Our signed receipt says refused.")
            }
    }
}

/// The head of every page: which node this is and how it is.
struct NodeView {
    var participant: String
    var isReady: Bool
    var notReadyReason: String
    var startedAt: TimeView
    var ledgerSize: String
    var ledgerPublishedSize: String
    var isLedgerBehind: Bool
    var outboxWaiting: String
    var outboxParked: String
    var hasParked: Bool
    var hasSelfCheck: Bool
    var selfCheck: String
    var isSelfCheckWell: Bool

    init(_ status: NodeStatus) {
        participant = status.participant.rawValue
        isReady = status.isReady
        notReadyReason = status.notReadyReason
        startedAt = TimeView(status.startedAt)
        ledgerSize = grouped(status.ledgerSize)
        ledgerPublishedSize = grouped(status.ledgerPublishedSize)
        isLedgerBehind = status.ledgerPublishedSize < status.ledgerSize
        outboxWaiting = grouped(Int64(status.outboxWaiting))
        outboxParked = grouped(Int64(status.outboxParked))
        hasParked = status.outboxParked > 0
        hasSelfCheck = status.selfCheck != nil
        selfCheck = status.selfCheck?.sentence ?? ""
        isSelfCheckWell = status.selfCheck?.isWell ?? true
    }
}

/// What is wrong with a certificate, or will be soon.
struct WarningView {
    var severity: String
    var tone: String
    var participant: String
    var use: String
    var detail: String

    init(_ warning: CertificateWarning) {
        severity = warning.severity.rawValue
        tone =
            switch warning.severity {
            case .critical: "bad"
            case .warning: "waiting"
            case .note: ""
            }
        participant = warning.owner.rawValue
        use = warning.use.rawValue
        detail = warning.detail
    }
}

struct FeedView {
    var id: String
    var schedule: String
    var timeZone: String
    var nextRun: TimeView?
    var lastRun: TimeView?
    var outcome: String
    var tone: String
    var detail: String
    var exchangeAddress: String?

    init(_ feed: NodeStatus.FeedStatus, participant: ParticipantID) {
        id = feed.id
        schedule = feed.schedule
        timeZone = feed.timeZone
        nextRun = feed.nextRun.map(TimeView.init)
        lastRun = feed.lastRun.map { TimeView($0.scheduledAt) }
        detail = feed.lastRun?.detail ?? ""
        (outcome, tone) =
            switch feed.lastRun?.outcome {
            case nil: ("Never run", "waiting")
            case .running: ("Running", "waiting")
            case .sent: ("Sent", "good")
            case .awaitingApproval: ("Awaiting approval", "waiting")
            case .unchanged: ("Nothing new", "good")
            case .refused: ("Refused", "bad")
            case .failed: ("Failed", "bad")
            }
        if let id = feed.lastRun?.exchangeID, !id.isEmpty { exchangeAddress = ExchangeRowView.address(sender: participant.rawValue, id: id) }
    }
}

struct ExchangeRowView {
    var address: String
    var id: String
    var createdAt: TimeView
    var direction: String
    var partner: String
    var dataflow: String
    var observations: String
    var state: StateView
    var hasReason: Bool
    var reason: String

    init(_ record: ExchangeRecord) {
        address = Self.address(sender: record.sender, id: record.id)
        id = record.id
        createdAt = TimeView(record.createdAt)
        direction = record.direction == .outgoing ? "to" : "from"
        partner = record.direction == .outgoing ? record.receiver : record.sender
        dataflow = record.dataflow
        observations = grouped(Int64(record.observations))
        state = StateView(record.state)
        reason = record.reason
        hasReason = !reason.isEmpty
    }

    static func address(sender: String, id: String) -> String {
        "/console/exchanges/\(ConsoleQuery.percentEncoded(sender))/\(ConsoleQuery.percentEncoded(id))"
    }
}

/// A button of the form on an exchange's page.
struct ActView {
    var value: String
    var word: String
    var meaning: String

    init(_ act: ExchangeAct) {
        value = act.rawValue
        (word, meaning) =
            switch act {
            case .replay: ("Replay", "deliver it again under the same id; a partner that has it answers with its first receipt")
            case .park: ("Park", "stop trying until it is replayed or cancelled")
            case .cancel: ("Cancel", "withdraw it for good; what the receiver already has it keeps")
            case .approve: ("Approve", "seal what is shown here and send it; not for whoever sent it")
            case .refuse: ("Refuse", "let it not leave, for the reason that you give; not for whoever sent it")
            }
    }
}

struct OptionView {
    var value: String
    var word: String
    var isSelected: Bool
}

struct CountView {
    var word: String
    var count: String
    var address: String
}

/// 1234567 as `1 234 567` with narrow no-break spaces (ISO 80000-1), which no language reads as a decimal mark.
func grouped(_ number: Int64) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
        if index > 0 && (digits.count - index) % 3 == 0 { text.append("\u{202F}") }
        text.append(digit)
    }
    return text
}
