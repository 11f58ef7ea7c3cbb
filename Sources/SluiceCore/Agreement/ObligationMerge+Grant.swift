import SluiceKit

extension ObligationMerge {
    mutating func mergeCoarsening(_ terms: [any GrantedTerms]) {
        for term in terms {
            for (dimension, map) in term.coarsening.sorted(by: { $0.key < $1.key }) {
                guard let other = obligations.cube.coarsening[dimension] else {
                    obligations.cube.coarsening[dimension] = map
                    continue
                }
                // One may contain the other; two different sums of the same code cannot both be sent.
                let isCompatible = map.allSatisfy { other[$0.key] == nil || other[$0.key] == $0.value } && !Self.chains(map, other)
                if isCompatible {
                    obligations.cube.coarsening[dimension] = map.merging(other) { first, _ in first }
                } else {
                    conflict(
                        "grant.dimensions.\(dimension).coarsen",
                        "the agreements sum the codes of \(dimension) differently; bring them into line or let one of them end")
                }
            }
        }
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

    private static func chains(_ one: [String: String], _ other: [String: String]) -> Bool {
        one.contains { $0.key != $0.value && other[$0.value].map { target in target != one[target] ?? target } ?? false }
            || other.contains { $0.key != $0.value && one[$0.value].map { target in target != other[target] ?? target } ?? false }
    }
}
