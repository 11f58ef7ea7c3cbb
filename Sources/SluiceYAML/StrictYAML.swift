internal import SluiceKit
internal import Yams

/// A YAML value with its place in the file. Every mapping is read by naming its keys, and a key nobody named is a problem.
public struct YAMLValue: Sendable {
    enum Content: Sendable {
        case scalar(String, isPlain: Bool)
        case sequence([YAMLValue])
        case mapping([(key: String, keyLine: Int, keyColumn: Int, value: YAMLValue)])
    }
    let content: Content
    public let file: String
    public let line: Int
    public let column: Int

    /// Parses one document. Duplicate keys, several documents and anything beyond `YAMLLimits` are refused.
    public init(yaml: String, file: String) throws(YAMLProblem) {
        guard yaml.utf8.count <= YAMLLimits.bytesMax else {
            throw YAMLProblem(.limitExceeded, file: file, line: 1, column: 1, detail: "the file is larger than \(YAMLLimits.bytesMax) bytes")
        }
        guard !yaml.utf8.contains(0) else {
            throw YAMLProblem(file: file, line: 1, column: 1, detail: "the file contains a NUL byte; save it as plain UTF-8 text")
        }
        // Both are looked for before parsing, since the parser calls itself for every level and expands every alias.
        guard !YAMLScreening.nestsTooDeep(yaml) else {
            throw YAMLProblem(.limitExceeded, file: file, line: 1, column: 1, detail: "the file nests deeper than \(YAMLLimits.depthMax) levels")
        }
        guard YAMLScreening.aliasWords(yaml) <= YAMLLimits.aliasWordsMax else {
            throw YAMLProblem(.forbidden, file: file, line: 1, column: 1, detail: "aliases (*name) are not used here; write each value out where it holds")
        }
        let parser: Parser
        let root: Node?
        do {
            parser = try Parser(yaml: yaml, resolver: .basic)
            root = try parser.singleRoot()
        } catch let error as YamlError {
            throw Self.problem(error, file: file)
        } catch {
            throw YAMLProblem(file: file, line: 1, column: 1, detail: "\(error)")
        }
        guard let root else { throw YAMLProblem(file: file, line: 1, column: 1, detail: "the file is empty") }
        var nodes = 0
        self = try Self.convert(root, file: file, depth: 0, nodes: &nodes, near: (1, 1))
        // Nodes hold their anchors weakly: without the parser an anchored node looks like any other.
        withExtendedLifetime(parser) {}
    }

    private init(_ content: Content, file: String, line: Int, column: Int) {
        self.content = content
        self.file = file
        self.line = line
        self.column = column
    }

