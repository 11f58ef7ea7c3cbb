import SluiceKit

/// Protection of records about single persons, in this order: identifiers, pseudonyms, top and bottom coding, generalisation, local suppression, audit.
struct RecordProtection: Protection {
    static let name = "records"

    let limits: RecordLimits
    var method: String { Self.name }

    func protect(_ table: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError) -> (Table, ProtectionReport) {
        let schema = table.batch.schema
        let plan = try RecordPlan(schema, under: obligations, limits: limits)
        let deadline = Deadline(limits)
        // What the structure cannot hold is found before any work is done.
        for column in plan.numbered { try RecordNumber.check(schema.components[column], schema.structure, recordCount: table.batch.rowCount) }
        let makers = plan.pseudonyms.isEmpty ? nil : try Pseudonyms(context)
        let records = try Records(table.batch, plan, limits: limits, deadline)
        var pseudonyms: [Variable] = []
        if let makers {
            for variable in records.pseudonyms {
                try deadline.check()
                pseudonyms.append(try makers.replace(variable, schema.components[variable.column], schema.structure))
            }
        }

        let (node, withholding, tried) = try chosen(records, plan, deadline)
        let quasi = records.quasi.indices.map { at in
            var variable = records.quasi[at].mapped(to: records.ladders[at].dictionary, records.ladders[at].levels[node[at]].map)
            for record in variable.codes.indices where withholding.masks[record] & (1 << UInt32(at)) != 0 { variable.codes[record] = ValueDictionary.absent }
            return variable
        }
        let released = try ReleasedRecords(table, plan, quasi: quasi, sensitive: records.sensitive, pseudonyms: pseudonyms)
            .table(keeping: withholding.isLeftOut.map { !$0 }, deadline)
        let audit = try RecordAudit(released, against: table, plan, makers, made: pseudonyms, limits: limits, deadline)
        let report = RecordReport(plan, records, node, withholding, after: audit.risk, tried: tried)
        return (released, report.report)
    }

    func audit(_ released: Table, against original: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError)
        -> ProtectionReport.Audit
    {
        let plan = try RecordPlan(original.batch.schema, under: obligations, limits: limits)
        let makers = plan.pseudonyms.isEmpty ? nil : try Pseudonyms(context)
        let risk = try RecordAudit(released, against: original, plan, makers, limits: limits, Deadline(limits)).risk
        return ProtectionReport.Audit(cells: risk.records)
    }

    /// The combination of levels that loses least among those that can be made safe.
    private func chosen(_ records: Records, _ plan: RecordPlan, _ deadline: Deadline) throws(ProtectionError) -> ([Int], Withholding, Int) {
        var lattice = Lattice(losses: records.ladders.map { $0.levels.map(\.loss) })
        guard let nodes = lattice.nodes(atMost: limits.latticeNodesMax) else {
            throw ProtectionError(
                .tooLarge,
                detail:
                    "the levels of the quasi-identifiers make more than \(limits.latticeNodesMax) combinations; generalise fewer of them, or in fewer levels"
            )
        }
        let affectedMax = plan.affectedMax(of: records.count)
        let depth: ClassFigures.Depth = plan.rules.diversity == nil ? .none : .distinct
        var looks = 0
        func look() throws(ProtectionError) {
            looks += 1
            guard looks <= limits.nodesTriedMax else {
                throw ProtectionError(
                    .tooLarge,
                    detail:
                        "the search for the least loss looked at more than \(limits.nodesTriedMax) combinations of levels; generalise fewer quasi-identifiers, or in fewer levels"
                )
            }
            try deadline.check()
        }
        let found = try lattice.search(
            nodes,
            isHopeless: { node throws(ProtectionError) in
                try look()
                return records.figures(at: node, depth: depth).faultyRecords(under: plan.rules, isMonotone: true) > affectedMax
            },
            attempt: { node throws(ProtectionError) in
                try look()
                return try Withholding(records, node, plan, limits: limits, deadline)
            })
        guard let found else {
            throw ProtectionError(
                .auditNotClean,
                detail:
                    "even at their coarsest levels too many records stand in classes that are too small or too alike (at most \(plan.rules.suppressedPercentMax) % may be withheld); allow coarser levels, name fewer quasiIdentifiers, or do not send records"
            )
        }
        return (found.node, found.outcome, looks)
    }
}
