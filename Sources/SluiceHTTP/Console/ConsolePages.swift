internal import SluiceCore
internal import SluiceKit

/// `/console`: the node at a glance, and its exchanges, newest first.
struct ExchangesPage: ConsolePage {
    var viewer: ViewerView?
    /// The ledger since the viewer's last visit.
    var visit: VisitCard?
    /// Who vouches for the ledger, where there is anything to say of it.
    var witnessing: WitnessView?
    var title: String
    var node: NodeView
    var isFront: Bool
    var hasWarnings: Bool
    var warnings: [WarningView]
    var warningsLeftOut: String?
    var hasFeeds: Bool
    var feeds: [FeedView]
    var counts: [CountView]
    var mistakes: [String]
    var hasMistakes: Bool
    var states: [OptionView]
    var directions: [OptionView]
    var participant: String
    var dataflow: String
    var isFiltered: Bool
    var hasRows: Bool
    var rows: [ExchangeRowView]
    var caption: String
    var olderAddress: String?
    var newestAddress: String?

    private static let warningsShownMax = 20

    init(status: NodeStatus, query: ConsoleQuery, records: [ExchangeRecord], hasOlder: Bool, warnings all: [CertificateWarning]) {
        node = NodeView(status)
        feeds = status.feeds.map { FeedView($0, participant: status.participant) }
        // A filter or a further page is about exchanges alone.
        isFront = query.isEverything
        title = isFront ? "Overview" : "Exchanges"
        warnings = all.prefix(Self.warningsShownMax).map(WarningView.init)
        hasWarnings = !warnings.isEmpty
        warningsLeftOut = all.count > Self.warningsShownMax ? grouped(Int64(all.count - Self.warningsShownMax)) : nil
        hasFeeds = isFront && !feeds.isEmpty
        counts = ExchangeState.allCases.compactMap { state in
            guard let count = status.exchangeCounts[state], count > 0 else { return nil }
            let address = state == .awaitingApproval ? ApprovalsPage.address : ConsoleQuery().with { $0.state = state }.address
            return CountView(word: StateView(state).word, count: grouped(Int64(count)), address: address)
        }
        mistakes = query.mistakes
        hasMistakes = !mistakes.isEmpty
        states = ExchangeState.allCases.map { OptionView(value: $0.rawValue, word: StateView($0).word, isSelected: query.state == $0) }
        directions = [(ExchangeRecord.Direction.outgoing, "sent"), (.incoming, "received")].map {
            OptionView(value: $0.0.rawValue, word: $0.1, isSelected: query.direction == $0.0)
        }
        participant = query.participant ?? ""
        dataflow = query.dataflow ?? ""
        isFiltered = query.with { $0.before = nil }.address != "/console"
        rows = records.map(ExchangeRowView.init)
        hasRows = !rows.isEmpty
        caption = (query.before == nil ? "Newest exchanges" : "Older exchanges") + (isFiltered ? " that match the filter" : "")
        olderAddress = hasOlder ? records.last.map { last in query.with { $0.before = last.id }.address } : nil
        newestAddress = query.before == nil ? nil : query.with { $0.before = nil }.address
    }
}

/// `/console/exchanges/{sender}/{id}`: one exchange, with all that the ledger says of it.
struct ExchangePage: ConsolePage {
    var viewer: ViewerView?
    typealias Fact = FactView

    var title: String
    var node: NodeView
    var id: String
    var state: StateView
    var hasReason: Bool
    var reasonCode: String
    var reason: String
    var createdAt: TimeView
    var updatedAt: TimeView
    var facts: [Fact]
    var isWaiting: Bool
    /// What would leave, where it waits for approval.
    var release: [Fact]
    var hasFindings: Bool
    var findings: [FindingView]
    var hasEntries: Bool
    var entries: [LedgerEntryView]
    var entriesLeftOut: String?
    var picture: FlowPicture
    var hasActs: Bool
    var acts: [ActView]
    var asksReason: Bool
    var actAddress: String

    init(status: NodeStatus, record: ExchangeRecord, entries all: [(index: Int64, entry: [UInt8])], entriesShownMax: Int, acts: [ExchangeAct]) {
        node = NodeView(status)
        id = record.id
        title = "Exchange \(record.id)"
        state = StateView(record.state)
        reasonCode = record.reasonCode
        reason = record.reason
        hasReason = !(reasonCode.isEmpty && reason.isEmpty)
        createdAt = TimeView(record.createdAt)
        updatedAt = TimeView(record.updatedAt)
        facts = [
            ("Direction", record.direction == .outgoing ? "sent" : "received"), ("Sender", record.sender), ("Receiver", record.receiver),
            ("Dataflow", record.dataflow),
            ("Agreement", record.agreement), ("Purpose", record.purpose), ("Observations", grouped(Int64(record.observations))),
            ("Bytes", grouped(Int64(record.bytes))),
            ("Manifest digest (SHA-256)", record.manifestDigest), ("Package (SHA-256)", record.packageDigest), ("Receipt (SHA-256)", record.receiptDigest),
        ].map { Fact(name: $0.0, value: $0.1.isEmpty ? "—" : $0.1) }
        isWaiting = record.state == .awaitingApproval
        release = isWaiting ? ReleaseView(record, all).facts : []
        findings = FindingView.all(json: record.findingsJSON)
        hasFindings = !findings.isEmpty
        // In the order of the log, whatever order they came in.
        let ordered = all.sorted { $0.index < $1.index }
        entries = ordered.prefix(entriesShownMax).enumerated().map { place, one in
            LedgerEntryView(
                index: one.index, bytes: one.entry, publishedSize: status.ledgerPublishedSize, isOutgoing: record.direction == .outgoing, number: place + 1)
        }
        picture = FlowPicture(record: record, participant: status.participant.rawValue, entries: entries)
        hasEntries = !entries.isEmpty
        entriesLeftOut = ordered.count > entriesShownMax ? grouped(Int64(ordered.count - entriesShownMax)) : nil
        self.acts = acts.map(ActView.init)
        hasActs = !acts.isEmpty
        asksReason = acts.contains(where: \.needsReason)
        actAddress = ExchangeRowView.address(sender: record.sender, id: record.id) + "/acts"
    }
}

/// A page that only says something.
struct MessagePage: ConsolePage {
    var viewer: ViewerView?
    var title: String
    var heading: String
    var words: String
    var back: String?

    init(heading: String, words: String, back: String?) {
        title = heading
        self.back = back
        self.heading = heading
        self.words = words
    }
}
