/// How the codes of one dimension add up: which code is the sum of which, in the numbers of the table's dictionary.
public struct Breakdowns {
    /// One sum.
    public struct Breakdown {
        /// The code that is the sum.
        public var total: UInt32
        /// Those of the parts that stand in the table.
        public var parts: [UInt32]
        /// Whether the list has further parts that no row of the table has.
        public var hasFurtherParts: Bool
    }
    /// In order of total.
    public private(set) var all: [Breakdown] = []
    /// Code → positions in `all` where it is the total.
    public private(set) var asTotal: [UInt32: [Int]] = [:]
    /// Code → positions in `all` where it is a part.
    public private(set) var asPart: [UInt32: [Int]] = [:]
    /// Longest way down to a code without parts.
    public private(set) var height: [UInt32: Int] = [:]

    /// False where several codes of the data are part of nothing and neither the list nor the agreement has a total: one of them may be the sum of the others, under
    /// a name that is no convention.
    public private(set) var isEstablished = true

    /// Codes that mean "all", the SDMX convention first.
    public static let totalCodes = ["_T", "TOTAL", "T"]

    /// - Throws: `additivityUnknown` when a code list is not at hand, a declared total is not in it, or totals contain one another.
    public init(_ component: Component, dictionary: ValueDictionary, declared: ProtectionObligations.Totals?) throws(ProtectionError) {
        if case .none? = declared { return }
        if case .parts(let breakdowns)? = declared {
            for breakdown in breakdowns {
                guard !breakdown.parts.isEmpty, !breakdown.parts.contains(breakdown.total) else {
                    throw ProtectionError(
                        .additivityUnknown, detail: "the agreement's totals of \(component.id) give \(breakdown.total) no parts or itself as a part")
                }
                add(total: breakdown.total, parts: breakdown.parts, children: [:], dictionary)
            }
        } else {
            if component.codelistReference != nil, component.codelist == nil {
                throw ProtectionError(
                    .additivityUnknown,
                    detail:
                        "the code list of \(component.id) is not at hand, so it is not known which codes are sums of others; load it, or give `protect: totals: \(component.id)` in the agreement"
                )
            }
            var children: [String: [String]] = [:]
            var roots: [String] = []
            if let codelist = component.codelist {
                for code in codelist.codes {
                    if let parent = code.parent, codelist.contains(parent) { children[parent, default: []].append(code.id) } else { roots.append(code.id) }
                }
            } else {
                roots = (0..<UInt32(dictionary.count)).map(dictionary.string)
            }
            isEstablished =
                declared != nil || (roots + Array(children.keys)).contains(where: Self.totalCodes.contains)
                || roots.count(where: { dictionary.code(of: $0) != nil }) < 2
            for (total, parts) in children { add(total: total, parts: parts, children: children, dictionary) }
            var grand: String?
            if case .code(let code)? = declared {
                guard roots.contains(code) || children[code] != nil else {
                    throw ProtectionError(
                        .additivityUnknown, detail: "the agreement names \(code) as the total of \(component.id), but its code list has no such code at the top"
                    )
                }
                grand = code
            } else {
                grand = Self.totalCodes.first { dictionary.code(of: $0) != nil }
            }
            // A total that the list gives children of its own is described by them.
            if let grand, children[grand] == nil { add(total: grand, parts: roots.filter { $0 != grand }, children: children, dictionary) }
        }
        all.sort { ($0.total, $0.parts.count) < ($1.total, $1.parts.count) }
        for (index, breakdown) in all.enumerated() {
            asTotal[breakdown.total, default: []].append(index)
            for part in breakdown.parts { asPart[part, default: []].append(index) }
        }
        try measureHeights(component.id, dictionary)
    }

    /// A part that no row has is replaced by its own parts, where rows have those.
    private mutating func add(total: String, parts: [String], children: [String: [String]], _ dictionary: ValueDictionary) {
        guard let totalCode = dictionary.code(of: total) else { return }
        var found: [UInt32] = []
        var seen: Set<String> = [total]
        var hasFurther = false
        var pending = Array(parts.reversed())
        while let part = pending.popLast() {
            guard seen.insert(part).inserted else { continue }
            if let code = dictionary.code(of: part) {
                found.append(code)
            } else if let below = children[part] {
                pending.append(contentsOf: below.reversed())
            } else {
                hasFurther = true
            }
        }
        guard !found.isEmpty else { return }
        all.append(Breakdown(total: totalCode, parts: found, hasFurtherParts: hasFurther))
    }

    private mutating func measureHeights(_ id: String, _ dictionary: ValueDictionary) throws(ProtectionError) {
        for _ in 0...all.count {
            var changed = false
            for breakdown in all {
                let below = breakdown.parts.map { height[$0] ?? 0 }.max() ?? 0
                if (height[breakdown.total] ?? 0) < below + 1 {
                    height[breakdown.total] = below + 1
                    changed = true
                }
            }
            if !changed { return }
        }
        throw ProtectionError(.additivityUnknown, detail: "the totals of \(id) contain one another in a circle; check the parents in its code list")
    }

    /// How far each code lies below a code that is part of nothing, by the longest way.
    public func depths(_ codeCount: Int) -> [Int] {
        var depth = Array(repeating: 0, count: codeCount)
        // Totals of greater height first, so that a code's depth is known before its parts'.
        for breakdown in all.sorted(by: { (height[$0.total] ?? 0, $1.total) > (height[$1.total] ?? 0, $0.total) }) {
            for part in breakdown.parts { depth[Int(part)] = max(depth[Int(part)], depth[Int(breakdown.total)] + 1) }
        }
        return depth
    }
}
