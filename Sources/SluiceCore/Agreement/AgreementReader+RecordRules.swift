import SluiceKit

extension AgreementReader {
    private static let numbers = -1_000_000_000...1_000_000_000
    /// Most widths of bands of one component.
    static let bandsMax = 16

    /// The rules of the method `records`; nil for another method.
    static func readRecordRules(_ reader: TermReader, method: String) throws(AgreementError) -> RecordRules? {
        let own = AgreementTerms.recordRules.map(\.key)
        guard method == RecordRules.method else {
            for key in reader.keys where own.contains(key) {
                throw reader.invalid(key, "belongs to the method \(RecordRules.method), and the method is \(method)")
            }
            return nil
        }
        for key in reader.keys where key != "method" && !own.contains(key) {
            throw reader.invalid(key, "is no term of the method \(RecordRules.method), which protects records and not cells of tables")
        }
        func components(_ key: String) throws(AgreementError) -> [String] { reader.has(key) ? try reader.texts(key) : [] }
        var rules = RecordRules(
            identifiers: try components("identifiers"), pseudonyms: try components("pseudonyms"), quasiIdentifiers: try reader.texts("quasiIdentifiers"),
            sensitive: try components("sensitive"), k: try reader.integer("kAnonymity", in: 2...1_000_000))
        if reader.has("lDiversity") { rules.diversity = try readDiversity(reader) }
        if reader.has("tCloseness") { rules.closenessPercent = try reader.integer("tCloseness", in: 0...100) }
        if reader.has("suppressedMax") { rules.suppressedPercentMax = try reader.integer("suppressedMax", in: 0...100) }
        try readGeneralisation(reader, into: &rules)
        try readBounds(reader, into: &rules)
        try requireSense(rules, reader)
        return rules
    }

    private static func readDiversity(_ reader: TermReader) throws(AgreementError) -> RecordRules.Diversity {
        guard case .map = try reader.document("lDiversity") else { return .distinct(try reader.integer("lDiversity", in: 2...1_000)) }
        let form = try TermReader(
            try reader.document("lDiversity"), path: reader.full("lDiversity"), terms: AgreementTerms.diversity, file: reader.file)
        return .entropy(try form.integer("entropy", in: 2...1_000))
    }

    private static func readGeneralisation(_ reader: TermReader, into rules: inout RecordRules) throws(AgreementError) {
        guard reader.has("generalise") else { return }
        let all = try TermReader(try reader.document("generalise"), path: reader.full("generalise"), known: nil, file: reader.file)
        for id in all.keys {
            guard rules.quasiIdentifiers.contains(id) else { throw all.invalid(id, "is not among the quasiIdentifiers, so it is not made coarser") }
            let one = try TermReader(try all.document(id), path: all.full(id), terms: AgreementTerms.generalisation, file: reader.file)
            guard one.has("topLevel") != one.has("bands") else { throw all.invalid(id, "needs either topLevel or bands") }
            if one.has("topLevel") {
                rules.generalisation[id] = .hierarchy(topLevel: try one.integer("topLevel", in: 1...64))
                continue
            }
            var widths: [Int] = []
            for text in try one.texts("bands") {
                guard let width = Int(text), (2...1_000_000).contains(width) else { throw one.invalid("bands", "has to be whole numbers from 2 to 1000000") }
                guard widths.last.map({ width > $0 && width % $0 == 0 }) ?? true else {
                    throw one.invalid(
                        "bands", "has \(width) after \(widths.last ?? 0): each width has to be a multiple of the one before, so that no band cuts another")
                }
                widths.append(width)
            }
            guard widths.count <= bandsMax else { throw one.invalid("bands", "has more than \(bandsMax) widths") }
            rules.generalisation[id] = .bands(widths)
        }
    }

    private static func readBounds(_ reader: TermReader, into rules: inout RecordRules) throws(AgreementError) {
        guard reader.has("bounds") else { return }
        let all = try TermReader(try reader.document("bounds"), path: reader.full("bounds"), known: nil, file: reader.file)
        for id in all.keys {
            guard rules.quasiIdentifiers.contains(id) || rules.sensitive.contains(id) else {
                throw all.invalid(id, "is neither among the quasiIdentifiers nor sensitive, so it has no bounds")
            }
            let one = try TermReader(try all.document(id), path: all.full(id), terms: AgreementTerms.bounds, file: reader.file)
            guard one.has("bottom") || one.has("top") else { throw all.invalid(id, "needs bottom or top") }
            let bounds = RecordRules.Bounds(
                bottom: one.has("bottom") ? try one.integer("bottom", in: numbers) : nil, top: one.has("top") ? try one.integer("top", in: numbers) : nil)
            if let bottom = bounds.bottom, let top = bounds.top, bottom > top { throw one.invalid("bottom", "lies above the top") }
            rules.bounds[id] = bounds
        }
    }

    /// What no table could meet, or protects nobody.
    private static func requireSense(_ rules: RecordRules, _ reader: TermReader) throws(AgreementError) {
        var term: [String: String] = [:]
        for (key, ids) in [
            ("identifiers", rules.identifiers), ("pseudonyms", rules.pseudonyms), ("quasiIdentifiers", rules.quasiIdentifiers), ("sensitive", rules.sensitive),
        ] {
            for id in ids {
                guard let other = term.updateValue(key, forKey: id) else { continue }
                throw reader.invalid(key, "names \(id), which is among the \(other) already; keep one")
            }
        }
        guard rules.sensitive.isEmpty else { return }
        for key in ["lDiversity", "tCloseness"] where reader.has(key) { throw reader.invalid(key, "speaks of sensitive components, and none is named") }
    }
}

extension RecordRules {
    /// The protection's name in agreements: the only one under which records may travel.
    static let method = "records"
}
