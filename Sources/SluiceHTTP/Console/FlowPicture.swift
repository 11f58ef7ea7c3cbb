internal import SluiceKit

/// One exchange from its source to its receipt, drawn from the entries of the ledger: three lanes, time downwards. The list on the page says the same in words.
struct FlowPicture {
    struct Step {
        var number: String
        var word: String
        var tone: String
        var y: Int
        var textY: Int
        /// Nothing for a step within the node.
        var arrow: Arrow?
        var labelX: Int
        var labelY: Int
        var anchor: String
    }
    struct Arrow {
        var fromX: Int
        var toX: Int
        /// The arrow's head, as points.
        var head: String
    }
    struct Lane {
        var x: Int
        var name: String
    }

    var lanes: [Lane]
    var steps: [Step]
    var height: Int
    var bottom: Int
    var words: String

    static let width = 760
    private static let (own, node, partner) = (90, 330, 660)
    private static let (top, stepHeight) = (64, 40)
    /// Further ones are in the list alone.
    static let stepsMax = 60

    init(record: ExchangeRecord, participant: String, entries: [LedgerEntryView]) {
        let isOutgoing = record.direction == .outgoing
        let other = isOutgoing ? record.receiver : record.sender
        lanes = [Lane(x: Self.own, name: isOutgoing ? "Source" : "Store"), Lane(x: Self.node, name: participant), Lane(x: Self.partner, name: other)]
        steps = entries.prefix(Self.stepsMax).enumerated().map { place, entry in
            let y = Self.top + place * Self.stepHeight + 18
            let arrow: Arrow? =
                switch entry.course {
                case .here: nil
                case .fromOwn: Self.arrow(Self.own, Self.node, y)
                case .toOwn: Self.arrow(Self.node, Self.own, y)
                case .fromPartner: Self.arrow(Self.partner, Self.node, y)
                case .toPartner: Self.arrow(Self.node, Self.partner, y)
                }
            // Beside the number where nothing runs, above the line where something does.
            let isLeft = entry.course == .fromOwn || entry.course == .toOwn
            let isRight = entry.course == .fromPartner || entry.course == .toPartner
            return Step(
                number: entry.number, word: String(entry.word.prefix(60)), tone: entry.tone, y: y, textY: y + 4, arrow: arrow,
                labelX: isLeft ? (Self.own + Self.node) / 2 : isRight ? (Self.node + Self.partner) / 2 : Self.node + 20,
                labelY: isLeft || isRight ? y - 7 : y + 5, anchor: isLeft || isRight ? "middle" : "start")
        }
        height = Self.top + max(1, steps.count) * Self.stepHeight + 20
        bottom = height - 8
        words =
            "\(steps.count) steps between \(isOutgoing ? "source" : "store"), \(participant) and \(other), from top to bottom. The list below says the same."
    }

    private static func arrow(_ from: Int, _ to: Int, _ y: Int) -> Arrow {
        // Not through the number on the node's lane.
        let direction = to > from ? 1 : -1
        let start = from == node ? from + direction * 12 : from
        let end = to == node ? to - direction * 12 : to
        return Arrow(fromX: start, toX: end, head: "\(end),\(y) \(end - direction * 9),\(y - 5) \(end - direction * 9),\(y + 5)")
    }
}
