internal import SluiceCore
internal import SluiceKit

/// `/console/looks`: who looked at which record, the newest first.
struct LooksPage: ConsolePage {
    struct Row {
        var time: String
        var person: String
        var code: String
        var page: String
        var subject: String
        var query: String
    }

    var viewer: ViewerView?
    var title = "Looks at records"
    var node: NodeView
    var rows: [Row]
    var hasRows: Bool
    var olderAddress: String?

    static let perPage = 100

    init(status: NodeStatus, looks: [NotedLook]) {
        node = NodeView(status)
        rows = looks.prefix(Self.perPage).map { look in
            Row(
                time: "\(look.time.prefix(10)) \(look.time.dropFirst(11).prefix(8))",
                person: look.person ?? (look.personCode.isEmpty ? "nobody signed in" : "no longer known"), code: String(look.personCode.prefix(12)),
                page: look.page, subject: look.subject == status.participant.rawValue ? "" : look.subject, query: look.query)
        }
        hasRows = !rows.isEmpty
        if looks.count > Self.perPage {
            let last = looks[Self.perPage - 1].place
            olderAddress = "\(ConsoleRoute.looks.path)?before=\(last.month).\(last.index)"
        }
    }

    /// `2026-11.42`; nil for anything else.
    static func place(_ text: String) -> LookPlace? {
        let halves = text.split(separator: ".", omittingEmptySubsequences: false)
        guard halves.count == 2, halves[0].utf8.count == 7, halves[0].utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2d }),
            let index = Int(halves[1]), index >= 0
        else { return nil }
        return LookPlace(month: String(halves[0]), index: index)
    }
}
