import SluiceKit

/// What the agreements in scope say of records of one structure: how they are tabulated, at which depth, and under which protection the table will be.
struct AgreedTabulation {
    var tabulation: Tabulation
    var depth: CubeObligations
    var protection: ProtectionObligations?

    /// Finds it by parties, dataflow, purpose and day. nil where no agreement is in scope at all: the decision will say so in its own words.
    /// - Parameters:
    ///   - structure: of the records.
    ///   - request: with the dataflow's structure and no rows yet.
    ///   - records: what is known of records.
    /// - Throws: `Refusal` where records are not agreed, or agreed in two ways.
    static func find(_ structure: DataStructure, _ request: AgreementRequest, under agreements: [Agreement], records: RecordStructures) throws
        -> AgreedTabulation?
    {
        let inScope = agreements.filter { $0.isPermit && ScopeJudge.fits($0, request) }
        guard !inScope.isEmpty else { return nil }
        let terms = inScope.compactMap { agreement in agreement.records.map { (name: agreement.name, term: $0) } }.filter {
            $0.term.structure.accepts(structure.reference)
        }
        guard let first = terms.first else {
            throw Refusal(
                "agreement.records",
                "record-level data is not agreed: \(structure.reference) describes records, and \(TermJudge.named(inScope.map(\.name))) has no `records` term about it; send the table, or agree on how the records are tabulated"
            )
        }
        if let other = terms.first(where: { $0.term.release != first.term.release || $0.term.tabulation != first.term.tabulation }) {
            throw Refusal(
                "agreement.terms.conflict",
                "\(first.name) and \(other.name) say differently what is made of the records of \(structure.reference); bring them into line or let one of them end"
            )
        }
        guard let tabulation = first.term.tabulation else {
            throw Refusal(
                "agreement.records",
                "\(first.name) lets the records of \(structure.reference) travel as they are protected, and \(request.dataflow) has another structure, into which it does not say how they are tabulated"
            )
        }
        // What the agreements say of codes does not depend on the data, so the depth is known before anything is counted.
        let obligations = Decide.run(request, under: agreements, records: records).obligations
        return AgreedTabulation(
            tabulation: tabulation, depth: obligations?.cube ?? CubeObligations(),
            protection: obligations?.protection ?? inScope.compactMap(\.protection).first)
    }
}
