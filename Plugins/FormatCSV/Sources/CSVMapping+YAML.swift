internal import SluiceKit
internal import SluiceYAML

extension CSVMapping {
    /// The version of the mapping language that this reads.
    public static let languageVersion = 1
    /// Most places that a multiplier moves the point.
    static let shiftMax = 30
    /// Most rules for the tables of a folder.
    static let tableRulesMax = 10_000

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

    /// What one table may be told by; under `tables` too.
    private static let tableKeys = [
        "separator", "encoding", "decimal", "grouping", "linesBeforeHeader", "ignoreCase", "missing", "labels", "columns", "constants", "defaults", "when",
        "filter", "ignore", "unplaced", "unpivot", "fileName",
    ]

    private static func read(_ root: YAMLValue, file: String) throws(YAMLProblem) -> CSVMapping {
        let map = try root.mapping(keys: ["mapping", "flow", "structure", "action"] + tableKeys + ["tables"])
        _ = try map.required("mapping").integer(in: languageVersion...languageVersion)
        var mapping = CSVMapping(
            file: file, reference: try reference(map, root), action: try action(map["action"]), separator: UInt8(ascii: ","), encoding: .utf8,
            decimal: UInt8(ascii: "."), grouping: [], linesBeforeHeader: 0, ignoresCase: false, missing: [], targets: [], constants: [], defaults: [],
            rules: [],
            keep: [], skip: [], ignored: [], unpivot: nil)
        try mapping.take(map, root, sharing: map["tables"] != nil)
        guard let tables = map["tables"] else {
            _ = try map.required("columns")
            return mapping
        }
        var rules: [TableRule] = []
        for item in try tables.list() { rules.append(try rule(item, over: mapping)) }
        guard rules.count <= tableRulesMax else {
            throw tables.problem("more than \(tableRulesMax) rules; let a pattern such as indicator_*.csv serve several tables")
        }
        mapping.tables = rules
        return mapping
    }

    private static func rule(_ value: YAMLValue, over shared: CSVMapping) throws(YAMLProblem) -> TableRule {
        let map = try value.mapping(keys: ["files", "leaveOut"] + tableKeys)
        let files = try map.required("files")
        var patterns: [FilePattern] = []
        for text in files.isList ? try files.texts() : [try files.text()] {
            guard !text.isEmpty, text.utf8.count <= FilePattern.bytesMax else {
                throw files.problem("a file name is expected here, with * for any letters and ? for one")
            }
            patterns.append(FilePattern(text))
        }
        guard !patterns.isEmpty else { throw files.problem("no file is named; name one, or remove the rule") }
        var mapping = shared
        try mapping.take(map, value, sharing: false)
        return TableRule(files: patterns, leavesOut: try map.boolean("leaveOut", default: false), mapping: mapping)
    }

    /// Takes what `map` says over what is there: a column, constant or default replaces the one of its name, rules and columns to ignore are added.
    private mutating func take(_ map: YAMLMapping, _ owner: YAMLValue, sharing: Bool) throws(YAMLProblem) {
        if let value = map["separator"] { separator = try Self.separator(value) }
        if let value = map["encoding"] { encoding = try Self.encoding(value) }
        if let value = map["decimal"] { decimal = try Self.decimal(value) }
        if let value = map["grouping"] { grouping = try Self.grouping(value) }
        linesBeforeHeader = try map.integer("linesBeforeHeader", in: 0...1_000, default: linesBeforeHeader)
        ignoresCase = try map.boolean("ignoreCase", default: ignoresCase)
        if map["missing"] != nil { missing = try map.texts("missing") }
        if let mark = grouping.first, grouping.count == 1, mark == decimal {
            throw (map["grouping"] ?? owner).problem("grouping and decimal are the same character; one of them must differ")
        }
        for (component, codes) in try map["labels"]?.entries() ?? [] {
            let own = try Self.codes(codes)
            let named = Set(own.map { LabelTable.fold($0.label, ignoresCase: ignoresCase) })
            dictionary[component] = (dictionary[component] ?? []).filter { !named.contains(LabelTable.fold($0.label, ignoresCase: ignoresCase)) } + own
        }
        let columns = try map["columns"]?.entries() ?? []
        let replaced = Set(columns.map { LabelTable.trimmed($0.key) })
        targets.removeAll { replaced.contains(LabelTable.trimmed($0.column)) }
        for (column, value) in columns {
            for item in value.isList ? try value.list() : [value] {
                for var target in try Self.targets(column, item) {
                    target.isOptional = sharing
                    if !sharing, let stray = target.labels?.shared.first(where: { dictionary[$0] == nil }) {
                        throw item.problem("labels: shared finds no labels of \(stray); add them as labels: {\(stray): {label: code}}")
                    }
                    targets.append(target)
                }
            }
        }
        constants = Self.merged(constants, try Self.settings(map["constants"]))
        defaults = Self.merged(defaults, try Self.settings(map["defaults"]))
        for item in try map.list("when") {
            let rule = try item.mapping("if", "set")
            let conditions = try Self.conditions(rule.required("if"))
            let settings = try Self.settings(rule.required("set"))
            guard !conditions.isEmpty, !settings.isEmpty else {
                throw item.problem("a rule needs a condition and something to set; fill in both, or remove it")
            }
            rules.append(Rule(conditions: conditions, settings: settings, isOptional: sharing))
        }
        if let filter = try map["filter"]?.mapping("keep", "skip") {
            keep = try Self.conditions(filter["keep"])
            skip = try Self.conditions(filter["skip"])
        }
        if let value = map["unpivot"] { unpivot = try Self.unpivot(value) }
        if let value = map["fileName"] { fileName = try Self.fileName(value) }
        let (ownIgnored, ownUnplaced) = (try map.texts("ignore"), try map.texts("unplaced"))
        for (list, what) in [(ownIgnored, "ignored"), (ownUnplaced, "unplaced")] {
            guard let column = list.first(where: { replaced.contains(LabelTable.trimmed($0)) }) else { continue }
            throw owner.problem("the column \"\(column)\" is both mapped and \(what); keep one of the two")
        }
        // A table's word goes before what all tables share.
        let own = Set(ownIgnored + ownUnplaced)
        targets.removeAll { own.contains($0.column) }
        ignored = ignored.filter { !replaced.contains(LabelTable.trimmed($0)) && !own.contains($0) } + ownIgnored
        unplaced = unplaced.filter { !replaced.contains(LabelTable.trimmed($0)) && !own.contains($0) } + ownUnplaced
    }

