internal import Hummingbird
internal import SluiceCore
internal import SluiceKit

/// The pages on which a browser recomputes what the ledger says.
extension Console {
    func entryPage(index text: String, _ viewer: Viewer) async throws -> Response {
        guard let index = Int64(text), index >= 0, String(index) == text, let facts = try await node.ledgerPath(index: index) else {
            throw HTTPError(.notFound)
        }
        return recomputing(html(.ok, EntryPage(status: try await node.status(), facts: facts), "entry", viewer: viewer))
    }

    func visitPage(_ viewer: Viewer) async throws -> Response {
        var earlier: String?
        if case .checkpoint(let text)? = viewer.session?.earlierVisit { earlier = text }
        let page = VisitPage(
            status: try await node.status(), card: await visitCard(viewer), checkpoint: try await node.publishedCheckpoint(), earlier: earlier,
            witnessing: WitnessView(try await node.witnessReport()))
        return recomputing(html(.ok, page, "visit", viewer: viewer))
    }

    /// What this node says of its ledger since the viewer's last visit; nil where nobody is signed in.
    func visitCard(_ viewer: Viewer) async -> VisitCard? {
        switch viewer.session?.earlierVisit {
        case nil: nil
        case .first?: .first
        case .unknown?: .unknown
        case .checkpoint(let earlier)?: (try? await node.consistency(since: earlier)).map(VisitCard.init) ?? .unknown
        }
    }

    private func recomputing(_ response: Response) -> Response {
        var response = response
        response.headers[.contentSecurityPolicy] = InspectionGuard.recomputingPolicy
        return response
    }
}

/// “Consistent since your last visit”: what the node itself says; the browser recomputes it on the page behind.
struct VisitCard {
    var tone: String
    var word: String
    var words: String

    static let first = VisitCard(
        tone: "waiting", word: "First visit", words: "Today's checkpoint is kept. From your next visit on, this card says whether the ledger goes on from it.")
    static let unknown = VisitCard(
        tone: "bad", word: "Not known", words: "The ledger could not be held against a checkpoint of your last visit. The node's log says why.")

    init(_ standing: LedgerSinceVisit) {
        switch standing.verdict {
        case .unchanged:
            self.init(tone: "good", word: "Unchanged", words: "The ledger is the one of your last visit: \(grouped(standing.now.size)) entries, the same root.")
        case .grown:
            self.init(
                tone: "good", word: "Consistent since your last visit",
                words:
                    "Its first \(grouped(standing.earlierSize)) entries are those of your last visit, and \(grouped(standing.now.size - standing.earlierSize)) were added behind them."
            )
        case .broken(let why):
            self.init(
                tone: "bad", word: "NOT consistent with your last visit",
                words: "In this node's own words: \(why). The checkpoint of your last visit is kept, as evidence. Compare with one that you keep yourself.")
        }
    }

    init(tone: String, word: String, words: String) {
        self.tone = tone
        self.word = word
        self.words = words
    }
}

/// `/console/ledger/{index}`: one entry and its way to the root.
struct EntryPage: ConsolePage {
    struct Step {
        var number: String
        /// Where the result before it ends, the hash beside it stands, and the result begins.
        var y: Int
        var besideY: Int
        var middleY: Int
        var besideTextY: Int
        var resultY: Int
        var resultTextY: Int
        var isSiblingLeft: Bool
        var side: String
        var sibling: String
        var shortSibling: String
        var result: String
        var shortResult: String
        var resultWord: String
    }

    var viewer: ViewerView?
    var title: String
    var node: NodeView
    var index: String
    var plainIndex: String
    var type: String
    var time: String
    var subject: String?
    var entry: String
    var leaf: String
    var shortLeaf: String
    var steps: [Step]
    var stepCount: String
    var height: Int
    var size: String
    var root: String
    var checkpoint: String
    var verifierKey: String
    /// What the browser begins with: nothing, for the auditor brings it.
    var brought = ""
    var isEntry = true
    var earlierAddress: String?
    var laterAddress: String?

    /// Heights of the drawing: its head, and each step.
    private static let head = 40
    private static let stepHeight = 64

    init(status: NodeStatus, facts: LedgerPathFacts) {
        node = NodeView(status)
        index = grouped(facts.index)
        plainIndex = String(facts.index)
        title = "Entry \(grouped(facts.index))"
        let view = LedgerEntryView(index: facts.index, bytes: facts.entry, publishedSize: facts.checkpoint.size)
        type = view.type
        time = view.time
        subject = (try? JSONValue(parsing: facts.entry))?["subject"]?.text
        entry = String(decoding: facts.entry, as: UTF8.self)
        leaf = facts.leaf
        shortLeaf = Self.short(facts.leaf)
        let count = facts.steps.count
        steps = facts.steps.enumerated().map { place, step in
            let y = Self.head + place * Self.stepHeight
            return Step(
                number: String(place + 1), y: y, besideY: y + 6, middleY: y + 20, besideTextY: y + 25, resultY: y + 40, resultTextY: y + 57,
                isSiblingLeft: step.isSiblingLeft, side: step.isSiblingLeft ? "left" : "right", sibling: step.sibling, shortSibling: Self.short(step.sibling),
                result: step.result, shortResult: Self.short(step.result), resultWord: place == count - 1 ? "root" : "level \(place + 1)")
        }
        stepCount = String(count)
        height = Self.head + count * Self.stepHeight + 8
        size = grouped(facts.checkpoint.size)
        root = facts.steps.last?.result ?? facts.leaf
        checkpoint = facts.checkpoint.text
        verifierKey = facts.checkpoint.verifierKey
        if facts.index > 0 { earlierAddress = "/console/ledger/\(facts.index - 1)" }
        if facts.index + 1 < facts.checkpoint.size { laterAddress = "/console/ledger/\(facts.index + 1)" }
    }

    static func short(_ digest: String) -> String { "\(digest.prefix(8))…\(digest.suffix(4))" }
}

/// `/console/visit`: the ledger's head, and whether it goes on from an earlier one.
struct VisitPage: ConsolePage {
    var viewer: ViewerView?
    var title = "Ledger"
    var node: NodeView
    var card: VisitCard?
    var hasCheckpoint: Bool
    var checkpoint: String
    var verifierKey: String
    var size: String
    var lastAddress: String?
    /// The checkpoint of the last visit, where the node kept one.
    var brought: String
    var isEntry = false
    var plainIndex = ""
    var witnessing: WitnessView

    init(status: NodeStatus, card: VisitCard?, checkpoint: PublishedCheckpoint?, earlier: String?, witnessing: WitnessView) {
        self.witnessing = witnessing
        node = NodeView(status)
        self.card = card
        hasCheckpoint = checkpoint != nil
        self.checkpoint = checkpoint?.text ?? ""
        verifierKey = checkpoint?.verifierKey ?? ""
        size = grouped(checkpoint?.size ?? 0)
        if let size = checkpoint?.size, size > 0 { lastAddress = "/console/ledger/\(size - 1)" }
        brought = earlier ?? ""
    }
}
