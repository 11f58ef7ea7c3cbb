import SluiceKit

/// Terms about single observations: what codes may stand together, how old figures have to be, how many may travel. A summary knows codes by dimension only, so
/// what is not certain from it is looked at row by row when the data travel.
extension TermJudge {
    static func named(_ combination: [String: Set<String>]) -> String {
        combination.sorted { $0.key < $1.key }.map { "\($0.key) \(named($0.value))" }.joined(separator: " with ")
    }

    static func tooMany(_ count: Int, _ most: Int) -> String {
        "\(count) observations would travel at once, and the agreement lets at most \(most); send fewer, or amend the agreement"
    }

    private var isLeftOutRefused: Bool { request.direction == .accept || agreement.outside == .refuse }

    /// What the codes that were found travel as; without those that are left out.
    private func travelling(_ dimension: String) -> Set<String> {
        let map = request.direction == .send ? coarsening[dimension] ?? [:] : [:]
        let codes = Set(request.summary.codes(of: dimension).map { map[$0] ?? $0 })
        return granted[dimension].map { codes.intersection($0) } ?? codes
    }

    mutating func judgeForbidden(_ combination: [String: Set<String>]) {
        guard let bound = bind(combination) else { return }
        forbidden.insert(bound)
        let words = Self.named(combination)
        let outsides = bound.codes.filter { dimension, codes in !travelling(dimension).isSubset(of: codes) }
        let isPossible = bound.codes.allSatisfy { dimension, codes in !travelling(dimension).isDisjoint(with: codes) }
        if !isPossible {
            note("grant.forbidden", "no \(words)", "none")
        } else if outsides.count <= 1, isLeftOutRefused {
            note(
                "grant.forbidden", "no \(words)", "some", .combinationForbidden,
                "the data have \(words), which may not travel together; leave those observations out, or amend the agreement")
        } else {
            note("grant.forbidden", "no \(words)", "not to be told from the codes; each observation is looked at")
        }
    }

    /// The codes with those below them, and the codes of the input that travel as one of these. nil where the structure does not have them.
    private mutating func bind(_ combination: [String: Set<String>]) -> ForbiddenCombination? {
        var bound = ForbiddenCombination(codes: combination, sources: [:])
        for (id, named) in combination.sorted(by: { $0.key < $1.key }) {
            let term = "grant.forbidden"
            guard isDimension(id), let column = schema.index(of: id) else {
                note(
                    term, "a dimension \(id)", "none in \(schema.structure.reference)", .termUnbound,
                    "the agreement forbids codes of \(id), which \(schema.structure.reference) does not have")
                return nil
            }
            let dimension = schema.components[column]
            if let codelist = dimension.codelist {
                let unknown = codelist.isPartial ? [] : named.filter { !codelist.contains($0) }
                guard unknown.isEmpty else {
                    note(
                        term, "codes of \(codelist.reference)", Self.named(unknown), .termUnbound,
                        "the agreement forbids \(Self.named(unknown)), which the code list of \(id) does not have; correct the agreement")
                    return nil
                }
                guard let levels = CodeLevels(codelist) else {
                    note(term, "levels", "a circle of parents", .termUnbound, "the code list of \(id) has codes that are their own ancestors; correct it")
                    return nil
                }
                bound.codes[id] = levels.withDescendants(named)
            } else if dimension.codelistReference != nil {
                note(
                    term, "the code list of \(id)", "not at hand", .codelistMissing,
                    "the code list of \(id) is not at hand, so what is forbidden cannot be told; load it")
                return nil
            }
            let (codes, map) = (bound.codes[id] ?? named, coarsening[id] ?? [:])
            bound.sources[id] = codes.filter { codes.contains(map[$0] ?? $0) }.union(map.filter { codes.contains($0.value) }.keys)
        }
        return bound
    }

    mutating func judgePeriods() {
        guard let lag = agreement.timeLag else { return }
        let term = "grant.timeLag"
        guard let dimension = schema.dimensions.map({ schema.components[$0] }).first(where: { $0.role == .timeDimension }) else {
            note(
                term, "a time dimension", "none in \(schema.structure.reference)", .termUnbound,
                "the agreement says how old figures have to be, and \(schema.structure.reference) has no time dimension")
            return
        }
        let bound = PeriodBound(lag, before: request.today)
        endedBy = bound.endedBy
        let judge = PeriodJudge(endedBy: bound.endedBy, hasReportingYear: request.summary.attributesPresent.contains(PeriodJudge.reportingYearStart))
        let demands = "periods that ended by \(bound.lastDay), \(lag.text) ago"
        let periods = travelling(dimension.id)
        let unreadable = periods.filter { judge.verdict($0) == .unreadable }
        let young = periods.filter { judge.verdict($0) == .young }
        if !unreadable.isEmpty {
            note(
                term, demands, Self.named(unreadable), .periodUnreadable,
                "when \(Self.named(unreadable)) ends cannot be told; write periods as SDMX does")
        } else if !young.isEmpty, isLeftOutRefused {
            note(
                term, demands, Self.named(young), .periodTooRecent,
                "\(dimension.id) has \(Self.named(young)), and only what ended by \(bound.lastDay) may travel today; leave those observations out, or wait")
        } else {
            note(term, demands, young.isEmpty ? "older ones only" : "\(Self.named(young)) will be left out")
        }
    }

    mutating func judgeNumber() {
        guard let most = agreement.observationsMax else { return }
        let (term, count) = ("limits.observationsMax", request.summary.rowCount)
        let leavesOut = agreement.outside == .drop && !(granted.isEmpty && forbidden.isEmpty && endedBy == nil)
        if count <= most {
            note(term, "at most \(most) observations", "\(count)")
        } else if request.direction == .send, !coarsening.isEmpty || leavesOut {
            note(term, "at most \(most) observations", "\(count), to be counted again when they are summed")
        } else {
            note(term, "at most \(most) observations", "\(count)", .observationsTooMany, Self.tooMany(count, most))
        }
    }
}
