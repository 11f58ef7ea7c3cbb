import SluiceKit

extension AgreementReader {
    /// Most classes of one dimension.
    static let classesMax = 10_000

    /// Reads the term `records`: what may be made of record-level data.
    static func readRecords(_ document: AgreementDocument, file: String) throws(AgreementError) -> RecordsTerm {
        let reader = try TermReader(document, path: "records", terms: AgreementTerms.records, file: file)
        guard let structure = ArtefactReference(.dataStructure, short: try reader.text("structure")), isParticipant(structure.agency) else {
            throw reader.invalid("structure", "has to name the data structure of the records, AGENCY:ID(VERSION)")
        }
        var term = RecordsTerm(structure: structure)
        if reader.has("release") { term.release = try reader.oneOf("release", RecordsTerm.Release.self) }
        switch term.release {
        case .none: term.tabulation = try readTabulation(try reader.document("tabulate"), file: file)
        case .pseudonymised:
            guard !reader.has("tabulate") else {
                throw reader.invalid("tabulate", "is for records that stay here, and release is pseudonymised; write two agreements about two dataflows")
            }
        }
        return term
    }

    private static func readTabulation(_ document: AgreementDocument, file: String) throws(AgreementError) -> Tabulation {
        let reader = try TermReader(
            document, path: "records.tabulate", terms: AgreementTerms.tabulation, file: file)
        var tabulation = Tabulation()
        switch try reader.document("measure") {
        case .text("count", _): tabulation.measure = .count
        case .map:
            let measure = try TermReader(try reader.document("measure"), path: reader.full("measure"), terms: AgreementTerms.sum, file: file)
            tabulation.measure = .sum(of: try measure.text("sum"), weight: try measure.optionalText("weight"))
        default: throw reader.invalid("measure", "has to be count, or a mapping with sum (and weight)")
        }
        tabulation.contributor = try reader.optionalText("contributor")
        let dimensions = try TermReader(try reader.document("dimensions"), path: reader.full("dimensions"), known: nil, file: file)
        for id in dimensions.keys { tabulation.dimensions[id] = try readSource(try dimensions.document(id), path: dimensions.full(id), file: file) }
        if reader.has("attributes") {
            let attributes = try TermReader(try reader.document("attributes"), path: reader.full("attributes"), known: nil, file: file)
            for id in attributes.keys { tabulation.attributes[id] = try attributes.text(id) }
        }
        if reader.has("zeros") { tabulation.zeros = try reader.boolean("zeros") }
        return tabulation
    }

    private static func readSource(_ document: AgreementDocument, path: String, file: String) throws(AgreementError) -> Tabulation.Source {
        let reader = try TermReader(
            document, path: path, terms: AgreementTerms.tabulatedDimension, file: file)
        if reader.has("constant") {
            if let key = reader.keys.first(where: { $0 != "constant" }) { throw reader.invalid(key, "has no meaning beside constant; keep one of them") }
            return .constant(try reader.text("constant"))
        }
        var reading = Tabulation.Reading(component: try reader.text("from"))
        if reader.has("classes") { reading.classes = try readClasses(reader) }
        if reader.has("period") {
            guard reading.classes.isEmpty else { throw reader.invalid("period", "is for dates and classes are for whole numbers; keep one of them") }
            reading.period = try reader.oneOf("period", Tabulation.Period.self)
        }
        reading.other = try reader.optionalText("other")
        if reading.other != nil, reading.classes.isEmpty { throw reader.invalid("other", "has no meaning without classes") }
        if reader.has("codes") {
            let codes = try TermReader(try reader.document("codes"), path: reader.full("codes"), known: nil, file: file)
            for code in codes.keys { reading.codes[code] = try codes.text(code) }
        }
        if reader.has("rollUp") { reading.rollUp = try reader.boolean("rollUp") }
        reading.total = try reader.optionalText("total")
        reading.missing = try reader.optionalText("missing")
        return .component(reading)
    }

    private static func readClasses(_ reader: TermReader) throws(AgreementError) -> [Tabulation.Class] {
        let named = try TermReader(try reader.document("classes"), path: reader.full("classes"), known: nil, file: reader.file)
        var classes: [Tabulation.Class] = []
        for code in named.keys {
            for range in try named.texts(code) {
                guard let bounds = bounds(range) else {
                    throw named.invalid(code, "is \(range); write whole numbers such as ..17, 18..34, 65.. or 18")
                }
                classes.append(Tabulation.Class(code: code, lower: bounds.lower, upper: bounds.upper))
            }
        }
        guard !classes.isEmpty else { throw reader.invalid("classes", "has to name at least one class") }
        guard classes.count <= classesMax else { throw reader.invalid("classes", "has more than \(classesMax) classes") }
        classes.sort(by: Tabulation.isBefore)
        if let (one, other) = Tabulation.overlap(classes) {
            throw reader.invalid("classes", "has numbers in two classes: \(one.code) \(one.range) and \(other.code) \(other.range)")
        }
        return classes
    }

    private static func bounds(_ text: String) -> (lower: Int64?, upper: Int64?)? {
        func number(_ text: Substring) -> Int64? { text.utf8.count <= 18 ? Int64(text) : nil }
        guard let dots = text.firstRange(of: "..") else { return number(text[...]).map { ($0, $0) } }
        let (before, after) = (text[..<dots.lowerBound], text[dots.upperBound...])
        guard !before.isEmpty || !after.isEmpty else { return nil }
        let (lower, upper) = (number(before), number(after))
        guard before.isEmpty || lower != nil, after.isEmpty || upper != nil, lower ?? .min <= upper ?? .max else { return nil }
        return (lower, upper)
    }
}
