internal import Hummingbird
internal import NIOCore
internal import SluiceCore
internal import SluiceKit

/// A bar chart as its template draws it, with the table that says the same.
struct BarChart {
    struct Bar {
        var x: Int
        var y: Int
        var width: Int
        var height: Int
        var middleX: Int
        var label: String
        var value: String
        var valueY: Int
    }

    var id: String
    var title: String
    var words: String
    var bars: [Bar]

    private static let (left, top, width, height) = (10, 30, 740, 120)

    init(id: String, title: String, unit: String, values: [(name: String, value: Int64)]) {
        self.id = id
        self.title = title
        let most = max(1, values.map(\.value).max() ?? 1)
        let step = Self.width / max(1, values.count)
        // Labels in every place where there is room for one.
        let every = max(1, (values.count * 76 + Self.width - 1) / Self.width)
        bars = values.enumerated().map { place, one in
            let height = one.value == 0 ? 0 : max(1, Int(Double(Self.height) * Double(one.value) / Double(most)))
            let x = Self.left + place * step
            let barWidth = min(60, max(4, step - 6))
            let isLabelled = place % every == 0
            return Bar(
                x: x, y: Self.top + Self.height - height, width: barWidth, height: height, middleX: x + barWidth / 2, label: isLabelled ? one.name : "",
                value: step >= 34 ? grouped(one.value) : "", valueY: Self.top + Self.height - height - 5)
        }
        let sum = values.reduce(0) { $0 + $1.value }
        words = "\(grouped(sum)) \(unit) in \(values.count) periods, \(grouped(most)) in one at most. The table below has each."
    }
}

/// `/console/statistics`.
struct StatisticsPage: ConsolePage {
    struct Row {
        var period: String
        var sent: String
        var taken: String
        var refused: String
        var bytesOut: String
        var bytesIn: String
        var withheld: String
    }

    var viewer: ViewerView?
    var title = "Statistics"
    var node: NodeView
    var charts: [BarChart]
    var rows: [Row]
    var hasRows: Bool
    var entryCount: String
    var isCut: Bool
    var firstIndex: String

    init(status: NodeStatus, statistics: LedgerStatistics) {
        node = NodeView(status)
        let periods = statistics.periods
        func chart(_ id: String, _ title: String, _ unit: String, _ value: (LedgerStatistics.Tally) -> Int64) -> BarChart {
            BarChart(id: id, title: title, unit: unit, values: periods.map { ($0.name, value($0.tally)) })
        }
        charts = [
            chart("accepted", "Exchanges that were accepted, sent and received", "exchanges") { Int64($0.sent + $0.taken) },
            chart("refused", "Refusals", "refusals") { Int64($0.refused) },
            chart("volume", "Bytes sealed and received", "bytes") { $0.bytesOut + $0.bytesIn },
            chart("withheld", "Cells withheld", "cells") { $0.withheldCells },
        ]
        rows = periods.reversed().map { name, tally in
            Row(
                period: name, sent: grouped(Int64(tally.sent)), taken: grouped(Int64(tally.taken)), refused: grouped(Int64(tally.refused)),
                bytesOut: grouped(tally.bytesOut), bytesIn: grouped(tally.bytesIn), withheld: grouped(tally.withheldCells))
        }
        hasRows = !rows.isEmpty
        if !hasRows { charts = [] }
        entryCount = grouped(Int64(statistics.entryCount))
        isCut = statistics.firstIndex > 0
        firstIndex = grouped(statistics.firstIndex)
    }
}

/// `/console/retention`: what is to be erased, and when.
struct RetentionPage: ConsolePage {
    struct Row {
        var due: TimeView
        var isOverdue: Bool
        var address: String
        var id: String
        var partner: String
        var dataflow: String
        var agreement: String
        var state: StateView
    }
    struct Month {
        var name: String
        var count: String
    }

    var viewer: ViewerView?
    var title = "Retention"
    var node: NodeView
    var erased: String
    var months: [Month]
    var rows: [Row]
    var hasRows: Bool
    var isCut: Bool

    static let rowsMax = 100