    private static func merged(_ shared: [(component: String, value: String)], _ own: [(component: String, value: String)]) -> [(
        component: String, value: String
    )] {
        shared.filter { setting in !own.contains { $0.component == setting.component } } + own
    }

    private static func fileName(_ value: YAMLValue) throws(YAMLProblem) -> FileName {
        let map = try value.mapping("pattern", "into", "labels", "languages", "also", "unmapped")
        let into = try component(map.required("into"))
        return FileName(
            pattern: try map["pattern"].map { (value) throws(YAMLProblem) in try pattern(value) }, into: into, labels: try labels(map, value, of: [into]))
    }

    private static func pattern(_ value: YAMLValue) throws(YAMLProblem) -> String {
        let text = try value.text()
        guard text.count > 2, text.hasPrefix("/"), text.hasSuffix("/") else {
            throw value.problem("a pattern between slashes is expected here, such as /indicator_(.*)[.]csv/")
        }
        let pattern = String(text.dropFirst().dropLast())
        guard (try? Regex(pattern)) != nil else { throw value.problem("\(text) is no regular expression; check its brackets") }
        return pattern
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

    /// What a column feeds: one component, or, with shared labels, one of several by each label.
    private static func targets(_ column: String, _ value: YAMLValue) throws(YAMLProblem) -> [Target] {
        guard value.isMapping else { return [Target(column: column, component: try component(value), labels: nil, shift: 0)] }
        let map = try value.mapping("into", "labels", "languages", "also", "unmapped", "multiplier")
        let into = try map.required("into")
        var components: [String] = []
        for item in into.isList ? try into.list() : [into] { components.append(try component(item)) }
        let labels = try labels(map, value, of: components)
        let shift = try shift(map["multiplier"])
        guard !into.isList || (components.count > 1 && labels?.shared.isEmpty == false) else {
            throw into.problem("a list of components needs labels: shared, which says to which of them a label belongs; else name one component")
        }
        return components.map { Target(column: column, component: $0, labels: labels, shift: shift) }
    }

    private static func component(_ value: YAMLValue) throws(YAMLProblem) -> String {
        let text = try value.text()
        guard !text.isEmpty, !text.contains(" ") else {
            throw value.problem("\"\(text)\" is no component id; name a dimension, measure or attribute of the structure")
        }
        return text
    }

    private static func labels(_ map: YAMLMapping, _ owner: YAMLValue, of components: [String]) throws(YAMLProblem) -> Labels? {
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
            guard text == "from-codelist" || text == "shared" else {
                throw value.problem("\"\(text)\" is no set of labels; write from-codelist, shared, or label: code pairs")
            }
            if text == "shared" {
                labels.shared = components
                if let stray = map["languages"] ?? map["also"] {
                    throw stray.problem("this belongs to labels: from-codelist; write shared labels under labels at the top")
                }
                return labels
            }
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
        let into = try component(map.required("into"))
        return Unpivot(
            columns: chosen, into: into, labels: try labels(map, value, of: [into]), value: try component(map.required("value")),
            shift: try shift(map["multiplier"]), keepsEmpty: try map.boolean("keepEmpty", default: false))
    }
}
