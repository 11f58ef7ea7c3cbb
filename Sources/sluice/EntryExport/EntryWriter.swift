internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger

/// Writes ledger entries one after the other in the form of another system, in memory that does not grow with their number.
protocol EntryWriter {
    mutating func begin() throws
    mutating func write(_ index: Int64, _ bytes: [UInt8], _ entry: LedgerEntry) throws
    mutating func end() throws
}

/// What most forms ask of an entry.
struct EntryView {
    let entry: LedgerEntry
    private let data: JSONValue

    init(_ entry: LedgerEntry) {
        self.entry = entry
        data = .object(entry.data)
    }

    func text(_ name: String) -> String { data[name]?.text ?? "" }

    /// The other side, whichever member names it.
    var counterpart: String { ["receiver", "counterpart", "sender", "participant"].map(text).first { !$0.isEmpty } ?? "" }

    /// Whether it tells that something did not come about.
    var isFailure: Bool { LedgerEvent.failures.contains(text("outcome")) }
}

/// The entries as they are stored: CloudEvents 1.0, one JSON document a line.
struct CloudEventsWriter: EntryWriter {
    let out: ByteWriter

    mutating func begin() throws {}
    mutating func write(_ index: Int64, _ bytes: [UInt8], _ entry: LedgerEntry) throws {
        try bytes.withUnsafeBytes { try out.write($0) }
        try out.write("\n")
    }
    mutating func end() throws { try out.flush() }
}

/// A table after RFC 4180, with a head.
struct CSVEntryWriter: EntryWriter {
    let out: ByteWriter
    static let columns = [
        "index", "time", "type", "outcome", "reasonCode", "subject", "actor", "counterpart", "dataflow", "agreement", "purpose", "id", "data",
    ]

    mutating func begin() throws { try row(Self.columns) }

    mutating func write(_ index: Int64, _ bytes: [UInt8], _ entry: LedgerEntry) throws {
        let view = EntryView(entry)
        try row(
            [String(index), entry.time, entry.type, view.text("outcome"), view.text("reasonCode"), entry.subject, view.text("actor"), view.counterpart]
                + [view.text("dataflow"), view.text("agreement"), view.text("purpose"), entry.id, JSONValue.object(entry.data).compactText])
    }

    mutating func end() throws { try out.flush() }

    private func row(_ cells: [String]) throws { try out.write(text: CSVText.row(cells)) }
}

/// OCSF 1.6.0, class API Activity (6003): one JSON document a line.
///
/// What has no place in the class goes into `unmapped` as it is; nothing of an entry is lost.
struct OCSFWriter: EntryWriter {
    let out: ByteWriter
    /// The ledger that the entries are of.
    let logName: String

    static let version = "1.6.0"

    mutating func begin() throws {}

    mutating func write(_ index: Int64, _ bytes: [UInt8], _ entry: LedgerEntry) throws {
        let view = EntryView(entry)
        let activity = Self.activity(entry.type)
        let outcome = view.text("outcome")
        var event = [
            JSONMember("activity_id", .integer(activity)), JSONMember("category_uid", .integer(6)), JSONMember("class_uid", .integer(6003)),
            JSONMember("type_uid", .integer(600_300 + activity)), JSONMember("time", .integer(EntryFacts(bytes)?.time.milliseconds ?? 0)),
            JSONMember("severity_id", .integer(view.isFailure ? 3 : 1)), JSONMember("status_id", .integer(view.isFailure ? 2 : outcome.isEmpty ? 0 : 1)),
        ]
        if !outcome.isEmpty { event.append(JSONMember("status_detail", .string(outcome))) }
        if !view.text("reasonCode").isEmpty { event.append(JSONMember("status_code", .string(view.text("reasonCode")))) }
        event += [
            JSONMember(
                "metadata",
                .object([
                    JSONMember("version", .string(Self.version)), JSONMember("uid", .string(entry.id)), JSONMember("correlation_uid", .string(entry.subject)),
                    JSONMember("log_name", .string(logName)), JSONMember("sequence", .integer(index)), JSONMember("original_time", .string(entry.time)),
                    JSONMember("event_code", .string(entry.type)),
                    JSONMember("product", ["name": "Sluice", "vendor_name": "Sluice", "version": .string(view.text("software"))]),
                ])),
            JSONMember("actor", ["app_name": "Sluice", "app_uid": .string(entry.source)]),
            JSONMember(
                "api", .object([JSONMember("operation", .string(entry.type)), JSONMember("service", ["name": "Sluice", "uid": .string(entry.source)])])),
            JSONMember("src_endpoint", ["name": .string(view.text("actor").isEmpty ? entry.source : view.text("actor"))]),
        ]
        if !view.counterpart.isEmpty { event.append(JSONMember("dst_endpoint", ["name": .string(view.counterpart)])) }
        let resources = [("exchange", entry.subject), ("dataflow", view.text("dataflow")), ("agreement", view.text("agreement"))].filter { !$0.1.isEmpty }
        event.append(JSONMember("resources", .array(resources.map { ["type": .string($0.0), "uid": .string($0.1)] })))
        event.append(JSONMember("unmapped", .object(entry.data)))
        try out.write(text: JSONValue.object(event).compactText + "\n")
    }

    mutating func end() throws { try out.flush() }

    /// Create, Read, Update, Delete or Other, by what happened to the exchange, the dataset or the agreement.
    private static func activity(_ type: String) -> Int64 {
        switch LedgerEvent.Kind(rawValue: type) {
        case .packageSealed, .exchangeQueued, .packageReceived, .datasetStored, .receiptIssued, .datasetWritten, .datasetTabulated, .agreementNamed: 1
        case .datasetRead, .datasetChecked, .packageVerified, .receiptVerified, .agreementDecided: 2
        case .agreementChanged, .participantChanged, .datasetProtected, .exchangeApproved: 3
        case .exchangeErased: 4
        case .exchangeAwaitsApproval, .exchangeRefused, .deliveryFailed, .exchangeParked, .exchangeReplayed, .exchangeHandedOver, .exchangeExpired,
            .exchangeCancelled, .receiptConflicting, .packageRefused, .feedRun, .witnessFork, .nodeStarted, nil:
            99
        }
    }
}
