internal import SluiceKit
internal import SluiceYAML

extension CSVMapping {
    /// The version of the mapping language that this reads.
    public static let languageVersion = 1
    /// Most places that a multiplier moves the point.
    static let shiftMax = 30

    /// Reads a mapping.
    /// - Parameter file: its name, for messages.
    /// - Throws: `MappingError` for what is not YAML, a key that is not known or stands twice, a value that cannot be meant.
    public init(yaml: String, file: String) throws(MappingError) {
        do {
            self = try Self.read(YAMLValue(yaml: yaml, file: file), file: file)
        } catch {
            // The YAML reader's words end in how to mend it; after the last semicolon they are advice.
            let parts = error.detail.split(separator: "; ", maxSplits: 1).map(String.init)
            throw MappingError(
                file: error.file, line: error.line, column: error.column, detail: parts.first ?? error.detail, advice: parts.count > 1 ? parts[1] : "")
        }
    }

    private static func read(_ root: YAMLValue, file: String) throws(YAMLProblem) -> CSVMapping {
        let map = try root.mapping(
            "mapping", "flow", "structure", "action", "separator", "encoding", "decimal", "grouping", "linesBeforeHeader", "ignoreCase", "missing", "columns",
            "constants", "defaults",
            "when", "filter", "ignore", "unpivot")
        _ = try map.required("mapping").integer(in: languageVersion...languageVersion)
        let filter = try map["filter"]?.mapping("keep", "skip")
        var mapping = CSVMapping(
            file: file, reference: try reference(map, root), action: try action(map["action"]), separator: try separator(map["separator"]),
            encoding: try encoding(map["encoding"]),
            decimal: try decimal(map["decimal"]), grouping: try grouping(map["grouping"]),
            linesBeforeHeader: try map.integer("linesBeforeHeader", in: 0...1_000, default: 0),
            ignoresCase: try map.boolean("ignoreCase", default: false), missing: try map.texts("missing"), targets: [],
            constants: try settings(map["constants"]),
            defaults: try settings(map["defaults"]), rules: [], keep: try conditions(filter?["keep"]), skip: try conditions(filter?["skip"]),
            ignored: try map.texts("ignore"), unpivot: nil)
        if let grouping = mapping.grouping.first, mapping.grouping.count == 1, grouping == mapping.decimal {
            throw (map["grouping"] ?? root).problem("grouping and decimal are the same character; one of them must differ")
        }
        for (column, value) in try map.required("columns").entries() {
            if value.isList {
                for item in try value.list() { mapping.targets.append(try target(column, item)) }
            } else {
                mapping.targets.append(try target(column, value))
            }
        }
        for item in try map.list("when") {
            let rule = try item.mapping("if", "set")
            let conditions = try conditions(rule.required("if"))
            let settings = try settings(rule.required("set"))
            guard !conditions.isEmpty, !settings.isEmpty else {
                throw item.problem("a rule needs a condition and something to set; fill in both, or remove it")
            }
            mapping.rules.append(Rule(conditions: conditions, settings: settings))
        }
        mapping.unpivot = try map["unpivot"].map { (value) throws(YAMLProblem) in try unpivot(value) }
        if let column = mapping.targets.first(where: { target in mapping.ignored.contains(target.column) })?.column {
            throw root.problem("the column \"\(column)\" is both mapped and ignored; keep one of the two")
        }
        return mapping
    }

    private static func reference(_ map: YAMLMapping, _ root: YAMLValue) throws(YAMLProblem) -> ArtefactReference {
        let found: (value: YAMLValue, artefactClass: ArtefactClass)
        switch (map["flow"], map["structure"]) {
        case (let flow?, nil): found = (flow, .dataflow)
        case (nil, let structure?): found = (structure, .dataStructure)
        case (_?, _?): throw root.problem("flow and structure are both given; keep one of them")
        case (nil, nil): throw root.problem("neither flow nor structure is given; write, for example, structure: IAEG-SDGs:SDG(1.4)")
        }
        guard let reference = ArtefactReference(found.artefactClass, short: try found.value.text()) else {
            throw found.value.problem("a reference such as AGENCY:ID(VERSION) is expected here")
        }
        return reference
    }

