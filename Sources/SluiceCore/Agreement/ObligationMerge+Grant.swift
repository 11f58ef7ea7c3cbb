import SluiceKit

extension ObligationMerge {
    mutating func mergeCoarsening(_ terms: [any GrantedTerms]) {
        for term in terms {
            for (dimension, map) in term.coarsening.sorted(by: { $0.key < $1.key }) {
                guard let other = obligations.cube.coarsening[dimension] else {
                    obligations.cube.coarsening[dimension] = map
                    continue
                }
                if let both = Self.composed(map, other) {
                    obligations.cube.coarsening[dimension] = both
                } else {
                    conflict(
                        "grant.dimensions.\(dimension).coarsen",
                        "the agreements sum the codes of \(dimension) differently; bring them into line or let one of them end")
                }
            }
        }
    }

    /// One sum after the other, where their order does not matter: of two levels the shallower. nil where it does: two different sums of the same code cannot both be sent.
    private static func composed(_ one: [String: String], _ other: [String: String]) -> [String: String]? {
        var both: [String: String] = [:]
        for code in Set(one.keys).union(other.keys) {
            let (first, second) = (one[code] ?? code, other[code] ?? code)
            let target = other[first] ?? first
            guard target == one[second] ?? second else { return nil }
            both[code] = target
        }
        return both
    }

    /// What one agreement lets stay behind does not travel because another one sums it to something that both grant; nor does the rest of that sum,
    /// which would stand under the name of the whole.
    mutating func keepBack(_ terms: [any GrantedTerms]) {
        for (dimension, map) in obligations.cube.coarsening {
            let back = map.filter { code, _ in terms.contains { $0.target(of: code, in: dimension) == nil } }
            let broken = Set(back.values)
            for (code, target) in map where back[code] != nil || (broken.contains(target) && code != target) {
                obligations.cube.coarsening[dimension]?[code] = nil
                obligations.cube.granted[dimension]?.remove(code)
            }
            if obligations.cube.coarsening[dimension]?.isEmpty ?? false { obligations.cube.coarsening[dimension] = nil }
        }
    }
}
