import SluiceKit

/// Reads a message once from end to end, passing over series and observations, and keeps what is needed to understand them.
struct OutlineReader {
    /// Most datasets in a message: each keeps its head until the message has been read.
    static let datasetsMax = 1 << 16
    /// Most partial keys with group attributes in a message.
    static let groupsMax = 1 << 20

    let scanner: JSONScanner
    let limits: ReadLimits
    /// Names of codes are kept only where a structure has to be made of the message.
    private let keepsCodeNames: Bool
    /// Series and observations are counted, not passed over.
    private let counts: Bool
    var outline = JSONOutline()
    private var groupCount = 0
    /// Bytes of the message that had to be kept.
    private var keptBytes = 0

    init(_ source: any ByteSource, limits: ReadLimits, keepsCodeNames: Bool = false, counts: Bool = false) {
        scanner = JSONScanner(source, limits: limits)
        self.limits = limits
        self.keepsCodeNames = keepsCodeNames
        self.counts = counts
    }

    mutating func read() throws(ReadError) -> JSONOutline {
        guard try scanner.next() == .objectStart else { throw unsupported("the message is no JSON object") }
        try members("the message") { (reader, name) throws(ReadError) in
            switch name {
            case "$schema": reader.take(schema: try reader.string())
            case "meta", "header": try reader.readMeta()
            case "data": try reader.object("data") { (reader, name) throws(ReadError) in try reader.readDataMember(name) }
            case "errors":
                try reader.objects("an error") { (reader, name) throws(ReadError) in
                    if name == "title", let title = try reader.string() {
                        reader.outline.errorTitles.append(title)
                    } else if name != "title" {
                        try reader.scanner.skipValue()
                    }
                }
            case "dataSets", "structure":
                reader.outline.isBare = true
                try reader.readDataMember(name)
            default: try reader.scanner.skipValue()
            }
        }
        _ = try scanner.next()
        guard outline.hasDatasets else {
            throw unsupported(
                outline.errorTitles.isEmpty
                    ? "the message has no “dataSets” under “data”: it holds no data"
                    : "the message holds no data but errors: \(outline.errorTitles.prefix(3).joined(separator: "; "))")
        }
        return outline
    }

    mutating func take(schema: String?) {
        if let schema, let version = SDMXJSONFormat.version(ofSchema: schema) { outline.declaredVersion = version }
    }

    // MARK: data

    private mutating func readDataMember(_ name: String) throws(ReadError) {
        switch name {
        case "structures":
            outline.hasStructures = true
            try array { (reader, token) throws(ReadError) in
                guard token == .objectStart else { throw reader.scanner.malformed("an element of “structures” is no object") }
                reader.outline.structures.append(try reader.structure())
            }
        case "structure":
            guard try scanner.next() == .objectStart else { throw scanner.malformed("“structure” is no object") }
            outline.hasOneStructure = true
            outline.structures.append(try structure())
        case "dataSets":
            outline.hasDatasets = true
            try array { (reader, token) throws(ReadError) in
                guard token == .objectStart else { throw reader.scanner.malformed("an element of “dataSets” is no object") }
                guard reader.outline.datasets.count < Self.datasetsMax else {
                    throw ReadError(.limitExceeded, line: reader.scanner.line, detail: "the message has more than \(Self.datasetsMax) datasets; split it")
                }
                reader.outline.datasets.append(try reader.datasetHead())
            }
        default: try scanner.skipValue()
        }
    }

    private mutating func structure() throws(ReadError) -> MessageStructure {
        var structure = MessageStructure()
        let start = scanner.byteOffset
        try members("a structure") { (reader, name) throws(ReadError) in
            switch name {
            case "links": structure.references = try reader.references()
            case "name", "names": try reader.text(name, into: &structure.names)
            case "dimensions": structure.dimensions = try reader.components("dimensions")
            case "measures": structure.measures = try reader.components("measures")
            case "attributes": structure.attributes = try reader.components("attributes")
            case "dataSets":
                try reader.array { (reader, token) throws(ReadError) in
                    if token == .number, let index = reader.integer() {
                        structure.dataSets.append(index)
                    } else {
                        throw reader.scanner.malformed("“dataSets” of a structure lists something that is no dataset's position")
                    }
                }
            default: try reader.scanner.skipValue()
            }
        }
        try keep(from: start)
        return structure
    }

