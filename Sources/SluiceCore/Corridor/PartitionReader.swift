import SluiceKit

/// What the codes of one dimension contain: by their spelling for ages, by the agreement's totals, or by the code list.
struct PartitionReader {
    private let component: Component
    private let children: [String: [String]]
    private let total: String?
    private let isAgeDimension: Bool
    /// Codes of the list that have no parts and that its total contains; nil where no list says it.
    private let allLeaves: Set<String>?
    /// The codes do not add up: cells of different ones are not related.
    let isLabel: Bool

    init(_ component: Component, declared: ProtectionObligations.Totals?) {
        self.component = component
        isLabel = declared.map { if case .none = $0 { true } else { false } } ?? false
        isAgeDimension = [component.id, component.codelistReference?.id ?? ""].contains { $0.uppercased().contains("AGE") }
        var children: [String: [String]] = [:]
        if case .parts(let breakdowns)? = declared {
            for breakdown in breakdowns { children[breakdown.total] = breakdown.parts }
            self.children = children
            let named = Breakdowns.totalCodes.first { children[$0] != nil }
            total = named
            allLeaves = named.map { Self.leaves(of: $0, children) }
            return
        }
        let codes = component.codelist?.codes ?? []
        var roots: [String] = []
        for code in codes {
            if let parent = code.parent, component.codelist?.contains(parent) ?? false {
                children[parent, default: []].append(code.id)
            } else {
                roots.append(code.id)
            }
        }
        self.children = children
        var named: String?
        if case .code(let code)? = declared { named = code } else { named = Breakdowns.totalCodes.first { component.codelist?.contains($0) ?? true } }
        // A list with one root is about everybody whom that root contains.
        if named == nil, roots.count == 1, children[roots[0]] != nil { named = roots[0] }
        // A total with parts of its own beside other roots is described by them.
        let isOneOfMany = named.map { children[$0] != nil && roots.count > 1 } ?? false
        total = isOneOfMany ? nil : named
        let isWhole = component.codelist.map { !$0.isPartial } ?? false
        if isWhole, let named {
            let below = children[named] == nil ? roots.filter { $0 != named } : [named]
            allLeaves = below.reduce(into: []) { $0.formUnion(Self.leaves(of: $1, children)) }
        } else {
            allLeaves = nil
        }
    }

    /// The dimension with every code of a dictionary, in its order.
    func dimension(_ dictionary: ValueDictionary) -> ReleasedFigures.Dimension {
        let ids = (0..<UInt32(dictionary.count)).map { dictionary.string($0) }
        let isOfAges = isAgeDimension && ids.contains { YearSpan(ageCode: $0) != nil }
        let codes = ids.map { ReleasedFigures.Code($0, extent(of: $0, isOfAges: isOfAges)) }
        let shown = Set(codes.filter { !$0.extent.isAll }.flatMap(\.extent.leaves))
        let isComplete = isOfAges || (allLeaves.map { !$0.isEmpty && $0.isSubset(of: shown) } ?? false)
        return ReleasedFigures.Dimension(
            id: component.id, list: isOfAges ? ReleasedFigures.Dimension.ages : component.codelistReference?.id ?? "", codes: codes, isComplete: isComplete)
    }

    private func extent(of id: String, isOfAges: Bool) -> Extent {
        if id == total || (total == nil && component.codelist == nil && Breakdowns.totalCodes.contains(id)) { return .all }
        if isOfAges, let span = YearSpan(ageCode: id) { return Extent(years: [span]) }
        let leaves = Self.leaves(of: id, children).sorted()
        guard isOfAges else { return Extent(leaves: leaves) }
        return Extent(years: leaves.compactMap { YearSpan(ageCode: $0) }, leaves: leaves.filter { YearSpan(ageCode: $0) == nil })
    }

    /// Codes without parts below a code, itself where it has none; a circle of parents ends at the code met again.
    private static func leaves(of id: String, _ children: [String: [String]]) -> Set<String> {
        var leaves: Set<String> = []
        var seen: Set<String> = []
        var open = [id]
        while let code = open.popLast() {
            guard seen.insert(code).inserted else { continue }
            if let below = children[code] { open += below } else { leaves.insert(code) }
        }
        return leaves.isEmpty ? [id] : leaves
    }
}
