import SluiceKit

/// Looks at the terms of an agreement that applies: binds them to the structure, and compares them with what the dataset has.
struct TermJudge: GrantedTerms {
    let agreement: Agreement
    let request: AgreementRequest
    private let isExplained: Bool
    private(set) var judgements: [Judgement] = []
    /// Coarsening with levels resolved to codes; dimension id → narrower → broader.
    private(set) var coarsening: [String: [String: String]] = [:]
    private(set) var granted: [String: Set<String>] = [:]
    var forbidden: Set<ForbiddenCombination> = []
    var endedBy: Int64?
    var schema: DatasetSchema { request.summary.schema }
    /// Codes named in one message.
    static let codesNamedMax = 10

    /// - Parameter isExplained: also names what holds, for which words are made that a decision does not need.
    init(_ agreement: Agreement, _ request: AgreementRequest, isExplained: Bool) {
        self.isExplained = isExplained
        self.agreement = agreement
        self.request = request
        for id in agreement.dimensions.keys.sorted() where !isDimension(id) {
            note(
                "grant.dimensions.\(id)", "a dimension \(id)", "none in \(schema.structure.reference)", .termUnbound,
                "the agreement names the dimension \(id), which \(schema.structure.reference) does not have")
        }
        for column in schema.dimensions { judgeDimension(schema.components[column]) }
        for id in agreement.dropped.sorted() { judgeDropped(id) }
        for combination in agreement.forbidden.sorted(by: { Self.named($0) < Self.named($1) }) { judgeForbidden(combination) }
        judgePeriods()
        judgeNumber()
        judgeProtection()
        if request.isRecordLevel { judgeRecords() }
    }

    func isDimension(_ id: String) -> Bool { schema.index(of: id).map { schema.components[$0].isDimension } ?? false }

    /// - Parameter code: why it fails; nil where it holds.
    mutating func note(_ term: String, _ demands: String, _ found: String, _ code: Decision.ReasonCode? = nil, _ words: String = "") {
        guard isExplained || code != nil else { return }
        let failure = code.map { Decision.Reason($0, rule: "\(agreement.name) \(term)", words: words) }
        judgements.append(Judgement(agreement: agreement.name, term: term, demands: demands, found: found, failure: failure))
    }

    static func named(_ codes: some Collection<String>) -> String {
        let sorted = codes.sorted()
        let head = sorted.prefix(codesNamedMax).joined(separator: ", ")
        return sorted.count > codesNamedMax ? "\(head) and \(sorted.count - codesNamedMax) more" : head
    }

    private mutating func judgeDimension(_ dimension: Component) {
        let term = "grant.dimensions.\(dimension.id)"
        let found = request.summary.codes(of: dimension.id)
        guard let grant = agreement.dimensions[dimension.id] else {
            note(
                term, "to be granted", "not mentioned", .dimensionNotGranted,
                "the agreement does not say what is granted of \(dimension.id); what is not granted does not travel")
            return
        }
        let needsCodelist = grant.codes != nil || !grant.coarsening.isEmpty || grant.deepestLevel != nil
        if needsCodelist, dimension.codelist == nil, dimension.codelistReference != nil || grant.deepestLevel != nil {
            note(
                term, "the code list of \(dimension.id)", "not at hand", .codelistMissing,
                "the code list of \(dimension.id) is not at hand, so its terms cannot be checked; load it")
            return
        }
        if let codelist = dimension.codelist, !codelist.isPartial {
            let named = (grant.codes ?? []).union(grant.coarsening.keys).union(grant.coarsening.values)
            let unknown = named.filter { !codelist.contains($0) }
            if !unknown.isEmpty {
                note(
                    term, "codes of \(codelist.reference)", Self.named(unknown), .termUnbound,
                    "the agreement names \(Self.named(unknown)), which the code list of \(dimension.id) does not have; correct the agreement")
            }
        }
        var map = grant.coarsening.filter { $0.key != $0.value }
        if let deepest = grant.deepestLevel, let codelist = dimension.codelist {
            guard let levels = CodeLevels(codelist) else {
                note(term, "levels", "a circle of parents", .termUnbound, "the code list of \(dimension.id) has codes that are their own ancestors; correct it")
                return
            }
            map = levels.coarsening(toLevel: deepest)
        }
        if let codes = grant.codes { granted[dimension.id] = codes }
        if !grant.coarsening.isEmpty || grant.deepestLevel != nil { coarsening[dimension.id] = grant.deepestLevel == nil ? grant.coarsening : map }

        let tooDetailed = found.filter { map[$0] != nil }
        let travelling = Set(found.map { map[$0] ?? $0 })
        let outside = grant.codes.map { travelling.subtracting($0) } ?? []
        var demands: String { grant.words }
        let isRestricted =
            needsCodelist || agreement.protection != nil || agreement.forbidden.contains { $0[dimension.id] != nil }
            || (agreement.timeLag != nil && dimension.role == .timeDimension)
        if isRestricted, request.summary.isLeftOpen(dimension.id) {
            note(
                term, demands, "rows without a code of \(dimension.id)", .keyPartial,
                "rows leave \(dimension.id) open, so they speak of codes that are not granted or of cells that are protected; give each value with its full key"
            )
        } else if request.direction == .accept, !tooDetailed.isEmpty {
            note(
                term, demands, Self.named(found), .codeTooDetailed,
                "\(dimension.id) has \(Self.named(tooDetailed)), which the agreement lets travel only as \(Self.named(Set(tooDetailed.compactMap { map[$0] })))"
            )
        } else if !outside.isEmpty, request.direction == .accept || agreement.outside == .refuse {
            note(
                term, demands, Self.named(found), .codeNotGranted,
                "\(dimension.id) has \(Self.named(outside)), which the agreement does not grant; leave those observations out, or amend the agreement")
        } else if isExplained {
            let effect = tooDetailed.isEmpty ? "" : "; \(Self.named(tooDetailed)) will be summed"
            note(term, demands, Self.named(found) + effect + (outside.isEmpty ? "" : "; \(Self.named(outside)) will be left out"))
        }
    }

    private mutating func judgeDropped(_ id: String) {
        let term = "grant.drop"
        guard let column = schema.index(of: id), schema.components[column].isAttribute else {
            note(
                term, "\(id) to be dropped", "no such attribute", .termUnbound,
                "the agreement drops \(id), which is not an attribute of \(schema.structure.reference)")
            return
        }
        guard !schema.components[column].isMandatory else {
            note(
                term, "\(id) to be dropped", "mandatory", .termUnbound,
                "the agreement drops \(id), which \(schema.structure.reference) makes mandatory; make it conditional or let it travel")
            return
        }
        let isPresent = request.summary.attributesPresent.contains(id)
        if request.direction == .accept, isPresent {
            note(term, "\(id) to be absent", "present", .componentNotDropped, "the data carry \(id), which the agreement says does not travel")
        } else {
            note(term, "\(id) to be dropped", isPresent ? "present, will be dropped" : "absent")
        }
    }
}