    init(status: NodeStatus, calendar: RetentionCalendar) {
        node = NodeView(status)
        erased = grouped(Int64(calendar.erasedCount))
        var counts: [String: Int64] = [:]
        for record in calendar.due { counts[String((record.retainUntil ?? record.createdAt).rfc3339.prefix(7)), default: 0] += 1 }
        months = counts.sorted { $0.key < $1.key }.map { Month(name: $0.key, count: grouped($0.value)) }
        rows = calendar.due.prefix(Self.rowsMax).compactMap { record in
            guard let due = record.retainUntil else { return nil }
            return Row(
                due: TimeView(due), isOverdue: due < calendar.now, address: ExchangeRowView.address(sender: record.sender, id: record.id), id: record.id,
                partner: record.direction == .outgoing ? record.receiver : record.sender, dataflow: record.dataflow, agreement: record.agreement,
                state: StateView(record.state))
        }
        hasRows = !rows.isEmpty
        isCut = calendar.due.count >= RetentionCalendar.dueMax
    }
}

/// `/console/register`: the register of processing, Article 30 of the GDPR.
struct RegisterPage: ConsolePage {
    struct Row {
        var agreement: String
        var title: String
        var facts: [FactView]
        /// All that the ledger has of exchanges under it.
        var searchAddress: String
    }

    /// What changes from one version to another.
    struct Comparison {
        var heading: String
        var changes: [ChangeView]
        var hasChanges: Bool
    }
    struct ChangeView {
        var effect: String
        var tone: String
        var term: String
        var words: String
    }

    var viewer: ViewerView?
    var title = "Register of processing"
    var node: NodeView
    var rows: [Row]
    var hasRows: Bool
    var canCompare: Bool
    var earlier: [OptionView]
    var later: [OptionView]
    var comparison: Comparison?
    var mistake: String?

    /// - Parameters:
    ///   - from: the name of the agreement that is compared, `ID VERSION`; empty for none.
    ///   - to: the one it is compared with.
    init(status: NodeStatus, agreements: [StandingAgreement], from: String, to: String) {
        node = NodeView(status)
        rows = agreements.map { standing in
            let record = ProcessingRecord(standing, own: status.participant)
            return Row(
                agreement: record.agreement, title: record.title,
                facts: ProcessingRecord.columns.dropFirst(2).map { FactView(name: $0.name, value: $0.value(record)) }.filter { !$0.value.isEmpty },
                searchAddress: SearchQuery().with { $0.wanted[.agreement] = [standing.agreement.name] }.address)
        }
        hasRows = !rows.isEmpty
        canCompare = agreements.count > 1
        func options(_ chosen: String) -> [OptionView] {
            agreements.map { OptionView(value: $0.agreement.name, word: $0.agreement.name, isSelected: $0.agreement.name == chosen) }
        }
        earlier = options(from)
        later = options(to)
        guard !from.isEmpty || !to.isEmpty else { return }
        guard let old = agreements.first(where: { $0.agreement.name == from })?.agreement,
            let new = agreements.first(where: { $0.agreement.name == to })?.agreement
        else {
            mistake = "Choose two agreements of this node."
            return
        }
        let changes = AgreementDifference.changes(from: old, to: new).map { change in
            ChangeView(
                effect: change.effect.rawValue, tone: change.effect == .wider || change.leavesProtectionOpen ? "bad" : "", term: change.term,
                words: change.words)
        }
        comparison = Comparison(heading: "From \(old.name) to \(new.name)", changes: changes, hasChanges: !changes.isEmpty)
    }

    /// The register as a table of its own.
    static func csv(_ records: [ProcessingRecord]) -> String {
        let rows = [ProcessingRecord.columns.map(\.name)] + records.map { record in ProcessingRecord.columns.map { $0.value(record) } }
        return rows.map(CSVText.row).joined()
    }
}

extension Console {
    func statisticsPage(_ viewer: Viewer) async throws -> Response {
        html(.ok, StatisticsPage(status: try await node.status(), statistics: try await node.ledgerStatistics()), "statistics", viewer: viewer)
    }

    func retentionPage(_ viewer: Viewer) async throws -> Response {
        html(.ok, RetentionPage(status: try await node.status(), calendar: try await node.retentionCalendar()), "retention", viewer: viewer)
    }

    func registerPage(_ query: String, _ viewer: Viewer) async throws -> Response {
        let fields = FormFields.pairs(query)
        func value(_ name: String) -> String { fields.first { $0.0 == name }?.1 ?? "" }
        let page = RegisterPage(status: try await node.status(), agreements: node.standingAgreements, from: value("from"), to: value("to"))
        return html(page.mistake == nil ? .ok : .badRequest, page, "register", viewer: viewer)
    }

    func registerTable() async throws -> Response {
        let own = try await node.status().participant
        let records = node.standingAgreements.map { ProcessingRecord($0, own: own) }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8; header=present", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"register-\(node.participantName).csv\"",
            ], body: ResponseBody(byteBuffer: ByteBuffer(string: RegisterPage.csv(records))))
    }
}
