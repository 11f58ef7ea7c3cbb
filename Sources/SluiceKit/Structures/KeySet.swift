/// A set of (partial) keys.
public struct KeySet: Hashable, Sendable {
    public var isIncluded: Bool
    public var dataKeys: [DataKey]

    public init(isIncluded: Bool = true, dataKeys: [DataKey]) {
        self.isIncluded = isIncluded
        self.dataKeys = dataKeys
    }

    /// - Parameter keys: each maps dimension ids to code ids.
    public init(isIncluded: Bool = true, keys: [[String: String]] = []) {
        self.isIncluded = isIncluded
        dataKeys = keys.map { key in
            DataKey(selections: key.map { ComponentSelection(component: $0.key, values: [ComponentSelection.Value($0.value)]) })
        }
    }

    /// Each key as dimension ids with code ids. A key whose dimensions have several values (3.1) stands for each combination of them.
    public var keys: [[String: String]] { dataKeys.flatMap(\.combinations) }
}

/// One key of a set, with the values of components that go with it (3.x).
public struct DataKey: Hashable, Sendable {
    /// The dimensions with their values, by id: their order says nothing.
    public var selections: [ComponentSelection]
    public var components: [ComponentSelection]
    public var annotations: [Annotation] = []
    public var validFrom: String?
    public var validTo: String?

    /// Most combinations that one key is taken to stand for; further ones are not looked at.
    public static let combinationsMax = 1 << 16

    public init(selections: [ComponentSelection], components: [ComponentSelection] = []) {
        self.selections = selections.sorted { $0.component < $1.component }
        self.components = components
    }

    var combinations: [[String: String]] {
        var all: [[String: String]] = [[:]]
        for selection in selections {
            guard let first = selection.values.first else { continue }
            if selection.values.count == 1 {
                for index in all.indices { all[index][selection.component] = first.id }
                continue
            }
            var next: [[String: String]] = []
            for key in all {
                for value in selection.values where next.count < Self.combinationsMax {
                    var longer = key
                    longer[selection.component] = value.id
                    next.append(longer)
                }
            }
            all = next
        }
        return all
    }
}
