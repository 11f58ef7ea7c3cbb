import Foundation
import SluiceKit
import SluiceKitTesting

@testable import SluiceCore

/// Random agreements about the permits sample with every kind of term, random tables, and what travels of them.
struct RandomAgreements {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &random)! }

    mutating func agreement(_ id: String) throws -> Agreement { try AgreementReader.read(yaml(id, choices())) }

    /// Two versions of one agreement: a term or two differ.
    mutating func versions() throws -> (old: Agreement, new: Agreement) {
        let old = choices()
        var new = old
        for _ in 0..<pick([1, 1, 2]) {
            let term = Int.random(in: 0..<old.count, using: &random)
            new[term] = pick(Self.terms[term])
        }
        return (try AgreementReader.read(yaml("A", old)), try AgreementReader.read(yaml("A", new)))
    }

    /// What each term may be, in the order of the text.
    static let terms: [[String]] = [
        ["[AM.ARMSTAT]", "[AM.ARMSTAT, UN.UNSD]"], ["(1.0)", ""], ["", "channel: https\n", "channel: [https, folder]\n"],
        ["official-statistics", "[official-statistics, migration-profile]"], ["2026-12-31", "2027-12-31"],
        ["all", "all", "{codes: [_T, M]}", "{codes: [_T, M, F]}", "{codes: [_T], coarsen: {to: {_T: [M, F]}}}"],
        [
            "all", "all", "{codes: all, deepestLevel: 1}", "{codes: all, deepestLevel: 2}", "{codes: [GE, CIS, _T]}",
            "{codes: all, coarsen: {to: {CIS: [GE]}}}", "{codes: all, coarsen: {to: {CIS: [GE, RU]}}}",
        ],
        [
            "", "", "  forbidden: [{SEX: [F], CITIZENSHIP: [GE]}]\n", "  forbidden: [{SEX: [M, F], CITIZENSHIP: [CIS]}, {SEX: _T, CITIZENSHIP: DE}]\n",
            "  forbidden: [{SEX: [M], CITIZENSHIP: [GE, RU], TIME_PERIOD: [2026-01]}]\n",
        ], ["", "", "  timeLag: P1M\n", "  timeLag: P2M\n", "  timeLag: P45D\n"],
        ["", "  outside: drop\n", "  outside: drop\n  drop: [UNIT_MULT]\n", "  drop: [COMMENT_OBS]\n"],
        ["", "", "limits: {observationsMax: 3}\n", "limits: {observationsMax: 6}\n"],
        [
            "none", "{minimumCell: 3, method: suppression, mode: flagged}", "{minimumCell: 5, method: suppression, safety: 10}",
            "{method: suppression, dominance: {n: 1, k: 75}, insiders: true}", "{method: suppression, pPercent: [{p: 10}, {p: 5, n: 2}], minimumCell: 3}",
            "{method: suppression, priorPosterior: {p: 10, q: 50}, zeroRule: 2, groupDisclosure: true}",
            "{method: suppression, minimumCell: 4, totals: {SEX: none}}",
        ],
        [
            "retention: unlimited, onwardTransfer: public", "retention: P1Y, onwardTransfer: [UN.UNSD, UN.IOM], notify: [dpo@example.org]",
            "retention: P2Y, onwardTransfer: [UN.UNSD], fourEyes: true", "retention: P5Y, onwardTransfer: none",
        ],
    ]

    mutating func choices() -> [String] { Self.terms.map { $0.randomElement(using: &random)! } }

    private func yaml(_ id: String, _ chosen: [String]) -> String {
        """
        agreement: \(id)
        version: "1.0"
        title: Random
        giver: AM.MOI
        receivers: \(chosen[0])
        dataflow: AM.MOI:DF_PERMITS\(chosen[1])
        \(chosen[2])purpose: \(chosen[3])
        legalBasis: Law
        validity: {from: 2026-01-01, until: \(chosen[4])}
        grant:
          dimensions: {SEX: \(chosen[5]), CITIZENSHIP: \(chosen[6]), TIME_PERIOD: all}
        \(chosen[7])\(chosen[8])\(chosen[9])\(chosen[10])protect: \(chosen[11])
        obligations: {\(chosen[12])}
        """
    }

    mutating func forbidding(_ id: String) throws -> Agreement {
        try AgreementReader.read(
            """
            agreement: \(id)
            version: "1.0"
            title: Random
            effect: forbid
            giver: AM.MOI
            receivers: \(pick(["all", "[AM.ARMSTAT]", "[UN.UNSD, UN.IOM]"]))
            dataflow: AM.MOI:DF_PERMITS\(pick(["(1.0)", "", "(2.0)"]))
            \(pick(["", "channel: folder\n"]))purpose: \(pick(["all", "official-statistics", "migration-profile"]))
            legalBasis: Law
            validity: {from: \(pick(["2026-01-01", "2026-06-01"])), until: 2026-12-31}
            """)
    }

    /// Up to nine observations; keys differ.
    mutating func table() throws -> Table {
        var keys: [String] = []
        for sex in ["_T", "M", "F"] {
            for citizenship in PermitsSample.citizenship.map(\.0) {
                for period in ["2025-12", "2026-01", "2026-02", "2026-03"] { keys.append("\(sex) \(citizenship) \(period)") }
            }
        }
        keys.shuffle(using: &random)
        let count = Int.random(in: 1...9, using: &random)
        return try PermitsSample.table(keys.prefix(count).map { "\($0) \(Int.random(in: 0...20, using: &random)) UNIT_MULT=0" })
    }

    mutating func request(_ table: Table) -> AgreementRequest {
        var request = PermitsSample.request(table, direction: pick([.send, .send, .accept]))
        request.channel = pick(["https", "https", "folder", nil])
        return request
    }
}

