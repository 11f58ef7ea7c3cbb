import SluiceKit

/// Several agreements' terms as one set of obligations, each at its most protective.
struct ObligationMerge {
    var obligations: Obligations
    private(set) var conflicts: [Decision.Reason] = []

    init(_ terms: [any GrantedTerms]) {
        obligations = Obligations(agreements: terms.map(\.agreement.name))
        obligations.cube.outside = terms.allSatisfy { $0.agreement.outside == .drop } ? .drop : .refuse
        for term in terms {
            for (dimension, codes) in term.granted {
                obligations.cube.granted[dimension] = obligations.cube.granted[dimension].map { $0.intersection(codes) } ?? codes
            }
            obligations.cube.dropped.formUnion(term.agreement.dropped)
            obligations.cube.forbidden.formUnion(term.forbidden)
            obligations.cube.endedBy = [obligations.cube.endedBy, term.endedBy].compactMap(\.self).min()
            obligations.cube.observationsMax = [obligations.cube.observationsMax, term.agreement.observationsMax].compactMap(\.self).min()
        }
        mergeCoarsening(terms)
        keepBack(terms)
        // An agreement without protection adds nothing to one that has it, and takes nothing away.
        for term in terms { if let protection = term.agreement.protection { merge(protection) } }
        obligations.handling = terms.dropFirst().reduce(terms.first?.agreement.handling ?? HandlingObligations()) { Self.stricter($0, $1.agreement.handling) }
    }

    mutating func conflict(_ term: String, _ words: String) {
        conflicts.append(Decision.Reason(.termsConflict, rule: "\(obligations.agreements.joined(separator: " + ")) \(term)", words: words))
    }

    /// Codes that every single agreement would let through in its own way, but not all of them together.
    func failures(_ request: AgreementRequest) -> [Decision.Reason] {
        var reasons: [Decision.Reason] = []
        if let most = obligations.cube.observationsMax, obligations.cube.isEmpty, request.summary.rowCount > most {
            reasons.append(
                Decision.Reason(
                    .observationsTooMany, rule: "\(obligations.agreements.joined(separator: " + ")) limits.observationsMax",
                    words: TermJudge.tooMany(request.summary.rowCount, most)))
        }
        guard request.direction == .accept || obligations.cube.outside == .refuse else { return reasons }
        for (dimension, granted) in obligations.cube.granted.sorted(by: { $0.key < $1.key }) {
            let map = request.direction == .send ? obligations.cube.coarsening[dimension] ?? [:] : [:]
            let outside = Set(request.summary.codes(of: dimension).map { map[$0] ?? $0 }).subtracting(granted)
            guard !outside.isEmpty else { continue }
            reasons.append(
                Decision.Reason(
                    .codeNotGranted, rule: "\(obligations.agreements.joined(separator: " + ")) grant.dimensions.\(dimension)",
                    words: "\(dimension) has \(TermJudge.named(outside)), which not all of the agreements grant"))
        }
        return reasons
    }
}
