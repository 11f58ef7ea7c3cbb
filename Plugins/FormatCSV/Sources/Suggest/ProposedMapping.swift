/// A proposal put in order for writing: what all tables share, and what each has of its own.
struct ProposedMapping {
    struct Label {
        var label: String
        var code: String
        var confidence: Int
        var how: String
    }
    struct OpenLabel {
        var label: String
        var guesses: [CodeGuess]
        var tables: [String]
        var rowCount: Int
    }
    /// What a column feeds, comparable between tables.
    struct Feed: Hashable {
        var components: [String]
        var isCoded: Bool
        var givesPower: Bool
    }
    struct Table {
        let placement: TablePlacement
        /// Columns that differ from what all share, or that only this table has.
        var columns: [ColumnPlacement] = []
        var unplaced: [ColumnPlacement] = []
        var ignored: [ColumnPlacement] = []
        var constants: [ConstantPlacement] = []
        /// Labels that mean another code here than in the tables before.
        var labels: [String: [Label]] = [:]
    }

    /// Active labels altogether; those beyond it are reported when the mapping is used.
    static let labelsMax = 20_000

    var labels: [String: [Label]] = [:]
    var openLabels: [String: [OpenLabel]] = [:]
    var labelsLeftOut = 0
    var columns: [(column: String, placement: ColumnPlacement, feed: Feed)] = []
    var constants: [ConstantPlacement] = []
    var spelling = TableSpelling()
    var decimal = UInt8(ascii: ".")
    var grouping = ""
    var missing: [String] = []
    var measureColumns: [String] = []
    var tables: [Table] = []

    init(_ proposal: MappingProposal) {
        let least = proposal.options.confidenceMin
        let sound = proposal.tables.filter { $0.failure == nil }
        spelling = Self.usual(sound.map(\.spelling)) ?? TableSpelling()
        decimal = Self.usual(sound.map(\.decimal)) ?? UInt8(ascii: ".")
        grouping = Self.usual(sound.map(\.grouping)) ?? ""
        missing = Set(sound.flatMap(\.missing)).sorted()
        share(sound, proposal.isFolder, least)
        collect(proposal, sound, least)
        for placement in proposal.tables { tables.append(own(placement, least)) }
        if proposal.isFolder { shareConstants(sound, least) }
        measureColumns = Set(sound.flatMap(\.columns).filter { $0.isPlaced(least) && $0.components == [proposal.measure] }.map(\.column)).sorted()
    }

    private static func usual<Value: Hashable>(_ values: [Value]) -> Value? {
        var counts: [Value: Int] = [:]
        for value in values { counts[value, default: 0] += 1 }
        let most = counts.values.max() ?? 0
        return values.first { counts[$0] == most }
    }

    private static func feed(_ column: ColumnPlacement) -> Feed { Feed(components: column.components, isCoded: column.isCoded, givesPower: column.givesPower) }

    /// Columns that several tables have and that mean the same in most of them.
    private mutating func share(_ sound: [TablePlacement], _ isFolder: Bool, _ least: Int) {
        var feeds: [String: [Feed: Int]] = [:]
        var order: [String] = []
        var examples: [String: [Feed: ColumnPlacement]] = [:]
        // What only its labels tell of a column they tell of this table's.
        for column in sound.flatMap(\.columns) where column.isPlaced(least) && (!isFolder || column.method != .labels) {
            let feed = Self.feed(column)
            if feeds[column.column] == nil { order.append(column.column) }
            feeds[column.column, default: [:]][feed, default: 0] += 1
            if examples[column.column]?[feed].map({ $0.confidence >= column.confidence }) != true { examples[column.column, default: [:]][feed] = column }
        }
        for name in order {
            guard let (feed, count) = feeds[name]?.max(by: { ($0.value, $1.key.components.count) < ($1.value, $0.key.components.count) }),
                count > 1 || !isFolder,
                let example = examples[name]?[feed]
            else { continue }
            columns.append((name, example, feed))
        }
    }