    private static func action(_ value: YAMLValue?) throws(YAMLProblem) -> DatasetAction {
        guard let value else { return .information }
        let text = try value.text()
        guard let action = DatasetAction.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
            throw value.problem("\"\(text)\" is no action; use one of \(DatasetAction.allCases.map { $0.rawValue.lowercased() }.joined(separator: ", "))")
        }
        return action
    }

    private static func separator(_ value: YAMLValue?) throws(YAMLProblem) -> UInt8 {
        guard let value else { return UInt8(ascii: ",") }
        let text = try value.text()
        if text == "tab" { return UInt8(ascii: "\t") }
        guard let byte = text.utf8.first, text.utf8.count == 1, [",", ";", "\t", "|", ":"].contains(text) else {
            throw value.problem("\"\(text)\" is no separator; use \",\", \";\", \"|\", \":\" or tab")
        }
        return byte
    }

    private static func encoding(_ value: YAMLValue?) throws(YAMLProblem) -> Encoding {
        guard let value else { return .utf8 }
        let text = try value.text()
        guard let encoding = Encoding(rawValue: text.lowercased()) else {
            throw value.problem(
                "the encoding \"\(text)\" is not known; use one of \(Encoding.allCases.map(\.rawValue).joined(separator: ", ")), or save the table as UTF-8")
        }
        return encoding
    }

    private static func decimal(_ value: YAMLValue?) throws(YAMLProblem) -> UInt8 {
        guard let value else { return UInt8(ascii: ".") }
        switch try value.text() {
        case ".": return UInt8(ascii: ".")
        case ",": return UInt8(ascii: ",")
        case let text: throw value.problem("\"\(text)\" is no decimal mark; use \".\" or \",\"")
        }
    }

    private static func grouping(_ value: YAMLValue?) throws(YAMLProblem) -> [UInt8] {
        guard let value else { return [] }
        let text = try value.text()
        switch text {
        case "none", "": return []
        case "space": return [0x20]
        case "no-break space": return Array("\u{A0}".utf8)
        case "narrow no-break space": return Array("\u{202F}".utf8)
        case ",", ".", "'", " ", "\u{A0}", "\u{202F}", "\u{2019}": return Array(text.utf8)
        default: throw value.problem("\"\(text)\" is no grouping mark; use \",\", \".\", \"'\", space, no-break space, narrow no-break space or none")
        }
    }

    private static func target(_ column: String, _ value: YAMLValue) throws(YAMLProblem) -> Target {
        guard value.isMapping else { return Target(column: column, component: try component(value), labels: nil, shift: 0) }
        let map = try value.mapping("into", "labels", "languages", "also", "unmapped", "multiplier")
        return Target(column: column, component: try component(map.required("into")), labels: try labels(map, value), shift: try shift(map["multiplier"]))
    }

    private static func component(_ value: YAMLValue) throws(YAMLProblem) -> String {
        let text = try value.text()
        guard !text.isEmpty, !text.contains(" ") else {
            throw value.problem("\"\(text)\" is no component id; name a dimension, measure or attribute of the structure")
        }
        return text
    }

    private static func labels(_ map: YAMLMapping, _ owner: YAMLValue) throws(YAMLProblem) -> Labels? {
        var labels = Labels(codes: [], codelistLanguages: nil, keepsUnmapped: false)
        if let unmapped = map["unmapped"] {
            switch try unmapped.text() {
            case "keep": labels.keepsUnmapped = true
            case "report": break
            case let text: throw unmapped.problem("\"\(text)\" says nothing about labels without a mapping; use report or keep")
            }
        }
        guard let value = map["labels"] else {
            if let stray = map["languages"] ?? map["also"] ?? map["unmapped"] {
                throw stray.problem("this belongs to labels, which are not given; add labels, or remove it")
            }
            return nil
        }
        if value.isMapping {
            labels.codes = try codes(value)
            if let stray = map["languages"] ?? map["also"] {
                throw stray.problem("this belongs to labels: from-codelist; write all labels under labels, or use from-codelist")
            }
        } else {
            let text = try value.text()
            guard text == "from-codelist" else { throw value.problem("\"\(text)\" is no set of labels; write from-codelist, or label: code pairs") }
            labels.codelistLanguages = try map.texts("languages")
            if let also = map["also"] { labels.codes = try codes(also) }
        }
        return labels
    }

    private static func codes(_ value: YAMLValue) throws(YAMLProblem) -> [(label: String, code: String?)] {
        var codes: [(label: String, code: String?)] = []
        for (label, code) in try value.entries() {
            let text = code.isNull ? nil : try code.text()
            codes.append((label, text?.isEmpty == true ? nil : text))
        }
        return codes
    }

    private static func shift(_ value: YAMLValue?) throws(YAMLProblem) -> Int {
        guard let value else { return 0 }
        let text = try value.text()
        guard let shift = DecimalText.powerOfTen(text), abs(shift) <= shiftMax else {
            throw value.problem("the multiplier \(text) is no power of ten; use 10, 1000, 0.001 and the like, so that no digit is lost")
        }
        return shift
    }

    private static func settings(_ value: YAMLValue?) throws(YAMLProblem) -> [(component: String, value: String)] {
        guard let value else { return [] }
        var settings: [(component: String, value: String)] = []
        for (component, constant) in try value.entries() {
            let text = try constant.text()
            guard !constant.isNull, !text.isEmpty else { throw constant.problem("\(component) has no value here; write one, or remove the line") }
            settings.append((component, text))
        }
        return settings
    }

    private static func conditions(_ value: YAMLValue?) throws(YAMLProblem) -> [Condition] {
        guard let value else { return [] }
        var conditions: [Condition] = []
        for (column, wanted) in try value.entries() {
            var (list, isNegated) = (wanted, false)
            if wanted.isMapping {
                list = try wanted.mapping("not").required("not")
                isNegated = true
            }
            conditions.append(Condition(column: column, labels: list.isList ? try list.texts() : [try list.text()], isNegated: isNegated))
        }
        return conditions
    }

    private static func unpivot(_ value: YAMLValue) throws(YAMLProblem) -> Unpivot {
        let map = try value.mapping("columns", "into", "value", "labels", "languages", "also", "unmapped", "multiplier", "keepEmpty")
        let columns = try map.required("columns")
        let chosen: Unpivot.Columns
        if columns.isList {
            chosen = .named(try columns.texts())
        } else {
            let text = try columns.text()
            guard text.count > 2, text.hasPrefix("/"), text.hasSuffix("/") else {
                throw columns.problem("name the columns in a list, or give a pattern between slashes, such as /(19|20)[0-9]{2}/")
            }
            let pattern = String(text.dropFirst().dropLast())
            guard (try? Regex(pattern)) != nil else { throw columns.problem("\(text) is no regular expression; check its brackets") }
            chosen = .matching(pattern)
        }
        return Unpivot(
            columns: chosen, into: try component(map.required("into")), labels: try labels(map, value), value: try component(map.required("value")),
            shift: try shift(map["multiplier"]), keepsEmpty: try map.boolean("keepEmpty", default: false))
    }
}