    private mutating func components(_ kind: String) throws(ReadError) -> [MessageComponent] {
        // A sample of the working group spells the first level `dataset`.
        let levels: [String: MessageComponent.Level] = ["dataset": .dataSet, "dimensiongroup": .dimensionGroup, "series": .series, "observation": .observation]
        var components: [MessageComponent] = []
        try object(kind) { (reader, name) throws(ReadError) in
            guard let level = levels[name.lowercased()] else { return try reader.scanner.skipValue() }
            try reader.array { (reader, token) throws(ReadError) in
                guard token == .objectStart else { throw reader.scanner.malformed("an element of “\(kind)” is no object") }
                let component = try reader.component(level, kind)
                guard !components.contains(where: { $0.id == component.id }) else {
                    throw reader.scanner.malformed("“\(kind)” names component \(component.id) twice")
                }
                guard components.count < reader.limits.columnsMax else {
                    throw ReadError(
                        .limitExceeded, line: reader.scanner.line, detail: "“\(kind)” lists more than \(reader.limits.columnsMax) components; raise columnsMax")
                }
                components.append(component)
            }
        }
        // Keys take the levels in this order, in whatever order the members came.
        return components.enumerated().sorted { ($0.element.level.rawValue, $0.offset) < ($1.element.level.rawValue, $1.offset) }.map(\.element)
    }

    /// An element of a component's `values`: an identified code, a plain value, several values, or null.
    mutating func appendListedValue(_ token: JSONScanner.Token, to values: inout ValueList) throws(ReadError) {
        if token == .null { return try values.append(.none, codeNames: nil, scanner) }
        guard token == .objectStart else { throw scanner.malformed("an element of “values” is neither an object nor null") }
        var id: String?
        var value: MessageValue?
        var names = LocalisedText()
        try members("an element of “values”") { (reader, name) throws(ReadError) in
            switch name {
            case "id": id = try reader.string()
            case "value", "values": value = try MessageValue(reader.scanner, try reader.scanner.next())
            case "name", "names": try reader.text(name, into: &names)
            default: try reader.scanner.skipValue()
            }
        }
        if let id { return try values.append(.text(id), codeNames: keepsCodeNames ? names : nil, scanner) }
        // 1.0 lists the value of an attribute without code list under its name.
        guard let value = value ?? names.text().map(MessageValue.text) else { throw scanner.malformed("an element of “values” has neither id nor value") }
        try values.append(value, codeNames: nil, scanner)
    }

    // MARK: dataSets

    private mutating func datasetHead() throws(ReadError) -> DatasetHead {
        var head = DatasetHead()
        head.line = scanner.line
        try members("a dataset") { (reader, name) throws(ReadError) in
            let start = reader.scanner.byteOffset
            switch name {
            case "structure": head.structure = try reader.scanner.next() == .number ? reader.integer() : nil
            case "action":
                let text = try reader.string() ?? ""
                head.action = ActionName.action(text)
                if head.action == nil { head.unknownAction = text }
            case "links": head.references = try reader.references()
            case "reportingBegin": head.dates.reportingBegin = try reader.string()
            case "reportingEnd": head.dates.reportingEnd = try reader.string()
            case "validFrom": head.dates.validFrom = try reader.string()
            case "validTo": head.dates.validTo = try reader.string()
            case "publicationYear": head.dates.publicationYear = try reader.scalar()
            case "publicationPeriod": head.dates.publicationPeriod = try reader.string()
            case "attributes":
                head.attributes = try reader.values()
                try reader.keep(from: start)
            case "dimensionGroupAttributes":
                head.groups = try reader.groups()
                try reader.keep(from: start)
            case "series", "observations":
                head.hasKeys = true
                switch try reader.scanner.next() {
                case .objectStart:
                    if !reader.counts {
                        try reader.scanner.skipContainerUnread()
                    } else if name == "series" {
                        try reader.countSeries(&head.counts)
                    } else {
                        try reader.countObservations(&head.counts)
                    }
                case .null: break
                default: throw reader.scanner.malformed("“\(name)” of a dataset is no object")
                }
            default: try reader.scanner.skipValue()
            }
        }
        return head
    }

    private mutating func values() throws(ReadError) -> [MessageValue] {
        var values: [MessageValue] = []
        try array { (reader, token) throws(ReadError) in
            guard values.count < reader.limits.columnsMax else {
                throw ReadError(
                    .limitExceeded, line: reader.scanner.line,
                    detail: "an array of attributes has more than \(reader.limits.columnsMax) elements; raise columnsMax")
            }
            values.append(try MessageValue(reader.scanner, token))
        }
        return values
    }

    private mutating func groups() throws(ReadError) -> [DatasetHead.Group] {
        var groups: [DatasetHead.Group] = []
        switch try scanner.next() {
        case .objectStart: break
        case .null: return []
        default: throw scanner.malformed("“dimensionGroupAttributes” is no object")
        }
        while try scanner.next() == .name {
            guard let key = IndexKey.partial(scanner.text) else {
                throw scanner.malformed(
                    "“\(String(decoding: scanner.text.prefix(64), as: UTF8.self))” is no partial key; write indexes or nothing between colons")
            }
            groupCount += 1
            guard groupCount <= Self.groupsMax else {
                throw ReadError(
                    .limitExceeded, line: scanner.line,
                    detail: "the message has more than \(Self.groupsMax) partial keys with attributes; put them at the series")
            }
            let line = scanner.line
            groups.append(DatasetHead.Group(key: key, values: try values(), line: line))
        }
        return groups
    }

