import SluiceKit

/// How one quasi-identifier gets coarser, level by level. Level 0 is the value itself, and what one level has put together no higher one separates.
struct Ladder {
    /// All values of all levels.
    let dictionary = ValueDictionary()
    private(set) var levels: [Level] = []

    struct Level {
        /// Value of the variable → value of this level.
        var map: [UInt32]
        /// Value of the variable → number below `width`, the last for "no value": what grouping needs.
        var digits: [UInt32]
        var width: Int
        /// How much is lost, from 0 (nothing) to 1 (all that could be), on average of the records.
        var loss: Double
    }

    /// - Parameter variable: after top and bottom coding.
    init(_ variable: Variable, _ component: Component, _ rules: RecordRules, limits: RecordLimits) throws(ProtectionError) {
        let counts = variable.counts
        var own = [UInt32](repeating: ValueDictionary.absent, count: counts.count)
        for code in own.indices where counts[code] > 0 { own[code] = try dictionary.code(copying: variable.dictionary.bytes(UInt32(code))) }
        append(own, losses: Array(repeating: 0, count: counts.count), counts)
        switch rules.generalisation[component.id] {
        case .hierarchy(let topLevel)?:
            let hierarchy = try CodeHierarchy(component, limits: limits)
            let chains = try hierarchy.chains(of: variable, counts)
            let deepest = chains.lazy.map(\.count).max() ?? 0
            for level in stride(from: deepest - 1, through: topLevel, by: -1) {
                var map = own
                var losses = [Double](repeating: 0, count: own.count)
                for code in map.indices where counts[code] > 0 {
                    let code_ = chains[code][min(level, chains[code].count) - 1]
                    map[code] = try dictionary.code(writing: code_)
                    losses[code] = hierarchy.loss(of: code_)
                }
                append(map, losses: losses, counts)
            }
        case .bands(let widths)?:
            let bands = try NumberBands(variable, component, rules.bounds[component.id], counts)
            for width in widths {
                var map = own
                var losses = [Double](repeating: 0, count: own.count)
                for code in map.indices where counts[code] > 0 {
                    guard let band = try bands.band(of: code, width: width) else { continue }
                    map[code] = try dictionary.code(writing: band)
                    losses[code] = bands.loss(width)
                }
                append(map, losses: losses, counts)
            }
        case nil: break
        }
    }

    private mutating func append(_ map: [UInt32], losses: [Double], _ counts: [Int]) {
        var numbers: [UInt32: UInt32] = [:]
        var digits = [UInt32](repeating: 0, count: map.count + 1)
        var total = 0.0
        var records = 0
        for code in map.indices where counts[code] > 0 {
            let next = UInt32(numbers.count)
            digits[code] = numbers[map[code], default: next]
            numbers[map[code]] = digits[code]
            total += losses[code] * Double(counts[code])
            records += counts[code]
        }
        digits[map.count] = UInt32(numbers.count)
        levels.append(Level(map: map, digits: digits, width: numbers.count + 1, loss: records > 0 ? total / Double(records) : 0))
    }
}

/// A code list as a tree.
struct CodeHierarchy {
    private let codelist: Codelist
    private let component: Component
    private let levelsMax: Int
    /// Codes without narrower ones below each code; 1 for such a code itself.
    private var leaves: [String: Int] = [:]
    private var leavesAll = 0

    /// - Throws: `unsupported` when the list is not at hand, or has a circle.
    init(_ component: Component, limits: RecordLimits) throws(ProtectionError) {
        guard let codelist = component.codelist else {
            throw ProtectionError(
                .unsupported,
                detail:
                    "the agreement generalises \(component.id) along its code list, and \(component.codelistReference == nil ? "it has none; agree on bands" : "that is not at hand; load it")"
            )
        }
        self.codelist = codelist
        self.component = component
        levelsMax = limits.levelsMax
        let parents = Set(codelist.codes.compactMap(\.parent))
        for code in codelist.codes {
            let chain = try chain(of: code)
            guard !parents.contains(code.id) else { continue }
            leavesAll += 1
            for ancestor in chain { leaves[ancestor, default: 0] += 1 }
        }
    }

    /// From the top down to the code.
    private func chain(of code: Code) throws(ProtectionError) -> [String] {
        var chain = [code.id]
        var current = code
        while let parent = current.parent, let broader = codelist[parent] {
            guard chain.count < levelsMax, !chain.contains(parent) else {
                throw ProtectionError(
                    .unsupported,
                    detail:
                        "the code list of \(component.id) has codes that are their own ancestors, or more than \(levelsMax) levels, so no code is the broader one; correct its parents"
                )
            }
            chain.append(parent)
            current = broader
        }
        return chain.reversed()
    }

    /// The chain of each value that a record has; empty for others.
    func chains(of variable: Variable, _ counts: [Int]) throws(ProtectionError) -> [[String]] {
        var chains: [[String]] = []
        chains.reserveCapacity(counts.count)
        for code in counts.indices {
            guard counts[code] > 0 else {
                chains.append([])
                continue
            }
            guard let found = codelist[variable.dictionary.string(UInt32(code))] else {
                throw ProtectionError(
                    .unsupported,
                    detail: "a value of \(component.id) is not in its code list, so it has no broader one; correct the data, or complete the list")
            }
            chains.append(try chain(of: found))
        }
        return chains
    }

    /// Share of the other leaves that a code cannot be told from.
    func loss(of code: String) -> Double { leavesAll > 1 ? Double((leaves[code] ?? 1) - 1) / Double(leavesAll - 1) : 0 }
}
