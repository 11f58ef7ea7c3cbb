import Yams

/// An agreement's YAML as a plain tree with line numbers; only what an agreement may contain.
indirect enum AgreementDocument: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var key: String
        var line: Int
        var value: AgreementDocument
    }
    case text(String, line: Int)
    case list([AgreementDocument], line: Int)
    case map([Entry], line: Int)

    /// Largest agreement in bytes, deepest nesting, most entries altogether.
    static let bytesMax = 1 << 20
    static let depthMax = 16
    static let entriesMax = 50_000
    /// Words that look like aliases; a few may be prose, many are an attempt to make the parser expand them.
    static let aliasWordsMax = 16

    var line: Int {
        switch self {
        case .text(_, let line), .list(_, let line), .map(_, let line): line
        }
    }

    init(yaml: String, file: String) throws(AgreementError) {
        guard yaml.utf8.count <= Self.bytesMax else { throw AgreementError(.limitExceeded, file: file, detail: "an agreement has at most \(Self.bytesMax) bytes") }
        guard Self.aliasWords(yaml) <= Self.aliasWordsMax else {
            throw AgreementError(.forbidden, file: file, detail: "YAML aliases (*name) are not allowed in an agreement; write each term out, so that a reader sees it where it holds")
        }
        guard !Self.nestsTooDeep(yaml) else {
            throw AgreementError(.limitExceeded, file: file, detail: "an agreement nests at most \(Self.depthMax) deep")
        }
        let parser: Parser
        let root: Node?
        do {
            parser = try Parser(yaml: yaml)
            root = try parser.singleRoot()
        } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
            throw AgreementError(.keyDuplicate, file: file, line: context.mark.line, detail: "the key \(duplicates.sorted().joined(separator: ", ")) stands twice; keep one, since the second would silently win")
        } catch let error as YamlError {
            throw AgreementError(.malformed, file: file, line: Self.line(of: error), detail: "this is not YAML: \(Self.firstLine("\(error)"))")
        } catch {
            throw AgreementError(.malformed, file: file, detail: "this is not YAML of one document: \(Self.firstLine("\(error)"))")
        }
        guard let root else { throw AgreementError(.malformed, file: file, detail: "the agreement is empty") }
        var entries = 0
        self = try Self.tree(root, depth: 0, entries: &entries, file: file)
        // Nodes hold their anchors weakly: without the parser an anchored node looks like any other.
        withExtendedLifetime(parser) {}
    }

    private static func tree(_ node: Node, depth: Int, entries: inout Int, file: String) throws(AgreementError) -> AgreementDocument {
        let line = node.mark?.line ?? 0
        entries += 1
        guard depth <= depthMax, entries <= entriesMax else {
            throw AgreementError(.limitExceeded, file: file, line: line, detail: "an agreement nests at most \(depthMax) deep and has at most \(entriesMax) entries")
        }
        guard node.anchor == nil else {
            throw AgreementError(.forbidden, file: file, line: line, detail: "YAML anchors (&name) are not allowed in an agreement; write the term out where it holds")
        }
        switch node {
        case .scalar(let scalar):
            return .text(scalar.string, line: line)
        case .sequence(let sequence):
            var items: [AgreementDocument] = []
            for item in sequence { items.append(try tree(item, depth: depth + 1, entries: &entries, file: file)) }
            return .list(items, line: line)
        case .mapping(let mapping):
            var found: [Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key, key.anchor == nil else { throw AgreementError(.malformed, file: file, line: line, detail: "a key has to be a plain word") }
                guard !found.contains(where: { $0.key == name.string }) else {
                    throw AgreementError(.keyDuplicate, file: file, line: key.mark?.line, detail: "the key \(name.string) stands twice; keep one")
                }
                found.append(Entry(key: name.string, line: key.mark?.line ?? line, value: try tree(value, depth: depth + 1, entries: &entries, file: file)))
            }
            return .map(found, line: line)
        case .alias:
            throw AgreementError(.forbidden, file: file, line: line, detail: "YAML aliases (*name) are not allowed in an agreement; write the term out where it holds")
        }
    }

    /// Seen before parsing, since the parser calls itself for every level.
    private static func nestsTooDeep(_ yaml: String) -> Bool {
        var open = 0
        var leading = 0
        var isLeading = true
        for byte in yaml.utf8 {
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"): open += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): open = max(0, open - 1)
            default: break
            }
            if byte == UInt8(ascii: "\n") {
                leading = 0
                isLeading = true
            } else if isLeading, " \t-?:".utf8.contains(byte) {
                leading += 1
            } else {
                isLeading = false
            }
            if open > depthMax * 4 || leading > depthMax * 8 { return true }
        }
        return false
    }

    private static func aliasWords(_ yaml: String) -> Int {
        var count = 0
        var previous: UInt8 = 0x20
        var isStar = false
        for byte in yaml.utf8 {
            if isStar, byte > 0x20, byte != UInt8(ascii: "*") { count += 1 }
            isStar = byte == UInt8(ascii: "*") && (previous <= 0x20 || "[{,:-?".utf8.contains(previous))
            previous = byte
        }
        return count
    }

    private static func line(of error: YamlError) -> Int? {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: nil
        }
    }

    private static func firstLine(_ text: String) -> String { String(text.prefix { !$0.isNewline }.prefix(200)) }

    /// A spelling that depends on the content alone: JSON with keys sorted, without blanks, every value a string. Comments, order of keys and layout do not change it.
    func writeCanonical(to out: inout [UInt8]) {
        switch self {
        case .text(let text, _):
            Self.quote(text, to: &out)
        case .list(let items, _):
            out.append(UInt8(ascii: "["))
            for (at, item) in items.enumerated() {
                if at > 0 { out.append(UInt8(ascii: ",")) }
                item.writeCanonical(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .map(let entries, _):
            out.append(UInt8(ascii: "{"))
            for (at, entry) in entries.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }).enumerated() {
                if at > 0 { out.append(UInt8(ascii: ",")) }
                Self.quote(entry.key, to: &out)
                out.append(UInt8(ascii: ":"))
                entry.value.writeCanonical(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static func quote(_ text: String, to out: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: out += Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}
