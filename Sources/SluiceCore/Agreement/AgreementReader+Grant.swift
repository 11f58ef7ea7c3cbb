import SluiceKit

extension AgreementReader {
    static func readGrant(_ document: AgreementDocument, into agreement: inout Agreement, file: String) throws(AgreementError) {
        let grant = try TermReader(document, path: "grant", terms: AgreementTerms.grant, file: file)
        let dimensions = try TermReader(try grant.document("dimensions"), path: "grant.dimensions", known: nil, file: file)
        guard !dimensions.keys.isEmpty else {
            throw grant.invalid("dimensions", "grants nothing; name every dimension of the structure, with `all` or its codes")
        }
        for id in dimensions.keys { agreement.dimensions[id] = try readDimension(try dimensions.document(id), path: dimensions.full(id), file: file) }
        if grant.has("drop") { agreement.dropped = Set(try grant.texts("drop")) }
        if grant.has("outside") { agreement.outside = try grant.oneOf("outside", CubeObligations.Outside.self) }
        if grant.has("timeLag") {
            guard let lag = RetentionPeriod(try grant.text("timeLag")) else {
                throw grant.invalid("timeLag", "has to be an ISO 8601 duration such as P3M or P90D")
            }
            agreement.timeLag = lag
        }
        if grant.has("forbidden") { try readForbidden(grant, into: &agreement) }
    }

    /// Most combinations that an agreement forbids.
    static let combinationsMax = 1_000

    private static func readForbidden(_ grant: TermReader, into agreement: inout Agreement) throws(AgreementError) {
        guard case .list(let items, _) = try grant.document("forbidden"), !items.isEmpty else {
            throw grant.invalid("forbidden", "has to be a list of combinations, such as [{SEX: [F], AGE: [Y_LT18]}]")
        }
        guard items.count <= combinationsMax else { throw grant.invalid("forbidden", "has more than \(combinationsMax) combinations; grant fewer codes") }
        for (number, item) in items.enumerated() {
            let reader = try TermReader(item, path: "grant.forbidden[\(number + 1)]", known: nil, file: grant.file)
            var combination: [String: Set<String>] = [:]
            for dimension in reader.keys {
                guard agreement.dimensions[dimension] != nil else {
                    throw reader.invalid(dimension, "is not among grant.dimensions; combinations are of what is granted")
                }
                combination[dimension] = Set(try reader.texts(dimension))
            }
            guard combination.count > 1 else {
                throw grant.invalid(
                    "forbidden",
                    "has an entry of \(combination.count == 1 ? "one dimension" : "no dimension"), which is no combination; name two or more, or leave the codes out of what grant.dimensions grants"
                )
            }
            guard agreement.forbidden.insert(combination).inserted else { throw grant.invalid("forbidden", "names the same combination twice") }
        }
    }

    static func readLimits(_ document: AgreementDocument, into agreement: inout Agreement, file: String) throws(AgreementError) {
        let limits = try TermReader(document, path: "limits", terms: AgreementTerms.limits, file: file)
        agreement.observationsMax = try limits.integer("observationsMax", in: 1...1_000_000_000)
    }

    private static func readDimension(_ document: AgreementDocument, path: String, file: String) throws(AgreementError) -> Agreement.DimensionGrant {
        if case .text(let text, let line) = document {
            guard text == "all" else { throw AgreementError(.valueInvalid, file: file, line: line, detail: "\(path) has to be `all` or a mapping with codes") }
            return Agreement.DimensionGrant()
        }
        let reader = try TermReader(document, path: path, terms: AgreementTerms.dimension, file: file)
        var grant = Agreement.DimensionGrant()
        let codes = try reader.texts("codes")
        if codes != ["all"] {
            guard !codes.contains("all") else { throw reader.invalid("codes", "has to be `all` alone or a list of codes") }
            grant.codes = Set(codes)
        }
        if reader.has("deepestLevel") { grant.deepestLevel = try reader.integer("deepestLevel", in: 1...32) }
        guard reader.has("coarsen") else { return grant }
        guard grant.deepestLevel == nil else { throw reader.invalid("coarsen", "and deepestLevel both say how deep the data go; keep one") }
        let coarsen = try TermReader(try reader.document("coarsen"), path: reader.full("coarsen"), terms: AgreementTerms.coarsening, file: file)
        let targets = try TermReader(try coarsen.document("to"), path: coarsen.full("to"), known: nil, file: file)
        for broader in targets.keys {
            for narrower in try targets.texts(broader) {
                guard grant.coarsening.updateValue(broader, forKey: narrower) == nil else {
                    throw targets.invalid(broader, "names \(narrower), which another line already makes part of something")
                }
            }
        }
        // A broader code that were itself coarsened would make the result depend on the order.
        for (narrower, broader) in grant.coarsening where narrower != broader && grant.coarsening[broader].map({ $0 != broader }) ?? false {
            throw targets.invalid(broader, "is itself made part of \(grant.coarsening[broader] ?? ""); name the last target for \(narrower) directly")
        }
        return grant
    }
}
