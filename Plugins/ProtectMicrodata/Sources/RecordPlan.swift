import SluiceKit

/// The agreement's rules bound to the components of a structure, and found to make sense together.
struct RecordPlan {
    let schema: DatasetSchema
    let rules: RecordRules
    /// Columns by what becomes of them, each in the order of the rules.
    private(set) var quasi: [Int] = []
    private(set) var sensitive: [Int] = []
    private(set) var pseudonyms: [Int] = []
    /// Identifiers that are dimensions: replaced by a number of this release.
    private(set) var numbered: [Int] = []
    /// Identifiers that are attributes or measures.
    private(set) var cleared: [Int] = []
    /// Columns that no rule names; they travel only where they are the same in every record.
    private(set) var others: [Int] = []

    /// Share of records that may be left out or lack a quasi-identifier, as a count.
    func affectedMax(of recordCount: Int) -> Int { recordCount * rules.suppressedPercentMax / 100 }

    /// - Throws: `unsupported` where the rules make no sense or belong to another method, `attributeReveals` for an identifier that has to be given.
    init(_ schema: DatasetSchema, under obligations: ProtectionObligations, limits: RecordLimits) throws(ProtectionError) {
        guard obligations.method == RecordProtection.name else {
            throw Self.nonsense("the agreement asks for the protection \(obligations.method), and this is \(RecordProtection.name)")
        }
        guard let rules = obligations.records else {
            throw Self.nonsense("the agreement asks for the protection of records, and has no rules for them; give quasiIdentifiers and kAnonymity")
        }
        try Self.refuseOtherMethods(obligations)
        self.schema = schema
        self.rules = rules
        try checkNumbers(limits)
        var named: [String: String] = [:]
        for (term, ids) in [
            ("identifiers", rules.identifiers), ("pseudonyms", rules.pseudonyms), ("quasiIdentifiers", rules.quasiIdentifiers), ("sensitive", rules.sensitive),
        ] {
            for id in ids {
                guard let column = schema.index(of: id) else {
                    throw Self.nonsense("the agreement's \(term) name \(id), which \(schema.structure.reference) does not have")
                }
                if let other = named.updateValue(term, forKey: id) {
                    throw Self.nonsense(
                        other == term ? "the agreement's \(term) name \(id) twice" : "the agreement names \(id) among its \(other) and its \(term); keep one")
                }
                try bind(column, term)
            }
        }
        for id in rules.generalisation.keys.sorted() where named[id] != "quasiIdentifiers" {
            throw Self.nonsense("the agreement generalises \(id), which is not among its quasiIdentifiers")
        }
        for id in rules.bounds.keys.sorted() where named[id] != "quasiIdentifiers" && named[id] != "sensitive" {
            throw Self.nonsense("the agreement gives bounds for \(id), which is not among its quasiIdentifiers or sensitive components")
        }
        others = schema.components.indices.filter { named[schema.components[$0].id] == nil }
        guard schema.dimensions.contains(where: { pseudonyms.contains($0) || numbered.contains($0) }) else {
            throw Self.nonsense(
                "no dimension of \(schema.structure.reference) is replaced, and one of them is the record's id; name it among pseudonyms, or among identifiers for a number that cannot be followed from one release to the next"
            )
        }
    }

    /// An identifier that may be empty is emptied; a dimension gets a number; anything else would have to tell who it is.
    private mutating func bind(_ column: Int, _ term: String) throws(ProtectionError) {
        let component = schema.components[column]
        switch term {
        case "quasiIdentifiers": quasi.append(column)
        case "sensitive": sensitive.append(column)
        case "pseudonyms": pseudonyms.append(column)
        case _ where component.isDimension: numbered.append(column)
        default:
            guard !component.isMandatory else {
                throw ProtectionError(
                    .attributeReveals,
                    detail:
                        "\(component.id) is an identifier that may not travel, and \(schema.structure.reference) makes it mandatory; make it conditional, or name it among pseudonyms"
                )
            }
            cleared.append(column)
        }
    }

