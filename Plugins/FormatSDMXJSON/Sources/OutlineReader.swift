import SluiceKit

/// Reads a message once from end to end, passing over series and observations, and keeps what is needed to understand them.
struct OutlineReader {
    /// Most datasets in a message: each keeps its head until the message has been read.
    static let datasetsMax = 1 << 16
    /// Most partial keys with group attributes in a message.
    static let groupsMax = 1 << 20

    private let scanner: JSONScanner
    private let limits: ReadLimits
    private var outline = MessageOutline()
    private var groupCount = 0
    /// Bytes of the message that had to be kept.
    private var keptBytes = 0

    init(_ source: any ByteSource, limits: ReadLimits) {
        scanner = JSONScanner(source, limits: limits)
        self.limits = limits
    }

    mutating func read() throws(ReadError) -> MessageOutline {
        guard try scanner.next() == .objectStart else { throw unsupported("the message is no JSON object") }
        try members("the message") { (reader, name) throws(ReadError) in
            switch name {
            case "meta": try reader.readMeta()
            case "data": try reader.readData()
            case "errors":
                try reader.objects("an error") { (reader, name) throws(ReadError) in
                    if name == "title", let title = try reader.string() {
                        reader.outline.errorTitles.append(title)
                    } else if name != "title" {
                        try reader.scanner.skipValue()
                    }
                }
            case "dataSets", "structure":
                throw reader.unsupported("“\(name)” stands outside of “data”, as in SDMX-JSON before 1.0; ask for SDMX-JSON 2.0")
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

    // MARK: meta

    private mutating func readMeta() throws(ReadError) {
        try object("meta") { (reader, name) throws(ReadError) in
            switch name {
            case "id": reader.outline.header.id = try reader.string() ?? ""
            case "prepared": reader.outline.header.prepared = try reader.string()
            case "test": reader.outline.header.isTest = try reader.scanner.next() == .isTrue
            case "names":
                try reader.object("names") { (reader, language) throws(ReadError) in
                    if let text = try reader.string() { reader.outline.header.names.set(text, language: language) }
                }
            case "name":
                if let text = try reader.string(), reader.outline.header.names.isEmpty { reader.outline.header.names.set(text, language: "en") }
            case "sender": reader.outline.header.senders = try reader.parties().map { MessageHeader.Party($0) }
            // The schema has `receivers`; the working group's samples have `receiver`.
            case "receivers", "receiver": reader.outline.header.receivers = try reader.parties().map { MessageHeader.Party($0) }
            default: try reader.scanner.skipValue()
            }
        }
    }

    private mutating func parties() throws(ReadError) -> [String] {
        var ids: [String] = []
        try objects("a party") { (reader, name) throws(ReadError) in
            if name == "id" { if let id = try reader.string() { ids.append(id) } } else { try reader.scanner.skipValue() }
        }
        return ids
    }

    // MARK: data

    private mutating func readData() throws(ReadError) {
        try object("data") { (reader, name) throws(ReadError) in
            switch name {
            case "structures":
                try reader.array { (reader, token) throws(ReadError) in
                    guard token == .objectStart else { throw reader.scanner.malformed("an element of “structures” is no object") }
                    reader.outline.structures.append(try reader.structure())
                }
            case "dataSets":
                reader.outline.hasDatasets = true
                try reader.array { (reader, token) throws(ReadError) in
                    guard token == .objectStart else { throw reader.scanner.malformed("an element of “dataSets” is no object") }
                    guard reader.outline.datasets.count < Self.datasetsMax else {
                        throw ReadError(.limitExceeded, line: reader.scanner.line, detail: "the message has more than \(Self.datasetsMax) datasets; split it")
                    }
                    reader.outline.datasets.append(try reader.datasetHead())
                }
            case "structure": throw reader.unsupported("the message is SDMX-JSON 1.0 (“structure” instead of “structures”); ask for SDMX-JSON 2.0")
            default: try reader.scanner.skipValue()
            }
        }
    }

    private mutating func structure() throws(ReadError) -> MessageStructure {
        var structure = MessageStructure()
        let start = scanner.byteOffset
        try members("a structure") { (reader, name) throws(ReadError) in
            switch name {
            case "links": structure.references = try reader.references()
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
        let levels: [String: MessageComponent.Level] = ["dataSet": .dataSet, "dimensionGroup": .dimensionGroup, "series": .series, "observation": .observation]
        var components: [MessageComponent] = []
        try object(kind) { (reader, name) throws(ReadError) in
            guard let level = levels[name] else { return try reader.scanner.skipValue() }
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

    private mutating func component(_ level: MessageComponent.Level, _ kind: String) throws(ReadError) -> MessageComponent {
        var component = MessageComponent(id: "", level: level)
        try members("a component of “\(kind)”") { (reader, name) throws(ReadError) in
            switch name {
            case "id": component.id = try reader.string() ?? ""
            case "keyPosition": component.keyPosition = try reader.scanner.next() == .number ? reader.integer() : nil
            case "default":
                let value = try MessageValue(reader.scanner, try reader.scanner.next())
                component.defaultValue = value.kind == .text || value.kind == .number ? value.text : nil
            case "relationship":
                try reader.object("a relationship") { (reader, name) throws(ReadError) in
                    guard name == "dimensions" else { return try reader.scanner.skipValue() }
                    var ids: [String] = []
                    try reader.array { (reader, token) throws(ReadError) in
                        guard token == .string else { throw reader.scanner.malformed("a relationship lists something that is no dimension's id") }
                        ids.append(String(decoding: reader.scanner.text, as: UTF8.self))
                    }
                    component.relationship = ids
                }
            case "values":
                var values = ValueList()
                try reader.array { (reader, token) throws(ReadError) in try values.append(try reader.listedValue(token), reader.scanner, reader.limits) }
                // An empty list refers to nothing, so the datasets can only hold the values themselves.
                component.values = values.count > 0 ? values : nil
            default: try reader.scanner.skipValue()
            }
        }
        guard !component.id.isEmpty else { throw scanner.malformed("a component of “\(kind)” has no id") }
        return component
    }

    /// An element of a component's `values`: an identified code, a plain value, several values, or null.
    private mutating func listedValue(_ token: JSONScanner.Token) throws(ReadError) -> MessageValue {
        if token == .null { return .none }
        guard token == .objectStart else { throw scanner.malformed("an element of “values” is neither an object nor null") }
        var id: String?
        var value: MessageValue?
        try members("an element of “values”") { (reader, name) throws(ReadError) in
            switch name {
            case "id": id = try reader.string()
            case "value", "values": value = try MessageValue(reader.scanner, try reader.scanner.next())
            default: try reader.scanner.skipValue()
            }
        }
        if let id {
            var coded = MessageValue.none
            coded.kind = .text
            coded.text = id
            return coded
        }
        guard let value else { throw scanner.malformed("an element of “values” has neither id nor value") }
        return value
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
                if let action = DatasetAction(rawValue: text) { head.action = action } else { head.unknownAction = text }
            case "links": head.references = try reader.references()
            case "attributes":
                head.attributes = try reader.values()
                try reader.keep(from: start)
            case "dimensionGroupAttributes":
                head.groups = try reader.groups()
                try reader.keep(from: start)
            case "series", "observations":
                switch try reader.scanner.next() {
                case .objectStart: try reader.scanner.skipContainerUnread()
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
        guard try scanner.next() == .objectStart else { throw scanner.malformed("“dimensionGroupAttributes” is no object") }
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

    private mutating func references() throws(ReadError) -> [ArtefactReference] {
        var references: [ArtefactReference] = []
        try objects("a link") { (reader, name) throws(ReadError) in
            guard name == "urn" else { return try reader.scanner.skipValue() }
            if let urn = try reader.string(), let reference = ArtefactReference(urn: urn),
                [.dataflow, .dataStructure, .provisionAgreement].contains(reference.artefactClass)
            {
                references.append(reference)
            }
        }
        return references
    }

    private func string() throws(ReadError) -> String? {
        let token = try scanner.next()
        if token == .string { return String(decoding: scanner.text, as: UTF8.self) }
        if token == .objectStart || token == .arrayStart { try scanner.leave(toDepth: scanner.depth - 1) }
        return nil
    }

    private func integer() -> Int? { Int(String(decoding: scanner.text, as: UTF8.self)) }

    /// Reads the value that comes next, an object.
    private mutating func object(_ what: String, _ member: (inout Self, String) throws(ReadError) -> Void) throws(ReadError) {
        switch try scanner.next() {
        case .objectStart: try members(what, member)
        case .null: break
        default: throw scanner.malformed("“\(what)” is no object")
        }
    }

    /// Reads the members of the object just opened; `member` reads the value of each.
    private mutating func members(_ what: String, _ member: (inout Self, String) throws(ReadError) -> Void) throws(ReadError) {
        var names = MemberNames(of: what)
        while try scanner.next() == .name { try member(&self, try names.take(scanner, limits)) }
    }

    /// Reads the value that comes next, an array (or null); `element` is given the first token of each element.
    private mutating func array(_ element: (inout Self, JSONScanner.Token) throws(ReadError) -> Void) throws(ReadError) {
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
    private mutating func objects(_ what: String, _ member: (inout Self, String) throws(ReadError) -> Void) throws(ReadError) {
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
