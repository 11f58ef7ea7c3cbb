internal import SluiceCore
internal import SluiceKit

/// A name and what stands beside it.
struct FactView {
    var name: String
    var value: String
}

/// What would leave, for whoever has to approve it: as the ledger has it, which is what will be held against them and the node later.
struct ReleaseView {
    var address: String
    var id: String
    var createdAt: TimeView
    var receiver: String
    var dataflow: String
    var facts: [FactView]

    init(_ record: ExchangeRecord, _ entries: [(index: Int64, entry: [UInt8])]) {
        address = ExchangeRowView.address(sender: record.sender, id: record.id)
        id = record.id
        createdAt = TimeView(record.createdAt)
        receiver = record.receiver
        dataflow = record.dataflow
        var data: [String: JSONValue] = [:]
        for (_, entry) in entries {
            guard let json = try? JSONValue(parsing: entry), let type = json["type"]?.text, let found = json["data"] else { continue }
            data[type] = found
        }
        func text(_ kind: LedgerEvent.Kind, _ member: String) -> String { data[kind.rawValue]?[member]?.text ?? "" }
        let decided = data[LedgerEvent.Kind.agreementDecided.rawValue]
        facts = [
            FactView(name: "Decision", value: "\(text(.agreementDecided, "outcome")), for \(record.purpose)"),
            FactView(name: "Agreement", value: (decided?["rules"]?.elements ?? []).compactMap(\.text).joined(separator: ", ")),
            FactView(name: "Agreement (SHA-256)", value: text(.agreementDecided, "agreementSHA256")),
            FactView(name: "Read from the input", value: Self.observations(data[LedgerEvent.Kind.datasetRead.rawValue])),
            FactView(name: "Would leave", value: "\(Self.observations(data[LedgerEvent.Kind.datasetWritten.rawValue])), \(text(.datasetWritten, "format"))"),
            FactView(name: "Payload (SHA-256)", value: text(.datasetWritten, "payloadSHA256")),
        ]
        let protections = data[LedgerEvent.Kind.datasetProtected.rawValue]?["protections"]?.elements ?? []
        facts += protections.map { FactView(name: "Protection", value: Self.words(of: $0)) }
        if protections.isEmpty { facts.append(FactView(name: "Protection", value: "none is obliged")) }
        let findings = data[LedgerEvent.Kind.datasetChecked.rawValue]?["findings"]?.members ?? []
        let found = findings.map { "\($0.value.integer ?? 0) × \($0.name)" }.joined(separator: ", ")
        facts.append(FactView(name: "Findings", value: found.isEmpty ? "none" : found))
        facts.removeAll { $0.value.isEmpty }
    }

    private static func observations(_ data: JSONValue?) -> String { data?["observations"]?.integer.map { "\(grouped($0)) observations" } ?? "" }

    /// A protection's report, its method first.
    static func words(of report: JSONValue) -> String {
        let method = report["method"]?.text ?? "—"
        let figures = (report.members ?? []).filter { $0.name != "method" }.map { member in
            "\(member.name) \(member.value.integer.map { grouped($0) } ?? member.value.text ?? "—")"
        }
        return ([method] + figures).joined(separator: ", ")
    }
}

/// `/console/approvals`: what waits for a second person, the oldest last.
struct ApprovalsPage: ConsolePage {
    var viewer: ViewerView?
    static let address = "/console/approvals"

    var title = "Awaiting approval"
    var node: NodeView
    var hasRows: Bool
    var rows: [ReleaseView]
    var olderAddress: String?

    init(status: NodeStatus, releases: [ReleaseView], olderAddress: String?) {
        node = NodeView(status)
        rows = releases
        hasRows = !rows.isEmpty
        self.olderAddress = olderAddress
    }
}
