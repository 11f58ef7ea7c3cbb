internal import SluiceCore
internal import SluiceKit

/// An entry that was found.
struct SearchRowView {
    struct Link {
        var address: String
        var word: String
    }

    var index: String
    var address: String
    /// Covered by a checkpoint, so that it can be followed to its root.
    var isPublished: Bool
    var time: String
    var machineTime: String
    var word: String
    var type: String
    /// The exchange that it is about; more than one where two senders gave the same id.
    var exchanges: [Link]
    /// What it is about, where that is no exchange that is kept, and nothing said elsewhere.
    var subject: String?
    var partner: String
    var dataflow: String
    var outcome: String
    var tone: String
    var reason: String

    private static let exchangesMax = 2

    init(_ index: Int64, _ bytes: [UInt8], _ known: [String: [ExchangeRecord]], _ status: NodeStatus) {
        let entry = try? JSONValue(parsing: bytes)
        let data = entry?["data"]
        func text(_ name: String) -> String { data?[name]?.text ?? "" }
        self.index = grouped(index)
        address = "/console/ledger/\(index)"
        isPublished = index < status.ledgerPublishedSize
        let type = entry?["type"]?.text ?? ""
        let subject = entry?["subject"]?.text ?? ""
        let time = entry?["time"]?.text ?? ""
        machineTime = EscapedText.cut(time, to: 30)
        self.time = EscapedText.cut("\(time.prefix(10)) \(time.dropFirst(11).prefix(8))", to: 30)
        let records = Array((known[subject] ?? []).prefix(Self.exchangesMax))
        word = EscapedText.cut(entry == nil ? "No entry that can be read" : EntryWords.words(of: type, isOutgoing: records.first?.direction != .incoming).word)
        self.type = EscapedText.cut(SearchQuery.short(type, .type))
        exchanges = records.map { record in
            Link(
                address: ExchangeRowView.address(sender: record.sender, id: record.id),
                word: EscapedText.cut(records.count > 1 ? "\(record.id) of \(record.sender)" : record.id))
        }
        let partners = records.map { $0.direction == .outgoing ? $0.receiver : $0.sender }
        let named = ["counterpart", "participant", "receiver", "sender"].map(text).first { !$0.isEmpty && $0 != status.participant.rawValue } ?? ""
        partner = EscapedText.cut(partners.first ?? named)
        // The node itself and the partner need not be said again.
        let isSaid = ["", status.participant.rawValue, named].contains(subject)
        self.subject = exchanges.isEmpty && !isSaid ? EscapedText.cut(subject) : nil
        dataflow = EscapedText.cut(records.first?.dataflow ?? text("dataflow"))
        outcome = EscapedText.cut(text("outcome"))
        tone = EntryWords.tone(outcome: text("outcome"), type: type)
        reason = EscapedText.cut(text("reasonCode"))
    }

    /// What of it others can make long.
    var escapedBytes: Int {
        ([machineTime, time, word, type, subject ?? "", partner, dataflow, outcome, reason] + exchanges.flatMap { [$0.address, $0.word] })
            .reduce(0) { $0 + EscapedText.byteCount($1) }
    }
}