/// What would travel: each observation with the rows of the input that are in it. nil where it is refused.
struct WhatTravels: Equatable {
    var groups: Set<CellGroup>
    var obligations: Obligations

    /// Whether nothing travels only because it is too much at once.
    static func isTooMuch(_ request: AgreementRequest, _ table: Table, under agreements: [Agreement]) -> Bool {
        let decision = Decide.run(request, under: agreements)
        guard let obligations = decision.obligations else { return decision.reasons.map(\.code) == [.observationsTooMany] }
        do throws(CoarsenError) { _ = try Coarsen.run(table, obligations.cube) } catch { return error.code == .observationsTooMany }
        return false
    }

    init?(_ request: AgreementRequest, _ table: Table, under agreements: [Agreement]) {
        guard let obligations = Decide.run(request, under: agreements).obligations else { return nil }
        self.obligations = obligations
        // The way in leaves nothing out: it refuses.
        guard request.direction == .send else {
            guard CombinationGate(table.batch.schema, obligations.cube.forbidden).firstForbidden(in: table.batch) == nil else { return nil }
            groups = Set(
                (0..<table.batch.rowCount).map { row in CellGroup(key: table.batch.schema.dimensions.map { table.batch.string($0, row) }, rows: [row]) })
            return
        }
        do {
            _ = try Coarsen.run(table, obligations.cube)
            var grouping = try CellGrouping(table.batch)
            for column in table.batch.schema.dimensions {
                if let map = obligations.cube.coarsening[table.batch.schema.components[column].id] { try grouping.coarsen(column, map) }
            }
            try grouping.leaveOut(obligations.cube)
            groups = Set(grouping.groups)
        } catch { return nil }
    }

    /// Whether all of it could be worked out by whoever has `other`: each observation is one of its, or a sum of whole ones.
    func canBeDerived(from other: WhatTravels) -> Bool {
        groups.allSatisfy { group in
            let rows = Set(group.rows)
            let parts = other.groups.filter { !rows.isDisjoint(with: $0.rows) }
            return parts.allSatisfy { rows.isSuperset(of: $0.rows) } && Set(parts.flatMap(\.rows)) == rows
        }
    }

    /// Whether protection and handling are nowhere less strict than those of `other`.
    func isProtected(asMuchAs other: WhatTravels) -> Bool {
        let (mine, theirs) = (obligations, other.obligations)
        guard mine.cube.dropped.isSuperset(of: theirs.cube.dropped), Set(mine.handling.notify).isSuperset(of: theirs.handling.notify),
            mine.handling.fourEyes || !theirs.handling.fourEyes, theirs.handling.retention == nil || mine.handling.retention != nil
        else { return false }
        guard let protection = theirs.protection else { return true }
        guard let own = mine.protection else { return false }
        func covered<Rule: ComparableRule>(_ rules: [Rule], by others: [Rule]) -> Bool { rules.allSatisfy { rule in others.contains { $0.covers(rule) } } }
        let (rules, needed) = (own.rules, protection.rules)
        return (rules.minimumCell ?? 0) >= (needed.minimumCell ?? 0) && rules.safetyPercent >= needed.safetyPercent
            && (rules.zeroRange ?? 0) >= (needed.zeroRange ?? 0) && (rules.groupDisclosure || !needed.groupDisclosure)
            && covered(needed.dominance, by: rules.dominance) && covered(needed.percent, by: rules.percent)
            && covered(needed.priorPosterior, by: rules.priorPosterior) && (own.insiders || !protection.insiders)
            && (own.mode == .withheld || protection.mode == .flagged) && (own.neutralStatus || !protection.neutralStatus) && own.totals == protection.totals
    }
}