    private static func convert(_ node: Node, file: String, depth: Int, nodes: inout Int, near: (Int, Int)) throws(YAMLProblem) -> YAMLValue {
        let line = node.mark?.line ?? near.0
        let column = node.mark?.column ?? near.1
        nodes += 1
        guard depth <= YAMLLimits.depthMax, nodes <= YAMLLimits.nodesMax else {
            throw YAMLProblem(
                .limitExceeded, file: file, line: line, column: column,
                detail: "the file nests deeper than \(YAMLLimits.depthMax) levels or has more than \(YAMLLimits.nodesMax) values")
        }
        guard node.anchor == nil else {
            throw YAMLProblem(
                .forbidden, file: file, line: line, column: column, detail: "anchors (&name) are not used here; write the value out where it holds")
        }
        switch node {
        case .scalar(let scalar):
            return YAMLValue(.scalar(scalar.string, isPlain: scalar.style == .plain || scalar.style == .any), file: file, line: line, column: column)
        case .sequence(let sequence):
            var values: [YAMLValue] = []
            for item in sequence { values.append(try convert(item, file: file, depth: depth + 1, nodes: &nodes, near: (line, column))) }
            return YAMLValue(.sequence(values), file: file, line: line, column: column)
        case .mapping(let mapping):
            var members: [(key: String, keyLine: Int, keyColumn: Int, value: YAMLValue)] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else { throw YAMLProblem(file: file, line: line, column: column, detail: "a key must be plain text") }
                let keyLine = key.mark?.line ?? line
                let keyColumn = key.mark?.column ?? column
                guard name.string != "<<" else {
                    throw YAMLProblem(.forbidden, file: file, line: keyLine, column: keyColumn, detail: "merge keys (<<) are not used here; write the keys out")
                }
                members.append((name.string, keyLine, keyColumn, try convert(value, file: file, depth: depth + 1, nodes: &nodes, near: (keyLine, keyColumn))))
            }
            return YAMLValue(.mapping(members), file: file, line: line, column: column)
        case .alias:
            throw YAMLProblem(.forbidden, file: file, line: line, column: column, detail: "aliases (*name) are not used here; write the value out")
        }
    }

    private static func problem(_ error: YamlError, file: String) -> YAMLProblem {
        switch error {
        case .scanner(_, let detail, let mark, _), .parser(_, let detail, let mark, _), .composer(_, let detail, let mark, _):
            return YAMLProblem(file: file, line: mark.line, column: mark.column, detail: "not valid YAML: \(detail)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            return YAMLProblem(
                .keyDuplicate, file: file, line: context.mark.line, column: context.mark.column,
                detail: "the key \(duplicates.map { "\"\($0)\"" }.joined(separator: ", ")) stands twice; keep one")
        default:
            return YAMLProblem(file: file, line: 1, column: 1, detail: "not valid YAML: \(error)")
        }
    }

    public func problem(_ detail: String) -> YAMLProblem { YAMLProblem(file: file, line: line, column: column, detail: detail) }

    /// What the value is, for readers that walk the tree themselves.
    public enum Kind: Sendable {
        case text(String)
        case list([YAMLValue])
        case mapping([(key: String, line: Int, value: YAMLValue)])
    }

    public var kind: Kind {
        switch content {
        case .scalar(let text, _): .text(text)
        case .sequence(let values): .list(values)
        case .mapping(let members): .mapping(members.map { ($0.key, $0.keyLine, $0.value) })
        }
    }

    // MARK: Reading

    public func text() throws(YAMLProblem) -> String {
        guard case .scalar(let text, _) = content else { throw problem("a text is expected here") }
        return text
    }

    public func integer(in range: ClosedRange<Int>) throws(YAMLProblem) -> Int {
        guard case .scalar(let text, _) = content, let value = Int(text), range.contains(value) else {
            throw problem("a whole number from \(range.lowerBound) to \(range.upperBound) is expected here")
        }
        return value
    }

    public func boolean() throws(YAMLProblem) -> Bool {
        switch content {
        case .scalar("true", true): return true
        case .scalar("false", true): return false
        default: throw problem("true or false is expected here")
        }
    }

    public func list() throws(YAMLProblem) -> [YAMLValue] {
        guard case .sequence(let values) = content else { throw problem("a list is expected here") }
        return values
    }

    public func texts() throws(YAMLProblem) -> [String] {
        var texts: [String] = []
        for value in try list() { texts.append(try value.text()) }
        return texts
    }

    /// True for `key:` with nothing behind it.
    public var isNull: Bool {
        if case .scalar(let text, true) = content { return text.isEmpty || text == "~" || text == "null" }
        return false
    }

    /// Reads a mapping whose keys are all named in `known`; any other key is a problem that names the nearest known one.
    public func mapping(_ known: String...) throws(YAMLProblem) -> YAMLMapping { try mapping(keys: known) }

    public func mapping(keys known: [String]) throws(YAMLProblem) -> YAMLMapping {
        guard case .mapping(let members) = content else { throw problem("a mapping with the keys \(known.joined(separator: ", ")) is expected here") }
        for member in members where !known.contains(member.key) {
            let nearest = Nearest.text(to: member.key, among: known).map { "; did you mean \"\($0)\"?" } ?? "; known keys are \(known.joined(separator: ", "))"
            throw YAMLProblem(.keyUnknown, file: file, line: member.keyLine, column: member.keyColumn, detail: "unknown key \"\(member.key)\"\(nearest)")
        }
        return YAMLMapping(owner: self, values: Dictionary(members.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }))
    }

    /// Reads a mapping whose keys are data (code ids, labels), in file order.
    public func entries() throws(YAMLProblem) -> [(key: String, value: YAMLValue)] {
        guard case .mapping(let members) = content else { throw problem("a mapping is expected here") }
        return members.map { ($0.key, $0.value) }
    }

    public var isMapping: Bool { if case .mapping = content { true } else { false } }
    public var isList: Bool { if case .sequence = content { true } else { false } }
}

/// A mapping whose keys have been checked.
public struct YAMLMapping: Sendable {
    let owner: YAMLValue
    let values: [String: YAMLValue]

    public subscript(key: String) -> YAMLValue? {
        guard let value = values[key], !value.isNull else { return nil }
        return value
    }

    public func required(_ key: String) throws(YAMLProblem) -> YAMLValue {
        guard let value = self[key] else {
            throw YAMLProblem(.keyMissing, file: owner.file, line: owner.line, column: owner.column, detail: "the key \"\(key)\" is missing")
        }
        return value
    }

    public func text(_ key: String) throws(YAMLProblem) -> String { try required(key).text() }
    public func text(_ key: String, default fallback: String) throws(YAMLProblem) -> String { try self[key]?.text() ?? fallback }
    public func optionalText(_ key: String) throws(YAMLProblem) -> String? { try self[key]?.text() }
    public func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int) throws(YAMLProblem) -> Int {
        try self[key]?.integer(in: range) ?? fallback
    }
    public func boolean(_ key: String, default fallback: Bool) throws(YAMLProblem) -> Bool { try self[key]?.boolean() ?? fallback }
    public func texts(_ key: String) throws(YAMLProblem) -> [String] { try self[key]?.texts() ?? [] }
    public func list(_ key: String) throws(YAMLProblem) -> [YAMLValue] { try self[key]?.list() ?? [] }
}