    /// The dictionary: labels by component, and those without a place.
    private mutating func collect(_ proposal: MappingProposal, _ sound: [TablePlacement], _ least: Int) {
        var known: [String: [String: String]] = [:]
        var open: [String: [String: Int]] = [:]
        var count = 0
        func add(_ component: String, _ label: String, _ code: String, _ confidence: Int, _ how: String) {
            guard known[component]?[label] == nil else { return }
            guard count < Self.labelsMax, YAMLText.canBeKey(label) else {
                labelsLeftOut += 1
                return
            }
            count += 1
            known[component, default: [:]][label] = code
            labels[component, default: []].append(Label(label: label, code: code, confidence: confidence, how: how))
        }
        for table in sound {
            for column in table.columns where column.isCoded && column.isPlaced(least) {
                for label in column.labels {
                    let component = label.component ?? column.components[0]
                    guard let guess = label.code(least) else {
                        if let index = open[component]?[label.label] {
                            openLabels[component]?[index].tables.append(table.file)
                            openLabels[component]?[index].rowCount += label.rowCount
                        } else {
                            open[component, default: [:]][label.label] = openLabels[component]?.count ?? 0
                            openLabels[component, default: []].append(
                                OpenLabel(label: label.label, guesses: label.guesses, tables: [table.file], rowCount: label.rowCount))
                        }
                        continue
                    }
                    add(
                        component, label.label, guess.code, guess.confidence,
                        guess.how + (guess.name.isEmpty || guess.method == .codeName ? "" : ": \(guess.name)"))
                    if column.givesPower, let power = proposal.powerComponent {
                        let code = String(label.power ?? 0)
                        if proposal.powers?.contains(code) != false {
                            add(
                                power, label.label, code, guess.confidence,
                                label.power == nil || label.power == 0 ? "no power of ten in the label" : "the power of ten in the label")
                        }
                    }
                }
            }
        }
        // What another table has placed is known here, too.
        for (component, list) in openLabels { openLabels[component] = list.filter { known[component]?[$0.label] == nil } }
    }

    private func own(_ placement: TablePlacement, _ least: Int) -> Table {
        var table = Table(placement: placement)
        guard placement.failure == nil else { return table }
        let shared = Dictionary(columns.map { ($0.column, $0.feed) }, uniquingKeysWith: { first, _ in first })
        for column in placement.columns {
            if column.isPlaced(least) {
                if shared[column.column] != Self.feed(column) { table.columns.append(column) }
                for label in column.labels {
                    guard let guess = label.code(least), let component = label.component,
                        let known = labels[component]?.first(where: { $0.label == label.label }), known.code != guess.code
                    else { continue }
                    table.labels[component, default: []].append(Label(label: label.label, code: guess.code, confidence: guess.confidence, how: guess.how))
                }
            } else if column.isEmpty {
                table.ignored.append(column)
            } else {
                table.unplaced.append(column)
            }
        }
        table.constants = placement.constants
        return table
    }

    /// A constant that is the same in all tables, or open in all of them for the same want of a hint, stands once.
    private mutating func shareConstants(_ sound: [TablePlacement], _ least: Int) {
        var ids: [String] = []
        for constant in sound.flatMap(\.constants) where !ids.contains(constant.component) { ids.append(constant.component) }
        for id in ids {
            let all = sound.flatMap { table in table.constants.filter { $0.component == id } }
            let codes = Set(all.compactMap { $0.code(least)?.code })
            if codes.count == 1, let example = all.first(where: { $0.code(least) != nil }) {
                let isOpenSomewhere = all.contains { $0.code(least) == nil && !$0.guesses.isEmpty }
                guard !isOpenSomewhere, all.count > 1 else { continue }
                // Tables without rows tell nothing of their own.
                if sound.contains(where: { table in table.rowCount > 0 && table.constants.contains { $0.component == id && $0.code(least) == nil } }) {
                    continue
                }
                constants.append(example)
            } else if codes.isEmpty, all.count == sound.count, all.allSatisfy({ $0.guesses.isEmpty }), let example = all.first {
                constants.append(example)
            } else {
                continue
            }
            for index in tables.indices { tables[index].constants.removeAll { $0.component == id } }
        }
    }
}
