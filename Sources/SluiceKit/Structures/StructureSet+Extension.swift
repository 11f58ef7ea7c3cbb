extension StructureSet {
    /// Most lists that one list may reach by extension, and most codes that it may have then.
    public static let extensionListsMax = 1_024
    public static let extensionCodesMax = 8 << 20

    /// The list with the codes that it takes in from others (3.0 `CodelistExtension`), in the order of its extensions, its own codes last.
    ///
    /// Its own code wins over one taken in, a later extension over an earlier one. The list counts as partial where a list to be taken in is not at
    /// hand, and where lists take in each other in a circle, which then ends at the list met again.
    public func resolved(_ list: Codelist) -> Codelist {
        guard !list.extensions.isEmpty else { return list }
        var resolver = ExtensionResolver(structures: self)
        return resolver.resolve(list)
    }

    /// The lists that take in themselves through others, each named once.
    public func extensionCycles() -> [ArtefactReference] {
        codelists.filter { !$0.extensions.isEmpty }.compactMap { list in
            var resolver = ExtensionResolver(structures: self)
            _ = resolver.resolve(list)
            return resolver.metAgain.contains(list.reference) ? list.reference : nil
        }
    }
}

/// Takes in the codes of extended lists, each list once on a path.
private struct ExtensionResolver {
    let structures: StructureSet
    var path: [ArtefactReference] = []
    var metAgain: Set<ArtefactReference> = []
    private var settled: [ArtefactReference: Codelist] = [:]
    private var listCount = 0

    init(structures: StructureSet) { self.structures = structures }

    mutating func resolve(_ list: Codelist) -> Codelist {
        guard !list.extensions.isEmpty else { return list }
        let reference = list.reference
        if let known = settled[reference] { return known }
        path.append(reference)
        defer { path.removeLast() }
        var order: [String] = []
        var codes: [String: Code] = [:]
        var isPartial = list.isPartial
        func take(_ code: Code) {
            if codes.updateValue(code, forKey: code.id) == nil { order.append(code.id) }
        }
        for part in list.extensions {
            listCount += 1
            guard listCount <= StructureSet.extensionListsMax, path.count < 64, let other = structures.codelist(part.codelist) else {
                isPartial = true
                continue
            }
            guard !path.contains(other.reference) else {
                metAgain.insert(other.reference)
                isPartial = true
                continue
            }
            let full = resolve(other)
            isPartial = isPartial || full.isPartial
            let selected = CodeSelection(part.selection, of: full)
            for code in full.codes where selected.contains(code.id) {
                guard codes.count < StructureSet.extensionCodesMax else {
                    isPartial = true
                    break
                }
                var taken = code
                let prefix = part.prefix ?? ""
                taken.id = prefix + code.id
                // A parent that was left out leaves the code at the top.
                taken.parent = code.parent.flatMap { selected.contains($0) ? prefix + $0 : nil }
                take(taken)
            }
        }
        for code in list.codes { take(code) }
        var result = Codelist(identity: list.identity, codes: order.compactMap { codes[$0] }, isPartial: isPartial)
        result.kind = list.kind
        settled[reference] = result
        return result
    }
}

/// Which codes of a list an extension means.
private struct CodeSelection {
    private let members: Set<String>
    private let isExclusive: Bool
    private let takesAll: Bool

    init(_ selection: CodelistExtension.Selection, of list: Codelist) {
        let wanted: [CodelistExtension.Member]
        switch selection {
        case .all:
            (members, isExclusive, takesAll) = ([], false, true)
            return
        case .including(let given): (wanted, isExclusive) = (given, false)
        case .excluding(let given): (wanted, isExclusive) = (given, true)
        }
        takesAll = false
        var children: [String: [String]] = [:]
        if wanted.contains(where: { $0.cascade != .no }) {
            for code in list.codes { if let parent = code.parent { children[parent, default: []].append(code.id) } }
        }
        var members: Set<String> = []
        for member in wanted {
            let roots = member.value.utf8.contains(UInt8(ascii: "%")) ? list.codes.map(\.id).filter { Self.matches($0, member.value) } : [member.value]
            if member.cascade != .withoutRoot { members.formUnion(roots) }
            guard member.cascade != .no else { continue }
            // A set of its own, so that a circle of parents ends and a code named before is still descended from.
            var seen: Set<String> = []
            var open = roots
            while let next = open.popLast() {
                for child in children[next] ?? [] where seen.insert(child).inserted { open.append(child) }
            }
            members.formUnion(seen)
        }
        self.members = members
    }

    func contains(_ id: String) -> Bool { takesAll || members.contains(id) != isExclusive }

    /// `%` stands for any run of characters, an empty one too. Greedy with one way back, so never more than length times length.
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let text = Array(text.utf8)
        let pattern = Array(pattern.utf8)
        var (t, p, mark, star) = (0, 0, 0, -1)
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "%") {
                (star, mark) = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == text[t] {
                p += 1
                t += 1
            } else if star >= 0 {
                p = star + 1
                mark += 1
                t = mark
            } else {
                return false
            }
        }
        while p < pattern.count, pattern[p] == UInt8(ascii: "%") { p += 1 }
        return p == pattern.count
    }
}
