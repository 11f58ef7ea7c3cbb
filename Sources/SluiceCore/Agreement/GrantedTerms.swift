import SluiceKit

/// An agreement with what its grant says of codes.
protocol GrantedTerms {
    var agreement: Agreement { get }
    /// Dimension id → codes that may travel; none where all may.
    var granted: [String: Set<String>] { get }
    /// Dimension id → narrower → broader.
    var coarsening: [String: [String: String]] { get }
    var forbidden: Set<ForbiddenCombination> { get }
    /// The second by which periods have to have ended; nil where any may travel.
    var endedBy: Int64? { get }
}

extension GrantedTerms {
    /// What a code travels as: itself, or what it is summed to; nil where it stays behind.
    func target(of code: String, in dimension: String) -> String? {
        let target = coarsening[dimension]?[code] ?? code
        return granted[dimension]?.contains(target) ?? true ? target : nil
    }
}

/// The terms as they stand, without the code lists that a message brings: levels say nothing yet.
struct UnboundTerms: GrantedTerms {
    let agreement: Agreement
    let granted: [String: Set<String>]
    let coarsening: [String: [String: String]]
    let forbidden: Set<ForbiddenCombination>
    /// Which day it is, only a message says.
    var endedBy: Int64? { nil }

    init(_ agreement: Agreement) {
        self.agreement = agreement
        granted = agreement.dimensions.compactMapValues(\.codes)
        coarsening = agreement.dimensions.mapValues(\.coarsening).filter { !$0.value.isEmpty }
        forbidden = Set(agreement.forbidden.map { ForbiddenCombination(codes: $0, sources: $0) })
    }
}