    /// Counts what was read since `start` against the limit for what is held in memory.
    private mutating func keep(from start: Int) throws(ReadError) {
        keptBytes += scanner.byteOffset - start
        guard keptBytes <= limits.structureBytesMax else {
            throw ReadError(
                .limitExceeded, line: scanner.line,
                detail: "the message's structures and group attributes are larger than \(limits.structureBytesMax) bytes; raise structureBytesMax")
        }
    }

    // MARK: Small parts

    mutating func references() throws(ReadError) -> [ArtefactReference] {
        var references: [ArtefactReference] = []
        try objects("a link") { (reader, name) throws(ReadError) in
            guard name == "urn" || name == "href" else { return try reader.scanner.skipValue() }
            guard let text = try reader.string(), let reference = name == "urn" ? ArtefactReference(urn: text) : LinkAddress.reference(text),
                [.dataflow, .dataStructure, .provisionAgreement].contains(reference.artefactClass)
            else { return }
            // An address names what the URN beside it names better.
            if name == "urn" {
                references.removeAll { $0.artefactClass == reference.artefactClass }
                references.append(reference)
            } else if !references.contains(where: { $0.artefactClass == reference.artefactClass }) {
                references.append(reference)
            }
        }
        return references
    }

    /// Takes a `name`, or the languages of `names`, into a text.
    mutating func text(_ name: String, into text: inout LocalisedText) throws(ReadError) {
        if !name.hasSuffix("s") {
            // The best match for whoever asked; its language is not said.
            if let name = try string(), text.isEmpty { text.set(name, language: "en") }
            return
        }
        var languages = LocalisedText()
        switch try scanner.next() {
        case .objectStart:
            try members("names") { (reader, language) throws(ReadError) in
                if let name = try reader.string() { languages.set(name, language: language) }
            }
        case .arrayStart: try scanner.leave(toDepth: scanner.depth - 1)
        default: break
        }
        if !languages.isEmpty { text = languages }
    }

    func string() throws(ReadError) -> String? {
        let token = try scanner.next()
        if token == .string { return try scanner.plainText() }
        if token == .objectStart || token == .arrayStart { try scanner.leave(toDepth: scanner.depth - 1) }
        return nil
    }

    /// A string or a number.
    func scalar() throws(ReadError) -> String? { try MessageValue(scanner, try scanner.next()).scalar }

    func integer() -> Int? { Int(String(decoding: scanner.text, as: UTF8.self)) }

    /// Reads the value that comes next, an object.
    mutating func object(_ what: String, _ member: (inout Self, String) throws(ReadError) -> Void) throws(ReadError) {
        switch try scanner.next() {
        case .objectStart: try members(what, member)
        case .null: break
        default: throw scanner.malformed("“\(what)” is no object")
        }
    }

    /// Reads the members of the object just opened; `member` reads the value of each.
    mutating func members(_ what: String, repeatable: String? = nil, _ member: (inout Self, String) throws(ReadError) -> Void) throws(ReadError) {
        var names = MemberNames(of: what)
        while try scanner.next() == .name { try member(&self, try names.take(scanner, limits, repeatable: repeatable)) }
    }

    /// Reads the value that comes next, an array (or null); `element` is given the first token of each element.
    mutating func array(_ element: (inout Self, JSONScanner.Token) throws(ReadError) -> Void) throws(ReadError) {
        switch try scanner.next() {
        case .null: return
        case .arrayStart: break
        default: throw scanner.malformed("expected an array")
        }
        while true {
            let token = try scanner.next()
            if token == .arrayEnd { return }
            try element(&self, token)
        }
    }

    /// Reads the value that comes next: an array of objects, or one object.
    mutating func objects(_ what: String, _ member: (inout Self, String) throws(ReadError) -> Void) throws(ReadError) {
        switch try scanner.next() {
        case .null: return
        case .objectStart: try members(what, member)
        case .arrayStart:
            while true {
                let token = try scanner.next()
                if token == .arrayEnd { return }
                guard token == .objectStart else { throw scanner.malformed("expected \(what), an object") }
                try members(what, member)
            }
        default: throw scanner.malformed("expected \(what), an object")
        }
    }

    private func unsupported(_ detail: String) -> ReadError { ReadError(.unsupported, line: scanner.line, byteOffset: scanner.byteOffset, detail: detail) }
}
