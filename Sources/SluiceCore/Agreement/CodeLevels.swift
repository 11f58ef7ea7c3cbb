import SluiceKit

/// How deep each code of a code list lies; the top is level 1.
struct CodeLevels {
    private var chain: [String: [String]] = [:]

    /// nil when a code is its own ancestor.
    init?(_ codelist: Codelist) {
        for code in codelist.codes {
            var path = [code.id]
            var current = code
            while let parent = current.parent, let broader = codelist[parent] {
                guard path.count <= 64, !path.contains(parent) else { return nil }
                path.append(parent)
                current = broader
            }
            chain[code.id] = path.reversed()
        }
    }

    /// Every code below `level` with its ancestor there.
    func coarsening(toLevel level: Int) -> [String: String] {
        var map: [String: String] = [:]
        for (code, path) in chain where path.count > level { map[code] = path[level - 1] }
        return map
    }

    func isAncestor(_ broader: String, of narrower: String) -> Bool { broader != narrower && chain[narrower]?.contains(broader) ?? false }

    /// The codes with all that lie below them.
    func withDescendants(_ codes: Set<String>) -> Set<String> { codes.union(chain.filter { !codes.isDisjoint(with: $0.value) }.keys) }
}