    private func checkNumbers(_ limits: RecordLimits) throws(ProtectionError) {
        guard !rules.quasiIdentifiers.isEmpty else {
            throw Self.nonsense("the agreement names no quasiIdentifiers, the components by which a person could be recognised together")
        }
        guard rules.quasiIdentifiers.count <= limits.quasiIdentifiersMax else {
            throw ProtectionError(.tooLarge, detail: "the agreement names more than \(limits.quasiIdentifiersMax) quasiIdentifiers; name fewer, or drop some")
        }
        guard rules.k >= 2 else { throw Self.nonsense("kAnonymity is \(rules.k); below 2 it protects nobody") }
        switch rules.diversity {
        case .distinct(let l)? where l < 2, .entropy(let l)? where l < 2: throw Self.nonsense("lDiversity is \(l); below 2 it protects nobody")
        default: break
        }
        if let percent = rules.closenessPercent, !(0...100).contains(percent) { throw Self.nonsense("tCloseness is \(percent) %; give 0 to 100") }
        guard !rules.sensitive.isEmpty || (rules.diversity == nil && rules.closenessPercent == nil) else {
            throw Self.nonsense("lDiversity and tCloseness speak of sensitive components, and the agreement names none")
        }
        guard (0...100).contains(rules.suppressedPercentMax) else {
            throw Self.nonsense("suppressedMax is \(rules.suppressedPercentMax) %; give 0 to 100")
        }
        for (id, bounds) in rules.bounds.sorted(by: { $0.key < $1.key }) {
            guard bounds.bottom != nil || bounds.top != nil else { throw Self.nonsense("the bounds of \(id) name neither bottom nor top") }
            if let bottom = bounds.bottom, let top = bounds.top, bottom > top { throw Self.nonsense("the bottom of \(id) lies above its top") }
        }
        for (id, generalisation) in rules.generalisation.sorted(by: { $0.key < $1.key }) {
            switch generalisation {
            case .hierarchy(let top): guard top >= 1 else { throw Self.nonsense("the topLevel of \(id) is \(top); the top is level 1") }
            case .bands(let widths):
                guard let first = widths.first, first >= 2 else { throw Self.nonsense("the bands of \(id) need widths of 2 and more") }
                // Bands that cut one another would let a wider one separate what a narrower one had put together.
                for (narrower, wider) in zip(widths, widths.dropFirst()) where wider <= narrower || wider % narrower != 0 {
                    throw Self.nonsense("the bands of \(id) have \(wider) after \(narrower); each width has to be a multiple of the one before")
                }
            }
        }
    }

    private static func refuseOtherMethods(_ obligations: ProtectionObligations) throws(ProtectionError) {
        let isForeign =
            !obligations.rules.isEmpty || obligations.frequencyComponent != nil || !obligations.largestComponents.isEmpty || !obligations.totals.isEmpty
            || obligations.rounding != nil || obligations.cellKey != nil || obligations.insiders
        guard !isForeign else {
            throw nonsense("the agreement gives rules for cells of tables together with the method \(RecordProtection.name), which protects records; keep one")
        }
        guard obligations.mode == .withheld else {
            throw nonsense("the method \(RecordProtection.name) withholds values and cannot flag them; agree on `mode: withheld`")
        }
        guard obligations.differencing == nil else {
            throw nonsense("the method \(RecordProtection.name) cannot be held against earlier releases; leave differencing out of the agreement")
        }
    }

    private static func nonsense(_ detail: String) -> ProtectionError { ProtectionError(.unsupported, detail: detail) }

    /// A quasi-identifier that may be withheld: absent in a row.
    func mayBeAbsent(_ column: Int) -> Bool { !schema.components[column].isDimension && !schema.components[column].isMandatory }

    /// Whether a sensitive component or a bounded one holds numbers: by its structure, not by what happens to stand in it.
    static func isNumeric(_ component: Component) -> Bool {
        guard component.codelistReference == nil, !component.isArray else { return false }
        guard let type = component.textFormat?.type else { return component.role == .measure }
        switch type {
        case .numeric, .bigInteger, .integer, .long, .short, .decimal, .float, .double, .count, .inclusiveValueRange, .exclusiveValueRange, .incremental:
            return true
        default: return false
        }
    }
}
